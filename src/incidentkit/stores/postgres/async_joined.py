"""The PostgreSQL store inside a transaction on the host's own asynchronous connection.

The shared code is plain, so a call runs in a thread, and each of its statements in the loop that
the connection belongs to. A call that is cancelled is waited for: else its last statements would
come into whatever the host does next.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar, cast

import attrs
import psycopg
from psycopg.pq import TransactionStatus
from psycopg.rows import tuple_row

from incidentkit.errors import CannotJoin
from incidentkit.ids import TaskId, TenantName
from incidentkit.ports.query import Page, Query
from incidentkit.ports.rows import (
    Batch,
    Claimed,
    Committed,
    Entry,
    KindSpec,
    Purged,
    QueuedTask,
    Ref,
    Row,
    Scalar,
    Settle,
    TaskQuery,
)
from incidentkit.ports.search import Reindexed, Stale, TextPage, TextQuery
from incidentkit.stores.postgres.database import FAULTS, IDENTITY, Database
from incidentkit.stores.postgres.joined import PostgresJoined, checked, plain, refused, same
from incidentkit.stores.postgres.waking import Waker
from incidentkit.stores.row_store import RowStore

T = TypeVar("T")


@attrs.frozen
class Answer:
    """What a statement gave, read already."""

    rows: list[Any]
    rowcount: int

    def fetchall(self) -> list[Any]:
        """All rows."""
        return self.rows

    def fetchone(self) -> Any:
        """The first row, or None."""
        return self.rows[0] if self.rows else None


class InLoop:
    """Runs statements on an asynchronous connection, awaited or for a thread that waits."""

    def __init__(self, db: psycopg.AsyncConnection[Any]) -> None:
        self._loop = asyncio.get_running_loop()
        self._cursor: Any = psycopg.AsyncCursor(db, row_factory=tuple_row)
        plain(self._cursor.adapters)

    async def run(self, text: str, values: Sequence[Any] = ()) -> Answer:
        """Run one in the loop."""
        cursor = self._cursor
        await cursor.execute(text, values or None)
        return Answer(await cursor.fetchall() if cursor.description else [], cursor.rowcount)

    def execute(self, text: str, values: Sequence[Any] = ()) -> Answer:
        """Run one for another thread."""
        return asyncio.run_coroutine_threadsafe(self.run(text, values), self._loop).result()


async def _finished(call: Callable[..., T], *args: Any) -> T:
    """A call in a thread that is over, in every case, when this returns."""
    task = asyncio.ensure_future(asyncio.to_thread(call, *args))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        _ = await asyncio.wait((task,))
        raise


class AsyncPostgresJoined:
    """The store inside a host's transaction, for one event loop."""

    must_end: bool = False

    def __init__(self, inner: PostgresJoined) -> None:
        self._inner = inner

    def in_transaction(self) -> bool:
        """See `HostTransaction.in_transaction`."""
        return self._inner.in_transaction()

    def after_commit(self, call: Callable[[], None]) -> bool:
        """See `HostTransaction.after_commit`."""
        return self._inner.after_commit(call)

    def declare(self, kinds: Sequence[KindSpec]) -> None:
        """See `Store.declare`."""
        self._inner.declare(kinds)

    async def now(self) -> int:
        """See `Store.now`."""
        return await _finished(self._inner.now)

    async def load(self, tenant: TenantName, refs: Sequence[Ref]) -> tuple[Row | None, ...]:
        """See `Store.load`."""
        return await _finished(self._inner.load, tenant, refs)

    async def journal(
        self, tenant: TenantName, stream: str, after: int = 0, limit: int = 1000
    ) -> tuple[Entry, ...]:
        """See `Store.journal`."""
        return await _finished(self._inner.journal, tenant, stream, after, limit)

    async def find(self, tenant: TenantName, query: Query) -> Page:
        """See `Store.find`."""
        return await _finished(self._inner.find, tenant, query)

    async def count(self, tenant: TenantName, query: Query) -> int:
        """See `Store.count`."""
        return await _finished(self._inner.count, tenant, query)

    async def tally(self, tenant: TenantName, query: Query, column: str) -> Mapping[Scalar, int]:
        """See `SupportsTally.tally`."""
        return await _finished(self._inner.tally, tenant, query, column)

    async def owners(
        self, tenant: TenantName, space: str, values: Sequence[str]
    ) -> tuple[str | None, ...]:
        """See `Store.owners`."""
        return await _finished(self._inner.owners, tenant, space, values)

    async def tasks(self, tenant: TenantName, query: TaskQuery) -> tuple[QueuedTask, ...]:
        """See `Store.tasks`."""
        return await _finished(self._inner.tasks, tenant, query)

    async def search(self, tenant: TenantName, query: TextQuery) -> TextPage | None:
        """See `SupportsSearch.search`."""
        return await _finished(self._inner.search, tenant, query)

    async def commit(self, batch: Batch) -> Committed:
        """See `Store.commit`."""
        return await _finished(self._inner.commit, batch)

    async def commit_group(self, batches: Sequence[Batch]) -> tuple[Committed | Exception, ...]:
        """See `Store.commit_group`."""
        return await _finished(self._inner.commit_group, batches)

    async def numbers(self, tenant: TenantName, series: str, n: int) -> range:
        """See `Store.numbers`."""
        return await _finished(self._inner.numbers, tenant, series, n)

    async def redact(self, tenant: TenantName, stream: str, seqs: Sequence[int]) -> int:
        """See `Store.redact`."""
        return await _finished(self._inner.redact, tenant, stream, seqs)

    async def settle(self, tenant: TenantName, settles: Sequence[Settle]) -> tuple[bool, ...]:
        """See `Store.settle`."""
        return await _finished(self._inner.settle, tenant, settles)

    async def extend(
        self, tenant: TenantName, tasks: Sequence[tuple[TaskId, str]], until: int
    ) -> tuple[bool, ...]:
        """See `Store.extend`."""
        return await _finished(self._inner.extend, tenant, tasks, until)

    async def claim(
        self,
        now: int | None,
        lease: int,
        limit: int,
        tenant: TenantName | None = None,
        skip_channels: Sequence[str] = (),
    ) -> Claimed:
        """Raise CannotJoin."""
        return self._inner.claim(now, lease, limit, tenant, skip_channels)

    async def purge(self, tenant: TenantName, before: int, streams: Sequence[str] = ()) -> Purged:
        """Raise CannotJoin."""
        return self._inner.purge(tenant, before, streams)

    async def stale(self) -> Sequence[Stale]:
        """Raise CannotJoin."""
        return self._inner.stale()

    async def reindex(self, what: Stale, done: Sequence[Reindexed]) -> None:
        """Raise CannotJoin."""
        self._inner.reindex(what, done)

    async def close(self) -> None:
        """Leave the host's transaction; twice is harmless."""
        self._inner.close()


async def join(
    base: RowStore, database: Database, waker: Waker, connection: object
) -> AsyncPostgresJoined:
    """See `SupportsAsyncJoin.joined`."""
    if not isinstance(connection, psycopg.AsyncConnection):
        what = type(connection).__name__
        raise CannotJoin(f"an AsyncDesk joins a psycopg.AsyncConnection, not {what}")
    db = cast("psycopg.AsyncConnection[Any]", connection)
    checked(db)
    await asyncio.to_thread(database.ready)
    here = InLoop(db)
    begins = db.info.transaction_status == TransactionStatus.IDLE
    try:
        found = (await here.run(IDENTITY)).fetchone()
        if begins and not db.autocommit:
            # The driver began one for this question; it is the host's to begin.
            await db.rollback()
    except FAULTS as error:
        raise refused(database, error, db) from error
    await asyncio.to_thread(same, database, found)
    who = asyncio.current_task()
    return AsyncPostgresJoined(PostgresJoined(base, database, waker, db, here.execute, who))
