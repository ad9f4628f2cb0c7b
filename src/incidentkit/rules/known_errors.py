"""The life of a known error over its problem: published, revised, used, reviewed, retired."""

from __future__ import annotations

from datetime import datetime, timedelta

from incidentkit.errors import InvalidValue, NotFound
from incidentkit.model import known_error_changes as n
from incidentkit.model import problem as p
from incidentkit.model.checks import check_text
from incidentkit.model.incident import Link
from incidentkit.model.journal import Event
from incidentkit.model.known_error import KnownError
from incidentkit.model.words import LinkKind, ProblemState
from incidentkit.rules.problem_table import KNOWN, NOT_OVER, ProblemMove, need, to_come
from incidentkit.rules.problem_terms import ProblemTerms

ENDS = frozenset(
    (
        ProblemState.RESOLVED,
        ProblemState.CLOSED,
        ProblemState.DUPLICATE,
        ProblemState.CANCELLED,
    )
)
"""With these its known error is retired: it is fixed, or none."""


def _published(problem: p.Problem) -> KnownError:
    known = problem.known_error
    if known is None or not known.published:
        raise NotFound("published known error", problem.ref)
    return known


def _publish(
    problem: p.Problem, command: n.PublishKnownError, at: datetime, terms: ProblemTerms
) -> tuple[Event, ...]:
    """It may be published without a workaround; one that was retired may be published again."""
    if problem.published:
        raise InvalidValue("known error", f"{problem.ref} has one already; revise it")
    need(problem, command, symptoms=command.symptoms)
    to_come("review_by", command.review_by, at)
    review_by = command.review_by
    if review_by is None and terms.review_within > timedelta():
        review_by = at + terms.review_within
    audience = command.audience or terms.audience
    workaround = command.workaround or problem.workaround
    published = n.KnownErrorPublished(
        audience, command.symptoms, workaround, command.match, review_by
    )
    return (published,)


def _revise(
    problem: p.Problem, command: n.ReviseKnownError, at: datetime, terms: ProblemTerms
) -> tuple[Event, ...]:
    """What differs is recorded. An answer to a review needs no new date: the policy gives it."""
    known = _published(problem)
    to_come("review_by", command.review_by, at)
    if command.symptoms is not None and not check_text(command.symptoms, "symptoms").strip():
        raise InvalidValue("symptoms", "must not be empty")
    for field in ("workaround", "match"):
        check_text(getattr(command, field) or "", field)
    review_by = command.review_by if command.review_by != known.review_by else None
    if known.reviewing and review_by is None and terms.review_within > timedelta():
        review_by = at + terms.review_within
    changed = {
        field: value if value != getattr(known, field) else None
        for field in ("symptoms", "workaround", "match", "audience")
        for value in (getattr(command, field),)
    }
    revised = n.KnownErrorRevised(**changed, review_by=review_by)
    return (revised,) if revised != n.KnownErrorRevised() else ()


def _retire(
    problem: p.Problem, command: n.RetireKnownError, _at: datetime, _terms: ProblemTerms
) -> tuple[Event, ...]:
    _ = _published(problem)
    need(problem, command, reason=command.reason)
    return (n.KnownErrorRetired(command.reason),)


def _use(
    problem: p.Problem, command: n.UseKnownError, _at: datetime, _terms: ProblemTerms
) -> tuple[Event, ...]:
    """The incident as `kind/id|reference`, which the flow has looked up."""
    need(problem, command, incident=command.incident)
    target, _, ref = command.incident.partition("|")
    return used(problem, target, ref or target, command.worked)


def used(problem: p.Problem, target: str, ref: str, worked: bool | None) -> tuple[Event, ...]:
    """A use in an incident: counted once, its outcome as it was said last.

    Raises NotFound where nothing is published of which there could be a use.
    """
    known = _published(problem)
    linked = problem.linked(LinkKind.WORKAROUND_FOR, target)
    if linked and (worked is None or known.outcomes.get(target) is worked):
        return ()
    use = n.KnownErrorUsed(target, ref, worked, not linked)
    link = p.ProblemLinked(Link(LinkKind.WORKAROUND_FOR, target, ref))
    return (use,) if linked else (use, link)


def retired_by(problem: p.Problem, events: tuple[Event, ...]) -> tuple[Event, ...]:
    """The events, and the end of the known error where its problem ends with them."""
    for event in events:
        if isinstance(event, p.ProblemMoved) and event.to in ENDS and problem.published:
            return (*events, n.KnownErrorRetired(f"the problem is {event.to.value}"))
    return events


def review(problem: p.Problem, at: datetime) -> tuple[Event, ...]:
    """The review that is due now, asked for once."""
    known = problem.known_error
    if known is None or not known.published or known.reviewing or known.review_by is None:
        return ()
    return (n.KnownErrorReviewDue(known.review_by),) if known.review_by <= at else ()


def reviewed_at(problem: p.Problem) -> datetime | None:
    """When the next review is to be asked for."""
    known = problem.known_error
    if known is None or not known.published or known.reviewing:
        return None
    return known.review_by


KNOWN_ERROR: tuple[ProblemMove, ...] = (
    ProblemMove(n.PublishKnownError, KNOWN, None, ("symptoms",), _publish),
    ProblemMove(n.ReviseKnownError, KNOWN, None, ("a published known error",), _revise),
    ProblemMove(n.RetireKnownError, KNOWN, None, ("reason",), _retire),
    ProblemMove(n.UseKnownError, NOT_OVER - ENDS, None, ("incident",), _use),
)
"""Commands on the overlay; none of them moves the problem."""
