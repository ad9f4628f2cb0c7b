"""Targets and the clocks that run for them: when something is due, warned, breached.

A clock is computed from the incident's intervals each time something changes, never from a running
total, so that a corrected instant or a late hold gives the exact result again. In this room time
is elapsed time; a hold pauses the targets that say so.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import attrs

from incidentkit.model import incident_events as e
from incidentkit.model.clock import Clock
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.incident import Incident
from incidentkit.model.reason import Plain, Reason
from incidentkit.model.words import ACTIVE, ClockState, Moment, State
from incidentkit.timing.instants import parse_instant
from incidentkit.timing.intervals import Interval, after_running
from incidentkit.timing.terms import Term

RULE = "clocks.due_at"
VERSION = 1
_RUNS = frozenset((ClockState.RUNNING, ClockState.PAUSED))
"""A paused clock rings too, for what had become true before it was paused."""


PROMISE = "next update to "
"""What the name of a promise's clock begins with (see `promises`); no target's may."""
KEPT = 20
"""Due dates a clock keeps of its own; all of them stand in the journal."""


@attrs.frozen
class Target:
    """A duty: from one moment of an incident to another within a term.

    `within` has a term for each priority it applies to; `warn_share` is how much of the term may
    pass before somebody is warned; `pausing` names the hold reasons that pause it, `*` all.
    `major_never_pauses`: while the incident is a major, nothing does.
    """

    name: str
    until: Moment
    within: FrozenMap[str, Term]
    warn_percent: int = 75
    pausing: tuple[str, ...] = ("*",)
    major_never_pauses: bool = False


def due_at(start: datetime, term: Term, pauses: tuple[Interval, ...] = ()) -> datetime | None:
    """When a duty begun at `start` is due; None while a pause that began before it lasts."""
    return after_running(start, term.after(start) - start, pauses)


def reckon(incident: Incident, target: Target) -> Clock | None:
    """The clock of a target as the incident stands now; None where it does not apply.

    A history that was replayed states no acknowledgements, so none is owed on its incidents: a
    target that nobody could have met there says nothing about anybody.
    """
    term = target.within.get(incident.rating.priority.value)
    was = incident.clock(target.name)
    if was is None and target.until is Moment.ACKNOWLEDGED and _from_elsewhere(incident):
        return None
    if term is None:
        return None if was is None else _over(was, ClockState.CANCELLED, was.stopped_at)
    start = incident.course.moments.get(Moment.DECLARED, incident.life.since)
    if incident.life.candidate:
        return Clock(target.name, ClockState.DORMANT, None, None)
    pauses = _pauses(incident, target)
    due = due_at(start, term, pauses)
    history = () if was is None else was.history
    if due is not None and (not history or history[-1] != due):
        history = (*history, due)[-KEPT:]
    span = term.after(start) - start
    warn = after_running(start, span * target.warn_percent // 100, pauses)
    state = ClockState.PAUSED if pauses and pauses[-1].end is None else ClockState.RUNNING
    met = incident.course.moments.get(target.until)
    if met is not None:
        state = ClockState.STOPPED
    elif incident.life.state not in ACTIVE:
        ended = incident.life.state is State.CANCELLED
        state = ClockState.CANCELLED if ended else ClockState.STOPPED
        met = incident.course.moments.get(Moment.RESOLVED, incident.life.since)
        if was is not None and was.stopped_at is not None:
            met = was.stopped_at
    return Clock(
        target.name,
        state,
        start,
        due,
        warn,
        was.warned_at if was else None,
        was.breached_at if was else None,
        met,
        pauses,
        history,
    )


def _from_elsewhere(incident: Incident) -> bool:
    return incident.more is not None and incident.more.replayed is not None


def _over(was: Clock, state: ClockState, at: datetime | None) -> Clock:
    return attrs.evolve(was, state=state, stopped_at=at)


def _pauses(incident: Incident, target: Target) -> tuple[Interval, ...]:
    holds: tuple[Interval, ...] = tuple(
        hold.interval
        for hold in incident.course.holds
        if "*" in target.pausing or hold.reason in target.pausing
    )
    if not target.major_never_pauses or incident.more is None:
        return holds
    for spell in incident.more.overlays.run.spells:
        holds = tuple(left for hold in holds for left in hold.without(spell))
    return holds


def follow(
    incident: Incident, targets: tuple[Target, ...], policy: str = ""
) -> tuple[tuple[e.ClockMoved, Reason], ...]:
    """The clocks that must change because the incident has, each with its reason."""
    moved: list[tuple[e.ClockMoved, Reason]] = []
    for target in targets:
        clock = reckon(incident, target)
        if clock is not None and clock != incident.clock(target.name):
            moved.append((e.ClockMoved(clock), _reason(incident, target, clock, policy)))
    return tuple(moved)


def _reason(incident: Incident, target: Target, clock: Clock, policy: str) -> Reason:
    term = target.within.get(incident.rating.priority.value)
    inputs: FrozenMap[str, Plain] = FrozenMap(
        {
            "target": target.name,
            "priority": incident.rating.priority.value,
            "within": "" if term is None else str(term),
            "from": "" if clock.started_at is None else clock.started_at.isoformat(),
            "pauses": tuple(_written(each) for each in clock.pauses),
            "state": clock.state.value,
        }
    )
    return Reason(RULE, VERSION, inputs, judge(inputs), policy)


def _written(interval: Interval) -> str:
    end = "" if interval.end is None else interval.end.isoformat()
    return f"{interval.start.isoformat()}/{end}"


def judge(inputs: Mapping[str, Plain]) -> str:
    """The due date as text drawn from plain inputs; empty while there is none."""
    if not inputs["within"] or not inputs["from"]:
        return ""
    written = inputs["pauses"]
    pauses: list[Interval] = []
    for each in written if isinstance(written, tuple) else ():
        start, _, end = str(each).partition("/")
        pauses.append(Interval(parse_instant(start), parse_instant(end) if end else None))
    due = due_at(
        parse_instant(str(inputs["from"])), Term.parse(str(inputs["within"])), tuple(pauses)
    )
    return "" if due is None else due.isoformat()


def ring(incident: Incident, at: datetime) -> tuple[e.ClockWarned | e.ClockBreached, ...]:
    """Warnings and breaches that have become true and were not yet said.

    What came too late was missed, even if nobody looked in between.
    """
    said: list[e.ClockWarned | e.ClockBreached] = []
    for clock in incident.clocks:
        due, stopped = clock.due_at, clock.stopped_at
        if due is None or clock.breached_at is not None:
            continue
        runs = clock.state in _RUNS
        late = clock.state is ClockState.STOPPED and stopped is not None and stopped > due
        if late or (runs and due <= at):
            said.append(e.ClockBreached(clock.target, due))
        elif runs and _warning(clock, at):
            said.append(e.ClockWarned(clock.target, due))
    return tuple(said)


def _warning(clock: Clock, at: datetime) -> bool:
    return clock.warned_at is None and clock.warn_at is not None and clock.warn_at <= at


def rings_at(incident: Incident) -> datetime | None:
    """When the next warning or breach would become true."""
    times = [
        when
        for clock in incident.clocks
        if clock.state in _RUNS and clock.breached_at is None
        for when in (clock.due_at, clock.warn_at if clock.warned_at is None else None)
        if when is not None
    ]
    return min(times, default=None)
