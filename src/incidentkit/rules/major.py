"""The overlay of a major incident: proposed, decided, ended.

ITIL practice has major incidents handled by a procedure of their own, and somebody on duty who says
that it is one. What follows by itself (rules of the policy, silence, missing roles) is decided in
`major_follow`.
"""

from __future__ import annotations

from datetime import datetime

import attrs

from incidentkit.model import major_changes as m
from incidentkit.model.incident import Incident
from incidentkit.model.incident_commands import Command
from incidentkit.model.journal import Event
from incidentkit.model.overlays import MajorRun
from incidentkit.model.words import ACTIVE, MajorState
from incidentkit.rules.evolve_parts import overlaid
from incidentkit.rules.moves import need
from incidentkit.rules.table import NOT_OVER, Move, Part
from incidentkit.rules.terms import LifecycleTerms
from incidentkit.rules.ways import Way, check
from incidentkit.timing.intervals import Interval

_NONE, _PROPOSED, _ACCEPTED, _REJECTED, _STOOD_DOWN, _DEMOTED = MajorState

MAJOR_WAYS = (
    Way("propose_major", (_NONE, _REJECTED, _STOOD_DOWN, _DEMOTED), _PROPOSED),
    Way("accept_major", (_NONE, _PROPOSED), _ACCEPTED),
    Way("reject_major", (_PROPOSED,), _REJECTED, ("reason",)),
    Way("stand_down", (_ACCEPTED,), _STOOD_DOWN),
    Way("demote", (_ACCEPTED,), _DEMOTED, ("reason",)),
)
"""Every way of the overlay; the rules of a policy propose and accept only where nothing was said
yet."""


def _may(incident: Incident, command: Command) -> None:
    state = incident.dossier.overlays.major
    check(MAJOR_WAYS, f"{incident.ref} (major)", state.value, command.action)


def propose(
    incident: Incident, command: m.ProposeMajor, at: datetime, _by: str, terms: LifecycleTerms
) -> tuple[Event, ...]:
    """The duty is asked; the policy decides after a while."""
    _may(incident, command)
    return (m.MajorProposed(command.reason, "", at + terms.overlays.major.answer_within),)


def accept(
    incident: Incident, command: m.AcceptMajor, _at: datetime, _by: str, _terms: LifecycleTerms
) -> tuple[Event, ...]:
    """It is one, whether it was proposed before or not."""
    _may(incident, command)
    return (m.MajorAccepted(command.reason),)


def reject(
    incident: Incident, command: m.RejectMajor, _at: datetime, _by: str, _terms: LifecycleTerms
) -> tuple[Event, ...]:
    """It is none; why."""
    _may(incident, command)
    need(incident, command, reason=command.reason)
    return (m.MajorRejected(command.reason),)


def stand_down(
    incident: Incident, command: m.StandDown, _at: datetime, _by: str, _terms: LifecycleTerms
) -> tuple[Event, ...]:
    """It was one, and needs the procedure no longer."""
    _may(incident, command)
    return (m.MajorStoodDown(command.reason),)


def demote(
    incident: Incident, command: m.Demote, _at: datetime, _by: str, _terms: LifecycleTerms
) -> tuple[Event, ...]:
    """It never was one; why."""
    _may(incident, command)
    need(incident, command, reason=command.reason)
    return (m.MajorDemoted(command.reason),)


# --- what the events make of it -------------------------------------------------------------------


def _run(incident: Incident) -> MajorRun:
    return incident.dossier.overlays.run


def _proposed(i: Incident, v: m.MajorProposed, _at: datetime) -> Incident:
    run = attrs.evolve(_run(i), answer_by=v.answer_by)
    return overlaid(i, major=MajorState.PROPOSED, run=run)


def _accepted(i: Incident, _event: m.MajorAccepted, at: datetime) -> Incident:
    was = _run(i)
    run = MajorRun(None, (), None, (*was.spells, Interval(at)), was.problem_proposed)
    return overlaid(i, major=MajorState.ACCEPTED, run=run)


def _rejected(i: Incident, _event: m.MajorRejected, _at: datetime) -> Incident:
    return overlaid(i, major=MajorState.REJECTED, run=attrs.evolve(_run(i), answer_by=None))


def _over(i: Incident, at: datetime, state: MajorState) -> Incident:
    was = _run(i)
    last = was.spells[-1].start
    spells = (*was.spells[:-1], Interval(last, max(last, at)))
    return overlaid(i, major=state, run=MajorRun(None, (), None, spells, was.problem_proposed))


def _stood_down(i: Incident, _event: m.MajorStoodDown, at: datetime) -> Incident:
    return _over(i, at, MajorState.STOOD_DOWN)


def _demoted(i: Incident, _event: m.MajorDemoted, at: datetime) -> Incident:
    return _over(i, at, MajorState.DEMOTED)


def _unanswered(i: Incident, _event: Event, _at: datetime) -> Incident:
    return overlaid(i, run=attrs.evolve(_run(i), answer_by=None))


def _staffing(i: Incident, v: m.MajorStaffing, _at: datetime) -> Incident:
    return overlaid(i, run=attrs.evolve(_run(i), missing=v.missing, staff_by=v.staff_by))


def _unstaffed(i: Incident, v: m.MajorUnstaffed, _at: datetime) -> Incident:
    return overlaid(i, run=attrs.evolve(_run(i), missing=v.missing, staff_by=None))


PART = Part(
    (
        Move(m.ProposeMajor, ACTIVE, None, (), propose),
        Move(m.AcceptMajor, NOT_OVER, None, (), accept),
        Move(m.RejectMajor, NOT_OVER, None, ("reason",), reject),
        Move(m.StandDown, NOT_OVER, None, (), stand_down),
        Move(m.Demote, NOT_OVER, None, ("reason",), demote),
    ),
    {
        m.MajorProposed: _proposed,
        m.MajorAccepted: _accepted,
        m.MajorRejected: _rejected,
        m.MajorStoodDown: _stood_down,
        m.MajorDemoted: _demoted,
        m.MajorUnanswered: _unanswered,
        m.MajorStaffing: _staffing,
        m.MajorUnstaffed: _unstaffed,
    },
)
