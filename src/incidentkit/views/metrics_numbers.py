"""The few numbers that metrics are made of, in whole numbers and exact spans."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

K = TypeVar("K", bound=Hashable)


def percentile(ordered: Sequence[timedelta], percent: int) -> timedelta:
    """The nearest-rank percentile of ordered values: the one at rank ceil(percent * n / 100).

    It is always one of the values (NIST handbook 7.2.6.2 names the other conventions).

    >>> str(percentile([timedelta(seconds=n) for n in (1, 2, 3, 4)], 50))
    '0:00:02'
    """
    rank = -(-percent * len(ordered) // 100)
    return ordered[max(rank, 1) - 1]


def spread(values: Iterable[timedelta]) -> dict[str, timedelta]:
    """Median, p90 and mean of spans; nothing of none. The mean is cut to microseconds."""
    ordered = sorted(values)
    if not ordered:
        return {}
    mean = sum(ordered, timedelta()) // len(ordered)
    return {"median": percentile(ordered, 50), "p90": percentile(ordered, 90), "mean": mean}


def per_mille(part: int, whole: int) -> int:
    """A share in per mille, cut; 0 of nothing."""
    return part * 1_000 // whole if whole else 0


def counted(values: Iterable[K]) -> dict[K, int]:
    """How often each value comes, the most frequent first, ties in the order of the values."""
    found: dict[K, int] = {}
    for value in values:
        found[value] = found.get(value, 0) + 1
    return dict(sorted(found.items(), key=lambda each: (-each[1], str(each[0]))))


def hours(at: datetime, zone: ZoneInfo) -> str:
    """What a page interrupts in somebody's zone: `business`, `off` or `sleep`.

    The classes are PagerDuty's: sleep from 22 to 8, business from 8 to 18 on Monday to Friday,
    the rest is off.
    """
    local = at.astimezone(zone)
    if local.hour < 8 or local.hour >= 22:
        return "sleep"
    return "business" if local.hour < 18 and local.weekday() < 5 else "off"
