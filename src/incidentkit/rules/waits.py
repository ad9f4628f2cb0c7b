"""What ends a wait, and what happens while nobody answers.

A hold has a reason; the policy says for each reason what ends it by itself and whether whoever is
waited for is reminded. GLPI's pending reasons are the model: so many reminders, so far apart, then
the incident is resolved or goes on waiting. Without such a rule a wait lasts until it is ended.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import attrs

from incidentkit.model import incident_commands as c
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.incident import Hold, Incident
from incidentkit.model.reason import Plain, Reason
from incidentkit.model.words import State
from incidentkit.rules.relation_terms import NO_HOLD_TERMS, HoldTerms
from incidentkit.rules.terms import LifecycleTerms

RULE = "waits.follow_up"
VERSION = 1
REMIND, RESOLVE, WAIT = "remind", "resolve", "wait"


def current(incident: Incident) -> Hold | None:
    """The hold it is on now."""
    holds = incident.course.holds
    return holds[-1] if incident.life.state is State.ON_HOLD and holds else None


def terms_of(reason: str, terms: LifecycleTerms) -> HoldTerms:
    """What the policy says of a reason; nothing, for one that it does not name."""
    return terms.holds.get(reason, NO_HOLD_TERMS)


def waits_for(incident: Incident, trigger: str, terms: LifecycleTerms) -> bool:
    """Whether it is on hold, and this ends the hold by itself."""
    hold = current(incident)
    return hold is not None and trigger in terms_of(hold.reason, terms).resume_on


def resumed_by(incident: Incident, trigger: str, terms: LifecycleTerms) -> tuple[c.Command, ...]:
    """What ends the wait, where this trigger does."""
    return (c.Resume(incident.ref),) if waits_for(incident, trigger, terms) else ()


def court(incident: Incident, command: c.Hold, terms: LifecycleTerms) -> str:
    """Whose court the ball is in: as said, else the policy's, else the reporter's they wait for."""
    known = terms_of(command.reason, terms)
    if command.court or known.court:
        return command.court or known.court
    return (incident.card.reporter or "") if "reporter" in known.resume_on else ""


def first_reminder(reason: str, at: datetime, terms: LifecycleTerms) -> datetime | None:
    """When somebody is to be reminded of a wait that begins now, if at all."""
    known = terms_of(reason, terms)
    due = known.remind_every is not None and (known.reminders or known.resolves)
    return at + known.remind_every if due and known.remind_every is not None else None


@attrs.frozen
class FollowUp:
    """What a wait that nobody answered leads to now; the reason's outcome says which."""

    number: int
    to: str
    next_at: datetime | None
    terms: HoldTerms
    reason: Reason


def follow_up(
    incident: Incident, at: datetime, terms: LifecycleTerms, policy: str = ""
) -> FollowUp | None:
    """The next reminder, or the end of the wait; None while nothing is due."""
    hold = current(incident)
    if hold is None or hold.remind_at is None or hold.remind_at > at:
        return None
    known = terms_of(hold.reason, terms)
    inputs: FrozenMap[str, Plain] = FrozenMap(
        {
            "hold": hold.reason,
            "waiting_for": hold.court,
            "reminded": hold.reminded,
            "reminders": known.reminders,
            "then": RESOLVE if known.resolves else WAIT,
        }
    )
    outcome = judge(inputs)
    # The wait after the last reminder is as long as the others: only then it counts as unanswered.
    goes_on = outcome == REMIND and (hold.reminded + 1 < known.reminders or known.resolves)
    every = known.remind_every
    next_at = at + every if goes_on and every is not None else None
    reason = Reason(RULE, VERSION, inputs, outcome, policy)
    return FollowUp(hold.reminded + 1, hold.court, next_at, known, reason)


def judge(inputs: Mapping[str, Plain]) -> str:
    """`remind`, `resolve` or `wait`, drawn from plain inputs."""
    reminded, reminders = inputs["reminded"], inputs["reminders"]
    if isinstance(reminded, int) and isinstance(reminders, int) and reminded < reminders:
        return REMIND
    return str(inputs["then"])
