"""A store in memory: for tests, for trying things out, and for hosts that keep nothing.

It keeps the very rows it is handed (they are frozen), so reading costs a look-up. One lock makes
every call whole; everything is judged before anything is changed, so a refusal leaves nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from heapq import nlargest, nsmallest
from operator import attrgetter
from threading import Lock
from typing import TYPE_CHECKING, Any

from incidentkit.errors import (
    Conflict,
    InvalidValue,
    KeyTaken,
    RequestReused,
    StaleToken,
    StoreClosed,
    StoreError,
)
from incidentkit.ids import TaskId, TenantName
from incidentkit.ports.query import Cursor, Page, Query
from incidentkit.ports.rows import (
    Batch,
    Claimed,
    Committed,
    Entry,
    KindSpec,
    Purged,
    QueuedTask,
    Ref,
    Request,
    Row,
    Scalar,
    SearchText,
    Settle,
    TaskQuery,
)
from incidentkit.stores import claiming, queueing
from incidentkit.stores.edge import (
    at_least,
    check_batch,
    check_claim,
    check_settles,
    check_task_query,
    known,
)
from incidentkit.stores.filters import check_filter, check_query, predicate
from incidentkit.stores.memory_records import Records
from incidentkit.stores.memory_rows import MemoryRows
from incidentkit.stores.row_store import microseconds
from incidentkit.stores.tables import TASK, Kind, kind_of

if TYPE_CHECKING:
    from incidentkit.ports.search import TextPage, TextQuery
    from incidentkit.stores.memory_search import Texts


class _Stream:
    """The entries of one stream, and where it stood before the first of them."""

    __slots__ = ("base", "entries")

    def __init__(self) -> None:
        self.base = 0
        self.entries: list[Entry] = []

    @property
    def last(self) -> int:
        return self.base + len(self.entries)


class _Tenant:
    """Everything of one tenant but its tasks."""

    def __init__(self) -> None:
        self.records: dict[str, Records] = {}
        self.streams: dict[str, _Stream] = {}
        self.owners: dict[tuple[str, str], str] = {}
        self.requests: dict[str, tuple[Request, int]] = {}
        self.counters: dict[str, int] = {}
        self.waiting: list[SearchText] = []
        self._texts: Texts | None = None

    def texts(self) -> Texts:
        """The texts with all that was committed; made for the first that asks."""
        if self._texts is None:
            from incidentkit.stores.memory_search import Texts

            self._texts = Texts()
        for text in self.waiting:
            self._texts.write(text)
        self.waiting.clear()
        return self._texts


class MemoryStore:
    """The whole contract of `Store` in one process's memory.

    Example:
        >>> from incidentkit.ids import MAIN_TENANT
        >>> from incidentkit.ports.rows import KindSpec, Ref
        >>> store = MemoryStore()
        >>> store.declare([KindSpec("incident", ())])
        >>> store.load(MAIN_TENANT, [Ref("incident", "1")])
        (None,)
        >>> store.close()
    """

    def __init__(self, *, now: Callable[[], int] = microseconds) -> None:
        self._now = now
        self._lock = Lock()
        self._closed = False
        self._kinds: dict[str, Kind] = {}
        self._tenants: dict[str, _Tenant] = {}
        self._rows = MemoryRows((TASK,))
        self._served = ""

    def _tenant(self, name: str) -> _Tenant:
        """The tenant's part; the lock is held."""
        if self._closed:
            raise StoreClosed("the memory store was closed; open a new one")
        found = self._tenants.get(name)
        if found is None:
            found = self._tenants[name] = _Tenant()
        return found

    def _records(self, tenant: _Tenant, name: str) -> Records:
        found = tenant.records.get(name)
        if found is None:
            found = tenant.records[name] = Records(known(self._kinds, name))
        return found

    def declare(self, kinds: Sequence[KindSpec]) -> None:
        """See `Store.declare`."""
        with self._lock:
            self._tenant("")
            for spec in kinds:
                there = self._kinds.get(spec.name)
                if there is None:
                    self._kinds[spec.name] = kind_of(spec)
                elif there.spec != spec:
                    raise StoreError(f"kind {spec.name!r} was declared before with other columns")

    def now(self) -> int:
        """See `Store.now`."""
        if self._closed:
            raise StoreClosed("the memory store was closed; open a new one")
        return self._now()

    # --- reading --------------------------------------------------------------------------------

    def load(self, tenant: TenantName, refs: Sequence[Ref]) -> tuple[Row | None, ...]:
        """See `Store.load`."""
        with self._lock:
            mine = self._tenant(tenant)
            return tuple([self._records(mine, ref.kind).read(ref.id) for ref in refs])

    def journal(
        self, tenant: TenantName, stream: str, after: int = 0, limit: int = 1000
    ) -> tuple[Entry, ...]:
        """See `Store.journal`."""
        at_least("limit", limit, 1)
        with self._lock:
            found = self._tenant(tenant).streams.get(stream)
            if found is None:
                return ()
            begin = max(after - found.base, 0)
            return tuple(found.entries[begin : begin + limit])

    def find(self, tenant: TenantName, query: Query) -> Page:
        """See `Store.find`."""
        with self._lock:
            kind = known(self._kinds, query.kind)
            check_query(query, kind.column)
            records = self._records(self._tenant(tenant), query.kind)
            by_id = query.order == "id"
            place = 0 if by_id else kind.position[query.order]

            def by_column(row: Row) -> tuple[Any, ...]:
                return row.columns[place], row.id

            rank: Callable[[Row], Any] = attrgetter("id") if by_id else by_column
            rows, after = records.matching(query.where), query.after
            if after is not None:
                bound: Any = after.id if by_id else (after.value, after.id)
                if query.descending:
                    rows = (row for row in rows if rank(row) < bound)
                else:
                    rows = (row for row in rows if rank(row) > bound)
            choose = nlargest if query.descending else nsmallest
            page = choose(query.limit + 1, rows, key=rank)
            cursor = None
            if len(page) > query.limit:
                last = page[query.limit - 1]
                cursor = Cursor(last.id if by_id else last.columns[place], last.id)
            shown = [records.with_tally(row) for row in page[: query.limit]]
            return Page(tuple(shown), cursor)

    def count(self, tenant: TenantName, query: Query) -> int:
        """See `Store.count`."""
        with self._lock:
            check_query(query, known(self._kinds, query.kind).column)
            records = self._records(self._tenant(tenant), query.kind)
            return sum(1 for _ in records.matching(query.where))

    def tally(self, tenant: TenantName, query: Query, column: str) -> dict[Scalar, int]:
        """See `SupportsTally.tally`."""
        with self._lock:
            kind = known(self._kinds, query.kind)
            check_query(query, kind.column)
            place = kind.position[kind.column(column).name]
            found: dict[Scalar, int] = {}
            for row in self._records(self._tenant(tenant), query.kind).matching(query.where):
                value = row.columns[place]
                found[value] = found.get(value, 0) + 1
            return found

    def search(self, tenant: TenantName, query: TextQuery) -> TextPage:
        """See `SupportsSearch.search`."""
        at_least("limit", query.limit, 1)
        with self._lock:
            mine = self._tenant(tenant)
            tests: dict[str, Callable[[Sequence[Scalar]], bool]] = {}
            for each in query.among:
                kind = known(self._kinds, each.kind)
                check_filter(each.where, kind.column)
                tests[each.kind] = predicate(each.where, kind.position)

            def allowed(address: tuple[str, str]) -> bool:
                holds = tests.get(address[0])
                if holds is None:
                    return False
                row = self._records(mine, address[0]).rows.get(address[1])
                return row is not None and holds(row.columns)

            return mine.texts().search(query, allowed)

    def owners(
        self, tenant: TenantName, space: str, values: Sequence[str]
    ) -> tuple[str | None, ...]:
        """See `Store.owners`."""
        with self._lock:
            owner = self._tenant(tenant).owners.get
            return tuple([owner((space, value)) for value in values])

    def tasks(self, tenant: TenantName, query: TaskQuery) -> tuple[QueuedTask, ...]:
        """See `Store.tasks`."""
        check_task_query(query)
        with self._lock:
            self._tenant(tenant)
            return queueing.tasks(self._rows, tenant, query)

    # --- committing -----------------------------------------------------------------------------

    def commit(self, batch: Batch) -> Committed:
        """See `Store.commit`."""
        check_batch(self._kinds, batch)
        with self._lock:
            return self._commit(batch)

    def commit_group(self, batches: Sequence[Batch]) -> tuple[Committed | Exception, ...]:
        """See `Store.commit_group`."""
        answers: list[Committed | Exception] = []
        with self._lock:
            self._tenant("")
            for batch in batches:
                try:
                    check_batch(self._kinds, batch)
                    answers.append(self._commit(batch))
                except (StoreError, RequestReused, InvalidValue) as refusal:
                    answers.append(refusal)
        return tuple(answers)

    def _commit(self, batch: Batch) -> Committed:
        mine = self._tenant(batch.tenant)
        at = self._now() if batch.now is None else batch.now
        request = batch.request
        if request is not None:
            before = mine.requests.get(request.id)
            if before is not None:
                if before[0].fingerprint != request.fingerprint:
                    raise RequestReused(request.id)
                # The present time, not the first commit's: callers set their clocks by it.
                return Committed(at, before[0].result, True)
        if batch.settles:
            void = queueing.stale(self._rows, batch.tenant, batch.settles)
            if void:
                raise StaleToken(void)
        self._judge_versions(mine, batch)
        if batch.keys:
            owner = mine.owners.get
            taken = [
                (key.space, key.key, owner((key.space, key.key)))
                for key in batch.keys
                if owner((key.space, key.key)) != key.was
            ]
            if taken:
                raise KeyTaken(tuple(sorted(taken, key=lambda key: key[:2])))
        self._apply(mine, batch, at)
        if request is None:
            return Committed(at)
        mine.requests[request.id] = request, at
        return Committed(at, request.result)

    def _judge_versions(self, mine: _Tenant, batch: Batch) -> None:
        changed: dict[tuple[str, str], int] = {}
        for put in batch.puts:
            row = put.row
            version = self._records(mine, row.kind).version(row.id)
            if version != put.expected:
                changed[row.kind, row.id] = version
        for expect in batch.expects:
            version = self._records(mine, expect.kind).version(expect.id)
            if version != expect.version:
                changed[expect.kind, expect.id] = version
        kind, tallies = "", None
        for touch in batch.touches:
            if touch.kind != kind or tallies is None:
                kind = touch.kind
                tallies = self._records(mine, kind).tallies
            tally = tallies.get(touch.id)
            if tally is None or tally[0] != touch.signature:
                changed[kind, touch.id] = self._records(mine, kind).version(touch.id)
        stream, judged = None, set[str]()
        for entry in batch.entries:
            if entry.stream != stream:
                stream = entry.stream
                if stream in judged:
                    continue  # taken up again: it goes on from its own rows of this batch
                judged.add(stream)
                there = mine.streams.get(stream)
                last = 0 if there is None else there.last
                if entry.seq != last + 1:
                    kind, _, name = stream.partition("/")
                    if kind in self._kinds:
                        last = self._records(mine, kind).version(name)
                    changed[kind, name] = last
        if changed:
            raise Conflict(tuple(sorted((*ref, version) for ref, version in changed.items())))

    def _apply(self, mine: _Tenant, batch: Batch, at: int) -> None:
        """Change what was judged; nothing in here can fail."""
        kind, tallies = "", None
        for touch in batch.touches:
            if touch.kind != kind or tallies is None:
                kind = touch.kind
                tallies = self._records(mine, kind).tallies
            tally = tallies[touch.id]
            tally[1] += touch.seen
            if touch.last_seen > tally[2]:
                tally[2] = touch.last_seen
        for put in batch.puts:
            self._records(mine, put.row.kind).write(put.row)
        for entry in batch.entries:
            there = mine.streams.get(entry.stream)
            if there is None:
                there = mine.streams[entry.stream] = _Stream()
            there.entries.append(entry)
        for key in batch.keys:
            if key.becomes is None:
                mine.owners.pop((key.space, key.key), None)
            else:
                mine.owners[key.space, key.key] = key.becomes
        if batch.texts:
            mine.waiting += batch.texts
        queueing.apply(self._rows, batch)

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
        with self._lock:
            self._tenant("")
            at = self._now() if now is None else now
            where = claiming.outside(skip_channels)
            wanted = claiming.Wanted(at, lease, limit, tenant, where, self._served)
            answer, self._served = claiming.claim(self._rows, wanted)
            return answer

    def settle(self, tenant: TenantName, settles: Sequence[Settle]) -> tuple[bool, ...]:
        """See `Store.settle`."""
        check_settles(settles)
        with self._lock:
            self._tenant(tenant)
            return tuple([queueing.settle(self._rows, tenant, each) for each in settles])

    def extend(
        self, tenant: TenantName, tasks: Sequence[tuple[TaskId, str]], until: int
    ) -> tuple[bool, ...]:
        """See `Store.extend`."""
        with self._lock:
            self._tenant(tenant)
            return tuple(
                [queueing.extend(self._rows, tenant, task, token, until) for task, token in tasks]
            )

    # --- the rest -------------------------------------------------------------------------------

    def numbers(self, tenant: TenantName, series: str, n: int) -> range:
        """See `Store.numbers`."""
        at_least("n", n, 1)
        with self._lock:
            counters = self._tenant(tenant).counters
            first = counters.get(series, 1)
            counters[series] = first + n
            return range(first, first + n)

    def redact(self, tenant: TenantName, stream: str, seqs: Sequence[int]) -> int:
        """See `Store.redact`."""
        with self._lock:
            there = self._tenant(tenant).streams.get(stream)
            dropped = 0
            for seq in sorted(set(seqs)) if there is not None else ():
                place = seq - there.base - 1 if there is not None else -1
                if there is None or not 0 <= place < len(there.entries):
                    continue
                old = there.entries[place]
                if old.body is not None:
                    dropped += 1
                    there.entries[place] = Entry(
                        old.stream, old.seq, old.at, old.kind, None, None, old.digest, old.hash
                    )
            if dropped:
                self._tenant(tenant).texts().forget(stream, set(seqs))
            return dropped

    def purge(self, tenant: TenantName, before: int, streams: Sequence[str] = ()) -> Purged:
        """See `Store.purge`."""
        with self._lock:
            mine = self._tenant(tenant)
            old = [name for name, (_, at) in mine.requests.items() if at < before]
            for name in old:
                del mine.requests[name]
            entries = 0
            for stream in set(streams):
                there = mine.streams.get(stream)
                if there is None:
                    continue
                gone = 0
                while gone < len(there.entries) and there.entries[gone].at < before:
                    gone += 1
                del there.entries[:gone]
                there.base += gone
                entries += gone
                if gone:
                    mine.texts().forget(stream, range(1, there.base + 1))
            return Purged(len(old), entries)

    def close(self) -> None:
        """See `Store.close`."""
        with self._lock:
            self._closed = True
            self._tenants.clear()
            self._rows = MemoryRows((TASK,))
