"""The life-cycle of an incident, as a table: from which states a command leads where.

How to read it. A row of MOVES is one command: the states it may come from, the state it leads to,
and the fields it needs. What is not in the table is refused, naming what would be allowed. Every
forward skip is in it, when the fields it needs are present: people write down late what happened
early. `decide` turns a command into events or refuses; `evolve` (beside this file) applies events.
The categories follow ITIL practice; candidate, mitigated and observing come from incident response.
"""

from __future__ import annotations

from datetime import datetime

from incidentkit.errors import TransitionNotAllowed
from incidentkit.model import incident_commands as c
from incidentkit.model import incident_events as e
from incidentkit.model.incident import Incident
from incidentkit.model.journal import Event
from incidentkit.model.words import ACTIVE, State
from incidentkit.rules import beyond, endings, moves, roles
from incidentkit.rules.table import EVERYWHERE, NOT_OVER, Decide, Move
from incidentkit.rules.terms import LifecycleTerms

N, T, W, H, M, O, R, C, X = State  # noqa: E741  (one letter a state keeps the table readable)


MOVES: tuple[Move, ...] = (
    #    command     from                        to    needs
    Move(c.Accept, frozenset((N,)), N, (), moves.accept),
    Move(c.Decline, frozenset((N,)), X, ("reason",), moves.decline),
    Move(c.Triage, frozenset((N,)), T, ("impact", "urgency"), moves.triage),
    Move(c.Start, frozenset((N, T, H)), W, (), moves.start),
    Move(c.Hold, ACTIVE, H, ("reason", "court"), moves.hold),
    Move(c.Resume, frozenset((H,)), None, (), moves.resume, (N, T, W, M, O)),
    Move(c.Mitigate, frozenset((N, T, W, H)), M, ("restored_at (default: now)",), moves.mitigate),
    Move(c.Observe, frozenset((N, T, W, H, M)), O, ("until or condition",), moves.observe),
    Move(c.Regress, frozenset((M, O)), W, ("reason",), moves.regress),
    Move(c.Resolve, ACTIVE, R, ("code", "remedy"), endings.resolve),
    Move(c.Close, ACTIVE | {R}, C, ("code", "remedy (from an active state)"), endings.close),
    Move(c.Reopen, frozenset((R, C, X)), None, ("reason",), endings.reopen, (W, H)),
    Move(c.Cancel, ACTIVE | {R}, X, ("reason",), endings.cancel),
)
"""The life-cycle. Diagrams and documentation are drawn from it."""

STAYS: tuple[Move, ...] = (
    Move(c.Acknowledge, ACTIVE, None, (), moves.acknowledge),
    Move(c.Assign, NOT_OVER, None, (), moves.assign),
    Move(c.Watch, EVERYWHERE, None, (), moves.watch),
    Move(c.TakeRole, NOT_OVER, None, (), roles.take_role),
    Move(c.LeaveRole, NOT_OVER, None, (), roles.leave_role),
    Move(c.Prioritise, NOT_OVER, None, (), moves.prioritise),
    Move(c.AddNote, EVERYWHERE, None, ("text",), moves.add_note),
    Move(c.Reply, EVERYWHERE, None, ("text",), moves.reply),
    Move(c.Edit, EVERYWHERE, None, (), moves.edit),
    Move(c.Correct, EVERYWHERE, None, (), moves.correct),
    Move(c.LinkTo, EVERYWHERE, None, (), moves.link),
    Move(c.Unlink, EVERYWHERE, None, (), moves.unlink),
    Move(c.Notify, EVERYWHERE, None, (), moves.notify),
    Move(c.Redecide, EVERYWHERE, None, (), moves.redecide),
)
"""Commands that leave the state as it is, and the states in which they make sense."""

TABLE: dict[State, dict[type[c.Command], Decide]] = {
    state: {move.command: move.decide for move in (*MOVES, *STAYS) if state in move.sources}
    for state in State
}
_KEEPS_CANDIDATE = frozenset((c.Accept, c.Decline, c.Cancel, c.AddNote, c.Redecide))
_ACCEPTED = (e.Accepted(),)


def decide(
    incident: Incident, command: c.Command, at: datetime, by: str, terms: LifecycleTerms
) -> tuple[Event, ...]:
    """The events a command leads to; nothing is changed.

    Raises TransitionNotAllowed for a pair outside the table, MissingFields when the move needs
    fields that were not given, InvalidValue for fields that cannot be true.
    """
    rule = TABLE[incident.life.state].get(type(command))
    if rule is None:
        rule = beyond.decision(type(command), incident.life.state)
    if rule is None:
        raise TransitionNotAllowed(
            incident.ref, incident.life.state.value, command.action, open_to(incident, at, terms)
        )
    events = rule(incident, command, at, by, terms)
    if incident.life.candidate and not _keeps_candidate(type(command)):
        return _ACCEPTED + events
    return events


def _keeps_candidate(command: type[c.Command]) -> bool:
    if command in _KEEPS_CANDIDATE:
        return True
    row = beyond.row(command)
    return row is not None and row.keeps_candidate


def open_to(incident: Incident, at: datetime, terms: LifecycleTerms) -> tuple[str, ...]:
    """The moves that the incident may make now; where it stays shut, what there is instead."""
    moves = allowed(incident.life.state)
    if not endings.stays_shut(incident, at, terms):
        return moves
    return (*(x for x in moves if x != c.Reopen.action), endings.SUCCESSOR)


def allowed(state: State) -> tuple[str, ...]:
    """The moves that may be made from a state, in the order of the table."""
    return tuple(move.action for move in MOVES if state in move.sources)
