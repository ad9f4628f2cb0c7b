"""What an event makes of a problem. Total and free of choice: every decision was made before."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeAlias

import attrs

from incidentkit.ids import ProblemId
from incidentkit.model import known_error_changes as n
from incidentkit.model import problem as p
from incidentkit.model import problem_changes as k
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.incident import Link, Rating
from incidentkit.model.journal import Event
from incidentkit.model.known_error import NO_OUTCOMES, KnownError
from incidentkit.model.words import KnownErrorState, ProblemMoment, ProblemState

Evolve: TypeAlias = Callable[[p.Problem, Any, datetime], dict[str, Any]]
M = ProblemMoment

_REACHED: dict[ProblemState, tuple[ProblemMoment, ...]] = {
    ProblemState.FIXING: (M.FIX_BEGUN,),
    ProblemState.VERIFYING: (M.FIXED,),
    ProblemState.RESOLVED: (M.RESOLVED,),
    ProblemState.CLOSED: (M.CLOSED,),
}
_UNDONE = frozenset((M.FIX_BEGUN, M.FIXED, M.VERIFIED, M.RESOLVED, M.CLOSED))


def birth(raised: p.ProblemRaised, at: datetime) -> p.Problem:
    """The problem that was raised, at version 1."""
    return p.Problem(
        ProblemId(raised.id),
        raised.ref,
        1,
        raised.title,
        ProblemState.NEW,
        at,
        raised.summary,
        raised.service,
        raised.category,
        raised.owner,
        origin=raised.origin,
        team=raised.team,
        labels=raised.labels,
        moments=FrozenMap({M.RAISED: at}),
    )


def evolve(problem: p.Problem, event: Event, at: datetime) -> p.Problem:
    """The problem after the event, one version on."""
    rule = EVOLVE.get(type(event))
    changed = {} if rule is None else rule(problem, event, at)
    return attrs.evolve(problem, version=problem.version + 1, **changed)


# --- moves ----------------------------------------------------------------------------------------


def _moved(problem: p.Problem, event: p.ProblemMoved, at: datetime) -> dict[str, Any]:
    moments = problem.moments
    if event.to is ProblemState.ANALYSING:
        moments = FrozenMap({x: when for x, when in moments.items() if x not in _UNDONE})
    for moment in _REACHED.get(event.to, ()):
        moments = moments.with_(moment, at)
    return {"state": event.to, "since": at, "until": None, "doubt": "", "moments": moments}


def _fixing(problem: p.Problem, event: p.FixBegun, at: datetime) -> dict[str, Any]:
    changed = _moved(problem, event, at)
    for text, state in ((event.cause, _cause), (event.workaround, _workaround)):
        if text:
            changed.update(state(attrs.evolve(problem, moments=changed["moments"]), text, at))
    return changed


def _verifying(problem: p.Problem, event: p.VerificationBegun, at: datetime) -> dict[str, Any]:
    return {
        **_moved(problem, event, at),
        "until": event.until,
        "criterion": event.criterion,
        "watch": event.watch,
        "remedy": event.remedy or problem.remedy,
    }


def _resolved(problem: p.Problem, event: p.ProblemResolved, at: datetime) -> dict[str, Any]:
    changed = {**_moved(problem, event, at), "remedy": event.remedy}
    if event.verified:
        changed["moments"] = changed["moments"].with_(M.VERIFIED, at)
    return changed


def _risk(problem: p.Problem, event: p.RiskAccepted, at: datetime) -> dict[str, Any]:
    return {**_moved(problem, event, at), "until": event.expires_at}


# --- words, people, statements --------------------------------------------------------------------


def _edited(_p: p.Problem, event: k.ProblemEdited, _at: datetime) -> dict[str, Any]:
    given = {x.name: getattr(event, x.name) for x in attrs.fields(k.ProblemEdited)}
    return {field: value for field, value in given.items() if value is not None}


def _assigned(_p: p.Problem, event: k.ProblemAssigned, _at: datetime) -> dict[str, Any]:
    return {"owner": event.owner, "team": event.team}


def _rated(problem: p.Problem, v: k.ProblemRated, _at: datetime) -> dict[str, Any]:
    severity = problem.rating.severity
    return {"rating": Rating(v.impact, v.urgency, v.priority, v.provisional, v.by_hand, severity)}


def _corrected(problem: p.Problem, v: k.ProblemMomentCorrected, _at: datetime) -> dict[str, Any]:
    return {"moments": problem.moments.with_(v.moment, v.now)}


def _stated(known: tuple[p.Statement, ...], text: str, at: datetime) -> tuple[p.Statement, ...]:
    """The statements, the one that stood until now ended and this one after it."""
    return (*_ended(known, at, "another was stated"), p.Statement(text, at))


def _ended(known: tuple[p.Statement, ...], at: datetime, why: str) -> tuple[p.Statement, ...]:
    return tuple(x if x.until else p.Statement(x.text, x.at, at, why) for x in known)


def _with(problem: p.Problem, moment: ProblemMoment, at: datetime) -> FrozenMap[Any, datetime]:
    known = problem.moments
    return known if moment in known else known.with_(moment, at)


def _cause(problem: p.Problem, text: str, at: datetime) -> dict[str, Any]:
    return {
        "cause": text,
        "causes": _stated(problem.causes, text, at),
        "moments": _with(problem, M.CAUSE_IDENTIFIED, at),
    }


def _workaround(problem: p.Problem, text: str, at: datetime) -> dict[str, Any]:
    return {
        "workaround": text,
        "workarounds": _stated(problem.workarounds, text, at),
        "moments": _with(problem, M.WORKAROUND_FOUND, at),
    }


def _no_cause(problem: p.Problem, v: k.CauseWithdrawn, at: datetime) -> dict[str, Any]:
    moments = {x: when for x, when in problem.moments.items() if x is not M.CAUSE_IDENTIFIED}
    return {
        "cause": "",
        "causes": _ended(problem.causes, at, v.why),
        "moments": FrozenMap(moments),
    }


def _no_workaround(problem: p.Problem, v: k.WorkaroundWithdrawn, at: datetime) -> dict[str, Any]:
    return {"workaround": "", "workarounds": _ended(problem.workarounds, at, v.why)}


# --- links, doubts, changes -----------------------------------------------------------------------


def _linked(problem: p.Problem, v: p.ProblemLinked, _at: datetime) -> dict[str, Any]:
    return {"links": (*problem.links, v.link)}


def _unlinked(problem: p.Problem, v: p.ProblemUnlinked, _at: datetime) -> dict[str, Any]:
    return {"links": _without(problem.links, v.link)}


def _without(links: tuple[Link, ...], link: Link) -> tuple[Link, ...]:
    return tuple(x for x in links if (x.kind, x.target) != (link.kind, link.target))


def _doubted(_p: p.Problem, v: k.FixNotHolding, _at: datetime) -> dict[str, Any]:
    return {"doubt": v.ref}


def _change_done(problem: p.Problem, v: k.ChangeDone, _at: datetime) -> dict[str, Any]:
    return {"done": (*problem.done, v.target)}


def _over(_p: p.Problem, _v: k.VerificationOver, _at: datetime) -> dict[str, Any]:
    """It was said once; it is not to be said again at the next look."""
    return {"until": None}


# --- the known error ------------------------------------------------------------------------------


def _published(problem: p.Problem, v: n.KnownErrorPublished, at: datetime) -> dict[str, Any]:
    was = problem.known_error
    known = KnownError(
        KnownErrorState.PUBLISHED,
        v.audience,
        v.symptoms,
        v.workaround,
        v.match,
        v.review_by,
        at,
        uses=0 if was is None else was.uses,
        outcomes=NO_OUTCOMES if was is None else was.outcomes,
    )
    return {"known_error": known}


def _of(problem: p.Problem, **changed: Any) -> dict[str, Any]:
    known = problem.known_error
    return {} if known is None else {"known_error": attrs.evolve(known, **changed)}


def _revised(problem: p.Problem, v: n.KnownErrorRevised, at: datetime) -> dict[str, Any]:
    given = {x.name: getattr(v, x.name) for x in attrs.fields(n.KnownErrorRevised)}
    changed = {field: value for field, value in given.items() if value is not None}
    return _of(problem, **changed, revised_at=at, reviewing=False)


def _retired(problem: p.Problem, _v: n.KnownErrorRetired, at: datetime) -> dict[str, Any]:
    return _of(problem, state=KnownErrorState.RETIRED, revised_at=at, reviewing=False)


def _used(problem: p.Problem, v: n.KnownErrorUsed, _at: datetime) -> dict[str, Any]:
    known = problem.known_error
    if known is None:
        return {}
    outcomes = known.outcomes
    if v.worked is not None:
        outcomes = outcomes.with_(v.incident, v.worked)
    return _of(problem, uses=known.uses + int(v.first), outcomes=outcomes)


def _review(problem: p.Problem, _v: n.KnownErrorReviewDue, _at: datetime) -> dict[str, Any]:
    return _of(problem, reviewing=True)


EVOLVE: dict[type[Event], Evolve] = {
    p.ProblemMoved: _moved,
    p.FixBegun: _fixing,
    p.VerificationBegun: _verifying,
    p.ProblemResolved: _resolved,
    p.RiskAccepted: _risk,
    p.ProblemLinked: _linked,
    p.ProblemUnlinked: _unlinked,
    k.ProblemEdited: _edited,
    k.ProblemAssigned: _assigned,
    k.ProblemRated: _rated,
    k.ProblemMomentCorrected: _corrected,
    k.CauseStated: lambda problem, v, at: _cause(problem, v.text, at),
    k.CauseWithdrawn: _no_cause,
    k.WorkaroundStated: lambda problem, v, at: _workaround(problem, v.text, at),
    k.WorkaroundWithdrawn: _no_workaround,
    k.FixNotHolding: _doubted,
    k.ChangeDone: _change_done,
    k.VerificationOver: _over,
    n.KnownErrorPublished: _published,
    n.KnownErrorRevised: _revised,
    n.KnownErrorRetired: _retired,
    n.KnownErrorUsed: _used,
    n.KnownErrorReviewDue: _review,
}
"""What each event changes; one that is not listed only counts as a version."""
