"""An incident as an aggregate of `eventsourcing`.

A module of its own: events name their class, and the library may not be installed.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.benchmarks.peers import need

_domain: Any = need("eventsourcing.domain")
_application: Any = need("eventsourcing.application")


class Ticket(_domain.Aggregate):
    """As little as an incident can be: a title, labels, a state."""

    @_domain.event("Declared")
    def __init__(self, title: str, labels: dict[str, str]) -> None:
        self.title = title
        self.labels = labels
        self.state = "new"

    @_domain.event("Edited")
    def edit(self, title: str) -> None:
        """Another title."""
        self.title = title


def opened(path: Path) -> Any:
    """An application on its SQLite recorder, everything else as it comes."""
    return _application.Application(
        env={"PERSISTENCE_MODULE": "eventsourcing.sqlite", "SQLITE_DBNAME": str(path)}
    )


def opened_on_postgres(url: str) -> Any:
    """An application on its PostgreSQL recorder, with as many connections as there are threads."""
    from psycopg.conninfo import conninfo_to_dict

    given = conninfo_to_dict(url)
    return _application.Application(
        env={
            "PERSISTENCE_MODULE": "eventsourcing.postgres",
            "POSTGRES_DBNAME": str(given["dbname"]),
            "POSTGRES_HOST": str(given.get("host") or ""),
            "POSTGRES_PORT": str(given.get("port") or 5432),
            "POSTGRES_USER": str(given.get("user") or "postgres"),
            "POSTGRES_PASSWORD": str(given.get("password") or "none"),
            "POSTGRES_POOL_SIZE": "8",
        }
    )
