"""The tables of declared kinds: made at the first write, compared ever after.

What records consist of never changes, but their index columns do from release to release: columns
are added and dropped here, and filled by reading every record again (see `filling`).
"""

from __future__ import annotations

import sqlite3
from enum import Enum

from incidentkit.errors import StoreError
from incidentkit.ports.search import Lag
from incidentkit.stores import sql_text as sql
from incidentkit.stores.sqlite import filling
from incidentkit.stores.tables import COLUMN_PREFIX, Kind, Stored, TableSpec

_TYPES = {
    Stored.TEXT: "TEXT NOT NULL",
    Stored.INT64: "INTEGER NOT NULL",
    Stored.BOOL: "INTEGER NOT NULL",
    Stored.MAYBE_TEXT: "TEXT",
}


def creation(spec: TableSpec) -> str:
    """The CREATE TABLE of a spec."""
    columns = ", ".join(f"{sql.quoted(c.name)} {_TYPES[c.stored]}" for c in spec.columns)
    # A row wider than a quarter page spills in a table clustered by its key; those keep a rowid.
    clustered = "" if spec.wide else ", WITHOUT ROWID"
    return (
        f"CREATE TABLE {sql.quoted(spec.name)} "
        f"({columns}, PRIMARY KEY ({sql.listed(spec.key)})) STRICT{clustered}"
    )


def index_creations(spec: TableSpec) -> list[str]:
    """The CREATE INDEX statements of a spec."""
    return [
        f"CREATE INDEX IF NOT EXISTS {sql.quoted(f'{spec.name}_{number}')} "
        f"ON {sql.quoted(spec.name)} ({sql.listed(columns)})"
        for number, columns in enumerate(spec.indexes, start=1)
    ]


def shortlist(kind: Kind) -> str:
    """The index that answers for the few records that matter, without reading any other."""
    flag, *others = [COLUMN_PREFIX + name for name in kind.spec.shortlist]
    name = sql.quoted(f"{kind.record.name}_shortlist")
    return (
        f"CREATE INDEX IF NOT EXISTS {name} ON {sql.quoted(kind.record.name)} "
        f"({sql.listed(('tenant', flag, *others, 'id'))}) WHERE {sql.quoted(flag)} = 1"
    )


def existing(db: sqlite3.Connection, table: str) -> dict[str, str]:
    """The columns of a table as (name, type); empty when there is none."""
    found = db.execute('SELECT name, type, "notnull" FROM pragma_table_info(?)', (table,))
    return {name: kind + (" NOT NULL" if strict else "") for name, kind, strict in found}


class Standing(Enum):
    """How the tables of a kind stand in the file."""

    ABSENT = "absent"
    SAME = "same"
    OTHER_COLUMNS = "other columns"


def check(db: sqlite3.Connection, kind: Kind, shown: str) -> Standing:
    """How the tables of the kind stand; StoreError when they are no tables of a kind."""
    if not existing(db, kind.record.name):
        return Standing.ABSENT
    standing = Standing.SAME
    for spec in (kind.record, *([kind.tally] if kind.tally else [])):
        there = existing(db, spec.name)
        wanted = {column.name: _TYPES[column.stored] for column in spec.columns}
        if there == wanted:
            continue
        if _fixed(there) != _fixed(wanted):
            raise StoreError(
                f"{shown}: table {spec.name!r} is not what kind {kind.spec.name!r} needs: "
                f"{_difference(there, wanted)}. Give the kind another name, or export and import "
                "into a new file"
            )
        standing = Standing.OTHER_COLUMNS
    return standing


def _fixed(columns: dict[str, str]) -> dict[str, str]:
    """The columns of a table that every kind has."""
    return {name: type_ for name, type_ in columns.items() if not name.startswith(COLUMN_PREFIX)}


def change(db: sqlite3.Connection, kind: Kind) -> None:
    """Give the table of a kind the declared index columns; a transaction is open.

    New ones hold nothing yet: that stands in `indexing` until every record was read again.
    """
    table = kind.record.name
    there = existing(db, table)
    wanted = {column.name: _TYPES[column.stored] for column in kind.record.columns}
    found = db.execute(
        "SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = ? AND sql IS NOT NULL",
        (table,),
    ).fetchall()
    for (name,) in found:
        db.execute(f"DROP INDEX {sql.quoted(name)}")
    for name, type_ in there.items():
        if wanted.get(name) != type_:
            db.execute(f"ALTER TABLE {sql.quoted(table)} DROP COLUMN {sql.quoted(name)}")
    added = [name for name, type_ in wanted.items() if there.get(name) != type_]
    for name in added:
        nothing = "''" if wanted[name] == _TYPES[Stored.TEXT] else "0"
        db.execute(
            f"ALTER TABLE {sql.quoted(table)} ADD COLUMN {sql.quoted(name)} {wanted[name]} "
            f"DEFAULT {nothing}"
        )
    for text in index_creations(kind.record):
        db.execute(text)
    if kind.spec.shortlist:
        db.execute(shortlist(kind))
    if added:
        filling.expect(db, kind, Lag.COLUMNS)


def _difference(there: dict[str, str], wanted: dict[str, str]) -> str:
    said = [f"{name!r} is missing" for name in wanted if name not in there]
    said += [f"{name!r} is not declared" for name in there if name not in wanted]
    said += [
        f"{name!r} is {there[name]}, declared {wanted[name]}"
        for name in wanted
        if name in there and there[name] != wanted[name]
    ]
    return "; ".join(said)


def create(db: sqlite3.Connection, kind: Kind) -> None:
    """Make the tables of a kind; a transaction is open."""
    for spec in (kind.record, *([kind.tally] if kind.tally else [])):
        db.execute(creation(spec))
        for text in index_creations(spec):
            db.execute(text)
    if kind.spec.shortlist:
        db.execute(shortlist(kind))
