"""The whole store contract over an ordered key-value store with one atomic write.

A host writes three methods: `get` a value with its version, `scan` keys in order, and `write` puts
and deletes at once if every key read still stands at the version it was read at. Transactions are
optimistic: reads note versions, writes are kept back and seen by later reads, and a lost race runs
the whole transaction again.
"""

from __future__ import annotations

import json
from abc import abstractmethod
from bisect import bisect_left, insort
from collections.abc import Collection, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar, TypeAlias, cast

from typing_extensions import override

from incidentkit.errors import CallerError, StoreError
from incidentkit.ports.query import Filter
from incidentkit.stores import key_text
from incidentkit.stores.edge import check_length
from incidentkit.stores.row_store import RowStore
from incidentkit.stores.rows import Collision, Rows
from incidentkit.stores.rows import Stored as StoredRow
from incidentkit.stores.tables import COLUMN_PREFIX, JOURNAL, Stored, TableSpec, choose_order

Version: TypeAlias = Any
"""Whatever the key-value store tells two writes of a key apart by; compared with `==`."""

_ROW, _INDEX, _BACKWARDS = "r", "i", "d"


class KeyStore(RowStore):
    """A store over ordered keys. Keys and values are text; keys sort by code point (as UTF-8 does).

    Finding in descending order reads the whole range and turns it round; all else reads what it
    gives.
    """

    tries: ClassVar[int] = 25
    longest_key: ClassVar[int | None] = None
    """The most bytes of UTF-8 that a key may have in the database; None where 4,096 are no matter.

    Keys hold a tenant, names and ids. A batch that needs a longer one is refused with
    `LimitExceeded`, and nothing of it is written.
    """

    @abstractmethod
    def get(self, key: str) -> tuple[str, Version] | None:
        """The value and its version, or None."""

    @abstractmethod
    def scan(self, start: str, end: str, limit: int) -> Sequence[tuple[str, str, Version]]:
        """At most `limit` (key, value, version) with `start <= key < end`, ascending."""

    @abstractmethod
    def write(
        self,
        expected: Mapping[str, Version | None],
        puts: Mapping[str, str],
        deletes: Collection[str],
    ) -> bool:
        """Put and delete at once, durably, if each key stands at its version (None: is absent).

        False, and nothing done, when one does not. A key that is written gets a new version, one
        that it never had before.
        """

    @override
    @contextmanager
    def transaction(self, write: bool) -> Generator[Rows]:
        """See `RowStore.transaction`."""
        rows = KeyRows(self)
        try:
            yield rows
        except (CallerError, StoreError):
            # A refusal, too, must rest on one snapshot.
            if not self.write(rows.expected, {}, ()):
                raise Collision("a key changed since it was read") from None
            raise
        if not rows.finish():
            raise Collision("a key changed since it was read")


class KeyRows(Rows):
    """Rows as JSON under their primary key, and one key more for each declared order."""

    serial: ClassVar[bool] = False

    def __init__(self, store: KeyStore) -> None:
        self._store = store
        self.expected: dict[str, Version | None] = {}
        """The version of every key that was read, None where there was none."""
        self._read: dict[str, str | None] = {}
        self._written: dict[str, str | None] = {}
        self._new_keys: list[str] = []

    def finish(self) -> bool:
        """Write what was kept back; also checks that a transaction of reads saw one snapshot."""
        if not self._written and len(self.expected) < 2:
            return True
        longest = self._store.longest_key
        if longest is not None:
            for key in self._written:
                check_length("a key of the database", key, longest)
        puts = {key: value for key, value in self._written.items() if value is not None}
        deletes = [key for key, value in self._written.items() if value is None]
        return self._store.write(self.expected, puts, deletes)

    # --- single keys ----------------------------------------------------------------------------

    def _value(self, key: str) -> str | None:
        if key in self._written:
            return self._written[key]
        if key not in self._read:
            found = self._store.get(key)
            self._note(key, found)
        return self._read[key]

    def _note(self, key: str, found: tuple[str, Version] | None) -> None:
        self._read[key] = None if found is None else found[0]
        self.expected[key] = None if found is None else found[1]

    def _write(self, key: str, value: str | None) -> None:
        if key not in self._written:
            insort(self._new_keys, key)
        self._written[key] = value

    @staticmethod
    def _row_key(table: TableSpec, values: Sequence[Any]) -> str:
        return _key(_ROW, table, table.key, dict(zip(table.key, values, strict=True)))

    def _row(self, table: TableSpec, key: str) -> StoredRow | None:
        text = self._value(key)
        return None if text is None else _read(table, json.loads(text))

    def _store_row(self, table: TableSpec, old: StoredRow | None, new: StoredRow | None) -> None:
        row = new if new is not None else old
        if row is None:
            return
        key = _key(_ROW, table, table.key, row)
        before = set[str]() if old is None else set(_index_keys(table, old))
        after = set[str]() if new is None else set(_index_keys(table, new))
        for gone in before - after:
            self._write(gone, None)
        for fresh in after - before:
            self._write(fresh, key)
        self._write(key, None if new is None else _text(table, new))

    # --- the primitives -------------------------------------------------------------------------

    @override
    def get(self, table: TableSpec, key: Sequence[Any], lock: bool = False) -> StoredRow | None:
        """See `Rows.get`."""
        return self._row(table, self._row_key(table, key))

    @override
    def insert(self, table: TableSpec, row: StoredRow) -> bool:
        """See `Rows.insert`."""
        if self._value(_key(_ROW, table, table.key, row)) is not None:
            return False
        self._store_row(table, None, row)
        return True

    @override
    def update(
        self, table: TableSpec, key: Sequence[Any], changes: StoredRow, where: StoredRow
    ) -> bool:
        """See `Rows.update`."""
        old = self.get(table, key)
        if old is None or any(old[name] != value for name, value in where.items()):
            return False
        self._store_row(table, old, {**old, **changes})
        return True

    @override
    def delete(self, table: TableSpec, key: Sequence[Any], where: StoredRow) -> bool:
        """See `Rows.delete`."""
        old = self.get(table, key)
        if old is None or any(old[name] != value for name, value in where.items()):
            return False
        self._store_row(table, old, None)
        return True

    @override
    def scan(
        self,
        table: TableSpec,
        equal: StoredRow,
        order: Sequence[str],
        limit: int,
        after: Sequence[Any] = (),
        descending: bool = False,
        where: Filter | None = None,
    ) -> Sequence[StoredRow]:
        """See `Rows.scan`."""
        columns = choose_order(table, equal, order)
        if columns is None:
            raise StoreError(f"table {table.name!r} declares no order that serves {order}")
        backwards = descending and columns == table.key and table in _BOTH_WAYS
        space = _BACKWARDS if backwards else _ROW if columns == table.key else _INDEX
        prefix = _key(space, table, columns, equal, len(_leading(columns, equal)))
        begin, end = prefix, key_text.above(prefix)
        bound = tuple(after)
        if after and (backwards or not descending):
            known = {**equal, **dict(zip(order, after, strict=False))}
            begin = key_text.above(
                _key(space, table, columns, known, len(_leading(columns, known)))
            )
        found: list[StoredRow] = []
        for row in self._range(table, space, begin, end, limit):
            if any(row[name] != value for name, value in equal.items()):
                continue
            found.append(row)
            if len(found) == limit and (backwards or not descending):
                return found
        if not descending or backwards:
            return found
        found.reverse()
        if bound:
            head = order[: len(bound)]
            found = [row for row in found if tuple(row[name] for name in head) < bound]
        return found[:limit]

    def _range(
        self, table: TableSpec, space: str, begin: str, end: str, limit: int
    ) -> Iterator[StoredRow]:
        page = max(limit, 8)
        while True:
            there = self._store.scan(begin, end, page)
            last = there[-1][0] if len(there) == page else None
            for key, value, version in there:
                if space == _ROW and key not in self._read:
                    self._note(key, (value, version))
            reached = end if last is None else last + "\x00"
            merged = {key: value for key, value, _ in there}
            for place in range(bisect_left(self._new_keys, begin), len(self._new_keys)):
                key = self._new_keys[place]
                if key >= reached:
                    break
                written = self._written[key]
                if written is None:
                    merged.pop(key, None)
                else:
                    merged[key] = written
            for key in sorted(merged):
                row = self._row(table, key if space == _ROW else merged[key])
                if row is None or _placed(space, table, row, key):
                    raise Collision("a row changed while its order was read")
                yield row
            if last is None:
                return
            begin = reached


_BOTH_WAYS = (JOURNAL,)
"""Tables that are also read from their end."""


def _leading(columns: Sequence[str], known: Mapping[str, Any]) -> list[str]:
    names: list[str] = []
    for name in columns:
        if name not in known:
            break
        names.append(name)
    return names


def _key(
    space: str,
    table: TableSpec,
    columns: Sequence[str],
    values: Mapping[str, Any],
    first: int | None = None,
) -> str:
    """The key of a row in one of its orders, or its beginning up to the `first` columns."""
    stored = {column.name: column.stored for column in table.columns}
    named = space
    if space == _INDEX:
        # Of records by name: the next release may declare other columns in another order.
        number = table.indexes.index(tuple(columns))
        named += f"-{columns[1]}" if _is_record(table) else str(number)
    chosen = columns if first is None else columns[:first]
    text = "".join(
        key_text.part(stored[name], values[name], space == _BACKWARDS) for name in chosen
    )
    return f"{named}{key_text.END}{table.name}{key_text.END}{text}"


def _index_keys(table: TableSpec, row: StoredRow) -> Iterator[str]:
    for columns in table.indexes:
        yield _key(_INDEX, table, columns, row)
    if table in _BOTH_WAYS:
        yield _key(_BACKWARDS, table, table.key, row)


def _placed(space: str, table: TableSpec, row: StoredRow, key: str) -> bool:
    """Whether the row's present columns put it somewhere else than under this key."""
    return space != _ROW and key not in _index_keys(table, row)


def _is_record(table: TableSpec) -> bool:
    return any(name.startswith(COLUMN_PREFIX) for name in table.names)


def _text(table: TableSpec, row: StoredRow) -> str:
    """A row as it is stored: with its names where another release may have other columns."""
    if _is_record(table):
        return json.dumps({name: row[name] for name in table.names}, ensure_ascii=False)
    return json.dumps([row[name] for name in table.names], ensure_ascii=False)


_NOTHING: Mapping[Stored, Any] = {Stored.TEXT: "", Stored.INT64: 0, Stored.BOOL: False}


def _read(table: TableSpec, stored: Any) -> StoredRow:
    """The row that was stored; a column that it was written without holds nothing yet."""
    if isinstance(stored, list):
        values = cast("list[Any]", stored)
        if len(values) == len(table.names):
            return dict(zip(table.names, values, strict=True))
        # Rows of records were once stored without names: what is fixed stands at both ends.
        stored = {**dict(zip(table.names[:_FIXED], values, strict=False)), "body": values[-1]}
    known = cast("dict[str, Any]", stored)
    return {
        column.name: known.get(column.name, _NOTHING.get(column.stored)) for column in table.columns
    }


_FIXED = 5
"""Tenant, id, version, schema and head lead every row of a record."""
