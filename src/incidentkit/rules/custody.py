"""Legal hold, redaction, and the plan to close by itself: what may be taken away, and what not."""

from __future__ import annotations

from datetime import datetime

import attrs

from incidentkit.errors import InvalidValue, TransitionNotAllowed
from incidentkit.model import custody_changes as k
from incidentkit.model.incident import Incident
from incidentkit.model.incident_commands import Command
from incidentkit.model.journal import Event
from incidentkit.model.overlays import LegalHold
from incidentkit.rules.evolve_life import same
from incidentkit.rules.evolve_parts import overlaid
from incidentkit.rules.moves import need
from incidentkit.rules.table import EVERYWHERE, Move, Part
from incidentkit.rules.terms import LifecycleTerms
from incidentkit.timing.instants import show_instant


def held(incident: Incident) -> str:
    """Why nothing of it may be taken away now; empty while nothing hinders it."""
    hold = incident.dossier.overlays.legal_hold
    if hold is None:
        return ""
    return f"on legal hold since {show_instant(hold.since)} by {hold.by}: {hold.reason}"


def _refuse(incident: Incident, state: str, command: Command, allowed: str) -> None:
    raise TransitionNotAllowed(f"{incident.ref} (legal hold)", state, command.action, (allowed,))


def place(
    incident: Incident, command: k.PlaceLegalHold, _at: datetime, by: str, _terms: LifecycleTerms
) -> tuple[Event, ...]:
    """A hold needs a reason; there is one at a time."""
    why = held(incident)
    if why:
        _refuse(incident, why, command, "lift_legal_hold")
    need(incident, command, reason=command.reason)
    return (k.LegalHoldPlaced(command.reason, by),)


def lift(
    incident: Incident, command: k.LiftLegalHold, _at: datetime, _by: str, _terms: LifecycleTerms
) -> tuple[Event, ...]:
    """A hold that there is; lifting it needs a reason too."""
    if not held(incident):
        _refuse(incident, "not on legal hold", command, "place_legal_hold")
    need(incident, command, reason=command.reason)
    return (k.LegalHoldLifted(command.reason),)


def redact(
    incident: Incident, command: k.Redact, _at: datetime, _by: str, _terms: LifecycleTerms
) -> tuple[Event, ...]:
    """Entries that there are, for a reason, and never under a legal hold."""
    why = held(incident)
    if why:
        _refuse(incident, why, command, "lift_legal_hold")
    need(incident, command, seqs=command.seqs, reason=command.reason)
    if command.seqs[-1] > incident.version:
        raise InvalidValue("seqs", f"the journal of {incident.ref} ends at {incident.version}")
    return (k.Redacted(command.seqs, command.reason),)


def _placed(i: Incident, v: k.LegalHoldPlaced, at: datetime) -> Incident:
    return overlaid(i, legal_hold=LegalHold(at, v.by, v.why))


def _lifted(i: Incident, _event: k.LegalHoldLifted, _at: datetime) -> Incident:
    return overlaid(i, legal_hold=None)


REDACTED = "[redacted]"
"""What stands where a title or a remedy was; a summary is left empty."""


def blanked(incident: Incident, fields: tuple[str, ...]) -> Incident:
    """The incident without what its title, its summary or its remedy said."""
    if not fields:
        return incident
    card = incident.card
    title = REDACTED if "title" in fields else card.title
    summary = "" if "summary" in fields else card.summary
    course = incident.course
    if "remedy" in fields:
        course = attrs.evolve(course, ending=attrs.evolve(course.ending, remedy=REDACTED))
    return attrs.evolve(
        incident, card=attrs.evolve(card, title=title, summary=summary), course=course
    )


def _redacted(i: Incident, v: k.Redacted, at: datetime) -> Incident:
    return blanked(same(i, v, at), v.card)


def _planned(i: Incident, v: k.AutoClosePlanned, _at: datetime) -> Incident:
    return overlaid(i, closes_at=v.closes_at)


PART = Part(
    (
        Move(k.PlaceLegalHold, EVERYWHERE, None, ("reason",), place),
        Move(k.LiftLegalHold, EVERYWHERE, None, ("reason",), lift),
        Move(k.Redact, EVERYWHERE, None, ("seqs", "reason"), redact, (), True),
    ),
    {
        k.LegalHoldPlaced: _placed,
        k.LegalHoldLifted: _lifted,
        k.Redacted: _redacted,
        k.AutoClosePlanned: _planned,
    },
)
