"""The PostgreSQL store for event loops: the same statements, driven with `await`.

What happens all the time runs on asynchronous connections. What is rare (migrating, a batch of
several statements, the reason of a refusal) runs in a thread, on the plain store.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeVar

import psycopg

from incidentkit.errors import Retryable, StoreError
from incidentkit.ids import TaskId, TenantName
from incidentkit.ports.audit import Attended, QueueState
from incidentkit.ports.capabilities import Turned
from incidentkit.ports.join import AsyncJoined
from incidentkit.ports.migration import Migrated
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
from incidentkit.ports.store import Finding
from incidentkit.stores.postgres import sending
from incidentkit.stores.postgres import settings as options
from incidentkit.stores.postgres.async_pool import AsyncPool
from incidentkit.stores.postgres.database import FAULTS, SNAPSHOT
from incidentkit.stores.postgres.faults import SchemaChanged
from incidentkit.stores.postgres.operations import Steps
from incidentkit.stores.postgres.store import PostgresStore
from incidentkit.stores.rows import Collision

T = TypeVar("T")


class AsyncPostgresStore:
    """The whole contract of `AsyncStore` in a PostgreSQL database; see `PostgresStore`."""

    def __init__(
        self,
        conninfo: str,
        *,
        direct: str | None = None,
        pooler: str = "none",
        partition: str = "none",
        pool: int = options.POOL,
        now: Callable[[], int] | None = None,
    ) -> None:
        self._plain = PostgresStore(
            conninfo, direct=direct, pooler=pooler, partition=partition, pool=pool, now=now
        )
        self._database = self._plain.database
        self._operations = self._database.operations
        self._pool = AsyncPool(self._database.settings)

    @classmethod
    def from_url(cls, url: str, *, now: Callable[[], int] | None = None) -> AsyncPostgresStore:
        """Open `postgresql://...?pooler=transaction&direct=URL&partition=month&pool=20`."""
        given = options.from_url(url)
        return cls(
            given.conninfo,
            direct=given.direct,
            pooler=given.pooler,
            partition=given.partition,
            pool=given.pool,
            now=now,
        )

    def declare(self, kinds: Sequence[KindSpec]) -> None:
        """See `Store.declare`."""
        self._plain.declare(kinds)

    async def migrate(self) -> Migrated:
        """See `PostgresStore.migrate`."""
        return await asyncio.to_thread(self._plain.migrate)

    def keep_schema(self) -> None:
        """See `SupportsMigration.keep_schema`; it asks the database nothing."""
        self._plain.keep_schema()

    # --- driving --------------------------------------------------------------------------------

    async def _ready(self) -> None:
        self._database.check_open()
        if not self._database.complete:
            await asyncio.to_thread(self._database.ready)

    def _alone(self) -> None:
        """Raise NotJoined where this task is inside a transaction of the host."""
        self._database.hosts.check(asyncio.current_task())

    @asynccontextmanager
    async def _connection(self) -> AsyncGenerator[psycopg.AsyncConnection[Any]]:
        borrowed: psycopg.AsyncConnection[Any] | None = None
        try:
            async with self._pool.borrow() as borrowed:
                yield borrowed
        except FAULTS as error:
            if borrowed is not None and borrowed.closed:
                await self._pool.drop_idle()
            self._database.fail(error, borrowed)

    async def _call(
        self,
        make: Callable[..., Steps[T]],
        *args: Any,
        reads: bool = False,
        snapshot: bool = False,
    ) -> T:
        """What `Database.call` does, with `await`."""
        if not reads:
            self._alone()
        await self._ready()
        again = True
        while True:
            try:
                async with self._connection() as connection:
                    return await _driven(connection, make(*args), snapshot)
            except SchemaChanged:
                if not again:
                    raise Retryable(
                        f"{self._database.shown}: its schema is being changed"
                    ) from None
                await asyncio.to_thread(self._database.look_again)
            except Retryable:
                if not (again and reads):
                    raise
            again = False

    async def _again(self, make: Callable[..., Steps[T]], *args: Any) -> T:
        for _ in range(self._plain.tries):
            try:
                return await self._call(make, *args)
            except Collision:
                continue
        raise Retryable(f"{self._database.shown}: others came between {self._plain.tries} times")

    # --- reading --------------------------------------------------------------------------------

    async def now(self) -> int:
        """See `Store.now`."""
        return await self._call(self._operations.now, reads=True)

    async def load(self, tenant: TenantName, refs: Sequence[Ref]) -> tuple[Row | None, ...]:
        """See `Store.load`."""
        operations = self._operations
        if len(refs) == 1:
            return await self._call(operations.load_one, tenant, refs[0], reads=True)
        several = len({ref.kind for ref in refs}) > 1
        return await self._call(operations.load, tenant, refs, reads=True, snapshot=several)

    async def journal(
        self, tenant: TenantName, stream: str, after: int = 0, limit: int = 1000
    ) -> tuple[Entry, ...]:
        """See `Store.journal`."""
        journal = self._operations.journal
        return await self._call(journal, tenant, stream, after, limit, reads=True)

    async def find(self, tenant: TenantName, query: Query) -> Page:
        """See `Store.find`."""
        return await self._call(self._operations.find, tenant, query, reads=True)

    async def count(self, tenant: TenantName, query: Query) -> int:
        """See `Store.count`."""
        return await self._call(self._operations.count, tenant, query, reads=True)

    async def tally(self, tenant: TenantName, query: Query, column: str) -> Mapping[Scalar, int]:
        """See `SupportsTally.tally`."""
        return await self._call(self._operations.tally, tenant, query, column, reads=True)

    async def owners(
        self, tenant: TenantName, space: str, values: Sequence[str]
    ) -> tuple[str | None, ...]:
        """See `Store.owners`."""
        return await self._call(self._operations.owners, tenant, space, values, reads=True)

    async def tasks(self, tenant: TenantName, query: TaskQuery) -> tuple[QueuedTask, ...]:
        """See `Store.tasks`."""
        return await self._call(self._operations.tasks, tenant, query, reads=True)

    async def search(self, tenant: TenantName, query: TextQuery) -> TextPage | None:
        """See `SupportsSearch.search`."""
        return await self._call(self._operations.search, tenant, query, reads=True)

    async def tenants(self) -> Sequence[TenantName]:
        """See `SupportsTenants.tenants`."""
        return await self._call(self._operations.tenants, reads=True)

    async def unattended(self, tenant: TenantName, wanted: Attended) -> Sequence[str]:
        """See `SupportsAudit.unattended`."""
        return await self._call(self._operations.unattended, tenant, wanted, reads=True)

    async def queued(self, tenant: TenantName, now: int) -> QueueState:
        """See `SupportsAudit.queued`."""
        return await self._call(self._operations.queued, tenant, now, reads=True)

    # --- indexing what an earlier release wrote -------------------------------------------------

    async def stale(self) -> Sequence[Stale]:
        """See `SupportsReindex.stale`."""
        return await asyncio.to_thread(self._plain.stale)

    async def stale_rows(self, what: Stale, limit: int) -> Sequence[tuple[TenantName, Row]]:
        """See `SupportsReindex.stale_rows`."""
        return await asyncio.to_thread(self._plain.stale_rows, what, limit)

    async def reindex(self, what: Stale, done: Sequence[Reindexed]) -> None:
        """See `SupportsReindex.reindex`."""
        self._alone()
        await asyncio.to_thread(self._plain.reindex, what, done)

    # --- committing -----------------------------------------------------------------------------

    async def commit(self, batch: Batch) -> Committed:
        """See `Store.commit`."""
        done = await self._commit(batch)
        self._plain.waker.committed((batch,))
        return done

    async def _commit(self, batch: Batch) -> Committed:
        for _ in range(self._plain.tries):
            try:
                done = await self._call(self._operations.commit, (batch,))
            except Collision:
                before = await asyncio.to_thread(self._plain.why, batch)
                if before is not None:
                    return before
            else:
                if done is not None:
                    return done[0]
                return await asyncio.to_thread(self._plain.together, batch)
        raise Retryable(
            f"{self._database.shown}: others came between {self._plain.tries} times; repeat with "
            "the same request id"
        )

    async def commit_group(self, batches: Sequence[Batch]) -> tuple[Committed | Exception, ...]:
        """See `Store.commit_group`."""
        done: tuple[Committed | Exception, ...] | None = None
        try:
            done = await self._call(self._operations.commit_group, batches)
        except Collision:
            done = None
        if done is None:
            done = await asyncio.to_thread(self._plain.one_by_one, batches)
        self._plain.waker.committed(batches)
        return done

    # --- the queue ------------------------------------------------------------------------------

    async def claim(
        self,
        now: int | None,
        lease: int,
        limit: int,
        tenant: TenantName | None = None,
        skip_channels: Sequence[str] = (),
    ) -> Claimed:
        """See `Store.claim`."""
        await self._tidy()
        claim = self._operations.claim
        return await self._again(claim, now, lease, limit, tenant, skip_channels)

    async def turn(
        self,
        settles: Sequence[tuple[TenantName, Settle]],
        now: int | None,
        lease: int,
        limit: int,
        tenant: TenantName | None = None,
        skip_channels: Sequence[str] = (),
    ) -> Turned:
        """See `SupportsTurn.turn`."""
        await self._tidy()
        turn = self._operations.turn
        return await self._again(turn, settles, now, lease, limit, tenant, skip_channels)

    async def _tidy(self) -> None:
        if self._operations.untidy():
            with suppress(StoreError):
                await self._call(self._operations.tidy)

    async def settle(self, tenant: TenantName, settles: Sequence[Settle]) -> tuple[bool, ...]:
        """See `Store.settle`."""
        return await self._again(self._operations.settle, tenant, settles)

    async def extend(
        self, tenant: TenantName, tasks: Sequence[tuple[TaskId, str]], until: int
    ) -> tuple[bool, ...]:
        """See `Store.extend`."""
        return await self._again(self._operations.extend, tenant, tasks, until)

    async def wait(self, timeout: float) -> bool:
        """See `SupportsWake.wait`; it waits in a thread."""
        return await asyncio.to_thread(self._plain.wait, timeout)

    # --- the rest -------------------------------------------------------------------------------

    async def numbers(self, tenant: TenantName, series: str, n: int) -> range:
        """See `Store.numbers`."""
        return await self._again(self._operations.numbers, tenant, series, n)

    async def redact(self, tenant: TenantName, stream: str, seqs: Sequence[int]) -> int:
        """See `Store.redact`."""
        self._alone()
        return await asyncio.to_thread(self._plain.redact, tenant, stream, seqs)

    async def purge(self, tenant: TenantName, before: int, streams: Sequence[str] = ()) -> Purged:
        """See `Store.purge`."""
        self._alone()
        return await asyncio.to_thread(self._plain.purge, tenant, before, streams)

    async def joined(self, connection: object) -> AsyncJoined:
        """See `SupportsJoin.joined`; the connection is a `psycopg.AsyncConnection`."""
        from incidentkit.stores.postgres.async_joined import join

        self._database.check_open()
        plain = self._plain
        return await join(plain, self._database, plain.waker, connection)

    async def diagnose(self) -> Sequence[Finding]:
        """See `SupportsDiagnosis.diagnose`."""
        return await asyncio.to_thread(self._plain.diagnose)

    async def close(self) -> None:
        """See `Store.close`."""
        await asyncio.to_thread(self._plain.close)
        await self._pool.close()


async def _driven(connection: psycopg.AsyncConnection[Any], steps: Steps[T], snapshot: bool) -> T:
    """Run the statements of a call."""
    try:
        asked: tuple[str, Sequence[Any]] = next(steps)
        if snapshot:
            await connection.execute(SNAPSHOT)
        while True:
            cursor = psycopg.AsyncRawCursor(connection)
            cursor.format = psycopg.pq.Format.BINARY
            await cursor.execute(*sending.ready(*asked))
            asked = steps.send(await cursor.fetchall() if sending.answers(cursor) else [])
    except StopIteration as stop:
        result: T = stop.value
        return result
    finally:
        if snapshot and connection.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
            await connection.execute("ROLLBACK")
