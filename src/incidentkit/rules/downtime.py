"""What of planned work counts as downtime: only the time after the end then in force.

Availability figures leave out what was planned and agreed. The window counts from the real start
of the work to its real end, never from the announcement: a status page announced 61 minutes of work
7 days ahead, and read naively that is 10,741 minutes of downtime.
"""

from __future__ import annotations

from collections.abc import Iterable

from incidentkit.model.impact import Place
from incidentkit.model.maintenance import Maintenance
from incidentkit.timing.intervals import Interval, without


def planned_time(work: Maintenance) -> tuple[Interval, ...]:
    """When the work went on as planned; the last interval is open while it still does."""
    began, ended = work.started_at, work.ended_at
    if began is None:
        return ()
    start = max(began, work.start)
    if ended is not None and ended <= start:
        return ()
    return without((Interval(start, ended),), work.overruns)


def downtime(work: Maintenance) -> tuple[Interval, ...]:
    """When the work went on after the end then in force; the last is open while it still does."""
    return work.overruns


def counts_as_downtime(
    interval: Interval, maintenances: Iterable[Maintenance]
) -> tuple[Interval, ...]:
    """What of an interval of impairment counts: all of it but the planned time.

    Hand over the maintenance of the very service or component that was impaired.
    """
    planned = [each for work in maintenances for each in planned_time(work)]
    return without((interval,), planned)


def planned_part(interval: Interval, maintenances: Iterable[Maintenance]) -> tuple[Interval, ...]:
    """What of an interval of impairment was planned: all of it but what counts as downtime."""
    return without((interval,), counts_as_downtime(interval, maintenances))


def concerns(work: Maintenance, kind: Place, place: str) -> bool:
    """Whether the work is on this very service or component; none is on a location."""
    card = work.card
    named = {Place.SERVICE: card.services, Place.COMPONENT: card.components}
    return place in named.get(kind, ())
