"""Who is inside a transaction of the host now, as far as one store can know.

Another write of the same thread or task past that transaction could wait for a row which its own
host has locked. No database sees that, so it is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock

from incidentkit.errors import NotJoined


class Hosts:
    """The transactions that are joined, by thread (its number) or by task of a loop."""

    def __init__(self, shown: str) -> None:
        self._shown = shown
        self._lock = Lock()
        self._inside: dict[object, list[Callable[[], bool]]] = {}

    def enter(self, who: object, is_open: Callable[[], bool]) -> None:
        """A block was entered; `is_open` says whether its transaction is open."""
        with self._lock:
            self._inside.setdefault(who, []).append(is_open)

    def leave(self, who: object, is_open: Callable[[], bool]) -> None:
        """It was left."""
        with self._lock:
            left = [each for each in self._inside.get(who, ()) if each != is_open]
            if left:
                self._inside[who] = left
            else:
                self._inside.pop(who, None)

    def check(self, who: object) -> None:
        """Raise NotJoined where this thread or task has a transaction open that was joined."""
        if self._inside and any(is_open() for is_open in self._inside.get(who, ())):
            raise NotJoined(self._shown)
