"""The whole store contract over six operations on rows inside a transaction.

A host that keeps its rows in a database of its own implements `Rows` for it and one method here,
`transaction`. Judging, replays, leases, subject order and the rest are inherited, so that every
such store behaves alike.
"""

from __future__ import annotations

import random
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar, NoReturn, TypeVar

from incidentkit.errors import (
    CallerError,
    IncidentKitError,
    IndexStale,
    Retryable,
    StoreClosed,
    StoreError,
)
from incidentkit.ids import TaskId, TenantName
from incidentkit.ports.query import Cursor, Filter, Page, Query
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
from incidentkit.stores import applying, claiming, queueing
from incidentkit.stores.edge import (
    at_least,
    check_batch,
    check_claim,
    check_columns,
    check_settles,
    check_task_query,
    known,
)
from incidentkit.stores.filters import check_int, check_query, equalities, renamed
from incidentkit.stores.judging import judge
from incidentkit.stores.rows import Collision, Rows, Stored, select
from incidentkit.stores.tables import COLUMN_PREFIX, JOURNAL, KEY, Kind, kind_of

if TYPE_CHECKING:
    from incidentkit.ports.search import Reindexed, Stale

T = TypeVar("T")


def microseconds() -> int:
    """The system's time, as stores count it."""
    return time.time_ns() // 1000


class RowStore(ABC):
    """A store over rows. Subclasses say how a transaction is opened; `close` lets it go.

    `tries` is how often a body is run when others come between; after that, `Retryable`.
    """

    tries: ClassVar[int] = 3
    lays_out: ClassVar[bool] = True
    """Whether changed columns are noticed and filled here; a subclass may do it in its own way."""
    errors: ClassVar[Mapping[type[Exception], Callable[[str], Exception]]] = MappingProxyType({})
    """What the driver raises, and what it is in the contract's words: `Retryable`, `StoreFull`,
    `StoreError` or `Collision`. The nearest class of an error counts; see `translate`."""

    def __init__(self, *, now: Callable[[], int] = microseconds) -> None:
        self._now = now
        self._closed = False
        self._kinds: dict[str, Kind] = {}
        self._served = ""
        self._looked = self._noted = False
        self._behind: set[str] = set()

    @abstractmethod
    def transaction(self, write: bool) -> AbstractContextManager[Rows]:
        """Open a transaction: committed durably on a normal exit, rolled back on an exception.

        What the driver raises comes out as it is, and is told in the contract's words by
        `errors` or `translate`. A reading transaction sees one snapshot.
        """

    def translate(self, error: Exception) -> Exception:
        """The contract's error for one of the driver's; the error itself where it is none.

        `Collision` for a passing reason (could not serialise, a deadlock was broken), which runs
        the body again; `Retryable` where the database cannot be reached or nobody knows what
        became of a statement; `StoreFull` where there is no room; `StoreError` for the rest. As
        it stands, `errors` decides by the class of the error. Override it to look at the driver's
        code; never look at the text, which changes with the release and the language.
        """
        for kind in type(error).__mro__:
            told = self.errors.get(kind)
            if told is not None:
                name = type(self).__name__
                return told(f"{name}: {type(error).__name__}: {error}"[:1_000])
        return error

    def _raise(self, error: Exception) -> NoReturn:
        if isinstance(error, IncidentKitError | Collision):
            raise error
        told = self.translate(error)
        if told is error:
            raise error
        raise told from error

    @contextmanager
    def translating(self) -> Generator[None]:
        """A block of statements of your own, outside transactions, with errors told likewise."""
        try:
            yield
        except Exception as error:
            self._raise(error)

    @property
    def kinds(self) -> Mapping[str, Kind]:
        """The declared kinds, with their tables."""
        return self._kinds

    def run(self, write: bool, body: Callable[[Rows], T]) -> T:
        """Run the body in a transaction of its own, again while others come between."""
        if self.lays_out and not (self._noted or (self._looked and not write)):
            # Imported here, because a store in memory has no use for it.
            from incidentkit.stores import layouts

            kinds = tuple(self._kinds.values())
            self._behind = self._run(write, lambda rows: layouts.settle(rows, kinds, write=write))
            self._looked, self._noted = True, write
        return self._run(write, body)

    def _run(self, write: bool, body: Callable[[Rows], T]) -> T:
        for attempt in range(1, self.tries + 1):
            self.check_open()
            try:
                try:
                    with self.transaction(write) as rows:
                        return body(rows)
                except Exception as error:
                    self._raise(error)
            except Collision:
                if attempt < self.tries:
                    time.sleep(random.uniform(0, 0.001) * attempt)
        raise Retryable(
            f"other transactions came between {self.tries} times; repeat with the same request id"
        )

    def check_open(self) -> None:
        """Raise StoreClosed after `close`."""
        if self._closed:
            raise StoreClosed(f"this {type(self).__name__} was closed; open a new one")

    def declare(self, kinds: Sequence[KindSpec]) -> None:
        """See `Store.declare`."""
        self.check_open()
        for spec in kinds:
            there = self._kinds.get(spec.name)
            if there is None:
                self._kinds[spec.name] = kind_of(spec)
                self._looked = self._noted = False
            elif there.spec != spec:
                raise StoreError(f"kind {spec.name!r} was declared before with other columns")

    def now(self) -> int:
        """See `Store.now`."""
        self.check_open()
        try:
            return self._now()
        except Exception as error:
            self._raise(error)

    # --- reading --------------------------------------------------------------------------------

    def load(self, tenant: TenantName, refs: Sequence[Ref]) -> tuple[Row | None, ...]:
        """See `Store.load`."""
        wanted = [(known(self._kinds, ref.kind), ref.id) for ref in refs]

        def body(rows: Rows) -> tuple[Row | None, ...]:
            return tuple([self._read(rows, kind, tenant, name) for kind, name in wanted])

        return self.run(False, body)

    @staticmethod
    def _read(rows: Rows, kind: Kind, tenant: str, name: str) -> Row | None:
        record = rows.get(kind.record, (tenant, name))
        return None if record is None else RowStore._row(rows, kind, record)

    @staticmethod
    def _row(rows: Rows, kind: Kind, record: Stored) -> Row:
        key = (record["tenant"], record["id"])
        tally = None if kind.tally is None else rows.get(kind.tally, key)
        return applying.row_of(kind, record, tally)

    def journal(
        self, tenant: TenantName, stream: str, after: int = 0, limit: int = 1000
    ) -> tuple[Entry, ...]:
        """See `Store.journal`."""
        at_least("limit", limit, 1)
        check_int("after", after)
        equal = {"tenant": tenant, "stream": stream}

        def body(rows: Rows) -> tuple[Entry, ...]:
            found = rows.scan(JOURNAL, equal, ("seq",), limit, (after,))
            return tuple([applying.entry_of(row) for row in found])

        return self.run(False, body)

    def find(self, tenant: TenantName, query: Query) -> Page:
        """See `Store.find`."""
        kind = known(self._kinds, query.kind)
        check_query(query, kind.column)
        by_id = query.order == "id"
        order = ("id",) if by_id else (COLUMN_PREFIX + query.order, "id")
        after: tuple[object, ...] = ()
        if query.after is not None:
            after = (query.after.id,) if by_id else (query.after.value, query.after.id)
        equal, where = self._narrowed(tenant, query)

        def body(rows: Rows) -> Page:
            self._check_filled(rows, kind)
            found: list[Row] = []
            for record in select(
                rows, kind.record, equal, order, after, query.descending, where, query.limit + 1
            ):
                if len(found) == query.limit:
                    last = found[-1]
                    value = last.id if by_id else last.columns[kind.position[query.order]]
                    return Page(tuple(found), Cursor(value, last.id))
                found.append(self._row(rows, kind, record))
            return Page(tuple(found), None)

        return self.run(False, body)

    @staticmethod
    def _narrowed(tenant: str, query: Query) -> tuple[Stored, Filter]:
        """Equalities that an index may serve, and the filter over stored columns."""
        equal: dict[str, object] = {"tenant": tenant}
        for column, values in equalities(query.where):
            if len(values) == 1 and column != query.order:
                equal.setdefault(COLUMN_PREFIX + column, values[0])
        return equal, renamed(query.where, lambda name: COLUMN_PREFIX + name)

    def count(self, tenant: TenantName, query: Query) -> int:
        """See `Store.count`."""
        kind = known(self._kinds, query.kind)
        check_query(query, kind.column)
        equal, where = self._narrowed(tenant, query)

        def body(rows: Rows) -> int:
            self._check_filled(rows, kind)
            if rows.filters:
                return rows.count(kind.record, equal, where)
            found = select(rows, kind.record, equal, ("id",), where=where)
            return sum(1 for _ in found)

        return self.run(False, body)

    def tally(self, tenant: TenantName, query: Query, column: str) -> Mapping[Scalar, int]:
        """See `SupportsTally.tally`."""
        kind = known(self._kinds, query.kind)
        check_query(query, kind.column)
        name, python = COLUMN_PREFIX + kind.column(column).name, kind.types[kind.position[column]]
        equal, where = self._narrowed(tenant, query)

        def body(rows: Rows) -> Mapping[Scalar, int]:
            self._check_filled(rows, kind)
            found: dict[Scalar, int] = {}
            for record in select(rows, kind.record, equal, ("id",), where=where):
                value: Scalar = python(record[name])
                found[value] = found.get(value, 0) + 1
            return found

        return self.run(False, body)

    def owners(
        self, tenant: TenantName, space: str, values: Sequence[str]
    ) -> tuple[str | None, ...]:
        """See `Store.owners`."""

        def body(rows: Rows) -> tuple[str | None, ...]:
            found = [rows.get(KEY, (tenant, space, value)) for value in values]
            return tuple([None if row is None else row["owner"] for row in found])

        return self.run(False, body)

    def tasks(self, tenant: TenantName, query: TaskQuery) -> tuple[QueuedTask, ...]:
        """See `Store.tasks`."""
        check_task_query(query)
        return self.run(False, lambda rows: queueing.tasks(rows, tenant, query))

    # --- columns of an earlier release ----------------------------------------------------------

    def _check_filled(self, rows: Rows, kind: Kind) -> None:
        """Raise IndexStale while rows of the kind were written with other columns."""
        name = kind.spec.name
        if name in self._behind:
            from incidentkit.stores import layouts

            if layouts.filling(rows, kind):
                raise IndexStale(name, "columns")
            self._behind.discard(name)

    def stale(self) -> Sequence[Stale]:
        """See `SupportsReindex.stale`."""
        from incidentkit.ports.search import Lag, Stale
        from incidentkit.stores import layouts

        def body(rows: Rows) -> tuple[Stale, ...]:
            names = sorted(self._behind)
            waiting = [name for name in names if layouts.filling(rows, self._kinds[name])]
            return tuple([Stale(name, Lag.COLUMNS) for name in waiting])

        return self.run(True, body)

    def stale_rows(self, what: Stale, limit: int) -> Sequence[tuple[TenantName, Row]]:
        """See `SupportsReindex.stale_rows`."""
        from incidentkit.stores import layouts

        at_least("limit", limit, 1)
        kind = known(self._kinds, what.kind)
        return self.run(False, lambda rows: layouts.waiting(rows, kind, limit))

    def reindex(self, what: Stale, done: Sequence[Reindexed]) -> None:
        """See `SupportsReindex.reindex`."""
        from incidentkit.stores import layouts

        kind = known(self._kinds, what.kind)
        for each in done:
            check_columns(kind, Row(what.kind, each.id, 1, 1, "", each.columns, ""))
        self.run(True, lambda rows: layouts.fill(rows, kind, done))
        if not done:
            self._behind.discard(what.kind)

    # --- committing -----------------------------------------------------------------------------

    def commit(self, batch: Batch) -> Committed:
        """See `Store.commit`."""
        check_batch(self._kinds, batch)
        return self.run(True, lambda rows: self._judged(rows, batch))

    def commit_group(self, batches: Sequence[Batch]) -> tuple[Committed | Exception, ...]:
        """See `Store.commit_group`."""

        def body(rows: Rows) -> tuple[Committed | Exception, ...]:
            answers: list[Committed | Exception] = []
            for batch in batches:
                # A refused batch has written nothing: it is judged before its first write.
                try:
                    check_batch(self._kinds, batch)
                    answers.append(self._judged(rows, batch))
                except (CallerError, StoreError) as refusal:
                    answers.append(refusal)
            return tuple(answers)

        return self.run(True, body)

    def _judged(self, rows: Rows, batch: Batch) -> Committed:
        at = self._now() if batch.now is None else batch.now
        return judge(rows, self._kinds, batch, at) or applying.apply(rows, self._kinds, batch, at)

    # --- the queue ------------------------------------------------------------------------------

    def claim(
        self,
        now: int | None,
        lease: int,
        limit: int,
        tenant: TenantName | None = None,
        skip_channels: Sequence[str] = (),
    ) -> Claimed:
        """See `Store.claim`."""
        check_claim(now, lease, limit)
        where = claiming.outside(skip_channels)

        def body(rows: Rows) -> tuple[Claimed, str]:
            at = self._now() if now is None else now
            wanted = claiming.Wanted(at, lease, limit, tenant, where, self._served)
            return claiming.claim(rows, wanted)

        answer, self._served = self.run(True, body)
        return answer

    def settle(self, tenant: TenantName, settles: Sequence[Settle]) -> tuple[bool, ...]:
        """See `Store.settle`."""
        check_settles(settles)

        def body(rows: Rows) -> tuple[bool, ...]:
            return tuple([queueing.settle(rows, tenant, each) for each in settles])

        return self.run(True, body)

    def extend(
        self, tenant: TenantName, tasks: Sequence[tuple[TaskId, str]], until: int
    ) -> tuple[bool, ...]:
        """See `Store.extend`."""
        check_int("until", until)

        def body(rows: Rows) -> tuple[bool, ...]:
            return tuple(
                [queueing.extend(rows, tenant, task, token, until) for task, token in tasks]
            )

        return self.run(True, body)

    # --- the rest -------------------------------------------------------------------------------

    def numbers(self, tenant: TenantName, series: str, n: int) -> range:
        """See `Store.numbers`."""
        at_least("n", n, 1)
        return self.run(True, lambda rows: applying.draw(rows, tenant, series, n))

    def redact(self, tenant: TenantName, stream: str, seqs: Sequence[int]) -> int:
        """See `Store.redact`."""
        wanted = sorted(set(seqs))
        return self.run(True, lambda rows: applying.redact(rows, tenant, stream, wanted))

    def purge(self, tenant: TenantName, before: int, streams: Sequence[str] = ()) -> Purged:
        """See `Store.purge`."""
        check_int("before", before)
        requests = self.run(True, lambda rows: applying.forget_requests(rows, tenant, before))
        entries = 0
        for stream in sorted(set(streams)):
            entries += self.run(True, self._purging(tenant, stream, before))
        return Purged(requests, entries)

    @staticmethod
    def _purging(tenant: TenantName, stream: str, before: int) -> Callable[[Rows], int]:
        return lambda rows: applying.forget_entries(rows, tenant, stream, before)

    def close(self) -> None:
        """See `Store.close`; a subclass lets go of its connections as well."""
        self._closed = True
