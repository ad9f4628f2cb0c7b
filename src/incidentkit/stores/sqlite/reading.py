"""The reading calls of the contract, each in as few statements as it takes."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

from incidentkit.ids import TenantName
from incidentkit.ports.query import EVERYTHING, Cursor, Page, Query
from incidentkit.ports.rows import Entry, Ref, Row
from incidentkit.stores import sql_text as sql
from incidentkit.stores.filters import renamed
from incidentkit.stores.sqlite.statements import KindSql
from incidentkit.stores.tables import COLUMN_PREFIX

_JOURNAL = (
    "SELECT stream, seq, at, kind, body, salt, digest, hash FROM journal "
    "WHERE tenant = ? AND stream = ? AND seq > ? ORDER BY seq LIMIT ?"
)
_OWNER = "SELECT owner FROM key WHERE tenant = ? AND space = ? AND key = ?"
_OWNERS = (
    "SELECT key, owner FROM key WHERE tenant = ? AND space = ? "
    "AND key IN (SELECT value FROM json_each(?))"
)


def load_one(db: sqlite3.Connection, kind: KindSql, tenant: str, name: str) -> Row | None:
    """One record: the hottest read of all."""
    found = db.execute(kind.one, (tenant, name)).fetchone()
    return None if found is None else kind.row(found)


def load_many(
    db: sqlite3.Connection, wanted: Mapping[KindSql, Sequence[str]], tenant: str
) -> dict[tuple[str, str], Row]:
    """Records by (kind, id), from one snapshot."""
    rows: dict[tuple[str, str], Row] = {}
    alone = len(wanted) == 1
    if not alone:
        db.execute("BEGIN")
    try:
        for kind, names in wanted.items():
            for found in db.execute(kind.many, (tenant, json.dumps(names))).fetchall():
                row = kind.row(found)
                rows[row.kind, row.id] = row
    finally:
        if not alone:
            db.execute("ROLLBACK")
    return rows


def by_kind(kinds: Mapping[str, KindSql], refs: Sequence[Ref]) -> dict[KindSql, list[str]]:
    """The ids asked for, kind by kind."""
    wanted: dict[KindSql, list[str]] = {}
    for ref in refs:
        wanted.setdefault(kinds[ref.kind], []).append(ref.id)
    return wanted


def journal(
    db: sqlite3.Connection, tenant: TenantName, stream: str, after: int, limit: int
) -> tuple[Entry, ...]:
    """Entries of one stream."""
    found = db.execute(_JOURNAL, (tenant, stream, after, limit)).fetchall()
    return tuple([Entry(*line) for line in found])


def owners(
    db: sqlite3.Connection, tenant: TenantName, space: str, values: Sequence[str]
) -> tuple[str | None, ...]:
    """Owners in the order asked."""
    if len(values) == 1:
        found = db.execute(_OWNER, (tenant, space, values[0])).fetchone()
        return (None if found is None else found[0],)
    asked = (tenant, space, json.dumps(list(values)))
    known: dict[str, str] = dict(db.execute(_OWNERS, asked).fetchall())
    return tuple([known.get(value) for value in values])


def _where(query: Query, values: list[Any]) -> str:
    if query.where == EVERYTHING:
        return ""
    stored = renamed(query.where, lambda name: COLUMN_PREFIX + name)
    return f" AND {sql.condition(stored, '?', values)}"


def find(db: sqlite3.Connection, kind: KindSql, tenant: TenantName, query: Query) -> Page:
    """One page, and one row more to know whether there is another."""
    by_id = query.order == "id"
    values: list[Any] = [tenant]
    text = kind.select + _where(query, values)
    names = ["r.id"] if by_id else [f"r.{sql.quoted(COLUMN_PREFIX + query.order)}", "r.id"]
    after = query.after
    if after is not None:
        sign = "<" if query.descending else ">"
        text += f" AND ({', '.join(names)}) {sign} ({sql.marks(len(names), '?')})"
        values.extend([after.id] if by_id else [after.value, after.id])
    way = " DESC" if query.descending else ""
    text += f" ORDER BY {', '.join(name + way for name in names)} LIMIT ?"
    values.append(query.limit + 1)
    rows = [kind.row(found) for found in db.execute(text, values).fetchall()]
    if len(rows) <= query.limit:
        return Page(tuple(rows), None)
    last = rows[query.limit - 1]
    value = last.id if by_id else last.columns[kind.kind.position[query.order]]
    return Page(tuple(rows[: query.limit]), Cursor(value, last.id))


def count(db: sqlite3.Connection, kind: KindSql, tenant: TenantName, query: Query) -> int:
    """How many rows the filter holds for."""
    values: list[Any] = [tenant]
    text = f"SELECT count(*) FROM {sql.quoted(kind.kind.record.name)} AS r WHERE r.tenant = ?"
    return int(db.execute(text + _where(query, values), values).fetchone()[0])
