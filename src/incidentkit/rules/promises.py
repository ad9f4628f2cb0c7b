"""Promises: by when an audience was told that it hears again.

A promise is kept as a clock beside those of the targets, one for each audience, so it is warned,
missed, shown, explained and measured as they are. Nothing pauses it: whoever was told a time waits.
Any notice to the audience keeps it; the end of the incident ends it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import attrs

from incidentkit.model import incident_events as e
from incidentkit.model.clock import Clock
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.incident import Incident
from incidentkit.model.journal import Event
from incidentkit.model.reason import Plain, Reason
from incidentkit.model.words import ACTIVE, ClockState, Moment, State
from incidentkit.rules.clocks import KEPT, PROMISE, RULE, VERSION, judge
from incidentkit.timing.terms import Term

_WARNED = 75


def promise_of(incident: Incident, audience: str) -> Clock | None:
    """The promise that this audience waits for, or waited for last."""
    return incident.clock(PROMISE + audience)


def notified(
    incident: Incident, audience: str, again_in: timedelta | None, at: datetime, policy: str
) -> tuple[tuple[Event, Reason | None], ...]:
    """What a notice does to the promise of its audience: the old one ends, a new one may begin."""
    was = promise_of(incident, audience)
    said: list[tuple[Event, Reason | None]] = []
    if was is not None and was.state is ClockState.RUNNING:
        said += _ended(incident, was, ClockState.STOPPED, at, policy)
    if again_in is not None:
        due = at + again_in
        clock = Clock(
            PROMISE + audience,
            ClockState.RUNNING,
            at,
            due,
            at + again_in * _WARNED // 100,
            history=(*(() if was is None else was.history), due)[-KEPT:],
        )
        said.append((e.ClockMoved(clock), _reason(incident, clock, policy)))
    return tuple(said)


def let_go(incident: Incident, policy: str) -> tuple[tuple[Event, Reason | None], ...]:
    """The promises that end because the incident has: kept as far as they were not due yet."""
    life = incident.life
    if life.state in ACTIVE:
        return ()
    said: list[tuple[Event, Reason | None]] = []
    for clock in incident.clocks:
        if clock.state is ClockState.RUNNING and clock.target.startswith(PROMISE):
            state = ClockState.CANCELLED if life.state is State.CANCELLED else ClockState.STOPPED
            at = incident.course.moments.get(Moment.RESOLVED, life.since)
            said += _ended(incident, clock, state, max(at, clock.started_at or at), policy)
    return tuple(said)


def _ended(
    incident: Incident, clock: Clock, state: ClockState, at: datetime, policy: str
) -> tuple[tuple[Event, Reason | None], ...]:
    over = attrs.evolve(clock, state=state, stopped_at=at)
    moved = (e.ClockMoved(over), _reason(incident, over, policy))
    due = clock.due_at
    if state is ClockState.STOPPED and due is not None and due < at and clock.breached_at is None:
        # Nobody looked in between, and the next promise takes this one's place.
        return (moved, (e.ClockBreached(clock.target, due), None))
    return (moved,)


def _reason(incident: Incident, clock: Clock, policy: str) -> Reason:
    start, due = clock.started_at, clock.due_at
    within = "" if start is None or due is None else str(Term(due - start))
    inputs: FrozenMap[str, Plain] = FrozenMap(
        {
            "target": clock.target,
            "priority": incident.rating.priority.value,
            "within": within,
            "from": "" if start is None else start.isoformat(),
            "pauses": (),
            "state": clock.state.value,
        }
    )
    return Reason(RULE, VERSION, inputs, judge(inputs), policy)
