"""The life-cycle of a review and of its follow-ups, as a table of its own.

A draft is written by its owner, read by somebody else, approved and published; at any time before
that it may turn out not to be needed. Follow-ups go on after the review is published, because the
work does. Sources: the review processes of incident.io and Rootly (states, follow-ups, due dates),
ServiceNow's rule that a major incident is closed with a review.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeAlias

import attrs

from incidentkit.errors import (
    InvalidValue,
    LimitExceeded,
    MissingFields,
    NotFound,
    TransitionNotAllowed,
)
from incidentkit.model import review_changes as r
from incidentkit.model.clock import Clock
from incidentkit.model.incident_commands import Command
from incidentkit.model.journal import Event
from incidentkit.model.review import OPEN_REVIEWS, FollowUp, FollowUpState, Review
from incidentkit.model.review import ReviewState as S
from incidentkit.model.words import ClockState
from incidentkit.rules.review_terms import ReviewTerms
from incidentkit.timing.terms import Term

Decide: TypeAlias = Callable[[Review, Any, datetime, str, ReviewTerms], tuple[Event, ...]]
MOST_FOLLOW_UPS = 200


def started(target: str, at: datetime, due: datetime | None, warn_percent: int) -> Clock | None:
    """A clock from now to its due date; None where there is none."""
    if due is None:
        return None
    warn = at + (due - at) * warn_percent // 100
    return Clock(target, ClockState.RUNNING, at, due, warn, history=(due,))


def due_after(term: Term | None, at: datetime) -> datetime | None:
    """When a term from now ends; None where there is none."""
    return None if term is None else term.after(at)


def _need(review: Review, command: Command, **given: object) -> None:
    missing = tuple(field for field, value in given.items() if not value)
    if missing:
        raise MissingFields(review.ref, command.action, missing)


def _future(due_at: datetime | None, at: datetime) -> None:
    if due_at is not None and due_at <= at:
        raise InvalidValue("due_at", f"{due_at.isoformat()} is already past")


def _edit(
    review: Review, command: r.EditReview, _at: datetime, by: str, terms: ReviewTerms
) -> tuple[Event, ...]:
    if command.section not in terms.sections:
        listed = ", ".join(terms.sections)
        raise InvalidValue("section", f"{command.section!r} is none of {listed}")
    was = review.sections.get(command.section)
    if command.text == ("" if was is None else was.text):
        return ()
    return (r.ReviewEdited(command.section, command.text, by),)


def _assign(
    review: Review, command: r.AssignReview, _at: datetime, _by: str, _terms: ReviewTerms
) -> tuple[Event, ...]:
    same = command.owner == review.owner
    return () if same else (r.ReviewAssigned(command.owner, review.owner),)


def _submit(
    review: Review, command: r.SubmitReview, _at: datetime, _by: str, terms: ReviewTerms
) -> tuple[Event, ...]:
    _need(review, command, **{name: name in review.sections for name in terms.needs})
    return (r.ReviewMoved(S.IN_REVIEW),)


def _return(
    review: Review, command: r.ReturnReview, _at: datetime, _by: str, _terms: ReviewTerms
) -> tuple[Event, ...]:
    _need(review, command, reason=command.reason)
    return (r.ReviewMoved(S.DRAFT, command.reason),)


def _approve(
    review: Review, _command: r.ApproveReview, _at: datetime, by: str, terms: ReviewTerms
) -> tuple[Event, ...]:
    if terms.apart and by == review.owner:
        raise InvalidValue("by", f"{by!r} owns {review.ref}; somebody else must approve it")
    return (r.ReviewMoved(S.APPROVED, by=by),)


def _publish(
    _review: Review, _command: r.PublishReview, _at: datetime, _by: str, _terms: ReviewTerms
) -> tuple[Event, ...]:
    return (r.ReviewMoved(S.PUBLISHED),)


def _revise(
    review: Review, command: r.ReviseReview, _at: datetime, _by: str, _terms: ReviewTerms
) -> tuple[Event, ...]:
    _need(review, command, reason=command.reason)
    return (r.ReviewMoved(S.DRAFT, command.reason),)


def _waive(
    review: Review, command: r.WaiveReview, _at: datetime, _by: str, _terms: ReviewTerms
) -> tuple[Event, ...]:
    _need(review, command, reason=command.reason)
    return (r.ReviewMoved(S.WAIVED, command.reason),)


def _add(
    review: Review, command: r.AddFollowUp, at: datetime, _by: str, terms: ReviewTerms
) -> tuple[Event, ...]:
    if len(review.follow_ups) >= MOST_FOLLOW_UPS:
        raise LimitExceeded("follow_ups", f"are {MOST_FOLLOW_UPS} already")
    _future(command.due_at, at)
    id_ = f"F{len(review.follow_ups) + 1}"
    due = command.due_at or due_after(terms.follow_up_within.get(command.kind.value), at)
    clock = started(id_, at, due, terms.warn_percent)
    link = command.link
    return (r.FollowUpAdded(id_, command.title, command.owner, command.kind, clock, link),)


def _open_one(review: Review, id_: str, command: Command) -> FollowUp:
    found = review.follow_up(id_)
    if found is None:
        raise NotFound("follow-up", id_, tuple(each.id for each in review.follow_ups))
    if found.state is not FollowUpState.OPEN:
        raise TransitionNotAllowed(f"{review.ref} {id_}", found.state.value, command.action, ())
    return found


def _change(
    review: Review, command: r.ChangeFollowUp, at: datetime, _by: str, terms: ReviewTerms
) -> tuple[Event, ...]:
    was = _open_one(review, command.id, command)
    clock = was.clock
    if command.due_at is not None and (clock is None or clock.due_at != command.due_at):
        _need(review, command, reason=command.reason)
        _future(command.due_at, at)
        begun = at if clock is None or clock.started_at is None else clock.started_at
        anew = started(command.id, begun, command.due_at, terms.warn_percent)
        history = () if clock is None else clock.history
        clock = None if anew is None else attrs.evolve(anew, history=(*history, command.due_at))
    owner = command.owner or was.owner
    link = was.link if command.link is None else command.link
    if (owner, clock, link) == (was.owner, was.clock, was.link):
        return ()
    return (r.FollowUpChanged(command.id, owner, clock, link, command.reason),)


def _complete(
    review: Review, command: r.CompleteFollowUp, _at: datetime, _by: str, _terms: ReviewTerms
) -> tuple[Event, ...]:
    _ = _open_one(review, command.id, command)
    return (r.FollowUpEnded(command.id, FollowUpState.DONE, command.evidence),)


def _cancel(
    review: Review, command: r.CancelFollowUp, _at: datetime, _by: str, _terms: ReviewTerms
) -> tuple[Event, ...]:
    _ = _open_one(review, command.id, command)
    _need(review, command, reason=command.reason)
    return (r.FollowUpEnded(command.id, FollowUpState.CANCELLED, command.reason),)


@attrs.frozen
class ReviewMove:
    """One row of the table; `to=None`: it stays where it is."""

    command: type[Command]
    sources: frozenset[S]
    to: S | None
    needs: tuple[str, ...]
    decide: Decide


_ALIVE = frozenset(S) - {S.WAIVED}
REVIEW_MOVES: tuple[ReviewMove, ...] = (
    ReviewMove(r.SubmitReview, frozenset((S.DRAFT,)), S.IN_REVIEW, (), _submit),
    ReviewMove(r.ReturnReview, frozenset((S.IN_REVIEW,)), S.DRAFT, ("reason",), _return),
    ReviewMove(r.ApproveReview, frozenset((S.IN_REVIEW,)), S.APPROVED, (), _approve),
    ReviewMove(r.PublishReview, frozenset((S.APPROVED,)), S.PUBLISHED, (), _publish),
    ReviewMove(
        r.ReviseReview,
        frozenset((S.APPROVED, S.PUBLISHED, S.WAIVED)),
        S.DRAFT,
        ("reason",),
        _revise,
    ),
    ReviewMove(r.WaiveReview, OPEN_REVIEWS, S.WAIVED, ("reason",), _waive),
    ReviewMove(r.EditReview, OPEN_REVIEWS, None, ("section",), _edit),
    ReviewMove(r.AssignReview, OPEN_REVIEWS, None, ("owner",), _assign),
    ReviewMove(r.AddFollowUp, _ALIVE, None, ("title",), _add),
    ReviewMove(r.ChangeFollowUp, _ALIVE, None, ("id",), _change),
    ReviewMove(r.CompleteFollowUp, _ALIVE, None, ("id",), _complete),
    ReviewMove(r.CancelFollowUp, _ALIVE, None, ("id", "reason"), _cancel),
)
"""The life-cycle of a review; diagrams and documentation are drawn from it."""


def decide(
    review: Review, command: Command, at: datetime, by: str, terms: ReviewTerms
) -> tuple[Event, ...]:
    """The events a command leads to.

    Raises TransitionNotAllowed, MissingFields, InvalidValue, NotFound or LimitExceeded.
    """
    for move in REVIEW_MOVES:
        if move.command is type(command) and review.state in move.sources:
            return move.decide(review, command, at, by, terms)
    raise TransitionNotAllowed(
        review.ref, review.state.value, command.action, allowed(review.state)
    )


def allowed(state: S) -> tuple[str, ...]:
    """The commands that may be given in a state."""
    return tuple(move.command.action for move in REVIEW_MOVES if state in move.sources)
