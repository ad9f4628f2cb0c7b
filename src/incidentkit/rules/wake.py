"""When a record must be looked at again by itself: one instant for everything that may be due.

The timer that carries it names nothing else, so one that is early, late, doubled or pointless does
no harm: whoever wakes decides anew from the record.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from incidentkit.model.dossier import Dossier
from incidentkit.model.incident import Incident
from incidentkit.model.words import State
from incidentkit.rules.clocks import rings_at
from incidentkit.rules.escalate import pages_at
from incidentkit.rules.waits import current


def wakes_at(incident: Incident) -> datetime | None:
    """The earliest instant at which a clock rings, a lease lapses, a page or a reminder is due.

    Or, where it has a dossier: a proposal is decided, a role is missed, a task is late, it closes.
    Never, once it was handed back to the host.
    """
    if incident.detached:
        return None
    clock, page = rings_at(incident), pages_at(incident)
    if incident.course.holds:
        hold = current(incident)
        if hold is not None and hold.remind_at is not None:
            page = hold.remind_at if page is None else min(page, hold.remind_at)
    if incident.more is not None:
        times = [x for x in (clock, page, *_planned(incident, incident.more)) if x is not None]
        return min(times, default=None)
    if clock is None or page is None:
        return clock or page
    return min(clock, page)


def _planned(incident: Incident, dossier: Dossier) -> Iterator[datetime | None]:
    overlays = dossier.overlays
    yield overlays.run.answer_by
    yield overlays.run.staff_by
    if incident.life.state is State.RESOLVED:
        yield overlays.closes_at
    for task in dossier.tasks:
        if task.pending and task.overdue_at is None:
            yield task.due_at
