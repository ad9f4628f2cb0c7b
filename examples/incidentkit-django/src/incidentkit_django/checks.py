"""System checks: what would fail at night is found by `manage.py check`.

`check --database default` looks into the database as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as Caution
from django.db import connections

from incidentkit.desk.opening import policy_of
from incidentkit.errors import IncidentKitError
from incidentkit.stores.sqlite.diagnosis import WAL_RESET_ADVICE, wal_reset_risk
from incidentkit_django import conf

VENDORS = ("postgresql", "sqlite")


@register(Tags.compatibility)
def check_settings(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """The setting INCIDENTKIT can be used as it is."""
    said = conf.configured()
    found: list[CheckMessage] = [
        Error(
            f"INCIDENTKIT has no setting {name!r}",
            hint=f"it has {', '.join(conf.KNOWN)}",
            id="incidentkit.E001",
        )
        for name in said
        if name not in conf.KNOWN
    ]
    if conf.alias() not in connections:
        return [
            *found,
            Error(
                f"INCIDENTKIT['DATABASE'] names {conf.alias()!r}, which DATABASES has not",
                id="incidentkit.E002",
            ),
        ]
    connection = connections[conf.alias()]
    if connection.vendor not in VENDORS:
        hint = "name another in INCIDENTKIT['DATABASE']"
        problem = (
            f"the database {conf.alias()!r} is {connection.vendor}; PostgreSQL and SQLite are known"
        )
        found.append(Error(problem, hint=hint, id="incidentkit.E003"))
    try:
        given = conf.given()
        if "policy" in given:
            policy_of(given["policy"])
    except (ImportError, IncidentKitError, TypeError, ValueError) as error:
        found.append(Error(f"INCIDENTKIT cannot be used: {error}", id="incidentkit.E004"))
    if connection.settings_dict.get("ATOMIC_REQUESTS"):
        hint = "write through `with incidentkit_django.joined(request.user) as desk:`"
        problem = (
            "ATOMIC_REQUESTS puts every view into a transaction, in which a desk refuses to commit"
        )
        found.append(Caution(problem, hint=hint, id="incidentkit.W001"))
    return found


@register(Tags.database)
def check_database(
    app_configs: Any, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """SQLite is used in a way that is safe with several processes."""
    alias = conf.alias()
    if alias not in (databases or ()) or connections[alias].vendor != "sqlite":
        return []
    import sqlite3

    with connections[alias].cursor() as cursor:
        mode = cursor.execute("PRAGMA journal_mode").fetchone()[0]
    if mode == "wal" and wal_reset_risk(sqlite3.sqlite_version_info):
        return [
            Caution(
                f"SQLite {sqlite3.sqlite_version} with journal_mode=wal: {WAL_RESET_ADVICE}",
                id="incidentkit.W002",
            )
        ]
    return []
