"""The tables of declared kinds: made at the first write, compared ever after."""

from __future__ import annotations

import sqlite3

from incidentkit.errors import StoreError
from incidentkit.stores import sql_text as sql
from incidentkit.stores.tables import Kind, Stored, TableSpec

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


def existing(db: sqlite3.Connection, table: str) -> dict[str, str]:
    """The columns of a table as (name, type); empty when there is none."""
    found = db.execute('SELECT name, type, "notnull" FROM pragma_table_info(?)', (table,))
    return {name: kind + (" NOT NULL" if strict else "") for name, kind, strict in found}


def check(db: sqlite3.Connection, kind: Kind, shown: str) -> bool:
    """Whether the tables of the kind exist; StoreError when they are others."""
    there = existing(db, kind.record.name)
    if not there:
        return False
    for spec in (kind.record, *([kind.tally] if kind.tally else [])):
        there = existing(db, spec.name)
        wanted = {column.name: _TYPES[column.stored] for column in spec.columns}
        if there != wanted:
            raise StoreError(
                f"{shown}: table {spec.name!r} is not what kind {kind.spec.name!r} declares: "
                f"{_difference(there, wanted)}. Declare the kind as it was, give the changed kind "
                "another name, or export and import into a new file"
            )
    return True


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
