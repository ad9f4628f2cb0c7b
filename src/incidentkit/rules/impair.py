"""Which places were impaired from when until when, and for how long in all.

Intervals may overlap, and people correct them late; what counts is the union (timing/intervals).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from incidentkit.errors import InvalidValue
from incidentkit.model import impact_changes as c
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.impact import ImpactInterval, Place
from incidentkit.model.incident import Incident
from incidentkit.model.journal import Event
from incidentkit.model.words import Moment
from incidentkit.rules.dossier_parts import changed, existing, next_id, with_scope
from incidentkit.rules.moves import need, not_after
from incidentkit.rules.table import EVERYWHERE, Evolve, Move
from incidentkit.rules.terms import LifecycleTerms
from incidentkit.timing.intervals import Interval, total


def impaired(
    intervals: Iterable[ImpactInterval], end: datetime, start: datetime | None = None
) -> FrozenMap[str, timedelta]:
    """How long each place (`component/db`) was impaired until `end`, overlaps counted once.

    An open interval lasts until `end`; withdrawn ones count for nothing.
    """
    by_place: dict[str, list[Interval]] = {}
    for each in intervals:
        if not each.withdrawn:
            by_place.setdefault(f"{each.kind}/{each.place}", []).append(each.interval)
    return FrozenMap(
        {
            place: total(found, start or min(x.start for x in found), end)
            for place, found in sorted(by_place.items())
        }
    )


def impact_times(incident: Incident, now: datetime) -> FrozenMap[str, timedelta]:
    """How long an incident impaired each place.

    An interval that nobody has ended lasts until the service was restored, or until now.
    """
    restored = _restored(incident) or now
    closed: list[ImpactInterval] = []
    for each in incident.dossier.scope.intervals:
        span = each.interval
        last = max(span.start, min(restored, now)) if span.end is None else span.end
        closed.append(_with(each, each.level, Interval(span.start, last)))
    return impaired(closed, now)


def _restored(incident: Incident) -> datetime | None:
    ends = [incident.moment(x) for x in (Moment.MITIGATED, Moment.RESOLVED)]
    return min((x for x in ends if x is not None), default=None)


def spans(incident: Incident) -> tuple[tuple[Place, str, Interval], ...]:
    """What was impaired from when until when, withdrawn intervals left out.

    One that nobody has ended lasts until the service was restored, and is open where it was not.
    """
    restored = _restored(incident)
    found: list[tuple[Place, str, Interval]] = []
    for each in incident.dossier.scope.intervals:
        span = each.interval
        if span.end is None and restored is not None:
            span = Interval(span.start, max(span.start, restored))
        if not each.withdrawn:
            found.append((each.kind, each.place, span))
    return tuple(found)


def _with(was: ImpactInterval, level: str, span: Interval) -> ImpactInterval:
    return ImpactInterval(was.id, was.kind, was.place, level, span, was.note, was.withdrawn)


def _span(start: datetime, end: datetime | None, at: datetime) -> Interval:
    """The interval, neither end in the future nor in the wrong order."""
    not_after("from_at", start, at)
    if end is not None:
        not_after("to_at", end, at)
        if end < start:
            problem = f"{end.isoformat()} lies before it began, {start.isoformat()}"
            raise InvalidValue("to_at", problem)
    return Interval(start, end)


def _known(incident: Incident, id_: str) -> ImpactInterval:
    scope = incident.dossier.scope
    found = existing(scope.interval(id_), "impact interval", id_, scope.intervals)
    if found.withdrawn:
        raise InvalidValue("interval", f"{id_} was withdrawn; record another one")
    return found


def record(
    incident: Incident,
    command: c.RecordImpactInterval,
    at: datetime,
    _by: str,
    _terms: LifecycleTerms,
) -> tuple[Event, ...]:
    """One interval more; since now, unless it is said since when."""
    id_ = next_id("I", incident.dossier.scope.intervals, "intervals")
    span = _span(command.from_at or at, command.to_at, at)
    interval = ImpactInterval(id_, command.kind, command.place, command.level, span, command.note)
    return (c.ImpactIntervalRecorded(interval),)


def recorded(i: Incident, v: c.ImpactIntervalRecorded, _at: datetime) -> Incident:
    """One interval more."""
    return with_scope(i, intervals=(*i.dossier.scope.intervals, v.interval))


def end(
    incident: Incident, command: c.EndImpactInterval, at: datetime, _by: str, _terms: LifecycleTerms
) -> tuple[Event, ...]:
    """An open interval ends; one that has ended is corrected instead."""
    was = _known(incident, command.interval)
    if was.interval.end is not None:
        problem = f"{was.id} has ended already; correct it to say when it really did"
        raise InvalidValue("interval", problem)
    now = _with(was, was.level, _span(was.interval.start, command.to_at or at, at))
    return (c.ImpactIntervalCorrected(now, was, ""),)


def correct(
    incident: Incident,
    command: c.CorrectImpactInterval,
    at: datetime,
    _by: str,
    _terms: LifecycleTerms,
) -> tuple[Event, ...]:
    """The interval as it should have been; the entry keeps what was recorded."""
    need(incident, command, reason=command.reason)
    was = _known(incident, command.interval)
    if command.still_open and command.to_at is not None:
        raise InvalidValue("to_at", "cannot be given for what is still open")
    until = None if command.still_open else command.to_at or was.interval.end
    span = _span(command.from_at or was.interval.start, until, at)
    now = _with(was, command.level or was.level, span)
    return () if now == was else (c.ImpactIntervalCorrected(now, was, command.reason),)


def corrected(i: Incident, v: c.ImpactIntervalCorrected, _at: datetime) -> Incident:
    """The interval as it should have been."""
    known = i.dossier.scope.intervals
    return with_scope(i, intervals=tuple(v.now if x.id == v.now.id else x for x in known))


def withdraw(
    incident: Incident,
    command: c.WithdrawImpactInterval,
    _at: datetime,
    _by: str,
    _terms: LifecycleTerms,
) -> tuple[Event, ...]:
    """It counts for nothing any more, and says why."""
    need(incident, command, reason=command.reason)
    was = _known(incident, command.interval)
    return (c.ImpactIntervalWithdrawn(was.id, command.reason),)


def withdrawn(i: Incident, v: c.ImpactIntervalWithdrawn, _at: datetime) -> Incident:
    """Marked, and kept."""
    return with_scope(i, intervals=changed(i.dossier.scope.intervals, v.id, withdrawn=v.reason))


MOVES = (
    Move(c.RecordImpactInterval, EVERYWHERE, None, (), record),
    Move(c.EndImpactInterval, EVERYWHERE, None, (), end),
    Move(c.CorrectImpactInterval, EVERYWHERE, None, ("reason",), correct),
    Move(c.WithdrawImpactInterval, EVERYWHERE, None, ("reason",), withdraw),
)
EVOLVE: Mapping[type[Event], Evolve] = {
    c.ImpactIntervalRecorded: recorded,
    c.ImpactIntervalCorrected: corrected,
    c.ImpactIntervalWithdrawn: withdrawn,
}
