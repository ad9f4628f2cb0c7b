"""What keeps the record of a problem true: words, people, priority, causes, workarounds, instants.

None of it moves the problem along its life-cycle.
"""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise

from incidentkit.errors import InvalidValue, NotFound
from incidentkit.model import problem as p
from incidentkit.model import problem_changes as k
from incidentkit.model.checks import NAME_LIMIT, check_text
from incidentkit.model.journal import Event
from incidentkit.model.words import ProblemMoment, ProblemState
from incidentkit.rules.problem_table import EVERYWHERE, NOT_OVER, WORK, ProblemMove, need
from incidentkit.rules.problem_terms import ProblemTerms

Events = tuple[Event, ...]


def _edit(problem: p.Problem, command: k.EditProblem, _at: datetime, _t: ProblemTerms) -> Events:
    """Only what differs is recorded; the texts are checked here, before anything changes."""
    if command.title is not None and not check_text(command.title, "title", 1_000).strip():
        raise InvalidValue("title", "must not be empty")
    for field in ("category", "origin"):
        check_text(getattr(command, field) or "", field, NAME_LIMIT)
    check_text(command.summary or "", "summary")
    given = {
        field: None if getattr(command, field) == getattr(problem, field) else value
        for field in ("title", "summary", "service", "category", "origin", "labels")
        for value in (getattr(command, field),)
    }
    return (k.ProblemEdited(**given),) if any(x is not None for x in given.values()) else ()


def _assign(
    problem: p.Problem, command: k.AssignProblem, _at: datetime, _t: ProblemTerms
) -> Events:
    named = command.team is not None
    owner = command.owner if command.owner or not named else problem.owner
    team = problem.team if command.team is None else command.team
    if (owner, team) == (problem.owner, problem.team):
        return ()
    return (k.ProblemAssigned(owner, team, problem.owner, problem.team),)


def _prioritise(
    problem: p.Problem, command: k.PrioritiseProblem, _at: datetime, _t: ProblemTerms
) -> Events:
    """Levels as stated; the priority is drawn from them by the flow, which has the matrix."""
    was = problem.rating
    given = command.impact or command.urgency or command.priority
    need(problem, command, **{"impact, urgency or priority": given})
    impact, urgency = command.impact or was.impact, command.urgency or was.urgency
    if command.priority is not None:
        need(problem, command, reason=command.reason)
        return (k.ProblemRated(impact, urgency, command.priority, False, True, command.reason),)
    if (impact, urgency) == (was.impact, was.urgency):
        return ()
    return (k.ProblemRated(impact, urgency, was.priority, was.provisional, False, command.reason),)


def _note(problem: p.Problem, command: k.NoteProblem, _at: datetime, _t: ProblemTerms) -> Events:
    need(problem, command, text=command.text)
    return (k.ProblemNoted(command.text),)


_ORDER = (
    ProblemMoment.RAISED,
    ProblemMoment.FIX_BEGUN,
    ProblemMoment.FIXED,
    ProblemMoment.VERIFIED,
    ProblemMoment.RESOLVED,
    ProblemMoment.CLOSED,
)
"""Instants that follow each other; a cause and a workaround may be found at any time."""


def _correct(
    problem: p.Problem, command: k.CorrectProblem, at: datetime, _t: ProblemTerms
) -> Events:
    """An instant is put right; one not reached, or an order that cannot be true, is refused."""
    need(problem, command, reason=command.reason)
    if command.to > at:
        raise InvalidValue("to", f"{command.to.isoformat()} lies in the future")
    was = problem.moments.get(command.moment)
    if was is None:
        raise InvalidValue("moment", f"{problem.ref} has not reached {command.moment} yet")
    if was == command.to:
        return ()
    moments = problem.moments.with_(command.moment, command.to)
    known = [x for x in _ORDER if x in moments]
    for first, second in pairwise(known):
        if command.moment in (first, second) and moments[first] > moments[second]:
            raise InvalidValue("to", f"{first} would come after {second}")
    return (k.ProblemMomentCorrected(command.moment, was, command.to, command.reason),)


def _cause(problem: p.Problem, command: k.StateCause, _at: datetime, _t: ProblemTerms) -> Events:
    need(problem, command, text=command.text)
    return () if command.text == problem.cause else (k.CauseStated(command.text),)


def _no_cause(
    problem: p.Problem, command: k.WithdrawCause, _at: datetime, _t: ProblemTerms
) -> Events:
    need(problem, command, reason=command.reason)
    if not problem.cause:
        raise NotFound("cause", problem.ref)
    return (k.CauseWithdrawn(problem.cause, command.reason),)


def _workaround(
    problem: p.Problem, command: k.StateWorkaround, _at: datetime, _t: ProblemTerms
) -> Events:
    need(problem, command, text=command.text)
    return () if command.text == problem.workaround else (k.WorkaroundStated(command.text),)


def _no_workaround(
    problem: p.Problem, command: k.WithdrawWorkaround, _at: datetime, _t: ProblemTerms
) -> Events:
    need(problem, command, reason=command.reason)
    if not problem.workaround:
        raise NotFound("workaround", problem.ref)
    return (k.WorkaroundWithdrawn(problem.workaround, command.reason),)


def _tell_workaround(
    problem: p.Problem, command: k.CommunicateWorkaround, _at: datetime, _t: ProblemTerms
) -> Events:
    """A workaround that was not stated before is stated by telling it."""
    text = command.text or problem.workaround
    need(problem, command, **{"text (no workaround is known)": text})
    told = k.WorkaroundCommunicated(text)
    return (told,) if text == problem.workaround else (k.WorkaroundStated(text), told)


def _tell_fix(
    problem: p.Problem, command: k.CommunicateFix, _at: datetime, _t: ProblemTerms
) -> Events:
    text = command.text or problem.remedy
    need(problem, command, **{"text (no remedy is known)": text})
    return (k.FixCommunicated(text),)


_FIXED = frozenset((ProblemState.FIXING, ProblemState.VERIFYING, ProblemState.RESOLVED))
_BEFORE_THE_END = WORK | {ProblemState.RISK_ACCEPTED}

KEEPING: tuple[ProblemMove, ...] = (
    ProblemMove(k.EditProblem, EVERYWHERE, None, (), _edit),
    ProblemMove(k.AssignProblem, NOT_OVER, None, (), _assign),
    ProblemMove(k.PrioritiseProblem, NOT_OVER, None, (), _prioritise),
    ProblemMove(k.NoteProblem, EVERYWHERE, None, ("text",), _note),
    ProblemMove(k.CorrectProblem, EVERYWHERE, None, ("moment", "to", "reason"), _correct),
    ProblemMove(k.StateCause, NOT_OVER, None, ("text",), _cause),
    ProblemMove(k.WithdrawCause, NOT_OVER, None, ("reason",), _no_cause),
    ProblemMove(k.StateWorkaround, NOT_OVER, None, ("text",), _workaround),
    ProblemMove(k.WithdrawWorkaround, NOT_OVER, None, ("reason",), _no_workaround),
    ProblemMove(
        k.CommunicateWorkaround, _BEFORE_THE_END, None, ("text or workaround",), _tell_workaround
    ),
    ProblemMove(k.CommunicateFix, _FIXED, None, ("text or remedy",), _tell_fix),
)
"""Commands that leave a problem where it stands."""
