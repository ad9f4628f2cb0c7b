"""A time source for tests: moving it moves the library, its stores and its leases alike."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from incidentkit.timing.instants import as_utc


class ManualTime:
    """Stands still until it is moved.

    >>> time = ManualTime(datetime(2026, 3, 29, 0, 30, tzinfo=UTC))
    >>> time.move(hours=1)
    >>> print(time.now())
    2026-03-29 01:30:00+00:00
    """

    def __init__(self, start: datetime = datetime(2026, 1, 5, 9, tzinfo=UTC)) -> None:
        self._now = as_utc(start)

    def now(self) -> datetime:
        """The instant it was moved to."""
        return self._now

    def move(self, **by: float) -> None:
        """Let time pass: `seconds=`, `minutes=`, `hours=`, `days=`; or back, if negative."""
        self._now += timedelta(**by)

    def set(self, at: datetime) -> None:
        """Go to an instant."""
        self._now = as_utc(at)
