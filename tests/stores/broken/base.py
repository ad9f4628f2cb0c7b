"""The memory store as one that outlives its process, to break it."""

from __future__ import annotations

from typing import Any, Self

from incidentkit.ports.store import Store
from incidentkit.stores.memory import MemoryStore
from incidentkit.testing.store_trial import StoreHarness, StoreTime


class Kept(MemoryStore):
    """Closed, it is opened again with all that it held."""

    def __init__(self, now: StoreTime) -> None:
        super().__init__(now=now)
        self.saved: tuple[Any, Any, Any] | None = None

    def close(self) -> None:
        if not self._closed:
            self.saved = (dict(self._tenants), self._rows, self._served)
        super().close()

    def reopened(self, now: StoreTime) -> Self:
        assert self.saved is not None
        again = type(self)(now)
        again._tenants, again._rows, again._served = self.saved
        for spec in self._kinds.values():
            again._kinds[spec.spec.name] = spec
        return again


def again(store: Store, now: StoreTime) -> Store:
    assert isinstance(store, Kept)
    return store.reopened(now)


def harness(kind: type[Kept]) -> StoreHarness:
    return StoreHarness(kind, again, 8)
