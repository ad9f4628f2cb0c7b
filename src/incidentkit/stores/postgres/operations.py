"""Each call of the contract as statements to run and what is made of their rows.

The same generators are driven by the plain store and by the asynchronous one, so there is one SQL
text and one way to read its answer. A generator yields `(text, values)` and is sent the rows; each
statement is a transaction of its own.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Mapping, Sequence
from typing import Any, TypeAlias, TypeVar

import attrs

from incidentkit.errors import CallerError, IndexStale
from incidentkit.ids import TaskId, TenantName
from incidentkit.ports.audit import Attended, QueueState
from incidentkit.ports.capabilities import Turned
from incidentkit.ports.query import Page, Query
from incidentkit.ports.rows import (
    Batch,
    Claimed,
    ClaimedTask,
    Committed,
    Entry,
    QueuedTask,
    Ref,
    Row,
    Scalar,
    Settle,
    Task,
    TaskQuery,
)
from incidentkit.ports.search import Lag, Stale, TextPage, TextQuery
from incidentkit.stores.edge import (
    at_least,
    check_batch,
    check_claim,
    check_settles,
    check_task_query,
    known,
)
from incidentkit.stores.filters import check_filter, check_int, check_query
from incidentkit.stores.postgres import reading, texts, watching
from incidentkit.stores.postgres.migrations import LATEST
from incidentkit.stores.postgres.parts import ADD, SETTLE
from incidentkit.stores.postgres.statements import KindSql
from incidentkit.stores.postgres.writing import Writing, added, settled
from incidentkit.stores.tables import Kind

T = TypeVar("T")
Steps: TypeAlias = Generator[tuple[str, Sequence[Any]], list[Any], T]
"""Statements to run, answered by their rows."""

_DRAW = (
    "WITH e AS MATERIALIZED (SELECT ik_enter(%b, NULL, NULL) AS at, "
    "set_config('synchronous_commit', 'off', true)) "
    "INSERT INTO ik_counter AS c (tenant, series, next) SELECT %b::text, %b::text, 1 + %b::bigint "
    "FROM e ON CONFLICT (tenant, series) DO UPDATE SET next = c.next + %b::bigint RETURNING c.next"
)
_SETTLE = (
    "WITH e AS MATERIALIZED (SELECT ik_enter(%b, NULL, NULL) AS at, "
    f"ik_lock(%b::text, '{{}}', %b::text[]) AS locked) SELECT {SETTLE} FROM e WHERE locked"
)
_EXTEND = (
    "WITH e AS MATERIALIZED (SELECT ik_enter(%b, NULL, NULL) AS at) "
    "UPDATE ik_task AS t SET next_at = %b::bigint FROM e, unnest(%b::text[], %b::text[]) "
    "AS u(id, token) WHERE t.tenant = %b::text AND t.id = u.id AND t.state = 'leased' "
    "AND t.token = u.token RETURNING t.id"
)
_TURN = (
    "SELECT * FROM ik_turn(%b::text[], %b::text[], %b::text[], %b::text[], %b::bigint[], "
    "%b::text[], %b, %b::bigint, %b, %b, %b::text, %b::text[], %b::text)"
)
_TIDY = "VACUUM (SKIP_LOCKED, TRUNCATE false, INDEX_CLEANUP on) ik_task"
TIDY_AFTER = 2_000
"""Tasks that this process handed out before it takes their dead rows away."""
_TIDY_SHARE = 20
_FORGET = (
    "WITH e AS MATERIALIZED (SELECT ik_enter(%b, NULL, NULL) AS at), gone AS ("
    "DELETE FROM ik_request AS r USING e WHERE r.tenant = %b::text AND r.id IN ("
    "SELECT o.id FROM ik_request AS o WHERE o.tenant = %b::text AND o.at < %b::bigint "
    "ORDER BY o.at, o.id LIMIT %b) RETURNING 1) SELECT count(*) FROM gone"
)
_FORGET_AT_ONCE = 5000
_BEHIND = "SELECT 1 FROM ik_indexing WHERE kind = %b AND lag = %b AND NOT done"


class Operations:
    """The calls over the declared kinds; shared by both stores.

    `stale` is what of an older database waits to be indexed, as far as this process knows;
    `served` the tenant that was served last.
    """

    def __init__(self, kinds: Mapping[str, Kind], clock: Callable[[], int] | None) -> None:
        self.kinds = kinds
        self.sql: dict[str, KindSql] = {}
        self.writing: Writing = Writing(self.sql)
        self.clock = clock
        self.epoch: int = 0
        self.stale: frozenset[Stale] = frozenset()
        self.served: str = ""
        self._handed = 0
        self._tidied: tuple[float, float] = (0.0, 0.0)

    def follow(self) -> None:
        """Know the kinds that were declared meanwhile."""
        for name, kind in self.kinds.items():
            if name not in self.sql:
                self.sql[name] = KindSql(kind)

    def _moment(self, now: int | None) -> int | None:
        return self.clock() if now is None and self.clock is not None else now

    # --- reading --------------------------------------------------------------------------------

    def now(self) -> Steps[int]:
        """See `Store.now`."""
        if self.clock is not None:
            return self.clock()
        rows = yield reading.NOW, ()
        return int(rows[0][0])

    def load_one(self, tenant: TenantName, ref: Ref) -> Steps[tuple[Row | None, ...]]:
        """One record: the hottest read of all."""
        kind = self.sql[known(self.kinds, ref.kind).spec.name]
        rows = yield kind.one, (tenant, ref.id)
        return (kind.row(rows[0]) if rows else None,)

    def load(self, tenant: TenantName, refs: Sequence[Ref]) -> Steps[tuple[Row | None, ...]]:
        """See `Store.load`; several kinds need one snapshot around this."""
        for ref in refs:
            known(self.kinds, ref.kind)
        found: dict[tuple[str, str], Row] = {}
        for kind, names in reading.by_kind(self.sql, refs).items():
            rows = yield kind.many, (tenant, names)
            found |= reading.rows_of(kind, rows)
        return tuple([found.get((ref.kind, ref.id)) for ref in refs])

    def journal(
        self, tenant: TenantName, stream: str, after: int, limit: int
    ) -> Steps[tuple[Entry, ...]]:
        """See `Store.journal`."""
        at_least("limit", limit, 1)
        check_int("after", after)
        return reading.entries((yield reading.journal(tenant, stream, after, limit)))

    def _check_filled(self, name: str, *lags: Lag) -> Steps[None]:
        for lag in lags:
            if Stale(name, lag) in self.stale:
                if (yield _BEHIND, (name, lag.value)):
                    raise IndexStale(name, lag.value)
                self.stale -= {Stale(name, lag)}

    def find(self, tenant: TenantName, query: Query) -> Steps[Page]:
        """See `Store.find`."""
        check_query(query, known(self.kinds, query.kind).column)
        yield from self._check_filled(query.kind, Lag.COLUMNS)
        kind = self.sql[query.kind]
        return reading.page(kind, query, (yield reading.find(kind, tenant, query)))

    def count(self, tenant: TenantName, query: Query) -> Steps[int]:
        """See `Store.count`."""
        check_query(query, known(self.kinds, query.kind).column)
        yield from self._check_filled(query.kind, Lag.COLUMNS)
        rows = yield reading.count(self.sql[query.kind], tenant, query)
        return int(rows[0][0])

    def tally(self, tenant: TenantName, query: Query, column: str) -> Steps[Mapping[Scalar, int]]:
        """See `SupportsTally.tally`."""
        kind = known(self.kinds, query.kind)
        check_query(query, kind.column)
        name = kind.column(column).name
        yield from self._check_filled(query.kind, Lag.COLUMNS)
        return reading.tallied((yield reading.tally(self.sql[query.kind], tenant, query, name)))

    def owners(
        self, tenant: TenantName, space: str, values: Sequence[str]
    ) -> Steps[tuple[str | None, ...]]:
        """See `Store.owners`."""
        found = dict((yield reading.owners(tenant, space, values)))
        return tuple([found.get(value) for value in values])

    def tasks(self, tenant: TenantName, query: TaskQuery) -> Steps[tuple[QueuedTask, ...]]:
        """See `Store.tasks`."""
        check_task_query(query)
        return reading.queued((yield reading.tasks(tenant, query)))

    def search(self, tenant: TenantName, query: TextQuery) -> Steps[TextPage | None]:
        """See `SupportsSearch.search`."""
        at_least("limit", query.limit, 1)
        for each in query.among:
            check_filter(each.where, known(self.kinds, each.kind).column)
        for each in query.among:
            yield from self._check_filled(each.kind, Lag.COLUMNS, Lag.TEXTS)
        return texts.page((yield texts.search(self.sql, tenant, query)), query)

    # --- auditing -------------------------------------------------------------------------------

    def tenants(self) -> Steps[tuple[TenantName, ...]]:
        """See `SupportsTenants.tenants`."""
        rows = yield watching.TENANTS, ()
        return tuple([TenantName(name) for (name,) in rows])

    def unattended(self, tenant: TenantName, wanted: Attended) -> Steps[Sequence[str]]:
        """See `SupportsAudit.unattended`."""
        check_filter(wanted.where, known(self.kinds, wanted.kind).column)
        yield from self._check_filled(wanted.kind, Lag.COLUMNS)
        rows = yield watching.unattended(self.sql[wanted.kind], tenant, wanted)
        return tuple([name for (name,) in rows])

    def queued(self, tenant: TenantName, now: int) -> Steps[QueueState]:
        """See `SupportsAudit.queued`."""
        check_int("now", now)
        ((parked, lapsed, since, soonest),) = yield watching.queued(tenant, now)
        return QueueState(parked, lapsed, since, soonest if soonest < now else 0)

    # --- writing --------------------------------------------------------------------------------

    def commit(self, batches: Sequence[Batch]) -> Steps[tuple[Committed, ...] | None]:
        """All batches in one statement; None where they take several.

        Raises Collision, and has written nothing, where something was not as expected.
        """
        if len({batch.tenant for batch in batches}) != 1:
            return None
        for batch in batches:
            check_batch(self.kinds, batch)
        statement = self.writing.statement(batches, self.epoch, self.clock)
        if statement is None:
            return None
        rows = yield statement
        at = int(rows[0][0])
        return tuple(
            [
                Committed(
                    at if batch.now is None else batch.now,
                    None if batch.request is None else batch.request.result,
                )
                for batch in batches
            ]
        )

    def commit_group(
        self, batches: Sequence[Batch]
    ) -> Steps[tuple[Committed | Exception, ...] | None]:
        """The same for a group: None as well where a batch of it cannot be."""
        try:
            return (yield from self.commit(batches)) if batches else ()
        except CallerError:
            return None

    def numbers(self, tenant: TenantName, series: str, n: int) -> Steps[range]:
        """See `Store.numbers`. Its commit waits for no disk.

        The log has the raised counter before any commit that uses the number, so whatever made
        that commit durable made the counter durable too.
        """
        at_least("n", n, 1)
        rows = yield _DRAW, (LATEST, tenant, series, n, n)
        after = int(rows[0][0])
        return range(after - n, after)

    def forget_requests(self, tenant: TenantName, before: int) -> Steps[int]:
        """Remove requests committed before that instant, some at a time."""
        check_int("before", before)
        gone, done = 0, _FORGET_AT_ONCE
        while done == _FORGET_AT_ONCE:
            rows = yield _FORGET, (LATEST, tenant, tenant, before, _FORGET_AT_ONCE)
            done = int(rows[0][0])
            gone += done
        return gone

    # --- the queue ------------------------------------------------------------------------------

    def claim(
        self,
        now: int | None,
        lease: int,
        limit: int,
        tenant: TenantName | None,
        skip_channels: Sequence[str],
    ) -> Steps[Claimed]:
        """See `Store.claim`."""
        check_claim(now, lease, limit)
        return (yield from self._turn((), now, lease, limit, tenant, skip_channels)).claimed

    def _turn(
        self,
        settles: Sequence[tuple[TenantName, Settle]],
        now: int | None,
        lease: int,
        limit: int,
        tenant: TenantName | None,
        skip_channels: Sequence[str],
    ) -> Steps[Turned]:
        values = (
            [whose for whose, _ in settles], *settled([each for _, each in settles]),
            LATEST, self._moment(now), lease, limit, tenant, list(skip_channels), self.served,
        )  # fmt: skip
        rows = yield _TURN, values
        return Turned(tuple(rows[0][0]), self._claimed([row[1:] for row in rows]))

    def _claimed(self, rows: Sequence[tuple[Any, ...]]) -> Claimed:
        *taken, (at, next_at, served, *_) = rows
        self._handed += len(taken)
        self.served = served
        taken.sort(key=lambda row: row[3])
        return Claimed(
            at,
            tuple([ClaimedTask(row[4], Task(*row[5:13]), *row[13:17]) for row in taken]),
            next_at,
        )

    def turn(
        self,
        settles: Sequence[tuple[TenantName, Settle]],
        now: int | None,
        lease: int,
        limit: int,
        tenant: TenantName | None,
        skip_channels: Sequence[str],
    ) -> Steps[Turned]:
        """See `SupportsTurn.turn`."""
        check_claim(now, lease, limit)
        check_settles([attrs.evolve(each, task=TaskId(f"{whose} {each.task}"))
                       for whose, each in settles] if len(settles) > 1
                      else [each for _, each in settles])  # fmt: skip
        return (yield from self._turn(settles, now, lease, limit, tenant, skip_channels))

    def untidy(self) -> bool:
        """Whether it is time for `tidy`: after many tasks, and at a small share of the time."""
        if self._handed < TIDY_AFTER:
            return False
        ended, took = self._tidied
        return time.monotonic() >= ended + took * _TIDY_SHARE

    def tidy(self) -> Steps[None]:
        """Take dead rows out of the queue, which every claim would walk over.

        The server does it by itself once a minute; by then there may be very many. Whoever is not
        allowed to, is warned by the server, and nothing happens.
        """
        self._handed, began = 0, time.monotonic()
        try:
            yield _TIDY, ()
        finally:
            self._tidied = (time.monotonic(), time.monotonic() - began)

    def settle(self, tenant: TenantName, settles: Sequence[Settle]) -> Steps[tuple[bool, ...]]:
        """See `Store.settle`."""
        check_settles(settles)
        if not settles:
            return ()
        arrays = settled(settles)
        rows = yield _SETTLE, (LATEST, tenant, arrays[0], tenant, *arrays)
        return tuple(rows[0][0])

    def extend(
        self, tenant: TenantName, tasks: Sequence[tuple[TaskId, str]], until: int
    ) -> Steps[tuple[bool, ...]]:
        """See `Store.extend`."""
        check_int("until", until)
        ids, tokens = [task for task, _ in tasks], [token for _, token in tasks]
        rows = yield _EXTEND, (LATEST, until, ids, tokens, tenant)
        renewed = {name for (name,) in rows}
        return tuple([task in renewed for task in ids])


def queue_statements(batch: Batch) -> list[tuple[str, list[Any]]]:
    """What a judged batch does to the queue, as statements of an open transaction."""
    made: list[tuple[str, list[Any]]] = []
    tenant = batch.tenant
    if batch.settles:
        text = f"SELECT ik_require(true = ALL ({SETTLE}))"
        made.append((text, [tenant, *settled(batch.settles)]))
    if batch.cancels:
        made.append(("SELECT ik_cancel(%b::text, %b::text[])", [tenant, list(batch.cancels)]))
    if batch.moves:
        ids, dues = [each.id for each in batch.moves], [each.due_at for each in batch.moves]
        made.append(("SELECT ik_move(%b::text, %b::text[], %b::bigint[])", [tenant, ids, dues]))
    if batch.tasks:
        made.append((f"SELECT {ADD}", [tenant, *added(batch.tasks)]))
    return made
