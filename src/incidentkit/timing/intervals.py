"""One algebra of intervals, so that every pause, hold and window is counted the same way.

Intervals are half-open: the start belongs to them, the end does not. Clocks are computed from
intervals, never from a running total; a corrected instant then gives the exact result again.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import attrs

from incidentkit.errors import InvalidValue

ZERO = timedelta()


@attrs.frozen
class Interval:
    """From `start` up to, not including, `end`; `end=None` means it still runs.

    Raises InvalidValue when the end lies before the start.
    """

    start: datetime
    end: datetime | None = None

    def __attrs_post_init__(self) -> None:
        if self.end is not None and self.end < self.start:
            raise InvalidValue("interval", f"ends {self.end} before it starts {self.start}")

    def contains(self, at: datetime) -> bool:
        """Whether the instant lies in the interval."""
        return self.start <= at and (self.end is None or at < self.end)

    def clipped(self, start: datetime, end: datetime) -> Interval | None:
        """The part between two instants, or None where there is none."""
        low = max(self.start, start)
        high = end if self.end is None else min(self.end, end)
        return Interval(low, high) if low < high else None

    def without(self, other: Interval) -> tuple[Interval, ...]:
        """What is left of it outside another: nothing, one part, or one before and one after."""
        left: list[Interval] = []
        if self.start < other.start:
            before = other.start if self.end is None else min(self.end, other.start)
            left.append(Interval(self.start, before))
        if other.end is not None and (self.end is None or other.end < self.end):
            left.append(Interval(max(self.start, other.end), self.end))
        return tuple(left)


def union(intervals: Iterable[Interval]) -> tuple[Interval, ...]:
    """The same moments as disjoint intervals in order; touching ones become one."""
    merged: list[Interval] = []
    for each in sorted(intervals, key=lambda one: one.start):
        last = merged[-1] if merged else None
        if last is not None and (last.end is None or each.start <= last.end):
            open_end = last.end is None or each.end is None
            end = None if open_end else max(last.end or each.start, each.end or each.start)
            merged[-1] = Interval(last.start, end)
        else:
            merged.append(each)
    return tuple(merged)


def total(intervals: Iterable[Interval], start: datetime, end: datetime) -> timedelta:
    """How long the intervals cover between two instants; overlaps count once."""
    spent = ZERO
    for each in union(intervals):
        part = each.clipped(start, end)
        if part is not None and part.end is not None:
            spent += part.end - part.start
    return spent


def after_running(start: datetime, span: timedelta, pauses: Iterable[Interval]) -> datetime | None:
    """When `span` of un-paused time has run since `start`; None while a pause is open before it."""
    at, left = start, span
    for pause in union(pauses):
        if pause.end is not None and pause.end <= at:
            continue
        free = max(ZERO, pause.start - at)
        if free >= left:
            break
        if pause.end is None:
            return None
        left -= free
        at = max(at, pause.end)
    return at + left


def without(intervals: Iterable[Interval], away: Iterable[Interval]) -> tuple[Interval, ...]:
    """What is left of the intervals when others are taken away; disjoint, in order, none empty."""
    left = list(union(_real(intervals)))
    for gone in union(_real(away)):
        parts: list[Interval] = []
        for each in left:
            if gone.start > each.start:
                end = gone.start if each.end is None else min(gone.start, each.end)
                parts.append(Interval(each.start, end))
            if gone.end is not None and (each.end is None or gone.end < each.end):
                parts.append(Interval(max(gone.end, each.start), each.end))
        left = parts
    return tuple(left)


def _real(intervals: Iterable[Interval]) -> list[Interval]:
    return [x for x in intervals if x.end is None or x.start < x.end]
