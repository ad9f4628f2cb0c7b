"""What each event makes of a review, and when it looks again by itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeAlias

import attrs

from incidentkit.ids import IncidentId, ReviewId
from incidentkit.model import record_events as t
from incidentkit.model import review_changes as r
from incidentkit.model.journal import Event
from incidentkit.model.review import FollowUp, Review, SectionText
from incidentkit.model.words import FollowUpState
from incidentkit.model.words import ReviewState as S
from incidentkit.rules.react import Elsewhere

Change: TypeAlias = Callable[[Review, Any, datetime], dict[str, Any]]


def birth(opened: r.ReviewOpened, at: datetime) -> Review:
    """The review that was opened, at version 1."""
    incident = IncidentId(opened.incident.target.partition("/")[2])
    return Review(
        ReviewId(opened.id),
        opened.ref,
        1,
        opened.title,
        incident,
        S.DRAFT,
        at,
        opened.owner,
        opened.due_at,
        warn_at=opened.warn_at,
        links=(opened.incident,),
    )


def _moved(to: S) -> Change:
    def change(_: Review, event: Any, at: datetime) -> dict[str, Any]:
        return {"state": to, "since": at, "reason": getattr(event, "reason", "")}

    return change


def _edited(review: Review, event: r.ReviewEdited, _at: datetime) -> dict[str, Any]:
    written = SectionText(event.text, event.public)
    return {"sections": review.sections.with_(event.section, written)}


def _assigned(_r: Review, event: r.ReviewAssigned, _at: datetime) -> dict[str, Any]:
    moved = {} if event.due_at == _r.due_at else {"overdue_at": None}
    return {"owner": event.owner, "due_at": event.due_at, "warn_at": event.warn_at, **moved}


def _approved(_r: Review, event: r.ReviewApproved, at: datetime) -> dict[str, Any]:
    return {"state": S.APPROVED, "since": at, "approver": event.approver}


def _returned(_r: Review, event: r.ReviewReturned, at: datetime) -> dict[str, Any]:
    return {"state": S.DRAFT, "since": at, "approver": None, "reason": event.reason}


def _warned(_r: Review, _e: r.ReviewWarned, _at: datetime) -> dict[str, Any]:
    return {"warn_at": None}


def _overdue(_r: Review, _e: r.ReviewOverdue, at: datetime) -> dict[str, Any]:
    return {"warn_at": None, "overdue_at": at}


def _added(review: Review, event: r.FollowUpAdded, _at: datetime) -> dict[str, Any]:
    return {"follow_ups": (*review.follow_ups, event.follow_up)}


def _changed(review: Review, id_: str, **more: Any) -> dict[str, Any]:
    changed = tuple(attrs.evolve(x, **more) if x.id == id_ else x for x in review.follow_ups)
    return {"follow_ups": changed}


def _done(review: Review, event: r.FollowUpDone, at: datetime) -> dict[str, Any]:
    return _changed(
        review, event.id, state=FollowUpState.DONE, ended_at=at, note=event.note, warn_at=None
    )


def _cancelled(review: Review, event: r.FollowUpCancelled, at: datetime) -> dict[str, Any]:
    state = FollowUpState.CANCELLED
    return _changed(review, event.id, state=state, ended_at=at, note=event.reason, warn_at=None)


def _follow_up_warned(review: Review, event: r.FollowUpWarned, _at: datetime) -> dict[str, Any]:
    return _changed(review, event.id, warn_at=None)


def _follow_up_overdue(review: Review, event: r.FollowUpOverdue, at: datetime) -> dict[str, Any]:
    return _changed(review, event.id, warn_at=None, overdue_at=at)


def _linked(review: Review, event: t.RecordLinked, _at: datetime) -> dict[str, Any]:
    return {"links": (*review.links, event.link)}


def _unlinked(review: Review, event: t.RecordUnlinked, _at: datetime) -> dict[str, Any]:
    gone = event.link
    left = tuple(x for x in review.links if (x.kind, x.target) != (gone.kind, gone.target))
    return {"links": left}


_CHANGES: dict[type[Event], Change] = {
    r.ReviewEdited: _edited,
    r.ReviewAssigned: _assigned,
    r.ReviewSubmitted: _moved(S.IN_REVIEW),
    r.ReviewApproved: _approved,
    r.ReviewReturned: _returned,
    r.ReviewPublished: _moved(S.PUBLISHED),
    r.ReviewWaived: _moved(S.NOT_NEEDED),
    r.ReviewReopened: _moved(S.DRAFT),
    r.ReviewWarned: _warned,
    r.ReviewOverdue: _overdue,
    r.FollowUpAdded: _added,
    r.FollowUpDone: _done,
    r.FollowUpCancelled: _cancelled,
    r.FollowUpWarned: _follow_up_warned,
    r.FollowUpOverdue: _follow_up_overdue,
    t.RecordLinked: _linked,
    t.RecordUnlinked: _unlinked,
}


def evolve(review: Review, event: Event, at: datetime) -> Review:
    """The review after the event, one version on; messages change nothing else."""
    change = _CHANGES.get(type(event))
    more = {} if change is None else change(review, event, at)
    return attrs.evolve(review, version=review.version + 1, **more)


def _ticking(review: Review) -> tuple[FollowUp, ...]:
    return tuple(x for x in review.follow_ups if x.state is FollowUpState.OPEN)


def wakes_at(review: Review) -> datetime | None:
    """When it must be looked at again by itself: a reminder or a due date."""
    due = [x.warn_at for x in _ticking(review)]
    due += [x.due_at for x in _ticking(review) if x.overdue_at is None]
    if review.open:
        due += [review.warn_at, None if review.overdue_at else review.due_at]
    return min((x for x in due if x is not None), default=None)


def wake(review: Review, at: datetime) -> tuple[Event, ...]:
    """What time alone has made true: what is due soon, and what is overdue."""
    found: list[Event] = []
    if review.open and review.due_at is not None:
        if review.due_at <= at:
            found += [] if review.overdue_at else [r.ReviewOverdue(review.due_at)]
        elif review.warn_at is not None and review.warn_at <= at:
            found.append(r.ReviewWarned(review.due_at))
    for each in _ticking(review):
        if each.due_at is None:
            continue
        if each.due_at <= at:
            found += [] if each.overdue_at else [r.FollowUpOverdue(each.id, each.due_at)]
        elif each.warn_at is not None and each.warn_at <= at:
            found.append(r.FollowUpWarned(each.id, each.due_at))
    return tuple(found)


def elsewhere(_: Review, event: Event) -> tuple[Elsewhere, ...]:
    """The other records that must hear of an event."""
    if isinstance(event, t.RecordLinked | t.RecordUnlinked):
        kind, _slash, id_ = event.link.target.partition("/")
        return (Elsewhere(kind, id_),)
    return ()
