"""The life-cycle of a problem, as a table of its own: apart from the incidents it causes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeAlias

import attrs

from incidentkit.errors import InvalidValue, MissingFields, TransitionNotAllowed
from incidentkit.ids import ProblemId
from incidentkit.model import problem as p
from incidentkit.model.incident import Link
from incidentkit.model.incident_commands import Command
from incidentkit.model.journal import Event
from incidentkit.model.words import ProblemState as S

Decide: TypeAlias = Callable[[p.Problem, Any, datetime], tuple[Event, ...]]


def _need(problem: p.Problem, command: Command, **given: object) -> None:
    missing = tuple(field for field, value in given.items() if not value)
    if missing:
        raise MissingFields(problem.ref, command.action, missing)


def _future(field: str, value: datetime | None, at: datetime) -> None:
    if value is not None and value <= at:
        raise InvalidValue(field, f"{value.isoformat()} is already past")


def _assess(_p: p.Problem, _c: p.Assess, _at: datetime) -> tuple[Event, ...]:
    return (p.ProblemMoved(S.ASSESSING),)


def _analyse(_p: p.Problem, _c: p.Analyse, _at: datetime) -> tuple[Event, ...]:
    return (p.ProblemMoved(S.ANALYSING),)


def _fix(_p: p.Problem, command: p.Fix, _at: datetime) -> tuple[Event, ...]:
    return (p.FixBegun(S.FIXING, cause=command.cause, workaround=command.workaround),)


def _verify(problem: p.Problem, command: p.Verify, at: datetime) -> tuple[Event, ...]:
    _need(problem, command, until=command.until, criterion=command.criterion)
    _future("until", command.until, at)
    return (p.VerificationBegun(S.VERIFYING, until=command.until, criterion=command.criterion),)


def _resolve(problem: p.Problem, command: p.ResolveProblem, _at: datetime) -> tuple[Event, ...]:
    _need(problem, command, remedy=command.remedy)
    return (p.ProblemResolved(S.RESOLVED, remedy=command.remedy),)


def _close(_p: p.Problem, _c: p.CloseProblem, _at: datetime) -> tuple[Event, ...]:
    return (p.ProblemMoved(S.CLOSED),)


def _reanalyse(problem: p.Problem, command: p.Reanalyse, _at: datetime) -> tuple[Event, ...]:
    _need(problem, command, reason=command.reason)
    return (p.ProblemMoved(S.ANALYSING, command.reason),)


def _accept_risk(problem: p.Problem, command: p.AcceptRisk, at: datetime) -> tuple[Event, ...]:
    _need(problem, command, expires_at=command.expires_at, reason=command.reason)
    _future("expires_at", command.expires_at, at)
    return (p.RiskAccepted(S.RISK_ACCEPTED, command.reason, expires_at=command.expires_at),)


def _cancel(problem: p.Problem, command: p.CancelProblem, _at: datetime) -> tuple[Event, ...]:
    _need(problem, command, reason=command.reason or command.duplicate_of)
    if command.duplicate_of:
        return (p.ProblemMoved(S.DUPLICATE, f"duplicate of {command.duplicate_of}"),)
    return (p.ProblemMoved(S.CANCELLED, command.reason),)


def wake(problem: p.Problem, at: datetime) -> tuple[Event, ...]:
    """What time alone has made true: the acceptance of a risk has run out."""
    if problem.state is S.RISK_ACCEPTED and problem.until is not None and problem.until <= at:
        return (p.ProblemMoved(S.ANALYSING, "the acceptance of the risk expired"),)
    return ()


@attrs.frozen
class ProblemMove:
    """One row of the table."""

    command: type[Command]
    sources: frozenset[S]
    to: S | None
    needs: tuple[str, ...]
    decide: Decide


_WORK = frozenset((S.NEW, S.ASSESSING, S.ANALYSING, S.FIXING, S.VERIFYING))
PROBLEM_MOVES: tuple[ProblemMove, ...] = (
    ProblemMove(p.Assess, frozenset((S.NEW,)), S.ASSESSING, (), _assess),
    ProblemMove(p.Analyse, frozenset((S.NEW, S.ASSESSING)), S.ANALYSING, (), _analyse),
    ProblemMove(p.Fix, frozenset((S.NEW, S.ASSESSING, S.ANALYSING)), S.FIXING, (), _fix),
    ProblemMove(
        p.Verify, frozenset((S.ANALYSING, S.FIXING)), S.VERIFYING, ("until", "criterion"), _verify
    ),
    ProblemMove(p.ResolveProblem, _WORK, S.RESOLVED, ("remedy",), _resolve),
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
    ProblemMove(p.CancelProblem, _WORK, S.CANCELLED, ("reason or duplicate_of",), _cancel),
)
"""The life-cycle of a problem; diagrams and documentation are drawn from it."""

_TABLE: dict[S, dict[type[Command], Decide]] = {
    state: {move.command: move.decide for move in PROBLEM_MOVES if state in move.sources}
    for state in S
}


def decide(problem: p.Problem, command: Command, at: datetime) -> tuple[Event, ...]:
    """The events a command leads to.

    Raises TransitionNotAllowed, MissingFields or InvalidValue, as for incidents.
    """
    if isinstance(command, p.RedecideProblem):
        return wake(problem, at)
    rule = _TABLE[problem.state].get(type(command))
    if rule is None:
        raise TransitionNotAllowed(
            problem.ref, problem.state.value, command.action, allowed(problem.state)
        )
    return rule(problem, command, at)


def allowed(state: S) -> tuple[str, ...]:
    """The moves that may be made from a state."""
    return tuple(move.command.action for move in PROBLEM_MOVES if state in move.sources)


def birth(raised: p.ProblemRaised, at: datetime) -> p.Problem:
    """The problem that was raised, at version 1."""
    return p.Problem(
        ProblemId(raised.id),
        raised.ref,
        1,
        raised.title,
        S.NEW,
        at,
        raised.summary,
        raised.service,
        raised.category,
        raised.owner,
    )


def evolve(problem: p.Problem, event: Event, at: datetime) -> p.Problem:
    """The problem after the event, one version on."""
    nxt = problem.version + 1
    if isinstance(event, p.ProblemLinked):
        return attrs.evolve(problem, version=nxt, links=(*problem.links, event.link))
    if isinstance(event, p.ProblemUnlinked):
        return attrs.evolve(problem, version=nxt, links=_without(problem.links, event.link))
    if not isinstance(event, p.ProblemMoved):
        return attrs.evolve(problem, version=nxt)
    more: dict[str, object] = {"until": None}
    if isinstance(event, p.FixBegun):
        more.update(
            cause=event.cause or problem.cause, workaround=event.workaround or problem.workaround
        )
    elif isinstance(event, p.VerificationBegun):
        more.update(until=event.until, criterion=event.criterion)
    elif isinstance(event, p.ProblemResolved):
        more.update(remedy=event.remedy)
    elif isinstance(event, p.RiskAccepted):
        more.update(until=event.expires_at)
    return attrs.evolve(problem, version=nxt, state=event.to, since=at, **more)  # type: ignore[arg-type]


def _without(links: tuple[Link, ...], link: Link) -> tuple[Link, ...]:
    return tuple(x for x in links if (x.kind, x.target) != (link.kind, link.target))


def wakes_at(problem: p.Problem) -> datetime | None:
    """When this problem must be looked at again by itself."""
    return problem.until if problem.state is S.RISK_ACCEPTED else None
