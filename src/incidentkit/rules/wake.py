"""When a record must be looked at again by itself: one instant for everything that may be due.

The timer that carries it names nothing else, so one that is early, late, doubled or pointless does
no harm: whoever wakes decides anew from the record.
"""

from __future__ import annotations

from datetime import datetime

from incidentkit.model.incident import Incident
from incidentkit.rules.clocks import rings_at
from incidentkit.rules.escalate import pages_at
from incidentkit.rules.waits import current


def wakes_at(incident: Incident) -> datetime | None:
    """The earliest instant at which a clock rings, a lease lapses, a page or a reminder is due."""
    clock, page = rings_at(incident), pages_at(incident)
    if incident.course.holds:
        hold = current(incident)
        if hold is not None and hold.remind_at is not None:
            page = hold.remind_at if page is None else min(page, hold.remind_at)
    if clock is None or page is None:
        return clock or page
    return min(clock, page)
