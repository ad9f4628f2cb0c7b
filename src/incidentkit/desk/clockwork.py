"""What time it is for a desk: the store's time, carried on by a clock that never jumps.

Workers on several machines agree on due dates because each takes the time from the one store and
only measures how long ago that was. A wall clock that is set back moves nothing.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from incidentkit.timing.instants import EPOCH


class StoreTime:
    """The store's last word about the time, plus the time elapsed since.

    Before its first word (`known` is false) there is only this machine's clock, which may be wrong.
    """

    def __init__(self) -> None:
        self.known: bool = False
        self._at = time.time_ns() // 1000
        self._mark = time.monotonic_ns()

    def heard(self, at: int) -> None:
        """The store has just said that it is `at` (microseconds)."""
        self._mark = time.monotonic_ns()
        self._at = at
        self.known = True

    def now(self) -> datetime:
        """The present instant."""
        return EPOCH + timedelta(microseconds=self._at + (time.monotonic_ns() - self._mark) // 1000)


def aware(value: datetime) -> datetime:
    """An instant that a host's time source gave, as UTC; a naive one is taken for its mistake."""
    if value.tzinfo is UTC:
        return value
    from incidentkit.timing.instants import as_utc

    return as_utc(value, "TimeSource.now()")
