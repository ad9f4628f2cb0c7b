"""The seam of a row store: six small operations on rows inside one transaction.

Everything the contract promises is built on these, in `judging`, `applying` and `queueing`. A
host's store implements `Rows` over its database and opens transactions; nothing else.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, TypeAlias
from zlib import crc32

from incidentkit.ports.query import Filter
from incidentkit.stores.filters import matches
from incidentkit.stores.tables import GUARD, TableSpec

Stored: TypeAlias = Mapping[str, Any]
"""One row of a table, by column name."""

PAGE = 200
GUARDS = 256


class Collision(Exception):
    """Another transaction came between: roll back and run the body again.

    Raised by the contract when a compare-and-set fails after its reading said it would not, and
    by a store's `transaction` when the database could not serialise or a deadlock was broken.
    """


class Rows(ABC):
    """The rows of all tables within one transaction.

    `serial` says that writing transactions run as if one after the other (one writer, or
    serialisable isolation); where they do not, the contract takes guards. `filters` says that
    `scan` and `count` evaluate `where` themselves; where not, they are never given one.
    """

    serial: ClassVar[bool] = False
    filters: ClassVar[bool] = False

    @abstractmethod
    def get(self, table: TableSpec, key: Sequence[Any], lock: bool = False) -> Stored | None:
        """The row of this primary key. `lock`: nobody may change it before this transaction ends.

        Stores whose writers are alone, or checked at commit, may ignore `lock`.
        """

    @abstractmethod
    def insert(self, table: TableSpec, row: Stored) -> bool:
        """Add a row; False when the primary key is taken."""

    @abstractmethod
    def update(self, table: TableSpec, key: Sequence[Any], changes: Stored, where: Stored) -> bool:
        """Change the row if it exists and its columns equal `where`; False when not."""

    @abstractmethod
    def delete(self, table: TableSpec, key: Sequence[Any], where: Stored) -> bool:
        """Remove the row if it exists and its columns equal `where`; False when not."""

    @abstractmethod
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
        """At most `limit` rows whose columns equal `equal`, in `order` (all one way).

        `after` holds values of the first columns of `order`: only rows strictly beyond them, as
        tuples of those columns compare, are given.
        """

    def count(self, table: TableSpec, equal: Stored, where: Filter | None = None) -> int:
        """How many rows; databases that count override this."""
        return sum(1 for _ in select(self, table, equal, table.key, where=where))

    def guard(self, tenant: str, name: str) -> None:
        """Meet every other writing transaction that takes this guard.

        Guards share a fixed number of rows, so that they never pile up.
        """
        if self.serial:
            return
        key = (tenant, str(crc32(name.encode()) % GUARDS))
        found = self.get(GUARD, key, lock=True)
        if found is None:
            done = self.insert(GUARD, {"tenant": tenant, "name": key[1], "stamp": 1})
        else:
            stamp = found["stamp"]
            done = self.update(GUARD, key, {"stamp": stamp + 1}, {"stamp": stamp})
        require(done)


def require(done: bool) -> None:
    """A write that the reading before it said would succeed."""
    if not done:
        raise Collision("another transaction came between")


def select(
    rows: Rows,
    table: TableSpec,
    equal: Stored,
    order: Sequence[str],
    after: Sequence[Any] = (),
    descending: bool = False,
    where: Filter | None = None,
    page: int = PAGE,
) -> Iterator[Stored]:
    """Rows in order, a page at a time, filtered here where the store does not filter.

    `order` must end in columns that make it unique, so that a page can begin where one ended.
    """
    pushed = where if rows.filters else None
    kept = None if rows.filters else where
    while True:
        found = rows.scan(table, equal, order, page, after, descending, pushed)
        for row in found:
            if kept is None or matches(kept, row):
                yield row
        if len(found) < page:
            return
        last = found[-1]
        after = [last[name] for name in order]
