"""What an event makes of a review, when a review must be looked at again, and who hears of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import attrs

from incidentkit.model import review_changes as r
from incidentkit.model.clock import Clock
from incidentkit.model.dossier import Dossier
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.incident import Incident
from incidentkit.model.journal import Event
from incidentkit.model.review import (
    OPEN_REVIEWS,
    FollowUp,
    FollowUpState,
    Review,
    ReviewState,
    Section,
)
from incidentkit.model.words import ClockState
from incidentkit.rules.evolve_parts import part
from incidentkit.rules.table import Part


def birth(opened: r.ReviewOpened, at: datetime) -> Review:
    """The review that was opened, at version 1."""
    return Review(
        opened.id,
        opened.ref,
        1,
        opened.incident,
        opened.incident_ref,
        opened.title,
        at,
        owner=opened.owner,
        clock=opened.clock,
    )


def _edited(review: Review, v: r.ReviewEdited, at: datetime) -> Review:
    rest = {k: x for k, x in review.sections.items() if k != v.section}
    if v.text:
        rest[v.section] = Section(v.text, v.by, at)
    return attrs.evolve(review, sections=FrozenMap(rest))


def _moved(review: Review, v: r.ReviewMoved, at: datetime) -> Review:
    clock = review.clock
    if clock is not None:
        over = v.to in (ReviewState.PUBLISHED, ReviewState.WAIVED)
        state = ClockState.STOPPED if over else ClockState.RUNNING
        clock = attrs.evolve(clock, state=state, stopped_at=at if over else None)
    approved = v.by if v.to is ReviewState.APPROVED else review.approved_by
    return attrs.evolve(
        review,
        state=v.to,
        since=at,
        clock=clock,
        reason=v.why,
        approved_by="" if v.to is ReviewState.DRAFT else approved,
    )


def _with(review: Review, id_: str, **changed: Any) -> Review:
    follow_ups = tuple(
        attrs.evolve(each, **changed) if each.id == id_ else each for each in review.follow_ups
    )
    return attrs.evolve(review, follow_ups=follow_ups)


def _added(review: Review, v: r.FollowUpAdded) -> Review:
    added = FollowUp(v.id, v.title, v.owner, v.kind, clock=v.clock, link=v.link)
    return attrs.evolve(review, follow_ups=(*review.follow_ups, added))


def _ended(review: Review, v: r.FollowUpEnded, at: datetime) -> Review:
    was = review.follow_up(v.id)
    clock = None if was is None else was.clock
    if clock is not None:
        clock = attrs.evolve(clock, state=ClockState.STOPPED, stopped_at=at)
    return _with(review, v.id, state=v.to, outcome=v.outcome, clock=clock)


def _flagged(clock: Clock | None, at: datetime, *, breached: bool) -> Clock | None:
    if clock is None:
        return None
    if breached:
        return attrs.evolve(clock, breached_at=at)
    return attrs.evolve(clock, warned_at=at)


def evolve(review: Review, event: Event, at: datetime) -> Review:
    """The review after the event, one version on."""
    after = _after(review, event, at)
    return attrs.evolve(after, version=review.version + 1)


def _after(review: Review, event: Event, at: datetime) -> Review:
    match event:
        case r.ReviewEdited():
            return _edited(review, event, at)
        case r.ReviewAssigned():
            return attrs.evolve(review, owner=event.owner)
        case r.ReviewMoved():
            return _moved(review, event, at)
        case r.ReviewWarned():
            return attrs.evolve(review, clock=_flagged(review.clock, at, breached=False))
        case r.ReviewOverdue():
            return attrs.evolve(review, clock=_flagged(review.clock, at, breached=True))
        case r.FollowUpAdded():
            return _added(review, event)
        case r.FollowUpChanged():
            return _with(review, event.id, owner=event.owner, clock=event.clock, link=event.link)
        case r.FollowUpEnded():
            return _ended(review, event, at)
        case r.FollowUpWarned() | r.FollowUpOverdue():
            was = review.follow_up(event.id)
            late = isinstance(event, r.FollowUpOverdue)
            clock = None if was is None else _flagged(was.clock, at, breached=late)
            return _with(review, event.id, clock=clock)
        case _:
            return review


# --- time -----------------------------------------------------------------------------------------


def _rings_at(clock: Clock | None) -> datetime | None:
    if clock is None or clock.breached_at is not None:
        return None
    return clock.due_at if clock.warned_at is not None else clock.warn_at


def _ticking(review: Review) -> tuple[tuple[str, Clock | None], ...]:
    own = (("", review.clock),) if review.state not in _DONE else ()
    still = (each for each in review.follow_ups if each.state is FollowUpState.OPEN)
    return (*own, *((each.id, each.clock) for each in still))


_DONE = frozenset((ReviewState.PUBLISHED, ReviewState.WAIVED))


def wakes_at(review: Review) -> datetime | None:
    """When something of this review is due, or must be warned of, next."""
    times = [_rings_at(clock) for _, clock in _ticking(review)]
    return min((when for when in times if when is not None), default=None)


def wake(review: Review, at: datetime) -> tuple[Event, ...]:
    """What time alone has made true: warnings and missed due dates not yet said."""
    said: list[Event] = []
    for id_, clock in _ticking(review):
        due = None if clock is None else clock.due_at
        if clock is None or due is None or clock.breached_at is not None:
            continue
        if due <= at:
            said.append(r.FollowUpOverdue(id_, due) if id_ else r.ReviewOverdue(due))
        elif clock.warned_at is None and clock.warn_at is not None and clock.warn_at <= at:
            said.append(r.FollowUpWarned(id_, due) if id_ else r.ReviewWarned(due))
    return tuple(said)


# --- who hears of it ------------------------------------------------------------------------------


def on_incident(incident: Incident, review: Review) -> tuple[Event, ...]:
    """What the incident writes down so that it knows whether this review is still owed."""
    known = review.ref in incident.dossier.reviews
    if review.state in OPEN_REVIEWS and not known:
        return (r.ReviewBegun(review.ref),)
    if review.state in _DONE and known:
        return (r.ReviewFinished(review.ref, review.state),)
    return ()


def _begun(incident: Incident, v: r.ReviewBegun, _at: datetime) -> Incident:
    reviews = (*incident.dossier.reviews, v.ref)
    return part(incident, dossier=_reviewing(incident.dossier, reviews))


def _finished(incident: Incident, v: r.ReviewFinished, _at: datetime) -> Incident:
    reviews = tuple(ref for ref in incident.dossier.reviews if ref != v.ref)
    return part(incident, dossier=_reviewing(incident.dossier, reviews))


def _reviewing(dossier: Dossier, reviews: tuple[str, ...]) -> Dossier:
    return attrs.evolve(dossier, reviews=reviews)


PART = Part(evolve={r.ReviewBegun: _begun, r.ReviewFinished: _finished})
"""What the incident itself keeps of its reviews: which of them are still owed."""


def owed_words(review: Review, event: Event) -> tuple[str, str] | None:
    """Whom an event of the review must be told, and in what words; None for nobody."""
    about = f"{review.ref} ({review.incident_ref})"
    match event:
        case r.ReviewOpened():
            told = f"you owe the review {about}", review.owner
        case r.ReviewWarned():
            told = f"the review {about} is due {event.due_at.isoformat()}", review.owner
        case r.ReviewOverdue():
            told = f"the review {about} was due {event.due_at.isoformat()}", review.owner
        case r.FollowUpAdded():
            told = f"you own {event.id} of {about}: {event.title}", event.owner
        case r.FollowUpWarned() | r.FollowUpOverdue():
            found = review.follow_up(event.id)
            late = "was" if isinstance(event, r.FollowUpOverdue) else "is"
            title = "" if found is None else f": {found.title}"
            owner = (found.owner if found else None) or review.owner
            told = f"{event.id} of {about} {late} due {event.due_at.isoformat()}{title}", owner
        case _:
            return None
    return None if told[1] is None else (told[1], told[0])
