"""What of an older file waits to be indexed, and how far it is.

One line for each kind and lag: done or not, and the last record that was. So a process that dies
leaves its work behind, and another one goes on from there.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from incidentkit.ids import TenantName
from incidentkit.ports.rows import Row
from incidentkit.ports.search import Lag, Reindexed, Stale
from incidentkit.stores import sql_text as sql
from incidentkit.stores.sqlite import searching
from incidentkit.stores.sqlite.statements import KindSql
from incidentkit.stores.tables import COLUMN_PREFIX, Kind

_EXPECT = (
    "INSERT INTO indexing (kind, lag, done, tenant, id) VALUES (?, ?, ?, '', '') "
    "ON CONFLICT (kind, lag) DO UPDATE SET done = excluded.done, tenant = '', id = ''"
)


def expect(db: sqlite3.Connection, kind: Kind, lag: Lag) -> None:
    """All records there are must be read again; where there are none, nothing is behind."""
    found = db.execute(f"SELECT 1 FROM {sql.quoted(kind.record.name)} LIMIT 1").fetchone()
    db.execute(_EXPECT, (kind.spec.name, lag.value, int(found is None)))


def settled(db: sqlite3.Connection, kinds: Sequence[Kind]) -> bool:
    """Whether `follow_texts` has nothing to do."""
    wanted = {kind.spec.name for kind in kinds if kind.spec.searchable}
    if not wanted:
        return True
    made = db.execute("SELECT 1 FROM sqlite_master WHERE name = 'search'").fetchone()
    known = db.execute("SELECT kind FROM indexing WHERE lag = ?", (Lag.TEXTS.value,)).fetchall()
    return searching.able(db) and made is not None and wanted <= {name for (name,) in known}


def follow_texts(db: sqlite3.Connection, kinds: Sequence[Kind]) -> None:
    """Make the index of texts where it is missing, and see that it has every record.

    An SQLite without FTS5 writes no texts: all of them then wait for one that has it.
    """
    searched = [kind for kind in kinds if kind.spec.searchable]
    able = searching.able(db)
    if able and searched:
        searching.create(db)
    for kind in searched:
        where = (kind.spec.name, Lag.TEXTS.value)
        if not able:
            db.execute(_EXPECT, (*where, 0))
        elif (
            db.execute("SELECT 1 FROM indexing WHERE kind = ? AND lag = ?", where).fetchone()
            is None
        ):
            expect(db, kind, Lag.TEXTS)


def stale(db: sqlite3.Connection) -> frozenset[Stale]:
    """What waits in this file."""
    found = db.execute("SELECT kind, lag FROM indexing WHERE done = 0").fetchall()
    return frozenset(Stale(kind, Lag(lag)) for kind, lag in found)


def counts(db: sqlite3.Connection, kind: Kind, what: Stale) -> tuple[int, int]:
    """How many records are done, and how many there are."""
    table = sql.quoted(kind.record.name)
    text = (
        f"SELECT (SELECT count(*) FROM {table} WHERE (tenant, id) <= (i.tenant, i.id)), "
        f"(SELECT count(*) FROM {table}) FROM indexing AS i WHERE kind = ? AND lag = ?"
    )
    done, all_ = db.execute(text, (what.kind, what.lag.value)).fetchone()
    return int(done), int(all_)


def rows(
    db: sqlite3.Connection, kind: KindSql, what: Stale, limit: int
) -> tuple[tuple[TenantName, Row], ...]:
    """The next records after the last that was done."""
    at = db.execute(
        "SELECT tenant, id FROM indexing WHERE kind = ? AND lag = ? AND done = 0",
        (what.kind, what.lag.value),
    ).fetchone()
    if at is None:
        return ()
    text = kind.next + " ORDER BY r.tenant, r.id LIMIT ?"
    found = db.execute(text, (*at, limit)).fetchall()
    return tuple([(TenantName(line[-1]), kind.row(line)) for line in found])


def write(
    db: sqlite3.Connection, kinds: Mapping[str, KindSql], what: Stale, done: Sequence[Reindexed]
) -> None:
    """Write the index of these records and note how far that is; a transaction is open."""
    where = (what.kind, what.lag.value)
    if not done:
        db.execute("UPDATE indexing SET done = 1 WHERE kind = ? AND lag = ?", where)
        return
    kind = kinds[what.kind].kind
    if what.lag is Lag.COLUMNS:
        names = tuple(COLUMN_PREFIX + column.name for column in kind.spec.columns)
        text = sql.update(kind.record.name, names, ("tenant", "id", "version"), "?")
        db.executemany(text, [(*x.columns, x.tenant, x.id, x.version) for x in done])
    else:
        done = _write_texts(db.execute, kinds[what.kind], done)
        if not done:
            return
    last = done[-1]
    db.execute(
        "UPDATE indexing SET tenant = ?, id = ? WHERE kind = ? AND lag = ?",
        (last.tenant, last.id, *where),
    )


def _write_texts(
    execute: Callable[[str, Sequence[Any]], Any], kind: KindSql, done: Sequence[Reindexed]
) -> Sequence[Reindexed]:
    """Write texts up to the first record that has changed meanwhile; it is read again."""
    for number, each in enumerate(done):
        found = execute(kind.version, (each.tenant, each.id)).fetchone()
        if found is not None and found[0] != each.version:
            return done[:number]
        if each.text is not None:
            searching.write(execute, each.tenant, each.text)
    return done
