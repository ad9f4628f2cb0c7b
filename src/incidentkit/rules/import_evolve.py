"""What the entries of an imported history make of an incident."""

from __future__ import annotations

from datetime import datetime

import attrs

from incidentkit.model.dossier import Dossier
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.history import Imported, RowImported
from incidentkit.model.incident import (
    NO_ENDING,
    UNATTENDED,
    Course,
    Ending,
    Hold,
    Incident,
    Life,
)
from incidentkit.model.incident_events import Held, Reopened
from incidentkit.model.overlays import Overlays
from incidentkit.model.replacing import replacing
from incidentkit.model.replayed import Replayed
from incidentkit.model.words import ACTIVE, CancelReason, Moment, State
from incidentkit.rules.evolve_life import held, living, reopened
from incidentkit.rules.table import Part
from incidentkit.timing.intervals import Interval

_STATUS = replacing(Overlays, "status")
_BOTH = replacing(Dossier, "overlays", "replayed")
_REPLAYED = replacing(Dossier, "replayed")
_REACHED = {State.RESOLVED: Moment.RESOLVED, State.CLOSED: Moment.CLOSED}


def row_imported(i: Incident, v: RowImported, at: datetime) -> Incident:
    """One row further; the status word and the figures as it states them."""
    dossier = i.dossier
    was = dossier.replayed or Replayed(v.source, v.case, 0, at)
    status, moves, ever = was.status, was.moves, was.ever_reopened
    if v.status:
        if status:
            moves = counted(moves, f"{status} -> {v.status}")
        status = v.status
    figures = was.figures if v.figures is None else v.figures
    after = Replayed(
        v.source,
        v.case,
        v.row,
        at,
        status,
        figures,
        ever or figures.reopened > 0,
        moves,
        was.outside,
    )
    return Incident(
        i.id,
        i.ref,
        i.version + 1,
        i.card if v.reporter is None else attrs.evolve(i.card, reporter=v.reporter),
        i.rating,
        i.life,
        i.people,
        i.course,
        i.attention,
        i.clocks,
        i.ties,
        with_replayed(dossier, after, status),
    )


def with_replayed(dossier: Dossier, replayed: Replayed, status: str) -> Dossier:
    """The dossier with this history, and the source's word for the status over it."""
    if status and dossier.overlays.status != status:
        return _BOTH(dossier, _STATUS(dossier.overlays, status), replayed)
    return _REPLAYED(dossier, replayed)


def counted(counts: FrozenMap[str, int], move: str) -> FrozenMap[str, int]:
    """The counts with one more of a move."""
    return counts.with_(move, counts.get(move, 0) + 1)


def imported(i: Incident, v: Imported, at: datetime) -> Incident:
    """It stands where its source says, whatever that undoes, and the move is counted."""
    moved = _moved(i, v, at)
    replayed, hosted = i.dossier.replayed, i.dossier.hosted
    if hosted is not None:
        hosted = attrs.evolve(hosted, outside=counted(hosted.outside, v.said))
        return attrs.evolve(moved, more=attrs.evolve(moved.dossier, hosted=hosted))
    if replayed is None:
        return moved
    after = attrs.evolve(replayed, outside=counted(replayed.outside, v.said))
    more = with_replayed(moved.dossier, after, "")
    return attrs.evolve(moved, more=more)


def _moved(i: Incident, v: Imported, at: datetime) -> Incident:
    """Back to work from an end counts as reopened; an end is reached at the row's time."""
    if v.to in ACTIVE and i.life.state not in ACTIVE:
        i = attrs.evolve(reopened(i, Reopened(v.to, v.said), at), version=i.version)
    if v.to is State.ON_HOLD:
        return held(i, Held(v.reason, v.court), at)
    life, course = i.life, i.course
    holds = course.holds
    if life.state is State.ON_HOLD and holds:
        last = holds[-1]
        start = last.interval.start
        holds = (*holds[:-1], Hold(last.reason, last.court, Interval(start, max(start, at))))
    moments = course.moments
    moment = _REACHED.get(v.to)
    if moment is not None:
        moments = moments.with_(moment, at)
    ending, attention = course.ending, i.attention
    if v.to is State.CANCELLED:
        ending = Ending(cancelled=CancelReason.WITHDRAWN)
    elif ending.cancelled is not None:
        ending = NO_ENDING
    if v.to not in ACTIVE:
        attention = UNATTENDED
    after = Life(v.to, at, None, False, life.reopened, life.response)
    return living(i, after, Course(moments, holds, ending, course.outcome), attention)


PART = Part(evolve={RowImported: row_imported, Imported: imported})
"""What a history brings to the tables of an incident; nobody commands it."""
