"""What can be measured of one incident, drawn from the record and its journal.

Instants are those of the record, so that a corrected one counts as corrected; who did what, and
how often, comes from the journal. A redacted entry counts for nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import attrs

from incidentkit.ids import SYSTEM_ACTOR
from incidentkit.model import incident_events as e
from incidentkit.model.impact import Place
from incidentkit.model.incident import Incident
from incidentkit.model.journal import JournalEntry, Recorded
from incidentkit.model.words import (
    CancelReason,
    ClockState,
    Moment,
    Outcome,
    Priority,
    State,
)
from incidentkit.rules.clocks import PROMISE
from incidentkit.rules.impair import spans
from incidentkit.timing.intervals import ZERO, Interval


@attrs.frozen
class Page:
    """One page: to whom, and when it was queued."""

    to: str
    at: datetime


@attrs.frozen
class Measured:
    """One incident as figures are made of it.

    `first_resolved_at` and `first_reopened_at` are of its first ending, `resolved_at` of its last.
    `reopened_for` is how long it was open again after an ending, `targets` what ran and was missed,
    `impaired` which places were impaired from when until when.
    """

    id: str
    ref: str
    priority: Priority
    state: State
    service: str
    outcome: Outcome
    candidate: bool
    declined: bool
    declared_at: datetime
    acknowledged_at: datetime | None
    mitigated_at: datetime | None
    resolved_at: datetime | None
    first_resolved_at: datetime | None
    first_reopened_at: datetime | None
    reopened: int
    reopened_for: timedelta
    holds: tuple[Interval, ...]
    reassigned: int
    moved: int
    alerts: int
    targets: tuple[tuple[str, bool], ...]
    pages: tuple[Page, ...]
    impaired: tuple[tuple[Place, str, Interval], ...] = ()

    @property
    def over(self) -> bool:
        """Whether it stands resolved now."""
        return self.resolved_at is not None

    @property
    def at_first_contact(self) -> bool:
        """Whether it was resolved without a hold, another assignee or team, or a reopening."""
        untouched = not (self.holds or self.reassigned or self.moved or self.reopened)
        return self.over and untouched


def measure(incident: Incident, journal: Sequence[JournalEntry]) -> Measured:
    """What can be measured of an incident, given its whole journal in order."""
    recorded = [entry.recorded for entry in journal if entry.recorded is not None]
    moments = incident.course.moments
    ended = incident.life.state in (State.RESOLVED, State.CLOSED)
    endings, openings = _turns(recorded)
    cancelled = incident.course.ending.cancelled
    return Measured(
        incident.id,
        incident.ref,
        incident.rating.priority,
        incident.life.state,
        incident.card.service or "",
        incident.course.outcome,
        incident.life.candidate,
        cancelled is CancelReason.DECLINED,
        declared_at(incident),
        _acknowledged_at(incident, recorded),
        moments.get(Moment.MITIGATED),
        moments.get(Moment.RESOLVED) if ended else None,
        endings[0] if endings else None,
        openings[0] if openings else None,
        len(openings),
        _reopened_for(endings, openings),
        tuple(hold.interval for hold in incident.course.holds),
        sum(_handed_on(each.event) for each in recorded),
        sum(_moved_on(each.event) for each in recorded),
        incident.ties.alerts,
        tuple(
            (clock.target, clock.breached_at is not None)
            for clock in incident.clocks
            if clock.started_at is not None
            and clock.state is not ClockState.CANCELLED
            and not clock.target.startswith(PROMISE)
        )
        + _promises(recorded),
        tuple(Page(x.event.to, x.at) for x in recorded if isinstance(x.event, e.PageQueued)),
        spans(incident),
    )


def _promises(recorded: Sequence[Recorded]) -> tuple[tuple[str, bool], ...]:
    """Every promise of another word, and whether it was missed; a clock knows the last one only."""
    kept: list[tuple[str, bool]] = []
    standing: dict[str, bool] = {}
    for each in recorded:
        event = each.event
        if isinstance(event, e.ClockBreached) and event.target in standing:
            standing[event.target] = True
        elif isinstance(event, e.ClockMoved) and event.clock.target.startswith(PROMISE):
            target, state = event.clock.target, event.clock.state
            if state is ClockState.RUNNING:
                if target in standing:
                    kept.append((target, standing[target]))
                standing[target] = False
            elif state is ClockState.CANCELLED:
                standing.pop(target, None)
    return (*kept, *standing.items())


def declared_at(incident: Incident) -> datetime:
    """When it was declared, as the column says: else reported, else since it stands as it does."""
    moments = incident.course.moments
    return moments.get(Moment.DECLARED) or moments.get(Moment.REPORTED) or incident.life.since


def _acknowledged_at(incident: Incident, recorded: Sequence[Recorded]) -> datetime | None:
    """When a person first acknowledged it, as corrected; a rule's acknowledgement is nobody's."""
    for each in recorded:
        event = each.event
        if isinstance(event, e.MomentCorrected) and event.moment is Moment.ACKNOWLEDGED:
            return incident.course.moments.get(Moment.ACKNOWLEDGED)
    for each in recorded:
        if isinstance(each.event, e.Acknowledged) and each.event.holder != SYSTEM_ACTOR:
            return each.at
    return None


def _turns(recorded: Sequence[Recorded]) -> tuple[list[datetime], list[datetime]]:
    """When it was resolved, and when it was opened again after that."""
    endings: list[datetime] = []
    openings: list[datetime] = []
    for each in recorded:
        if isinstance(each.event, e.Resolved):
            endings.append(each.at)
        elif isinstance(each.event, e.Reopened) and endings:
            openings.append(each.at)
    return endings, openings


def _reopened_for(endings: Sequence[datetime], openings: Sequence[datetime]) -> timedelta:
    """How long it was open again, up to the next ending of each time."""
    spent = ZERO
    for opened in openings:
        later = [ended for ended in endings if ended >= opened]
        spent += (later[0] - opened) if later else ZERO
    return spent


def _handed_on(event: object) -> bool:
    """Whether the work went from one assignee to another."""
    return isinstance(event, e.Assigned) and bool(event.was and event.assignee)


def _moved_on(event: object) -> bool:
    """Whether the work went from one team to another."""
    return isinstance(event, e.TeamChanged) and bool(event.was and event.team)
