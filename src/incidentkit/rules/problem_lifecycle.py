"""The life-cycle of a problem, as a table of its own: apart from the incidents it causes."""

from __future__ import annotations

from datetime import datetime

from incidentkit.errors import TransitionNotAllowed
from incidentkit.model import problem as p
from incidentkit.model import problem_changes as k
from incidentkit.model.incident_commands import Command
from incidentkit.model.journal import Event
from incidentkit.model.words import ProblemState as S
from incidentkit.rules.known_errors import KNOWN_ERROR, retired_by, review, reviewed_at
from incidentkit.rules.problem_evolve import birth as birth
from incidentkit.rules.problem_evolve import evolve as evolve
from incidentkit.rules.problem_keeping import KEEPING
from incidentkit.rules.problem_table import WORK, Decide, ProblemMove, need, to_come
from incidentkit.rules.problem_terms import RESOLVES, ProblemTerms

T = ProblemTerms
PLAIN_TERMS = ProblemTerms()


def _assess(_p: p.Problem, _c: p.Assess, _at: datetime, _t: T) -> tuple[Event, ...]:
    return (p.ProblemMoved(S.ASSESSING),)


def _analyse(_p: p.Problem, _c: p.Analyse, _at: datetime, _t: T) -> tuple[Event, ...]:
    return (p.ProblemMoved(S.ANALYSING),)


def _fix(_p: p.Problem, command: p.Fix, _at: datetime, _t: T) -> tuple[Event, ...]:
    return (p.FixBegun(S.FIXING, cause=command.cause, workaround=command.workaround),)


def _verify(problem: p.Problem, command: p.Verify, at: datetime, _t: T) -> tuple[Event, ...]:
    need(problem, command, until=command.until, criterion=command.criterion)
    to_come("until", command.until, at)
    begun = p.VerificationBegun(
        S.VERIFYING, "", command.until, command.criterion, command.watch, command.remedy
    )
    return (begun,)


def _resolve(
    problem: p.Problem, command: p.ResolveProblem, _at: datetime, _t: T
) -> tuple[Event, ...]:
    need(problem, command, remedy=command.remedy)
    return (p.ProblemResolved(S.RESOLVED, remedy=command.remedy),)


def _close(_p: p.Problem, _c: p.CloseProblem, _at: datetime, _t: T) -> tuple[Event, ...]:
    return (p.ProblemMoved(S.CLOSED),)


def _reanalyse(problem: p.Problem, command: p.Reanalyse, _at: datetime, _t: T) -> tuple[Event, ...]:
    need(problem, command, reason=command.reason)
    return (p.ProblemMoved(S.ANALYSING, command.reason),)


def _accept_risk(
    problem: p.Problem, command: p.AcceptRisk, at: datetime, _t: T
) -> tuple[Event, ...]:
    need(problem, command, expires_at=command.expires_at, reason=command.reason)
    to_come("expires_at", command.expires_at, at)
    return (p.RiskAccepted(S.RISK_ACCEPTED, command.reason, expires_at=command.expires_at),)


def _cancel(
    problem: p.Problem, command: p.CancelProblem, _at: datetime, _t: T
) -> tuple[Event, ...]:
    need(problem, command, reason=command.reason or command.duplicate_of)
    if command.duplicate_of:
        return (p.ProblemMoved(S.DUPLICATE, f"duplicate of {command.duplicate_of}"),)
    return (p.ProblemMoved(S.CANCELLED, command.reason),)


def wake(problem: p.Problem, at: datetime, terms: T = PLAIN_TERMS) -> tuple[Event, ...]:
    """What time alone has made true: a risk is accepted no longer, a fix has held, a review is due.

    Whether an incident speaks against the fix must have been looked at before.
    """
    events: list[Event] = []
    due = problem.until is not None and problem.until <= at
    if due and problem.state is S.RISK_ACCEPTED:
        events.append(p.ProblemMoved(S.ANALYSING, "the acceptance of the risk expired"))
    elif due and problem.state is S.VERIFYING and problem.until is not None:
        if terms.verified == RESOLVES and not problem.doubt:
            remedy = problem.remedy or f"verified: {problem.criterion}"
            why = "nothing spoke against the fix"
            events.append(p.ProblemResolved(S.RESOLVED, why, remedy, True))
        else:
            events.append(k.VerificationOver(problem.until))
    moved = retired_by(problem, tuple(events))
    return moved if len(moved) > len(events) else (*moved, *review(problem, at))


PROBLEM_MOVES: tuple[ProblemMove, ...] = (
    ProblemMove(p.Assess, frozenset((S.NEW,)), S.ASSESSING, (), _assess),
    ProblemMove(p.Analyse, frozenset((S.NEW, S.ASSESSING)), S.ANALYSING, (), _analyse),
    ProblemMove(p.Fix, frozenset((S.NEW, S.ASSESSING, S.ANALYSING)), S.FIXING, (), _fix),
    ProblemMove(
        p.Verify, frozenset((S.ANALYSING, S.FIXING)), S.VERIFYING, ("until", "criterion"), _verify
    ),
    ProblemMove(p.ResolveProblem, WORK, S.RESOLVED, ("remedy",), _resolve),
    ProblemMove(p.CloseProblem, frozenset((S.RESOLVED,)), S.CLOSED, (), _close),
    ProblemMove(
        p.Reanalyse,
        frozenset((S.FIXING, S.VERIFYING, S.RESOLVED, S.RISK_ACCEPTED)),
        S.ANALYSING,
        ("reason",),
        _reanalyse,
    ),
    ProblemMove(
        p.AcceptRisk,
        frozenset((S.NEW, S.ASSESSING, S.ANALYSING, S.FIXING)),
        S.RISK_ACCEPTED,
        ("expires_at", "reason"),
        _accept_risk,
    ),
    ProblemMove(p.CancelProblem, WORK, S.CANCELLED, ("reason or duplicate_of",), _cancel),
)
"""The life-cycle of a problem; diagrams and documentation are drawn from it."""

STAYS: tuple[ProblemMove, ...] = (*KEEPING, *KNOWN_ERROR)
"""Commands that leave the state as it is, and the states in which they make sense."""

_TABLE: dict[S, dict[type[Command], Decide]] = {
    state: {x.command: x.decide for x in (*PROBLEM_MOVES, *STAYS) if state in x.sources}
    for state in S
}


def decide(
    problem: p.Problem, command: Command, at: datetime, terms: T = PLAIN_TERMS
) -> tuple[Event, ...]:
    """The events a command leads to.

    Raises TransitionNotAllowed, MissingFields, InvalidValue or NotFound, as for incidents.
    """
    if isinstance(command, p.RedecideProblem):
        return wake(problem, at, terms)
    rule = _TABLE[problem.state].get(type(command))
    if rule is None:
        raise TransitionNotAllowed(
            problem.ref, problem.state.value, command.action, allowed(problem.state)
        )
    return retired_by(problem, rule(problem, command, at, terms))


def allowed(state: S) -> tuple[str, ...]:
    """The moves that may be made from a state."""
    return tuple(move.command.action for move in PROBLEM_MOVES if state in move.sources)


_WAITS = frozenset((S.RISK_ACCEPTED, S.VERIFYING))


def wakes_at(problem: p.Problem) -> datetime | None:
    """When this problem must be looked at again by itself."""
    times = [reviewed_at(problem), problem.until if problem.state in _WAITS else None]
    return min((x for x in times if x is not None), default=None)
