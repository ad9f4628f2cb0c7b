"""Stores that fail in one way, around one that does not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from incidentkit import MemoryStore
from incidentkit.errors import Conflict, Retryable
from incidentkit.plugins.shapes import STORE_METHODS
from incidentkit.ports.rows import Batch, Committed, KindSpec

Which = Callable[[Batch], bool]


class Wrapped:
    """Hands everything on."""

    def __init__(self, inner: Any = None) -> None:
        self.inner = MemoryStore() if inner is None else inner

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)


class Conflicting(Wrapped):
    """Says `Conflict` to the batches that `which` picks, as often as `times` says."""

    def __init__(self, which: Which, times: int = 1_000_000, inner: Any = None) -> None:
        super().__init__(inner)
        self.which, self.times, self.refused = which, times, 0

    def commit(self, batch: Batch) -> Committed:
        if self.refused < self.times and self.which(batch):
            self.refused += 1
            raise Conflict((("incident", "x", 1),))
        done: Committed = self.inner.commit(batch)
        return done


class Losing(Wrapped):
    """Loses the connection at the next `times` commits: before the commit, or after it is made."""

    def __init__(self, *, made: bool, inner: Any = None) -> None:
        super().__init__(inner)
        self.made, self.times, self.seen = made, 0, list[str | None]()

    def commit(self, batch: Batch) -> Committed:
        self.seen.append(None if batch.request is None else batch.request.id)
        if self.times:
            self.times -= 1
            if self.made:
                self.inner.commit(batch)
            raise Retryable("the connection was lost")
        done: Committed = self.inner.commit(batch)
        return done


class AsyncMemory:
    """The memory store with coroutines, each of which lets others run first."""

    def __init__(self) -> None:
        self.inner = MemoryStore()

    def declare(self, kinds: Sequence[KindSpec]) -> None:
        self.inner.declare(kinds)


def _coroutine(name: str) -> Any:
    async def call(self: AsyncMemory, *args: Any, **given: Any) -> Any:
        await asyncio.sleep(0)
        return getattr(self.inner, name)(*args, **given)

    return call


for _name in STORE_METHODS:
    if _name != "declare":
        setattr(AsyncMemory, _name, _coroutine(_name))
