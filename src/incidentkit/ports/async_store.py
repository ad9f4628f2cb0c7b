"""The store contract with coroutines, for hosts that live in an event loop."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

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


class AsyncStore(Protocol):
    """The same contract with coroutines, for `AsyncDesk`."""

    def declare(self, kinds: Sequence[KindSpec]) -> None:
        """See `Store.declare`; called once, before any coroutine."""
        ...

    async def now(self) -> int:
        """See `Store.now`."""
        ...

    async def load(self, tenant: TenantName, refs: Sequence[Ref]) -> tuple[Row | None, ...]:
        """See `Store.load`."""
        ...

    async def journal(
        self, tenant: TenantName, stream: str, after: int = 0, limit: int = 1000
    ) -> tuple[Entry, ...]:
        """See `Store.journal`."""
        ...

    async def find(self, tenant: TenantName, query: Query) -> Page:
        """See `Store.find`."""
        ...

    async def count(self, tenant: TenantName, query: Query) -> int:
        """See `Store.count`."""
        ...

    async def owners(
        self, tenant: TenantName, space: str, values: Sequence[str]
    ) -> tuple[str | None, ...]:
        """See `Store.owners`."""
        ...

    async def commit(self, batch: Batch) -> Committed:
        """See `Store.commit`."""
        ...

    async def commit_group(self, batches: Sequence[Batch]) -> tuple[Committed | Exception, ...]:
        """See `Store.commit_group`."""
        ...

    async def claim(
        self,
        now: int | None,
        lease: int,
        limit: int,
        tenant: TenantName | None = None,
        skip_channels: Sequence[str] = (),
    ) -> Claimed:
        """See `Store.claim`."""
        ...

    async def settle(self, tenant: TenantName, settles: Sequence[Settle]) -> tuple[bool, ...]:
        """See `Store.settle`."""
        ...

    async def extend(
        self, tenant: TenantName, tasks: Sequence[tuple[TaskId, str]], until: int
    ) -> tuple[bool, ...]:
        """See `Store.extend`."""
        ...

    async def tasks(self, tenant: TenantName, query: TaskQuery) -> tuple[QueuedTask, ...]:
        """See `Store.tasks`."""
        ...

    async def numbers(self, tenant: TenantName, series: str, n: int) -> range:
        """See `Store.numbers`."""
        ...

    async def redact(self, tenant: TenantName, stream: str, seqs: Sequence[int]) -> int:
        """See `Store.redact`."""
        ...

    async def purge(self, tenant: TenantName, before: int, streams: Sequence[str] = ()) -> Purged:
        """See `Store.purge`."""
        ...

    async def close(self) -> None:
        """See `Store.close`."""
        ...
