"""The reading calls of the contract, each in as few statements as it takes."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

from incidentkit.ids import TenantName
from incidentkit.ports.query import (
    EVERYTHING,
    Cursor,
    Filter,
    OneOf,
    Page,
    Query,
)
from incidentkit.ports.rows import Entry, Ref, Row, Scalar
from incidentkit.stores import sql_text as sql
from incidentkit.stores.filters import equalities
from incidentkit.stores.sqlite.places import place_of
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
    """One record: the hottest read of all, so it is looked for where its id says at first."""
    place = place_of(name)
    if place is not None:
        found = db.execute(kind.placed, (tenant, name, place)).fetchone()
        if found is not None:
            return kind.row(found)
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


_FEW = 100
_SOME = 1_000
"""Rows that are read and sorted rather than met in the order asked."""


def shortlisted(kind: KindSql, where: Filter) -> str:
    """The test that makes the index of the few records usable; empty for all others.

    It stands in the text, because a value that is only bound proves nothing to the planner.
    """
    shortlist = kind.kind.spec.shortlist
    if not shortlist or (shortlist[0], (True,)) not in equalities(where):
        return ""
    return f" AND r.{sql.quoted(COLUMN_PREFIX + shortlist[0])} = 1"


def begun(
    db: sqlite3.Connection, kind: KindSql, tenant: TenantName, where: Filter, order: str = "id"
) -> str:
    """The column by whose index a filter is best begun; empty where SQLite may choose.

    Without statistics a value that a million rows share looks to it as good as one that five do.
    So it is counted, by the index alone and not far: behind more than `_SOME`, rows that fit are
    soon met in any order.
    """
    given = dict(equalities(where))
    if not given or shortlisted(kind, where):
        return ""
    if len(given) == 1:
        ((only, values),) = given.items()
        if order == only or (order == "id" and len(values) == 1):
            return ""  # its index has the order, too
    best, least = "", _SOME
    table = sql.quoted(kind.kind.record.name)
    for column in kind.kind.position:
        if column in given:
            values = given[column]
            test = sql.condition(OneOf(COLUMN_PREFIX + column, values), "?", asked := [tenant])
            text = f"SELECT 1 FROM {table} WHERE tenant = ? AND {test} LIMIT {_SOME}"
            found = db.execute(f"SELECT count(*) FROM ({text})", asked).fetchone()[0]
            if found < least:
                best, least = column, found
            if found < _FEW:
                break
    return best


def source(kind: KindSql, where: Filter) -> str:
    """The table; read through the index of the few where only they are asked for."""
    table = sql.quoted(kind.kind.record.name)
    if not shortlisted(kind, where):
        return f"{table} AS r"
    return f"{table} AS r INDEXED BY {sql.quoted(f'{kind.kind.record.name}_shortlist')}"


def filtered(kind: KindSql, where: Filter, values: list[Any], begins: str = "") -> str:
    """The filter behind that of the tenant; a plus before a column keeps its index out of it."""
    if where == EVERYTHING:
        return ""

    def named(name: str) -> str:
        plus = "+" if begins and name != begins else ""
        return plus + sql.quoted(COLUMN_PREFIX + name)

    return f" AND {sql.condition(where, '?', values, named)}{shortlisted(kind, where)}"


def find(db: sqlite3.Connection, kind: KindSql, tenant: TenantName, query: Query) -> Page:
    """One page, and one row more to know whether there is another."""
    by_id = query.order == "id"
    values: list[Any] = [tenant]
    begins = begun(db, kind, tenant, query.where, query.order)
    where = f" WHERE r.tenant = ?{filtered(kind, query.where, values, begins)}"
    sorts = bool(begins or shortlisted(kind, query.where))
    plus = "+" if sorts else ""
    names = [f"{plus}r.id"]
    if not by_id:
        names.insert(0, f"{plus}r.{sql.quoted(COLUMN_PREFIX + query.order)}")
    after = query.after
    if after is not None:
        sign = "<" if query.descending else ">"
        where += f" AND ({', '.join(names)}) {sign} ({sql.marks(len(names), '?')})"
        values.extend([after.id] if by_id else [after.value, after.id])
    way = " DESC" if query.descending else ""
    order = f" ORDER BY {', '.join(name + way for name in names)}"
    if sorts:
        # Sorted before they are read, so that only the bodies of the page are.
        chosen = f"SELECT r.rowid FROM {source(kind, query.where)}{where}{order} LIMIT ?"
        text = f"{kind.source} WHERE r.rowid IN ({chosen}){order}"
    else:
        text = f"{kind.source}{where}{order} LIMIT ?"
    values.append(query.limit + 1)
    rows = [kind.row(found) for found in db.execute(text, values).fetchall()]
    if len(rows) <= query.limit:
        return Page(tuple(rows), None)
    last = rows[query.limit - 1]
    value = last.id if by_id else last.columns[kind.kind.position[query.order]]
    return Page(tuple(rows[: query.limit]), Cursor(value, last.id))


def tally(
    db: sqlite3.Connection, kind: KindSql, tenant: TenantName, query: Query, column: str
) -> dict[Scalar, int]:
    """How many rows for each value of a column."""
    values: list[Any] = [tenant]
    name = f"r.{sql.quoted(COLUMN_PREFIX + column)}"
    begins = begun(db, kind, tenant, query.where)
    text = (
        f"SELECT {name}, count(*) FROM {source(kind, query.where)} "
        f"WHERE r.tenant = ?{filtered(kind, query.where, values, begins)} GROUP BY {name}"
    )
    python = kind.kind.types[kind.kind.position[column]]
    return {python(value): number for value, number in db.execute(text, values).fetchall()}


def count(db: sqlite3.Connection, kind: KindSql, tenant: TenantName, query: Query) -> int:
    """How many rows the filter holds for."""
    values: list[Any] = [tenant]
    text = f"SELECT count(*) FROM {source(kind, query.where)} WHERE r.tenant = ?"
    begins = begun(db, kind, tenant, query.where)
    return int(db.execute(text + filtered(kind, query.where, values, begins), values).fetchone()[0])
