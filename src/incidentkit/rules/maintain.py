"""The life-cycle of planned work, as a table of its own.

What was approved is a window and what it touches; so another window, or other services, must be
approved again. Once the work goes on only its end can be moved.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeAlias

import attrs

from incidentkit.errors import InvalidValue, MissingFields, NotAuthorised, TransitionNotAllowed
from incidentkit.lang.conditions import Condition
from incidentkit.model import incident_events as e
from incidentkit.model import maintenance_changes as m
from incidentkit.model.incident_commands import Command
from incidentkit.model.journal import Event
from incidentkit.model.maintenance import OVER, STARTED, Maintenance, MaintenanceCard
from incidentkit.model.words import MaintenanceState as S
from incidentkit.rules.record_terms import MaintenanceTerms

Decide: TypeAlias = Callable[[Maintenance, Any, datetime, str, MaintenanceTerms], tuple[Event, ...]]


def _need(work: Maintenance, command: Command, **given: object) -> None:
    missing = tuple(field for field, value in given.items() if not value)
    if missing:
        raise MissingFields(work.ref, command.action, missing)


def planned(
    id_: str, ref: str, command: m.PlanMaintenance, at: datetime, by: str, terms: MaintenanceTerms
) -> tuple[m.MaintenancePlanned, tuple[Event, ...]]:
    """The plan that a command asks for, and what follows from it at once.

    Raises MissingFields without a window, InvalidValue for one that is past or ends before it
    begins, a priority outside the scale, or a condition that cannot be read.
    """
    missing = tuple(x for x in ("start", "end") if getattr(command, x) is None)
    if missing or command.start is None or command.end is None:
        raise MissingFields(ref, command.action, missing)
    check_window(command.start, command.end, at)
    card = MaintenanceCard(
        command.subject,
        command.summary,
        command.priority or terms.priorities[0],
        command.services,
        command.components,
        command.expected,
        command.owner or by,
        command.team,
        command.approvers,
        command.audiences,
        command.change,
        command.labels,
        command.backout,
    )
    card = _checked(card, terms)
    made = m.MaintenancePlanned(id_, ref, card, command.start, command.end)
    return made, _unasked(terms)


def check_window(start: datetime, end: datetime, at: datetime) -> None:
    """Raise InvalidValue unless the window ends after it begins and in the future."""
    if end <= start:
        raise InvalidValue("end", "must lie after the start of the window")
    if end <= at:
        raise InvalidValue("end", f"the window is over already: it ends {end.isoformat()}")


def _checked(card: MaintenanceCard, terms: MaintenanceTerms) -> MaintenanceCard:
    if card.priority not in terms.priorities:
        scale = ", ".join(terms.priorities)
        raise InvalidValue("priority", f"{card.priority!r} is none of {scale}")
    return attrs.evolve(card, expected=str(Condition.parse(card.expected)))


def _unasked(terms: MaintenanceTerms) -> tuple[Event, ...]:
    """Where nobody need agree, a plan is approved as it is made."""
    return () if terms.approvals else (m.MaintenanceApproved("policy", True),)


def _approve(
    work: Maintenance,
    command: m.ApproveMaintenance,
    _at: datetime,
    by: str,
    terms: MaintenanceTerms,
) -> tuple[Event, ...]:
    card = work.card
    subject = f"maintenance/{work.ref}"
    if card.approvers and by not in card.approvers:
        why = f"the plan is to be approved by {', '.join(card.approvers)}"
        raise NotAuthorised(by, command.action, subject, why)
    if by == card.owner and not terms.own_approval:
        raise NotAuthorised(by, command.action, subject, "its owner may not approve it as well")
    if by in work.approvals:
        return ()
    needed = min(terms.approvals, len(card.approvers) or terms.approvals)
    return (m.MaintenanceApproved(by, len(work.approvals) + 1 >= needed),)


def _announce(
    work: Maintenance, command: m.AnnounceMaintenance, _at: datetime, _by: str, _t: MaintenanceTerms
) -> tuple[Event, ...]:
    _need(work, command, audiences=work.card.audiences)
    return (m.MaintenanceAnnounced(work.card.audiences),)


def _start(
    work: Maintenance, command: m.StartMaintenance, at: datetime, _by: str, terms: MaintenanceTerms
) -> tuple[Event, ...]:
    if work.end <= at:
        raise InvalidValue("start", f"the window of {work.ref} is over; reschedule it")
    began = _when("started_at", command.started_at, None, at)
    return (m.MaintenanceStarted(began, ask_at(at, work.end, terms)),)


def _when(field: str, given: datetime | None, after: datetime | None, at: datetime) -> datetime:
    """When it happened: as given, if that is not in the future nor before what came before."""
    if given is None:
        return at
    if given > at or (after is not None and given < after):
        raise InvalidValue(field, f"{given.isoformat()} is not between the start and now")
    return given


def ask_at(at: datetime, end: datetime, terms: MaintenanceTerms) -> datetime:
    """When to ask whether it will be done by the end; half-way where the rest is that short."""
    asked = end - terms.ask_before
    return asked if asked > at else at + (end - at) / 2


def _verify(
    _w: Maintenance, _c: m.VerifyMaintenance, _at: datetime, _by: str, _t: MaintenanceTerms
) -> tuple[Event, ...]:
    return (m.MaintenanceVerifying(),)


def _complete(
    work: Maintenance, command: m.CompleteMaintenance, at: datetime, _by: str, _t: MaintenanceTerms
) -> tuple[Event, ...]:
    ended = _when("ended_at", command.ended_at, work.started_at, at)
    return (m.MaintenanceCompleted(ended, command.note),)


def _reschedule(
    work: Maintenance,
    command: m.RescheduleMaintenance,
    at: datetime,
    _by: str,
    terms: MaintenanceTerms,
) -> tuple[Event, ...]:
    _need(work, command, start=command.start, end=command.end, reason=command.reason)
    start, end = command.start or at, command.end or at
    check_window(start, end, at)
    return (m.MaintenanceRescheduled(start, end, command.reason), *_unasked(terms))


def _extend(
    work: Maintenance, command: m.ExtendMaintenance, at: datetime, _by: str, terms: MaintenanceTerms
) -> tuple[Event, ...]:
    _need(work, command, end=command.end, reason=command.reason)
    end = command.end or at
    if end <= max(work.end, at):
        raise InvalidValue("end", "must lie after the end in force, and in the future")
    return (m.MaintenanceExtended(end, work.end, command.reason, ask_at(at, end, terms)),)


def _roll_back(
    work: Maintenance, command: m.RollBackMaintenance, at: datetime, _by: str, _t: MaintenanceTerms
) -> tuple[Event, ...]:
    _need(work, command, reason=command.reason)
    ended = _when("ended_at", command.ended_at, work.started_at, at)
    return (m.MaintenanceRolledBack(ended, command.reason),)


def _cancel(
    work: Maintenance, command: m.CancelMaintenance, _at: datetime, _by: str, _t: MaintenanceTerms
) -> tuple[Event, ...]:
    _need(work, command, reason=command.reason)
    return (m.MaintenanceCancelled(command.reason),)


_FIELDS = tuple(x.name for x in attrs.fields(MaintenanceCard))
_SCOPE = ("services", "components", "expected")


def _edit(
    work: Maintenance, command: m.EditMaintenance, _at: datetime, _by: str, terms: MaintenanceTerms
) -> tuple[Event, ...]:
    given = {x: getattr(command, x) for x in _FIELDS if getattr(command, x) is not None}
    if not given:
        raise MissingFields(work.ref, command.action, _FIELDS)
    card = _checked(attrs.evolve(work.card, **given), terms)
    if card == work.card:
        return ()
    wider = any(getattr(card, x) != getattr(work.card, x) for x in _SCOPE)
    if wider and work.state in STARTED:
        problem = "what it holds back stands while the work goes on; silence further alerts"
        raise InvalidValue(next(x for x in _SCOPE if x in given), problem)
    again = wider and work.state is not S.PLANNED
    return (m.MaintenanceEdited(card, again), *(_unasked(terms) if again else ()))


def _note(
    work: Maintenance, command: m.NoteMaintenance, _at: datetime, _by: str, _t: MaintenanceTerms
) -> tuple[Event, ...]:
    _need(work, command, text=command.text.strip())
    return (e.Noted(command.text),)


@attrs.frozen
class MaintenanceMove:
    """One row of the table; `to` None: the state stays."""

    command: type[Command]
    sources: frozenset[S]
    to: S | None
    needs: tuple[str, ...]
    decide: Decide


_AHEAD = frozenset((S.PLANNED, S.APPROVED, S.ANNOUNCED))
_BEGUN = frozenset(STARTED)
_READY = frozenset((S.APPROVED, S.ANNOUNCED))
MAINTENANCE_MOVES: tuple[MaintenanceMove, ...] = (
    MaintenanceMove(m.ApproveMaintenance, frozenset((S.PLANNED,)), S.APPROVED, (), _approve),
    MaintenanceMove(
        m.AnnounceMaintenance, frozenset((S.APPROVED,)), S.ANNOUNCED, ("audiences",), _announce
    ),
    MaintenanceMove(m.StartMaintenance, _READY, S.IN_PROGRESS, (), _start),
    MaintenanceMove(m.VerifyMaintenance, frozenset((S.IN_PROGRESS,)), S.VERIFYING, (), _verify),
    MaintenanceMove(m.CompleteMaintenance, _BEGUN, S.COMPLETED, (), _complete),
    MaintenanceMove(
        m.RescheduleMaintenance, _AHEAD, S.PLANNED, ("start", "end", "reason"), _reschedule
    ),
    MaintenanceMove(m.ExtendMaintenance, _BEGUN, None, ("end", "reason"), _extend),
    MaintenanceMove(m.RollBackMaintenance, _BEGUN, S.ROLLED_BACK, ("reason",), _roll_back),
    MaintenanceMove(m.CancelMaintenance, _AHEAD, S.CANCELLED, ("reason",), _cancel),
    MaintenanceMove(m.EditMaintenance, frozenset(S) - OVER, None, ("any field",), _edit),
    MaintenanceMove(m.NoteMaintenance, frozenset(S), None, ("text",), _note),
)
"""The life-cycle of planned work; diagrams and documentation are drawn from it."""

_TABLE: Mapping[S, Mapping[type[Command], Decide]] = {
    state: {move.command: move.decide for move in MAINTENANCE_MOVES if state in move.sources}
    for state in S
}


def decide(
    work: Maintenance, command: Command, at: datetime, by: str, terms: MaintenanceTerms
) -> tuple[Event, ...]:
    """The events a command leads to.

    Raises TransitionNotAllowed, MissingFields or InvalidValue as for incidents, and NotAuthorised
    for an approval by somebody who may not give it.
    """
    rule = _TABLE[work.state].get(type(command))
    if rule is None:
        possible = allowed(work.state)
        raise TransitionNotAllowed(work.ref, work.state.value, command.action, possible)
    return rule(work, command, at, by, terms)


def allowed(state: S) -> tuple[str, ...]:
    """The moves that may be made from a state."""
    return tuple(move.command.action for move in MAINTENANCE_MOVES if state in move.sources)
