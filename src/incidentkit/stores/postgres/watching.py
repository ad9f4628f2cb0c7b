"""What an audit asks, each in one statement that reads no body and nothing that is over."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from incidentkit.ids import TenantName
from incidentkit.ports.audit import Attended
from incidentkit.stores import sql_text as sql
from incidentkit.stores.filters import renamed
from incidentkit.stores.postgres.reading import Statement, flagged
from incidentkit.stores.postgres.statements import KindSql
from incidentkit.stores.tables import COLUMN_PREFIX

TENANTS = (
    "WITH RECURSIVE each_one(name) AS ("
    "(SELECT s.tenant FROM ik_stream AS s ORDER BY s.tenant LIMIT 1) UNION ALL "
    "SELECT (SELECT s.tenant FROM ik_stream AS s WHERE s.tenant > e.name ORDER BY s.tenant LIMIT 1)"
    " FROM each_one AS e WHERE e.name IS NOT NULL"
    ") SELECT name FROM each_one WHERE name IS NOT NULL"
)
"""One step of an index for each tenant, however many rows each has."""
_QUEUE = (
    "SELECT "
    "(SELECT count(*) FROM ik_task WHERE state = 'parked' AND tenant = %b::text), "
    "(SELECT count(*) FROM ik_task WHERE state = 'leased' AND tenant = %b::text "
    "AND next_at < %b::bigint), "
    "(SELECT coalesce(min(next_at), 0) FROM ik_task WHERE state = 'leased' "
    "AND tenant = %b::text AND next_at < %b::bigint), "
    "coalesce((SELECT s.soonest FROM ik_soonest(%b::text, '{}') AS s), 0)"
)


def unattended(kind: KindSql, tenant: TenantName, wanted: Attended) -> Statement:
    """Records without their task, through the index of the column that is asked."""
    values: list[Any] = [wanted.prefix, tenant]
    where = sql.condition(renamed(wanted.where, lambda name: COLUMN_PREFIX + name), "%b", values)
    lacking = "t.id IS NULL"
    if wanted.due:
        due = sql.quoted(COLUMN_PREFIX + wanted.due)
        lacking += f" OR (t.state = 'ready' AND t.why = '' AND t.next_at > r.{due} + %b::bigint)"
        values.append(wanted.slack)
    values.append(wanted.limit)
    return (
        f"SELECT r.id FROM {kind.record} AS r LEFT JOIN ik_task AS t "
        f"ON t.tenant = r.tenant AND t.id = %b::text || r.id WHERE r.tenant = %b AND {where}"
        f"{flagged(wanted.where)} AND ({lacking}) LIMIT %b"
    ), values


def queued(tenant: TenantName, now: int) -> tuple[str, Sequence[Any]]:
    """The tenant's queue, read through its orders."""
    return _QUEUE, (tenant, tenant, now, tenant, now, tenant)
