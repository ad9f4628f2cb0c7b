"""An incident at a glance: six lines for a terminal, one row for a list."""

from __future__ import annotations

from datetime import datetime

from incidentkit.model.clock import Clock
from incidentkit.model.incident import Incident
from incidentkit.model.words import ClockState, Moment, Outcome, State
from incidentkit.timing.instants import show_instant
from incidentkit.views import dossier
from incidentkit.views.beside import overlays, tasks
from incidentkit.views.sentences_life import tie
from incidentkit.views.text import followed, listing, many, name, plain, span, words

COLUMNS = (
    "ref",
    "priority",
    "state",
    "response",
    "service",
    "assignee",
    "age",
    "title",
)
"""The columns of `row`, in order."""

WATCHERS = 5
"""Watchers that are named on a card; the record has all of them."""
REMEDY = 200
_OVER = (ClockState.STOPPED, ClockState.CANCELLED)


def row(incident: Incident, now: datetime) -> tuple[str, ...]:
    """One incident for a list, in the order of `COLUMNS`; its age counts from its declaration."""
    life = incident.life
    state = f"{words(life.state)}{' (candidate)' if life.candidate else ''}"
    began = incident.moment(Moment.DECLARED) or life.since
    return (
        plain(incident.ref),
        _priority(incident),
        state,
        words(life.response) if incident.active else "-",
        plain(incident.card.service or "-", 60),
        plain(incident.assignee or "-", 60),
        span(now - began),
        plain(incident.title, 120),
    )


def card(incident: Incident) -> str:
    """Six lines: what it is, its title, its state, its people, its targets, its ties.

    One more each for what lies over its life-cycle and for its tasks, where there is any; under
    them one for each part of its dossier that there is.
    """
    life, people = incident.life, incident.people
    service = f" on {name(incident.card.service)}" if incident.card.service else ""
    state = f"{words(life.state)} since {show_instant(life.since)}{_held(incident)}"
    candidate = ", a candidate" if life.candidate else ""
    roles = tuple(f"{plain(x.role)} {name(x.holder)}" for x in people.roles if x.until is None)
    team = f"team {name(people.team)}" if people.team else ""
    owner = f"owner {name(people.owner)}" if people.owner else ""
    reporter = f"reporter {name(incident.card.reporter)}" if incident.card.reporter else ""
    watched = ", ".join(name(each) for each in people.watchers[:WATCHERS])
    beyond = len(people.watchers) - WATCHERS
    watchers = f"watched by {watched}{f' and {beyond} more' if beyond > 0 else ''}"
    beside = tuple(x for x in (overlays(incident), tasks(incident)) if x)
    return "\n".join(
        (
            f"{plain(incident.ref)}  {_priority(incident)} {incident.priority.label}{service}",
            plain(incident.title, 200),
            f"{state}{candidate}; {_response(incident)}",
            listing(
                (
                    f"assignee {name(people.assignee)}",
                    team,
                    owner,
                    reporter,
                    *roles,
                    watchers if watched else "",
                )
            ),
            f"due: {_due(incident)}",
            _ties(incident),
            *beside,
            *dossier.lines(incident),
        )
    )


def _priority(incident: Incident) -> str:
    return f"{incident.priority}{'?' if incident.rating.provisional else ''}"


def _held(incident: Incident) -> str:
    """Why it waits and for whom, while it does."""
    if incident.life.state is not State.ON_HOLD or not incident.course.holds:
        return ""
    hold = incident.course.holds[-1]
    return f", {plain(hold.reason, REMEDY)}, waiting for {name(hold.court)}"


def _response(incident: Incident) -> str:
    if not incident.active:
        ending, outcome = incident.course.ending, incident.course.outcome
        said = plain(ending.code) or words(ending.cancelled or "over")
        turned = "" if words(outcome) in (said, words(Outcome.ACTUAL)) else f", {words(outcome)}"
        return followed(f"{said}{turned}", ending.remedy[:REMEDY])
    holders = ", ".join(
        f"{name(x.holder)} until {show_instant(x.until)}" for x in incident.attention.leases
    )
    return f"{words(incident.life.response)}{f' by {holders}' if holders else ''}"


def _due(incident: Incident) -> str:
    running = tuple(_clock(x) for x in incident.clocks if x.state not in _OVER)
    return "; ".join(running) or "nothing"


def _clock(clock: Clock) -> str:
    if clock.due_at is None:
        return f"{plain(clock.target)} {words(clock.state)}"
    paused = ", paused" if clock.state is ClockState.PAUSED else ""
    missed = ", missed" if clock.breached_at else ""
    return f"{plain(clock.target)} {show_instant(clock.due_at)}{paused}{missed}"


def _ties(incident: Incident) -> str:
    ties = incident.ties
    alerts = f"{many(ties.alerts, 'alert')}, {ties.firing} firing" if ties.alerts else "no alerts"
    links = ", ".join(tie(x.kind, x.ref) for x in ties.links[:5])
    more = f" and {len(ties.links) - 5} more" if len(ties.links) > 5 else ""
    reports = f", {many(ties.reports, 'report')}" if ties.reports else ""
    return f"{alerts}{reports}{f'; {links}{more}' if links else ''}"
