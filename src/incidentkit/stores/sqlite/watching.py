"""What an audit asks, each in one statement that reads no body and nothing that is over."""

from __future__ import annotations

import sqlite3
from typing import Any

from incidentkit.ids import TenantName
from incidentkit.ports.audit import Attended, QueueState
from incidentkit.stores import sql_text as sql
from incidentkit.stores.filters import renamed
from incidentkit.stores.sqlite.statements import KindSql
from incidentkit.stores.tables import COLUMN_PREFIX

_TENANTS = (
    "WITH RECURSIVE each_one(name) AS (SELECT min(tenant) FROM journal UNION ALL "
    "SELECT (SELECT min(tenant) FROM journal WHERE tenant > name) FROM each_one "
    "WHERE name IS NOT NULL) SELECT name FROM each_one WHERE name IS NOT NULL"
)
"""One step of an index for each tenant, however many rows each has."""
_QUEUE = (
    "SELECT "
    "(SELECT count(*) FROM task WHERE state = 'parked' AND tenant = :tenant), "
    "(SELECT count(*) FROM task WHERE state = 'leased' AND tenant = :tenant "
    "AND next_at < :now), "
    "(SELECT coalesce(min(next_at), 0) FROM task WHERE state = 'leased' AND tenant = :tenant "
    "AND next_at < :now), "
    "(SELECT coalesce(min(next_at), 0) FROM (SELECT min(next_at) AS next_at FROM task "
    "WHERE state = 'ready' AND tenant = :tenant AND next_at < :now GROUP BY priority))"
)


def tenants(db: sqlite3.Connection) -> tuple[TenantName, ...]:
    """Every tenant with an entry in its journal."""
    return tuple([TenantName(name) for (name,) in db.execute(_TENANTS).fetchall()])


def unattended(
    db: sqlite3.Connection, kind: KindSql, tenant: TenantName, wanted: Attended
) -> tuple[str, ...]:
    """Records without their task, through the index of the column that is asked."""
    values: list[Any] = [wanted.prefix, tenant]
    where = sql.condition(renamed(wanted.where, lambda name: COLUMN_PREFIX + name), "?", values)
    lacking = "t.id IS NULL"
    if wanted.due:
        due = sql.quoted(COLUMN_PREFIX + wanted.due)
        lacking += f" OR (t.state = 'ready' AND t.why = '' AND t.next_at > r.{due} + ?)"
        values.append(wanted.slack)
    found = db.execute(
        f"SELECT r.id FROM {sql.quoted(kind.kind.record.name)} AS r LEFT JOIN task AS t "
        f"ON t.tenant = r.tenant AND t.id = ? || r.id WHERE r.tenant = ? AND {where} "
        f"AND ({lacking}) LIMIT ?",
        (*values, wanted.limit),
    )
    return tuple([name for (name,) in found.fetchall()])


def queued(db: sqlite3.Connection, tenant: TenantName, now: int) -> QueueState:
    """The tenant's queue, read through its orders."""
    return QueueState(*db.execute(_QUEUE, {"tenant": tenant, "now": now}).fetchone())
