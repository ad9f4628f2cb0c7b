"""Incidents and problems for the tests of rules, reached by events as a desk would reach them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import attrs

from incidentkit.ids import IncidentId
from incidentkit.model import incident_commands as c
from incidentkit.model import incident_events as e
from incidentkit.model import problem as p
from incidentkit.model.incident import Card, Course, Hold, Incident, Life, Rating, Ties
from incidentkit.model.journal import Event
from incidentkit.model.words import (
    CancelReason,
    Moment,
    Priority,
    ProblemState,
    State,
)
from incidentkit.rules import lifecycle, problem_lifecycle
from incidentkit.rules.evolve import birth, evolve
from incidentkit.rules.terms import LifecycleTerms
from incidentkit.timing.intervals import Interval

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TERMS = LifecycleTerms()


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def at(count: float) -> datetime:
    """So many minutes after the start."""
    return START + minutes(count)


def declared(*, candidate: bool = False, reporter: str | None = "carl") -> Incident:
    card = Card("Checkout fails", service="checkout", reporter=reporter)
    return birth(e.Declared("1", "INC-1", card, candidate), START)


def after(incident: Incident, *events: Event, when: datetime | None = None) -> Incident:
    """The incident after these events, one minute apart or all at `when`."""
    for count, event in enumerate(events, 1):
        moment = incident.life.since + minutes(count) if when is None else when
        incident = evolve(incident, event, moment, "system")
    return incident


def do(
    incident: Incident,
    command: c.Command,
    when: float,
    by: str = "ana",
    terms: LifecycleTerms = TERMS,
) -> Incident:
    """The incident after a command, so many minutes after the start."""
    for event in lifecycle.decide(incident, command, at(when), by, terms):
        incident = evolve(incident, event, at(when), by)
    return incident


RESOLVED = e.Resolved("fixed", "restarted", at(3), "", declared().course.outcome)
ROADS: dict[State, tuple[Event, ...]] = {
    State.NEW: (),
    State.TRIAGED: (e.Rated("high", "low", ""), e.Triaged()),
    State.IN_PROGRESS: (e.Started(),),
    State.ON_HOLD: (e.Started(), e.Held("vendor", "ACME")),
    State.MITIGATED: (e.Started(), e.Mitigated(at(2))),
    State.OBSERVING: (e.ObservationBegun(None, "quiet for an hour"),),
    State.RESOLVED: (e.Started(), RESOLVED),
    State.CLOSED: (e.Started(), RESOLVED, e.Closed()),
    State.CANCELLED: (e.Started(), e.Cancelled(CancelReason.WITHDRAWN, "", "")),
}
"""A way into each state."""


def standing(state: State) -> Incident:
    """An incident in that state."""
    return after(declared(), *ROADS[state])


def rated(incident: Incident, priority: Priority, impact: str = "high") -> Incident:
    return attrs.evolve(incident, rating=Rating(impact, "high", priority, False))


def paused(incident: Incident, pauses: Iterable[Interval], reason: str = "vendor") -> Incident:
    """The incident with exactly these holds behind it."""
    holds = tuple(Hold(reason, "ACME", each) for each in pauses)
    course = incident.course
    return attrs.evolve(
        incident, course=Course(course.moments, holds, course.ending, course.outcome)
    )


def reached(incident: Incident, moment: Moment, when: datetime) -> Incident:
    course = incident.course
    moments = course.moments.with_(moment, when)
    return attrs.evolve(
        incident, course=Course(moments, course.holds, course.ending, course.outcome)
    )


def firing(incident: Incident, alerts: int = 1) -> Incident:
    return attrs.evolve(incident, ties=Ties(incident.ties.links, alerts, alerts))


def problem(state: ProblemState = ProblemState.NEW) -> p.Problem:
    raised = p.ProblemRaised("9", "PRB-1", "Pool leaks", "", "checkout", "software", "bob")
    found = problem_lifecycle.birth(raised, START)
    return attrs.evolve(found, state=state)


def bare(state: State, since: datetime = START) -> Incident:
    """An incident that never had a past: only what a rule may need."""
    return Incident(IncidentId("1"), "INC-1", 1, Card("x"), Rating(), Life(state, since))
