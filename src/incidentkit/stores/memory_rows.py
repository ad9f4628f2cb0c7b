"""Rows of a table kept in memory, in the orders the table declares.

Only the task queue of the memory store lives here: its other rows are kept as the very values that
are handed in and out.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any, ClassVar

from typing_extensions import override

from incidentkit.errors import StoreError
from incidentkit.ports.query import Filter
from incidentkit.stores.rows import Rows, Stored
from incidentkit.stores.tables import TableSpec, choose_order

_Key = tuple[Any, ...]


class _Ordered:
    """One declared order: sorted tuples of its columns, which name the row uniquely."""

    def __init__(self, columns: tuple[str, ...], key: tuple[str, ...]) -> None:
        self.columns = columns
        self._all: Callable[[Stored], _Key] = itemgetter(*columns, *key)
        self._names = frozenset(columns)
        self.keys: list[_Key] = []

    def touches(self, changes: Stored) -> bool:
        return not self._names.isdisjoint(changes)

    def add(self, row: Stored) -> None:
        insort(self.keys, self._all(row))

    def remove(self, row: Stored) -> None:
        del self.keys[bisect_left(self.keys, self._all(row))]


class _Table:
    def __init__(self, spec: TableSpec) -> None:
        self.spec = spec
        self.rows: dict[_Key, dict[str, Any]] = {}
        self.orders = {
            columns: _Ordered(columns, spec.key) for columns in (spec.key, *spec.indexes)
        }


class _Above:
    """Sorts after everything: the open end of a prefix."""

    def __lt__(self, other: object) -> bool:
        return False

    def __gt__(self, other: object) -> bool:
        return True


_ABOVE = _Above()


class MemoryRows(Rows):
    """Tables as dictionaries beside sorted lists of keys. The owner holds a lock."""

    serial: ClassVar[bool] = True

    def __init__(self, specs: Sequence[TableSpec]) -> None:
        self._tables = {spec.name: _Table(spec) for spec in specs}

    @override
    def get(self, table: TableSpec, key: Sequence[Any], lock: bool = False) -> Stored | None:
        """See `Rows.get`."""
        return self._tables[table.name].rows.get(tuple(key))

    @override
    def insert(self, table: TableSpec, row: Stored) -> bool:
        """See `Rows.insert`."""
        kept = self._tables[table.name]
        key = tuple(row[name] for name in table.key)
        if key in kept.rows:
            return False
        fresh = dict(row)
        kept.rows[key] = fresh
        for ordered in kept.orders.values():
            ordered.add(fresh)
        return True

    @override
    def update(self, table: TableSpec, key: Sequence[Any], changes: Stored, where: Stored) -> bool:
        """See `Rows.update`."""
        kept = self._tables[table.name]
        key = tuple(key)
        row = kept.rows.get(key)
        if row is None or any(row[name] != value for name, value in where.items()):
            return False
        # A fresh dictionary: whoever read the row before keeps what was read.
        fresh = {**row, **changes}
        for ordered in kept.orders.values():
            if ordered.touches(changes):
                ordered.remove(row)
                ordered.add(fresh)
        kept.rows[key] = fresh
        return True

    @override
    def delete(self, table: TableSpec, key: Sequence[Any], where: Stored) -> bool:
        """See `Rows.delete`."""
        kept = self._tables[table.name]
        key = tuple(key)
        row = kept.rows.get(key)
        if row is None or any(row[name] != value for name, value in where.items()):
            return False
        for ordered in kept.orders.values():
            ordered.remove(row)
        del kept.rows[key]
        return True

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
        kept = self._tables[table.name]
        columns = choose_order(table, equal, order)
        if columns is None or descending:
            raise StoreError(f"table {table.name!r} declares no order that serves {order}")
        sought = dict(equal)
        sought.update(zip(order, after, strict=False))
        low: list[Any] = []
        for name in columns:
            if name not in sought:
                break
            low.append(sought[name])
        fixed: list[Any] = []
        for name in columns:
            if name not in equal:
                break
            fixed.append(equal[name])
        keys = kept.orders[columns].keys
        begin = bisect_right(keys, (*low, _ABOVE)) if after else bisect_left(keys, tuple(low))
        end = bisect_right(keys, (*fixed, _ABOVE))
        width = len(table.key)
        rest = [(name, value) for name, value in equal.items() if name not in columns[: len(fixed)]]
        found: list[Stored] = []
        for place in range(begin, end):
            row = kept.rows[keys[place][-width:]]
            if all(row[name] == value for name, value in rest):
                found.append(row)
                if len(found) == limit:
                    break
        return found
