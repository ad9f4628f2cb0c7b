"""A store that cannot be reached when the desk is opened: each call tries to open it first.

It stands in the store's place only until it is reached, and is for desks with a spool: they take
requests in although nothing else works yet.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Any

from incidentkit.errors import StoreAway


class LateStore:
    """Hands every method to the store once that can be opened; raises StoreAway until then."""

    def __init__(self, shown: str, open_: Callable[[], Any]) -> None:
        self._shown = shown
        self._open = open_
        self._lock = Lock()
        self._store: Any = None
        self._ports: Any = None

    def serve(self, ports: Any) -> None:
        """Make way for the store itself, in these ports, once it is open."""
        self._ports = ports

    def __getattr__(self, name: str) -> Any:
        # Whether a store has `wait` is asked, not called: one that is not there calls nobody.
        if name.startswith("_") or (name == "wait" and self._store is None):
            raise AttributeError(name)
        return getattr(self._opened(), name)

    def close(self) -> None:
        """Let go of the store, if there ever was one."""
        if self._store is not None:
            self._store.close()

    def _opened(self) -> Any:
        with self._lock:
            if self._store is None:
                try:
                    self._store = self._open()
                except Exception as error:
                    said = f"{type(error).__name__}: {error}"[:300]
                    raise StoreAway(self._shown, said) from error
                if self._ports is not None:
                    self._ports.store = self._store
            return self._store
