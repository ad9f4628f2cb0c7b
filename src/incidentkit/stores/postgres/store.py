"""The PostgreSQL store: one statement for what usually happens, the shared contract for the rest.

Many processes write. A batch that fits is one statement in autocommit; when the database refuses
it, the reason is read afterwards in the contract's order. What does not fit takes a transaction of
several statements on the shared code, with rows locked in the same order.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any, ClassVar, TypeVar

import attrs
from typing_extensions import override

from incidentkit.errors import Retryable, StoreError
from incidentkit.ids import TaskId, TenantName
from incidentkit.ports.audit import Attended, QueueState
from incidentkit.ports.capabilities import Turned
from incidentkit.ports.join import Joined
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
from incidentkit.ports.search import Lag, Reindexed, Stale, TextPage, TextQuery
from incidentkit.ports.store import Finding
from incidentkit.stores import applying
from incidentkit.stores.edge import at_least, check_columns, known
from incidentkit.stores.filters import check_int
from incidentkit.stores.judging import judge
from incidentkit.stores.postgres import diagnosis, forgetting, kinds, partitions, texts
from incidentkit.stores.postgres import settings as options
from incidentkit.stores.postgres.database import Database
from incidentkit.stores.postgres.faults import SchemaChanged
from incidentkit.stores.postgres.operations import Operations, Steps, queue_statements
from incidentkit.stores.postgres.rows import PgRows
from incidentkit.stores.postgres.waking import Waker
from incidentkit.stores.row_store import RowStore, microseconds
from incidentkit.stores.rows import Collision, Rows

T = TypeVar("T")


class PostgresStore(RowStore):
    """The whole contract of `Store` in a PostgreSQL database.

    Args:
        conninfo: A `postgresql://` URL as libpq reads it.
        direct: The same past a pooler, for migrations and for waking; `conninfo` by default.
        pooler: `transaction` where connections are lent for one transaction each.
        partition: `month` for a journal in monthly partitions; chosen when the database is new.
        pool: Connections at most.
        now: Microseconds since 1970, for tests; the database's clock by default.

    Nothing is opened before the first call.
    """

    lays_out: ClassVar[bool] = False

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
        super().__init__(now=now or microseconds)
        settings = options.settings(conninfo, direct, pooler, partition, pool)
        self._operations = Operations(self._kinds, now)
        self.database: Database = Database(settings, self._operations)
        self.waker: Waker = Waker(self.database)

    @classmethod
    def from_url(cls, url: str, *, now: Callable[[], int] | None = None) -> PostgresStore:
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

    @override
    def declare(self, kinds: Sequence[KindSpec]) -> None:
        """See `Store.declare`."""
        super().declare(kinds)
        self.database.follow()

    @override
    def check_open(self) -> None:
        """See `RowStore.check_open`."""
        self.database.check_open()

    def migrate(self) -> Migrated:
        """See `SupportsMigration.migrate`.

        For a deployment whose workers have a role that may not: call it with one that may.
        """
        return self.database.migrate()

    def keep_schema(self) -> None:
        """See `SupportsMigration.keep_schema`."""
        self.database.keep_schema()

    @override
    @contextmanager
    def transaction(self, write: bool) -> Generator[Rows]:
        """See `RowStore.transaction`."""
        with self.database.transaction(write) as connection:
            yield PgRows(connection.execute, locks=write)

    @override
    def run(self, write: bool, body: Callable[[Rows], T]) -> T:
        """See `RowStore.run`."""
        try:
            return self._run(write, body)
        except SchemaChanged:
            self.database.look_again()
            return self._run(write, body)

    # --- reading --------------------------------------------------------------------------------

    @override
    def now(self) -> int:
        """See `Store.now`."""
        return self.database.call(self._operations.now, reads=True)

    @override
    def load(self, tenant: TenantName, refs: Sequence[Ref]) -> tuple[Row | None, ...]:
        """See `Store.load`."""
        call, operations = self.database.call, self._operations
        if len(refs) == 1:
            return call(operations.load_one, tenant, refs[0], reads=True)
        several = len({ref.kind for ref in refs}) > 1
        return call(operations.load, tenant, refs, reads=True, snapshot=several)

    @override
    def journal(
        self, tenant: TenantName, stream: str, after: int = 0, limit: int = 1000
    ) -> tuple[Entry, ...]:
        """See `Store.journal`."""
        journal = self._operations.journal
        return self.database.call(journal, tenant, stream, after, limit, reads=True)

    @override
    def find(self, tenant: TenantName, query: Query) -> Page:
        """See `Store.find`."""
        return self.database.call(self._operations.find, tenant, query, reads=True)

    @override
    def count(self, tenant: TenantName, query: Query) -> int:
        """See `Store.count`."""
        return self.database.call(self._operations.count, tenant, query, reads=True)

    @override
    def tally(self, tenant: TenantName, query: Query, column: str) -> Mapping[Scalar, int]:
        """See `SupportsTally.tally`."""
        return self.database.call(self._operations.tally, tenant, query, column, reads=True)

    @override
    def owners(
        self, tenant: TenantName, space: str, values: Sequence[str]
    ) -> tuple[str | None, ...]:
        """See `Store.owners`."""
        return self.database.call(self._operations.owners, tenant, space, values, reads=True)

    @override
    def tasks(self, tenant: TenantName, query: TaskQuery) -> tuple[QueuedTask, ...]:
        """See `Store.tasks`."""
        return self.database.call(self._operations.tasks, tenant, query, reads=True)

    def search(self, tenant: TenantName, query: TextQuery) -> TextPage | None:
        """See `SupportsSearch.search`."""
        return self.database.call(self._operations.search, tenant, query, reads=True)

    def tenants(self) -> Sequence[TenantName]:
        """See `SupportsTenants.tenants`."""
        return self.database.call(self._operations.tenants, reads=True)

    def unattended(self, tenant: TenantName, wanted: Attended) -> Sequence[str]:
        """See `SupportsAudit.unattended`."""
        return self.database.call(self._operations.unattended, tenant, wanted, reads=True)

    def queued(self, tenant: TenantName, now: int) -> QueueState:
        """See `SupportsAudit.queued`."""
        return self.database.call(self._operations.queued, tenant, now, reads=True)

    # --- indexing what an earlier release wrote -------------------------------------------------

    @override
    def stale(self) -> Sequence[Stale]:
        """See `SupportsReindex.stale`."""
        self.database.ready()
        if not self._operations.stale:
            return ()
        with self.database.connection() as connection:
            self._operations.stale = found = kinds.stale(connection.execute)
        mine = (each for each in found if each.kind in self._kinds)
        return tuple(sorted(mine, key=lambda each: (each.lag, each.kind)))

    @override
    def stale_rows(self, what: Stale, limit: int) -> Sequence[tuple[TenantName, Row]]:
        """See `SupportsReindex.stale_rows`."""
        at_least("limit", limit, 1)
        known(self._kinds, what.kind)
        self.database.ready()
        with self.database.connection() as connection:
            kind = self._operations.sql[what.kind]
            return kinds.waiting(connection.execute, kind, what, limit)

    @override
    def reindex(self, what: Stale, done: Sequence[Reindexed]) -> None:
        """See `SupportsReindex.reindex`."""
        kind = known(self._kinds, what.kind)
        for each in done:
            if what.lag is Lag.COLUMNS:
                check_columns(kind, Row(what.kind, each.id, 1, 1, "", each.columns, ""))

        def body(rows: Rows) -> None:
            assert isinstance(rows, PgRows)
            kinds.fill(rows.execute, self._operations.sql[what.kind], what, done)

        self.run(True, body)
        if not done:
            self._operations.stale -= {what}

    # --- committing -----------------------------------------------------------------------------

    @override
    def commit(self, batch: Batch) -> Committed:
        """See `Store.commit`."""
        done = self._commit(batch)
        self.waker.committed((batch,))
        return done

    def _commit(self, batch: Batch) -> Committed:
        for _ in range(self.tries):
            try:
                done = self.database.call(self._operations.commit, (batch,))
            except Collision:
                before = self.why(batch)
                if before is not None:
                    return before
            else:
                return super().commit(batch) if done is None else done[0]
        raise Retryable(
            f"{self.database.shown}: others came between {self.tries} times; repeat with the "
            "same request id"
        )

    def why(self, batch: Batch) -> Committed | None:
        """Why a batch was refused, read in the contract's order; the first result of a replay.

        None where nothing speaks against it any more.
        """

        def body(rows: Rows) -> Committed | None:
            return judge(rows, self._kinds, batch, self._moment(rows, batch))

        return self.run(False, body)

    def _moment(self, rows: Rows, batch: Batch) -> int:
        if batch.now is not None:
            return batch.now
        if self._operations.clock is not None:
            return self._operations.clock()
        assert isinstance(rows, PgRows)
        return int(rows.execute("SELECT ik_now()").fetchone()[0])

    def together(self, batch: Batch) -> Committed:
        """Commit a batch that takes several statements."""
        return super().commit(batch)

    @override
    def commit_group(self, batches: Sequence[Batch]) -> tuple[Committed | Exception, ...]:
        """See `Store.commit_group`."""
        done: tuple[Committed | Exception, ...] | None = None
        try:
            done = self.database.call(self._operations.commit_group, batches)
        except Collision:
            done = None
        if done is None:
            done = self.one_by_one(batches)
        self.waker.committed(batches)
        return done

    def one_by_one(self, batches: Sequence[Batch]) -> tuple[Committed | Exception, ...]:
        """Judge and write the batches of a group one after the other, in one transaction."""
        return super().commit_group(batches)

    @override
    def _judged(self, rows: Rows, batch: Batch) -> Committed:
        assert isinstance(rows, PgRows)
        ids = [
            *(each.task for each in batch.settles), *batch.cancels,
            *(each.id for each in batch.moves), *(each.id for each in batch.tasks),
        ]  # fmt: skip
        if ids:
            subjects = [task.subject for task in batch.tasks]
            values = (batch.tenant, subjects, ids)
            rows.execute("SELECT ik_lock(%b::text, %b::text[], %b::text[])", values)
        at = self._moment(rows, batch)
        replayed = judge(rows, self._kinds, batch, at)
        if replayed is not None:
            return replayed
        still = attrs.evolve(batch, settles=(), cancels=(), moves=(), tasks=())
        done = applying.apply(rows, self._kinds, still, at)
        for statement in queue_statements(batch):
            rows.execute(*statement)
        for text in batch.texts:
            rows.execute(*texts.written(batch.tenant, (text,)))
        return done

    # --- the queue ------------------------------------------------------------------------------

    @override
    def claim(
        self,
        now: int | None,
        lease: int,
        limit: int,
        tenant: TenantName | None = None,
        skip_channels: Sequence[str] = (),
    ) -> Claimed:
        """See `Store.claim`."""
        self._tidy()
        claim = self._operations.claim
        return self._again(claim, now, lease, limit, tenant, skip_channels)

    def turn(
        self,
        settles: Sequence[tuple[TenantName, Settle]],
        now: int | None,
        lease: int,
        limit: int,
        tenant: TenantName | None = None,
        skip_channels: Sequence[str] = (),
    ) -> Turned:
        """See `SupportsTurn.turn`."""
        self._tidy()
        turn = self._operations.turn
        return self._again(turn, settles, now, lease, limit, tenant, skip_channels)

    @override
    def settle(self, tenant: TenantName, settles: Sequence[Settle]) -> tuple[bool, ...]:
        """See `Store.settle`."""
        return self._again(self._operations.settle, tenant, settles)

    @override
    def extend(
        self, tenant: TenantName, tasks: Sequence[tuple[TaskId, str]], until: int
    ) -> tuple[bool, ...]:
        """See `Store.extend`."""
        return self._again(self._operations.extend, tenant, tasks, until)

    def _tidy(self) -> None:
        """Keep the queue quick; what goes wrong with that is no matter of the claim's."""
        if self._operations.untidy():
            with suppress(StoreError):
                self.database.call(self._operations.tidy)

    def _again(self, make: Callable[..., Steps[T]], *args: Any) -> T:
        """A call that is made again while other transactions come between."""
        for _ in range(self.tries):
            try:
                return self.database.call(make, *args)
            except Collision:
                continue
        raise Retryable(f"{self.database.shown}: others came between {self.tries} times")

    def wait(self, timeout: float) -> bool:
        """See `SupportsWake.wait`."""
        self.check_open()
        return self.waker.wait(timeout)

    # --- the rest -------------------------------------------------------------------------------

    @override
    def numbers(self, tenant: TenantName, series: str, n: int) -> range:
        """See `Store.numbers`."""
        return self._again(self._operations.numbers, tenant, series, n)

    @override
    def redact(self, tenant: TenantName, stream: str, seqs: Sequence[int]) -> int:
        """See `Store.redact`; the notes leave the index of texts with their entries."""
        return self.run(True, lambda rows: forgetting.redact(rows, tenant, stream, seqs))

    @override
    def purge(self, tenant: TenantName, before: int, streams: Sequence[str] = ()) -> Purged:
        """See `Store.purge`."""
        check_int("before", before)
        requests = self._again(self._operations.forget_requests, tenant, before)
        entries = 0
        for stream in sorted({*streams}):
            entries += self.run(True, partial(forgetting.purge, tenant, before, stream))
        return Purged(requests, entries)

    def drop_months(self, before: int) -> int:
        """Drop the months of a partitioned journal that ended before that instant; how many.

        For what was sealed and exported: nothing looks whose entries they are. Streams go on
        where they stood, and texts are read again, so that no dropped note is found. Raises
        StoreError where the journal is not partitioned, or a hole would be left.
        """
        check_int("before", before)
        with self.database.transaction(True) as connection:
            partition = connection.execute("SELECT partition FROM ik_schema").fetchone()
            if partition != ("month",):
                raise StoreError(f"{self.database.shown}: its journal has no partitions")
            gone = partitions.drop(connection.execute, before)
            waiting = kinds.stale(connection.execute)
        self._operations.stale = waiting
        return gone

    def joined(self, connection: object) -> Joined:
        """See `SupportsJoin.joined`; the connection is a `psycopg.Connection`, same database."""
        from incidentkit.stores.postgres.joined import join

        self.check_open()
        return join(self, self.database, self.waker, connection)

    def diagnose(self) -> Sequence[Finding]:
        """See `SupportsDiagnosis.diagnose`."""
        self.database.ready()
        with self.database.connection() as connection:
            return diagnosis.diagnose(connection.execute, self.database.settings)

    @override
    def close(self) -> None:
        """See `Store.close`."""
        super().close()
        self.waker.close()
        self.database.close()
