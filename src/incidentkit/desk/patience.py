"""How long a directory may take: a deadline on each look, and a rest after one that hung.

A plain call that hangs cannot be ended from outside, so a look that has a deadline is made in a
thread of its own, which is left behind when time is up. A directory that hung is not asked again
for a while, and never while several looks hang: paging goes on with its last good answers.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Any, Final, TypeVar, cast

T = TypeVar("T")

DEADLINE: Final = 3.0
"""Seconds that one look may take where a host says nothing else."""
REST: Final = 30.0
"""Seconds for which a directory that hung is not asked again."""
HUNG: Final = 4
"""Looks that may hang at a time."""


class Slow(TimeoutError):
    """A directory did not answer in time."""


class Patience:
    """What is known of the slowness of one desk's directories."""

    def __init__(self, deadline: float | None) -> None:
        self.deadline = deadline
        self._lock = threading.Lock()
        self._hung: dict[int, int] = {}
        self._until: dict[int, float] = {}

    def of(self, directory: object) -> float | None:
        """The deadline of a directory: its own `deadline` where it states one.

        None: it is asked directly, in the thread of the caller, and may take its time.
        """
        own: object = getattr(directory, "deadline", self.deadline)
        return float(own) if isinstance(own, int | float) and own > 0 else None

    def check(self, directory: object) -> None:
        """Raise Slow while a directory rests, or while too many looks hang."""
        with self._lock:
            left = self._until.get(id(directory), 0.0) - time.monotonic()
            if self._hung.get(id(directory), 0) >= HUNG:
                raise Slow(f"{HUNG} earlier looks still hang")
        if left > 0:
            raise Slow(f"it did not answer in time, and is asked again in {left:.0f} s")

    def slow(self, directory: object, deadline: float) -> Slow:
        """Let the directory rest; the error that says so."""
        with self._lock:
            self._until[id(directory)] = time.monotonic() + REST
        return Slow(f"no answer within {deadline:g} s")

    def look(self, directory: object, ask: Callable[[], T]) -> T:
        """What `ask` gives within the directory's deadline.

        Raises Slow where it gives nothing in time; `ask` itself must not raise.
        """
        deadline = self.of(directory)
        if deadline is None:
            return ask()
        self.check(directory)
        answer: SimpleQueue[Any] = SimpleQueue()

        def run() -> None:
            try:
                answer.put(ask())
            finally:
                self._count(directory, -1)

        self._count(directory, 1)
        threading.Thread(target=run, name="incidentkit-directory", daemon=True).start()
        try:
            return cast("T", answer.get(timeout=deadline))
        except Empty:
            raise self.slow(directory, deadline) from None

    def _count(self, directory: object, more: int) -> None:
        with self._lock:
            self._hung[id(directory)] = self._hung.get(id(directory), 0) + more
