"""The reading calls of the contract: each one statement, with its values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from incidentkit.ids import TenantName
from incidentkit.ports.query import EVERYTHING, Cursor, Filter, Page, Query
from incidentkit.ports.rows import Entry, QueuedTask, Ref, Row, Scalar, Task, TaskQuery, TaskState
from incidentkit.stores import sql_text as sql
from incidentkit.stores.filters import equalities, renamed
from incidentkit.stores.postgres.statements import KindSql
from incidentkit.stores.tables import COLUMN_PREFIX

Statement: TypeAlias = tuple[str, Sequence[Any]]

_JOURNAL = (
    "SELECT stream, seq, at, kind, body, salt, digest, hash FROM ik_journal "
    "WHERE tenant = %b AND stream = %b AND seq > %b ORDER BY seq LIMIT %b"
)
_OWNERS = (
    "SELECT key, owner FROM ik_key WHERE tenant = %b AND space = %b AND key = ANY (%b::text[])"
)
_TASKS = (
    "SELECT id, queue, subject, ord, priority, due_at, channel, body, state, next_at, tries, "
    "lapses, why FROM ik_task WHERE tenant = %b"
)
NOW = "SELECT ik_now()"


def by_kind(kinds: Mapping[str, KindSql], refs: Sequence[Ref]) -> dict[KindSql, list[str]]:
    """The ids asked for, kind by kind."""
    wanted: dict[KindSql, list[str]] = {}
    for ref in refs:
        wanted.setdefault(kinds[ref.kind], []).append(ref.id)
    return wanted


def journal(tenant: TenantName, stream: str, after: int, limit: int) -> Statement:
    """Entries of one stream."""
    return _JOURNAL, (tenant, stream, after, limit)


def entries(found: Sequence[tuple[Any, ...]]) -> tuple[Entry, ...]:
    """The entries that were read."""
    return tuple([Entry(*line) for line in found])


def owners(tenant: TenantName, space: str, values: Sequence[str]) -> Statement:
    """Who owns these keys."""
    return _OWNERS, (tenant, space, list(values))


def tasks(tenant: TenantName, query: TaskQuery) -> Statement:
    """Tasks as they stand."""
    text, values = _TASKS, [tenant]
    for column, value in (("queue", query.queue), ("subject", query.subject)):
        if value is not None:
            text += f" AND {column} = %b"
            values.append(TenantName(value))
    if query.state is not None:
        text += " AND state = %b"
        values.append(TenantName(str(query.state)))
    if query.after:
        text += " AND id > %b"
        values.append(TenantName(query.after))
    return f"{text} ORDER BY id LIMIT %b", (*values, query.limit)


def queued(found: Sequence[tuple[Any, ...]]) -> tuple[QueuedTask, ...]:
    """The tasks that were read."""
    return tuple([QueuedTask(Task(*line[:8]), TaskState(line[8]), *line[9:]) for line in found])


def flagged(where: Filter) -> str:
    """The tests that make the indexes of flags usable, also that of the few; empty for others."""
    flags = [name for name, values in equalities(where) if [x is True for x in values] == [True]]
    return "".join([f" AND r.{sql.quoted(COLUMN_PREFIX + name)}" for name in flags])


def _where(kind: KindSql, query: Query, values: list[Any]) -> str:
    if query.where == EVERYTHING:
        return ""
    stored = renamed(query.where, lambda name: COLUMN_PREFIX + name)
    return f" AND {sql.condition(stored, '%b', values)}{flagged(query.where)}"


def find(kind: KindSql, tenant: TenantName, query: Query) -> Statement:
    """One page, and one row more to know whether there is another."""
    by_id = query.order == "id"
    values: list[Any] = [tenant]
    text = f"{kind.select}{_where(kind, query, values)}"
    names = ["r.id"] if by_id else [f"r.{sql.quoted(COLUMN_PREFIX + query.order)}", "r.id"]
    after = query.after
    if after is not None:
        sign = "<" if query.descending else ">"
        text += f" AND ({', '.join(names)}) {sign} ({sql.marks(len(names), '%b')})"
        values.extend([after.id] if by_id else [after.value, after.id])
    way = " DESC" if query.descending else ""
    text += f" ORDER BY {', '.join(name + way for name in names)} LIMIT %b"
    values.append(min(query.limit + 1, 2**63 - 1))
    return text, values


def page(kind: KindSql, query: Query, found: Sequence[tuple[Any, ...]]) -> Page:
    """The page that was read."""
    rows = [kind.row(line) for line in found]
    if len(rows) <= query.limit:
        return Page(tuple(rows), None)
    last = rows[query.limit - 1]
    value = last.id if query.order == "id" else last.columns[kind.kind.position[query.order]]
    return Page(tuple(rows[: query.limit]), Cursor(value, last.id))


def count(kind: KindSql, tenant: TenantName, query: Query) -> Statement:
    """How many rows the filter holds for."""
    values: list[Any] = [tenant]
    where = _where(kind, query, values)
    return f"SELECT count(*) FROM {kind.record} AS r WHERE r.tenant = %b{where}", values


def tally(kind: KindSql, tenant: TenantName, query: Query, column: str) -> Statement:
    """How many rows for each value of a column."""
    values: list[Any] = [tenant]
    name = f"r.{sql.quoted(COLUMN_PREFIX + column)}"
    where = _where(kind, query, values)
    return (
        f"SELECT {name}, count(*) FROM {kind.record} AS r WHERE r.tenant = %b{where} "
        f"GROUP BY {name}"
    ), values


def tallied(found: Sequence[tuple[Any, ...]]) -> dict[Scalar, int]:
    """The counts that were read."""
    return dict(found)


def rows_of(kind: KindSql, found: Sequence[tuple[Any, ...]]) -> dict[tuple[str, str], Row]:
    """Rows by their address."""
    rows = [kind.row(line) for line in found]
    return {(row.kind, row.id): row for row in rows}
