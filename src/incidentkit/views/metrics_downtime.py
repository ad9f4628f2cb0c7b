"""Downtime, planned apart from not planned: what was recorded as impaired, held against the work.

Downtime is what somebody recorded as impact. Planned work during which nothing was recorded as
impaired is no downtime, and an announcement is none either.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from incidentkit.model.maintenance import Maintenance
from incidentkit.rules.downtime import concerns, counts_as_downtime, planned_part
from incidentkit.rules.measure import Measured
from incidentkit.timing.intervals import ZERO, Interval, union

ANY = "any place"
"""The value for the time in which at least one place was impaired."""

Behind = list[Measured | Maintenance]


def planned(
    incidents: Iterable[Measured], works: Sequence[Maintenance], now: datetime
) -> tuple[dict[str, timedelta], int, Behind]:
    """The time that fell into planned work on the very place; incidents and work behind it."""
    parts: dict[str, list[Interval]] = {}
    behind: Behind = []
    done: Behind = []
    number = 0
    for each in incidents:
        number += bool(each.impaired)
        for place, span, near in _impaired(each, works, now):
            found = planned_part(span, near)
            parts.setdefault(place, []).extend(found)
            behind += [each] if found else []
            done += [work for work in near if planned_part(span, (work,))]
    return _lengths(parts), number, [*behind, *done]


def unplanned(
    incidents: Iterable[Measured], works: Sequence[Maintenance], now: datetime
) -> tuple[dict[str, timedelta], int, Behind]:
    """The rest of the time in which places were impaired; the incidents behind it."""
    parts: dict[str, list[Interval]] = {}
    behind: Behind = []
    number = 0
    for each in incidents:
        number += bool(each.impaired)
        for place, span, near in _impaired(each, works, now):
            found = counts_as_downtime(span, near)
            parts.setdefault(place, []).extend(found)
            behind += [each] if found else []
    return _lengths(parts), number, behind


def _impaired(
    of: Measured, works: Sequence[Maintenance], now: datetime
) -> Iterable[tuple[str, Interval, list[Maintenance]]]:
    """Each impairment, ended by now, with the work on its place."""
    for kind, place, span in of.impaired:
        whole = Interval(span.start, max(span.start, now)) if span.end is None else span
        near = [work for work in works if concerns(work, kind, place)]
        yield f"{kind}/{place}", whole, near


def _lengths(parts: dict[str, list[Interval]]) -> dict[str, timedelta]:
    """How long in any place and in each, the longest first; overlaps count once."""
    if not parts:
        return {}
    each = {place: _length(found) for place, found in parts.items() if found}
    ordered = sorted(each.items(), key=lambda one: (-one[1], one[0]))
    return {ANY: _length(x for found in parts.values() for x in found), **dict(ordered)}


def _length(found: Iterable[Interval]) -> timedelta:
    return sum((x.end - x.start for x in union(found) if x.end is not None), ZERO)
