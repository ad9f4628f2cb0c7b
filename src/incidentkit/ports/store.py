"""The store contract: opaque rows, one atomic batch, claims with leases.

A store computes no hash, reads no body and knows no domain type. It keeps rows, journal entries,
tasks, keys and requests for many tenants, and it promises that one batch is durable as a whole or
leaves nothing.

Batches are judged in one order everywhere: replay, `RequestReused`, `StaleToken`, `Conflict`,
`KeyTaken`. The cause is found by reading after the rollback, never from the constraint that fired.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import attrs

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
    Settle,
    TaskQuery,
)


class Store(Protocol):
    """What incidentkit asks of storage. All calls may come from many threads at once.

    Beside what a method names, every call raises, and has then written nothing that it told of:

    - `StoreClosed` after `close`;
    - `Retryable` where a repeat with the same request id may succeed: the database cannot be
      reached, a connection was lost, a deadlock was broken. A commit that was cut off may have
      happened; the request id finds out. A desk spools around it;
    - `StoreFull` where there is no room; a desk spools around that as well;
    - `StoreError` for every other failure of the database;
    - `LimitExceeded` for a name that is longer than `incidentkit.ports.limits` says, and
      `InvalidValue` for what no store could keep.

    A driver's own error never comes out, and none of these depends on the text of one.
    """

    def declare(self, kinds: Sequence[KindSpec]) -> None:
        """Learn the kinds and their columns before first use; repeated with the same is free."""
        ...

    def now(self) -> int:
        """The store's time."""
        ...

    def load(self, tenant: TenantName, refs: Sequence[Ref]) -> tuple[Row | None, ...]:
        """Rows in the order asked, from one snapshot; None where there is none."""
        ...

    def journal(
        self, tenant: TenantName, stream: str, after: int = 0, limit: int = 1000
    ) -> tuple[Entry, ...]:
        """Entries of one stream with `seq > after`, ascending, without gaps from 1."""
        ...

    def find(self, tenant: TenantName, query: Query) -> Page:
        """One page. A row that stays put is seen exactly once while others change."""
        ...

    def count(self, tenant: TenantName, query: Query) -> int:
        """How many rows the query's kind and filter hold (cursor and limit are ignored)."""
        ...

    def owners(
        self, tenant: TenantName, space: str, values: Sequence[str]
    ) -> tuple[str | None, ...]:
        """Owners of unique keys in the order asked; None where nobody owns the key."""
        ...

    def commit(self, batch: Batch) -> Committed:
        """Make the batch true, durable before this returns.

        Raises, each leaving nothing: RequestReused, StaleToken, Conflict, KeyTaken, in that order
        of judgement; a replay comes before all of them and returns the first result.
        """
        ...

    def commit_group(self, batches: Sequence[Batch]) -> tuple[Committed | Exception, ...]:
        """Many batches in one durable commit, each all or nothing, judged in order.

        A batch sees what earlier ones of the group wrote. A refused one gives its error in its
        place and leaves the others standing.
        """
        ...

    def claim(
        self,
        now: int | None,
        lease: int,
        limit: int,
        tenant: TenantName | None = None,
        skip_channels: Sequence[str] = (),
    ) -> Claimed:
        """Hand out due tasks under a lease of `lease` microseconds, never one to two live leases.

        Lapsed leases go first and alone; then tenants in turn, then priority, due, id. A task
        whose lease ran out `LAPSES_BEFORE_PARKING` times is parked instead. Tokens are random.
        """
        ...

    def settle(self, tenant: TenantName, settles: Sequence[Settle]) -> tuple[bool, ...]:
        """Settle each by itself; False where the token is void. Late but unclaimed is accepted."""
        ...

    def extend(
        self, tenant: TenantName, tasks: Sequence[tuple[TaskId, str]], until: int
    ) -> tuple[bool, ...]:
        """Renew leases, each given as (task, token), to `until`; False where the token is void."""
        ...

    def tasks(self, tenant: TenantName, query: TaskQuery) -> tuple[QueuedTask, ...]:
        """List tasks as they stand, parked ones included."""
        ...

    def numbers(self, tenant: TenantName, series: str, n: int) -> range:
        """Draw `n` numbers: unique for ever, rising, gaps allowed, the first is 1."""
        ...

    def redact(self, tenant: TenantName, stream: str, seqs: Sequence[int]) -> int:
        """Drop body and salt of these entries, keep their digests; how many were dropped."""
        ...

    def purge(self, tenant: TenantName, before: int, streams: Sequence[str] = ()) -> Purged:
        """Forget requests committed before `before`, and all entries of `streams` before it."""
        ...

    def close(self) -> None:
        """Let go of everything; twice is harmless."""
        ...


@attrs.frozen
class Finding:
    """One line of a diagnosis: is it well, what was looked at, and what to do if not."""

    ok: bool
    subject: str
    message: str

    def __str__(self) -> str:
        """One line."""
        return f"{'ok' if self.ok else 'look'}  {self.subject}: {self.message}"


@runtime_checkable
class SupportsDiagnosis(Protocol):
    """A store, source or channel that can say whether it is fit for service."""

    def diagnose(self) -> Sequence[Finding]:
        """Look at oneself, change nothing."""
        ...
