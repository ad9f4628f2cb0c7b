"""The life-cycle of a post-incident review, and of its follow-ups, as a table.

A review is read by somebody other than whoever wrote it before it is published. Follow-ups outlive
it: they are done, or given up with a reason, whatever becomes of the text.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeAlias

import attrs

from incidentkit.errors import (
    InvalidValue,
    MissingFields,
    NotAuthorised,
    NotFound,
    TransitionNotAllowed,
)
from incidentkit.model import review_changes as r
from incidentkit.model.incident import Incident, Link
from incidentkit.model.incident_commands import Command
from incidentkit.model.journal import Event
from incidentkit.model.review import FollowUp, Review, Section
from incidentkit.model.words import FollowUpState, LinkKind
from incidentkit.model.words import ReviewState as S
from incidentkit.rules.record_terms import ReviewTerms

Decide: TypeAlias = Callable[[Review, Any, datetime, str, ReviewTerms], tuple[Event, ...]]


def opened(
    id_: str,
    ref: str,
    incident: Incident,
    at: datetime,
    terms: ReviewTerms,
    owner: str | None = None,
    due_at: datetime | None = None,
) -> r.ReviewOpened:
    """The review of an incident, due as the policy says and owned as the incident is unless given.

    Raises InvalidValue for a due date that is past.
    """
    due = due_at or at + terms.due_within
    _check_due(due, at)
    people = incident.people
    who = owner or people.owner or people.assignee or people.holder("commander")
    link = Link(LinkKind.REVIEWS, f"incident/{incident.id}", incident.ref)
    return r.ReviewOpened(
        id_, ref, incident.title, link, who, due, warn_at(due, at, terms.warn_before)
    )


def warn_at(due: datetime, at: datetime, before: timedelta) -> datetime:
    """When to remind of a due date; half-way where the rest is that short."""
    warned = due - before
    return warned if warned > at else at + (due - at) / 2


def _check_due(due: datetime, at: datetime) -> None:
    if due <= at:
        raise InvalidValue("due_at", f"{due.isoformat()} is already past")


def _need(review: Review, command: Command, **given: object) -> None:
    missing = tuple(field for field, value in given.items() if not value)
    if missing:
        raise MissingFields(review.ref, command.action, missing)


def _edit(
    review: Review, command: r.EditReviewSection, _at: datetime, _by: str, _t: ReviewTerms
) -> tuple[Event, ...]:
    was = review.sections.get(command.section)
    public = command.public
    if public is None:
        public = was is not None and was.public
    if was is not None and (was.text, was.public) == (command.text, public):
        return ()
    return (r.ReviewEdited(command.section, command.text, public),)


def _assign(
    review: Review, command: r.AssignReview, at: datetime, _by: str, terms: ReviewTerms
) -> tuple[Event, ...]:
    _need(review, command, owner_or_due_at=command.owner or command.due_at)
    due = review.due_at
    warn = review.warn_at
    if command.due_at is not None:
        _check_due(command.due_at, at)
        due, warn = command.due_at, warn_at(command.due_at, at, terms.warn_before)
    return (r.ReviewAssigned(command.owner or review.owner, due, warn),)


def _submit(
    review: Review, command: r.SubmitReview, _at: datetime, _by: str, _t: ReviewTerms
) -> tuple[Event, ...]:
    summary = review.sections.get(Section.SUMMARY)
    _need(review, command, summary=summary is not None and summary.text.strip())
    return (r.ReviewSubmitted(),)


def _approve(
    review: Review, command: r.ApproveReview, _at: datetime, by: str, terms: ReviewTerms
) -> tuple[Event, ...]:
    if by == review.owner and not terms.own_approval:
        why = "its owner may not approve it as well"
        raise NotAuthorised(by, command.action, f"review/{review.ref}", why)
    return (r.ReviewApproved(by),)


def _return(
    review: Review, command: r.ReturnReview, _at: datetime, _by: str, _t: ReviewTerms
) -> tuple[Event, ...]:
    _need(review, command, reason=command.reason)
    return (r.ReviewReturned(command.reason),)


def _publish(
    _r: Review, _c: r.PublishReview, _at: datetime, _by: str, _t: ReviewTerms
) -> tuple[Event, ...]:
    return (r.ReviewPublished(),)


def _waive(
    review: Review, command: r.WaiveReview, _at: datetime, _by: str, _t: ReviewTerms
) -> tuple[Event, ...]:
    _need(review, command, reason=command.reason)
    return (r.ReviewWaived(command.reason),)


def _reopen(
    review: Review, command: r.ReopenReview, _at: datetime, _by: str, _t: ReviewTerms
) -> tuple[Event, ...]:
    _need(review, command, reason=command.reason)
    return (r.ReviewReopened(command.reason),)


def _add(
    review: Review, command: r.AddFollowUp, at: datetime, _by: str, terms: ReviewTerms
) -> tuple[Event, ...]:
    _need(review, command, title=command.title.strip())
    due, warn = command.due_at, None
    if due is not None:
        _check_due(due, at)
        warn = warn_at(due, at, terms.warn_before)
    follow_up = FollowUp(
        f"F{len(review.follow_ups) + 1}",
        command.title,
        command.kind,
        command.owner,
        due,
        FollowUpState.OPEN,
        command.link,
        warn,
    )
    return (r.FollowUpAdded(follow_up),)


def _open_follow_up(review: Review, command: Command, id_: str) -> FollowUp:
    _need(review, command, follow_up=id_)
    found = review.follow_up(id_)
    if found is None:
        raise NotFound("follow-up", id_, tuple(x.id for x in review.follow_ups))
    if found.state is not FollowUpState.OPEN:
        subject = f"{review.ref} {found.id}"
        raise TransitionNotAllowed(subject, found.state.value, command.action, ())
    return found


def _complete(
    review: Review, command: r.CompleteFollowUp, _at: datetime, _by: str, _t: ReviewTerms
) -> tuple[Event, ...]:
    found = _open_follow_up(review, command, command.follow_up)
    return (r.FollowUpDone(found.id, command.note),)


def _cancel(
    review: Review, command: r.CancelFollowUp, _at: datetime, _by: str, _t: ReviewTerms
) -> tuple[Event, ...]:
    _need(review, command, reason=command.reason)
    found = _open_follow_up(review, command, command.follow_up)
    return (r.FollowUpCancelled(found.id, command.reason),)


@attrs.frozen
class ReviewMove:
    """One row of the table; `to` None: the state stays."""

    command: type[Command]
    sources: frozenset[S]
    to: S | None
    needs: tuple[str, ...]
    decide: Decide


_OPEN = frozenset((S.DRAFT, S.IN_REVIEW, S.APPROVED))
_WRITING = frozenset((S.DRAFT, S.IN_REVIEW))
REVIEW_MOVES: tuple[ReviewMove, ...] = (
    ReviewMove(r.EditReviewSection, _WRITING, None, ("section",), _edit),
    ReviewMove(r.AssignReview, _OPEN, None, ("owner or due_at",), _assign),
    ReviewMove(r.SubmitReview, frozenset((S.DRAFT,)), S.IN_REVIEW, ("summary",), _submit),
    ReviewMove(r.ApproveReview, frozenset((S.IN_REVIEW,)), S.APPROVED, (), _approve),
    ReviewMove(r.ReturnReview, frozenset((S.IN_REVIEW, S.APPROVED)), S.DRAFT, ("reason",), _return),
    ReviewMove(r.PublishReview, frozenset((S.APPROVED,)), S.PUBLISHED, (), _publish),
    ReviewMove(r.WaiveReview, _WRITING, S.NOT_NEEDED, ("reason",), _waive),
    ReviewMove(
        r.ReopenReview, frozenset((S.PUBLISHED, S.NOT_NEEDED)), S.DRAFT, ("reason",), _reopen
    ),
    ReviewMove(r.AddFollowUp, frozenset(S) - {S.NOT_NEEDED}, None, ("title",), _add),
    ReviewMove(r.CompleteFollowUp, frozenset(S), None, ("follow_up",), _complete),
    ReviewMove(r.CancelFollowUp, frozenset(S), None, ("follow_up", "reason"), _cancel),
)
"""The life-cycle of a review; diagrams and documentation are drawn from it."""

_TABLE: dict[S, dict[type[Command], Decide]] = {
    state: {move.command: move.decide for move in REVIEW_MOVES if state in move.sources}
    for state in S
}


def decide(
    review: Review, command: Command, at: datetime, by: str, terms: ReviewTerms
) -> tuple[Event, ...]:
    """The events a command leads to.

    Raises TransitionNotAllowed, MissingFields or InvalidValue as for incidents, NotFound for a
    follow-up that there is not, and NotAuthorised for an approval by its owner.
    """
    rule = _TABLE[review.state].get(type(command))
    if rule is None:
        possible = allowed(review.state)
        raise TransitionNotAllowed(review.ref, review.state.value, command.action, possible)
    return rule(review, command, at, by, terms)


def allowed(state: S) -> tuple[str, ...]:
    """The moves that may be made from a state."""
    return tuple(move.command.action for move in REVIEW_MOVES if state in move.sources)
