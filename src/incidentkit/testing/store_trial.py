"""What the author of a store hands to the kit, and what a case is given to work with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Self

import attrs

from incidentkit.ports.join import Joined
from incidentkit.ports.migration import SupportsMigration
from incidentkit.ports.rows import KindSpec
from incidentkit.ports.search import SupportsReindex, SupportsSearch, SupportsTally
from incidentkit.ports.store import Store
from incidentkit.testing.records import KINDS, START
from incidentkit.testing.threads import PATIENCE, Stuck


class StoreTime:
    """The time of stores under test, in microseconds: it stands still until `at` is set.

    >>> now = StoreTime(5)
    >>> now.at += 1
    >>> now()
    6
    """

    def __init__(self, at: int = START) -> None:
        self.at: int = at

    def __call__(self) -> int:
        """Where it stands."""
        return self.at


@attrs.frozen
class HostBlock:
    """A transaction that a host has open, the store inside it, and how the host ends it.

    The block rolls it back at its end, unless it was ended before, and closes `store`.
    """

    store: Joined
    commit: Callable[[], object]
    rollback: Callable[[], object]


@attrs.frozen
class StoreHarness:
    """How stores of yours are made.

    `make` gives a new, empty store whose time is the given one. `reopen`, where the store outlives
    its process, gives another object on what a closed one kept. `crowd` is how many threads meet
    on one record at most; stores that run a lost transaction again want fewer. `host`, where the
    store writes over a connection of its host, is a block in which a transaction of the host is
    open on that connection; it is rolled back at the end.

    `outage` is a block in which what the store relies on is away, `full` one in which it has no
    room for another megabyte; both begin with a store in use, and all is well after them. `join`,
    where the store can join a transaction of its host, is a block with one open, which it gives
    as a `HostBlock`. `patience` is how many seconds a call may take while the store is away, and
    all threads of a case together.
    """

    make: Callable[[StoreTime], Store]
    reopen: Callable[[Store, StoreTime], Store] | None = None
    crowd: int = 64
    host: Callable[[Store], AbstractContextManager[object]] | None = None
    outage: Callable[[Store], AbstractContextManager[object]] | None = None
    full: Callable[[Store], AbstractContextManager[object]] | None = None
    join: Callable[[Store], AbstractContextManager[HostBlock]] | None = None
    patience: float = PATIENCE


class StoreTrial:
    """One run of one case: it makes stores, moves their time, and closes them at the end."""

    def __init__(self, harness: StoreHarness | Callable[[StoreTime], Store]) -> None:
        self.harness: StoreHarness = as_harness(harness)
        self.now: StoreTime = StoreTime()
        self._made: list[Store] = []
        self._first: Store | None = None

    @property
    def store(self) -> Store:
        """The store under test, which knows the kinds of the kit."""
        if self._first is None:
            self._first = self.another()
        return self._first

    @property
    def crowd(self) -> int:
        """How many threads may meet on one record."""
        return self.harness.crowd

    @property
    def patience(self) -> float:
        """How many seconds threads may take."""
        return self.harness.patience

    def another(self, kinds: Sequence[KindSpec] = KINDS) -> Store:
        """One more store, which shares nothing with the first but the time."""
        store = self.harness.make(self.now)
        self._made.append(store)
        store.declare(kinds)
        return store

    def reopen(self, store: Store, kinds: Sequence[KindSpec] = KINDS) -> Store:
        """Close the store and open what it kept, as a process does that starts again."""
        if self.harness.reopen is None:
            raise TypeError("the harness has no `reopen`; the case must require it")
        store.close()
        again = self.harness.reopen(store, self.now)
        self._made.append(again)
        again.declare(kinds)
        return again

    def close(self) -> None:
        """Close all that was made."""
        while self._made:
            self._made.pop().close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if not isinstance(error, Stuck):  # what a thread still holds, closing might wait for
            self.close()


def as_harness(made: StoreHarness | Callable[[StoreTime], Store]) -> StoreHarness:
    """A harness; a function that makes stores is one without `reopen`."""
    return made if isinstance(made, StoreHarness) else StoreHarness(made)


def capabilities(harness: StoreHarness) -> tuple[str, ...]:
    """What stores of this harness can do beyond the contract, as cases name it."""
    store = harness.make(StoreTime())
    try:
        able: dict[str, bool] = {
            "full": harness.full is not None,
            "host": harness.host is not None,
            "join": harness.join is not None,
            "migrate": isinstance(store, SupportsMigration),
            "outage": harness.outage is not None,
            "reindex": isinstance(store, SupportsReindex),
            "reopen": harness.reopen is not None,
            "search": isinstance(store, SupportsSearch),
            "tally": isinstance(store, SupportsTally),
            "turn": callable(getattr(store, "turn", None)),
            "wake": callable(getattr(store, "wait", None)),
        }
    finally:
        store.close()
    return tuple(name for name, has in able.items() if has)
