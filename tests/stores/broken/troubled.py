"""Stores that do the wrong thing when their database is away or full, or inside a transaction."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import ClassVar

import attrs
from typing_extensions import override

from incidentkit.errors import Retryable, StoreError
from incidentkit.ids import TenantName
from incidentkit.ports.rows import Batch, Claimed, Committed, Put, Ref, Row
from incidentkit.stores.row_store import RowStore
from incidentkit.stores.rows import Rows
from incidentkit.stores.sql_rows import SqlRows
from incidentkit.testing.store_trial import StoreHarness, StoreTime
from tests.stores.broken.base import Kept
from tests.stores.factories import PlainJoined, PlainSqlStore
from tests.stores.troubles import at_its_limit, beside, locked

# --- names that are too long ----------------------------------------------------------------------


class CutsNames(Kept):
    """Keeps the first 255 characters of an id, as an old column would."""

    def commit(self, batch: Batch) -> Committed:
        puts = tuple([Put(self._cut(put.row), put.expected) for put in batch.puts])
        return super().commit(attrs.evolve(batch, puts=puts))

    @staticmethod
    def _cut(row: Row) -> Row:
        return attrs.evolve(row, id=row.id[:100])


# --- a database that is away or full --------------------------------------------------------------


class Sound(PlainSqlStore):
    """Does all of it rightly."""


class RawErrors(PlainSqlStore):
    """Lets the driver's errors out."""

    @override
    def translate(self, error: Exception) -> Exception:
        return error


class AlwaysStoreError(PlainSqlStore):
    """Calls everything that goes wrong a failure of the store."""

    errors: ClassVar = {sqlite3.Error: StoreError}


class WaitsForEver(PlainSqlStore):
    """Tries until the database is back."""

    @override
    def translate(self, error: Exception) -> Exception:
        time.sleep(0.15)
        return super().translate(error)


class WritesTheRecordsLater(PlainSqlStore):
    """Keeps the records of what it could not commit, and writes them when it can again."""

    def __init__(self, path: Path, *, now: Callable[[], int]) -> None:
        super().__init__(path, now=now)
        self.late: list[Batch] = []

    @override
    def commit(self, batch: Batch) -> Committed:
        self.catch_up()
        try:
            return super().commit(batch)
        except Retryable:
            self.late.append(Batch(batch.tenant, puts=batch.puts))
            raise

    def catch_up(self) -> None:
        late, self.late = self.late, []
        for each in late:
            super().commit(each)

    @override
    def load(self, tenant: TenantName, refs: Sequence[Ref]) -> tuple[Row | None, ...]:
        self.catch_up()
        return super().load(tenant, refs)


class FullIsAway(PlainSqlStore):
    """Asks for a repeat where only room would help."""

    @override
    def translate(self, error: Exception) -> Exception:
        return RowStore.translate(self, error)


class KeepsTheFirstHalf(PlainSqlStore):
    """Commits the first record by itself."""

    @override
    def commit(self, batch: Batch) -> Committed:
        if len(batch.puts) < 2 or batch.request is None:
            return super().commit(batch)
        if self.load(batch.tenant, [Ref(batch.puts[0].row.kind, batch.puts[0].row.id)])[0] is None:
            super().commit(Batch(batch.tenant, puts=batch.puts[:1]))
        return super().commit(attrs.evolve(batch, puts=batch.puts[1:]))


# --- inside a transaction of the host -------------------------------------------------------------


class Joining(PlainSqlStore):
    """Joins rightly."""

    inside: ClassVar[type[PlainJoined]] = PlainJoined

    @override
    def joined(self, connection: sqlite3.Connection) -> PlainJoined:
        return self.inside(self, connection)


class _Commits(PlainJoined):
    @contextmanager
    def transaction(self, write: bool) -> Iterator[Rows]:
        yield SqlRows(self.db.execute, sqlite3.IntegrityError)
        if write:
            self.db.execute("COMMIT")
            self.db.execute("BEGIN IMMEDIATE")


class CommitsByItself(Joining):
    """Ends the host's transaction with every write."""

    inside = _Commits


class _RollsBack(PlainJoined):
    @contextmanager
    def transaction(self, write: bool) -> Iterator[Rows]:
        try:
            yield SqlRows(self.db.execute, sqlite3.IntegrityError)
        except BaseException:
            self.db.execute("ROLLBACK")
            self.db.execute("BEGIN IMMEDIATE")
            raise


class RollsTheHostBack(Joining):
    """Rolls back all the host did, where a batch is refused."""

    inside = _RollsBack


class _Works(PlainJoined):
    @override
    def claim(
        self,
        now: int | None,
        lease: int,
        limit: int,
        tenant: TenantName | None = None,
        skip_channels: Sequence[str] = (),
    ) -> Claimed:
        return RowStore.claim(self, now, lease, limit, tenant, skip_channels)


class WorksTheQueueInside(Joining):
    """Gives leases that may be rolled back."""

    inside = _Works


class _TellsAtOnce(PlainJoined):
    @override
    def after_commit(self, call: Callable[[], None]) -> bool:
        call()
        return True


class TellsAtOnce(Joining):
    """Says that it was committed before it was."""

    inside = _TellsAtOnce


class _StandsStill(PlainJoined):
    def __init__(self, base: RowStore, connection: sqlite3.Connection) -> None:
        super().__init__(base, connection)
        begun = base.now()
        self._now = lambda: begun


class TimeOfTheBeginning(Joining):
    """Has the time at which the transaction began, however long it goes on."""

    inside = _StandsStill


def harness(kind: type[PlainSqlStore], place: Path) -> StoreHarness:
    numbers = count()

    def made(now: StoreTime) -> PlainSqlStore:
        return kind(place / f"{next(numbers)}.db", now=now)

    patience = 0.1 if kind is WaitsForEver else 30.0
    return StoreHarness(made, outage=locked, full=at_its_limit, join=beside, patience=patience)
