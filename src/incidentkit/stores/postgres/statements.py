"""The SQL of one kind, written once when the kind is declared, and rows made of what it gives."""

from __future__ import annotations

from typing import Any

from incidentkit.ports.rows import Row, Tally
from incidentkit.stores import sql_text as sql
from incidentkit.stores.tables import COLUMN_PREFIX, Kind


class KindSql:
    """Statements over the tables of one kind."""

    def __init__(self, kind: Kind) -> None:
        self.kind: Kind = kind
        self.name: str = kind.spec.name
        self.record: str = sql.quoted(f"ik_{kind.record.name}")
        self.tally: str | None = None
        stored = tuple(COLUMN_PREFIX + column.name for column in kind.spec.columns)
        self.written: tuple[str, ...] = ("version", "schema", "head", *stored, "body")
        types = [str(column.type) for column in kind.spec.columns]
        casts = {"text": "text", "int64": "bigint", "instant": "bigint", "bool": "boolean"}
        self.types: tuple[str, ...] = (
            "bigint", "bigint", "text", *(casts[each] for each in types), "text",
        )  # fmt: skip
        read = ", ".join(f"r.{sql.quoted(name)}" for name in ("id", *self.written))
        source = f"{self.record} AS r"
        if kind.tally is not None:
            self.tally = sql.quoted(f"ik_{kind.tally.name}")
            read += ", t.signature, t.seen, t.last_seen"
            source += f" LEFT JOIN {self.tally} AS t ON t.tenant = r.tenant AND t.id = r.id"
        self.source: str = f"SELECT {read} FROM {source}"
        self.select: str = f"{self.source} WHERE r.tenant = %b"
        self.one: str = f"{self.select} AND r.id = %b"
        self.many: str = f"{self.select} AND r.id = ANY (%b::text[])"
        self.locked: str = (
            f"SELECT version FROM {self.record} WHERE tenant = %s AND id = %s FOR UPDATE"
        )
        self.next: str = (
            f"SELECT {read}, r.tenant FROM {source} WHERE (r.tenant, r.id) > (%s, %s) "
            "ORDER BY r.tenant, r.id LIMIT %s"
        )
        self._body = 4 + len(stored)

    def row(self, found: tuple[Any, ...]) -> Row:
        """The row of one result line."""
        name, version, schema, head = found[:4]
        end = self._body
        tally = None
        if self.tally is not None and found[end + 1] is not None:
            tally = Tally(found[end + 1], found[end + 2], found[end + 3])
        return Row(self.name, name, version, schema, head, tuple(found[4:end]), found[end], tally)
