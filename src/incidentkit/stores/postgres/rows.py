"""`Rows` over one psycopg connection: what the shared contract code judges and writes with.

It takes whatever does not fit into one statement, and looks for the reason of a refusal. Where a
table of the contract is kept otherwise here (streams know where they stand), the difference is
hidden below.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import attrs
from typing_extensions import override

from incidentkit.ports.query import Filter
from incidentkit.stores.rows import Stored
from incidentkit.stores.sql_rows import SqlRows
from incidentkit.stores.tables import JOURNAL, PURGED, TableSpec

_STREAM_ON = (
    "INSERT INTO ik_stream AS s (tenant, stream, seq) VALUES (%s, %s, %s) "
    "ON CONFLICT (tenant, stream) DO UPDATE SET seq = excluded.seq WHERE s.seq = excluded.seq - 1"
)
_GUARD = "SELECT pg_advisory_xact_lock(hashtext(%s), 1024 + (hashtext(%s) & 1023))"


class PgRows(SqlRows):
    """Rows of PostgreSQL within one transaction."""

    _named: ClassVar[dict[str, TableSpec]] = {}

    def __init__(self, execute: Callable[..., Any], *, locks: bool = True) -> None:
        super().__init__(execute, (), "%s", " FOR UPDATE")
        self._locks = locks
        self.execute: Callable[..., Any] = execute

    def _as(self, table: TableSpec) -> TableSpec:
        """The table under its name here."""
        found = self._named.get(table.name)
        if found is None or found.columns != table.columns:
            name = "ik_stream" if table.name == PURGED.name else f"ik_{table.name}"
            found = self._named[table.name] = attrs.evolve(table, name=name)
        return found

    @override
    def get(self, table: TableSpec, key: Sequence[Any], lock: bool = False) -> Stored | None:
        """See `Rows.get`."""
        return super().get(self._as(table), key, lock and self._locks)

    @override
    def insert(self, table: TableSpec, row: Stored) -> bool:
        """See `Rows.insert`. A key that is taken does not end the transaction."""
        if table is JOURNAL:
            # The stream is moved on first: it is what the entry refers to.
            place = (row["tenant"], row["stream"], row["seq"])
            if self._execute(_STREAM_ON, place).rowcount != 1:
                return False
        here = self._as(table)
        names = ", ".join(f'"{name}"' for name in here.names)
        marks = ", ".join(["%s"] * len(here.names))
        text = f"INSERT INTO {here.name} ({names}) VALUES ({marks}) ON CONFLICT DO NOTHING"
        return bool(self._execute(text, [row[name] for name in here.names]).rowcount == 1)

    @override
    def update(self, table: TableSpec, key: Sequence[Any], changes: Stored, where: Stored) -> bool:
        """See `Rows.update`."""
        return super().update(self._as(table), key, changes, where)

    @override
    def delete(self, table: TableSpec, key: Sequence[Any], where: Stored) -> bool:
        """See `Rows.delete`."""
        return super().delete(self._as(table), key, where)

    @override
    def scan(
        self,
        table: TableSpec,
        equal: Stored,
        order: Sequence[str],
        limit: int,
        after: Sequence[Any] = (),
        descending: bool = False,
        where: Filter | None = None,
    ) -> Sequence[Stored]:
        """See `Rows.scan`."""
        here = self._as(table)
        return super().scan(here, equal, order, limit, after, descending, where)

    @override
    def count(self, table: TableSpec, equal: Stored, where: Filter | None = None) -> int:
        """See `Rows.count`."""
        return super().count(self._as(table), equal, where)

    @override
    def guard(self, tenant: str, name: str) -> None:
        """See `Rows.guard`. Locks of the server's memory, so that there are no rows to write."""
        if self._locks:
            self._execute(_GUARD, (tenant, name))
