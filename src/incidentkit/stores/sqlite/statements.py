"""The SQL of one kind, written once when the kind is declared, and what several paths share."""

from __future__ import annotations

from typing import Any

from incidentkit.ports.rows import Row, Tally
from incidentkit.stores import sql_text as sql
from incidentkit.stores.sqlite.places import place_of
from incidentkit.stores.tables import COLUMN_PREFIX, Kind

NEXT_ENTRY = (
    "INSERT INTO journal (tenant, stream, seq, at, kind, body, salt, digest, hash) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
"""An entry whose place in its stream is known to be free."""
KEY_ADD = "INSERT INTO key (tenant, space, key, owner) VALUES (?, ?, ?, ?)"
"""A unique key that nobody owned."""


class KindSql:
    """Statements over the tables of one kind, and rows made of what they give."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self.name: str = kind.spec.name
        record = sql.quoted(kind.record.name)
        stored = tuple(COLUMN_PREFIX + column.name for column in kind.spec.columns)
        written = ("version", "schema", "head", *stored, "body")
        self.insert: str = (
            f"INSERT INTO {record} (rowid, {sql.listed((*written, 'tenant', 'id'))}) VALUES "
            f"((SELECT ? WHERE NOT EXISTS (SELECT 1 FROM {record} WHERE rowid = ?)), "
            f"{sql.marks(len(written) + 2, '?')})"
        )
        self._stored = stored
        self._updates: dict[tuple[int, ...], str] = {}
        self.columns: str = (
            f"SELECT {sql.listed(stored) or 1} FROM {record} "
            "WHERE tenant = ? AND id = ? AND version = ?"
        )
        self.version: str = f"SELECT version FROM {record} WHERE tenant = ? AND id = ?"
        read = ", ".join(f"r.{sql.quoted(name)}" for name in ("id", *written))
        source = f"{record} AS r"
        self.touchable: bool = kind.tally is not None
        if kind.tally is not None:
            tally = sql.quoted(kind.tally.name)
            self.touch: str = (
                f"UPDATE {tally} SET seen = seen + ?, last_seen = max(last_seen, ?) "
                "WHERE tenant = ? AND id = ? AND signature = ?"
            )
            self.count: str = (
                f"INSERT INTO {tally} (tenant, id, signature, seen, last_seen) "
                "VALUES (?, ?, ?, ?, ?) ON CONFLICT (tenant, id) DO UPDATE SET "
                "signature = excluded.signature, seen = seen + excluded.seen, "
                "last_seen = max(last_seen, excluded.last_seen)"
            )
            read += ", t.signature, t.seen, t.last_seen"
            source += f" LEFT JOIN {tally} AS t ON t.tenant = r.tenant AND t.id = r.id"
        self.source: str = f"SELECT {read} FROM {source}"
        self.select: str = f"{self.source} WHERE r.tenant = ?"
        self.one: str = f"{self.select} AND r.id = ?"
        self.placed: str = f"{self.one} AND r.rowid = ?"
        self.next: str = f"SELECT {read}, r.tenant FROM {source} WHERE (r.tenant, r.id) > (?, ?)"
        self.many: str = f"{self.select} AND r.id IN (SELECT value FROM json_each(?))"
        self._body = 4 + len(stored)
        self._bools = tuple([n for n, type_ in enumerate(kind.types) if type_ is bool])

    def line(self, tenant: str, row: Row) -> tuple[object, ...]:
        """The values of `insert` for a new record."""
        place = place_of(row.id)
        return (
            place, place, row.version, row.schema, row.head, *row.columns, row.body, tenant, row.id
        )  # fmt: skip

    def update_of(self, changed: tuple[int, ...]) -> str:
        """The UPDATE that names only these columns, each a place among the declared ones."""
        text = self._updates.get(changed)
        if text is None:
            named = ("version", "schema", "head", *(self._stored[place] for place in changed))
            where = ("tenant", "id", "version")
            text = sql.update(self.kind.record.name, (*named, "body"), where, "?")
            self._updates[changed] = text
        return text

    def row(self, found: tuple[Any, ...]) -> Row:
        """The row of one result line."""
        name, version, schema, head = found[:4]
        end = self._body
        columns = found[4:end]
        if self._bools:
            # All others are what they were written as: the tables are strict.
            held = list(columns)
            for n in self._bools:
                held[n] = held[n] == 1
            columns = tuple(held)
        tally = None
        if self.touchable and found[end + 1] is not None:
            tally = Tally(found[end + 1], found[end + 2], found[end + 3])
        return Row(self.name, name, version, schema, head, columns, found[end], tally)
