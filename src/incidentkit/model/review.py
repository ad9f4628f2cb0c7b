"""The review: the post-incident document, with a life-cycle and follow-ups of its own.

What the journal knows is never copied here: it is drawn anew whenever the review is read. Here
stands what only people can know, who is to do what about it, and how far the document has got.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import attrs

from incidentkit.model import checks
from incidentkit.model.clock import Clock
from incidentkit.model.frozen import FrozenMap


class ReviewState(StrEnum):
    """How far the document has got."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    APPROVED = "approved"
    PUBLISHED = "published"
    WAIVED = "waived"


OPEN_REVIEWS = frozenset((ReviewState.DRAFT, ReviewState.IN_REVIEW))
"""The states in which somebody still owes it."""


class FollowUpKind(StrEnum):
    """What a follow-up is good for."""

    PREVENTIVE = "preventive"
    DETECTIVE = "detective"
    CORRECTIVE = "corrective"
    MITIGATING = "mitigating"


class FollowUpState(StrEnum):
    """How far a follow-up has got."""

    OPEN = "open"
    DONE = "done"
    CANCELLED = "cancelled"


@attrs.frozen
class Section:
    """What somebody wrote under one heading, and who wrote it last."""

    text: str = attrs.field(validator=checks.text())
    by: str
    at: datetime = attrs.field(validator=checks.utc)


@attrs.frozen
class FollowUp:
    """Something to be done so that it does not happen again, is seen sooner, or does less harm.

    `id` is unique within its review (`F1`, `F2`, ...); `clock` runs until it is done; `link` leads
    to where the work is really tracked.
    """

    id: str = attrs.field(validator=checks.name)
    title: str = attrs.field(validator=checks.title)
    owner: str | None = attrs.field(default=None, validator=checks.optional_name)
    kind: FollowUpKind = FollowUpKind.PREVENTIVE
    state: FollowUpState = FollowUpState.OPEN
    clock: Clock | None = None
    link: str = attrs.field(default="", validator=checks.text(1_000))
    outcome: str = attrs.field(default="", validator=checks.text())


NO_SECTIONS: FrozenMap[str, Section] = FrozenMap()


@attrs.frozen
class Review:
    """One review at one version. `clock` runs until it is published or waived."""

    id: str
    ref: str
    version: int
    incident: str
    incident_ref: str
    title: str = attrs.field(validator=checks.title)
    since: datetime = attrs.field(validator=checks.utc)
    state: ReviewState = ReviewState.DRAFT
    owner: str | None = attrs.field(default=None, validator=checks.optional_name)
    sections: FrozenMap[str, Section] = NO_SECTIONS
    follow_ups: tuple[FollowUp, ...] = ()
    clock: Clock | None = None
    approved_by: str = ""
    reason: str = attrs.field(default="", validator=checks.text())

    @property
    def status(self) -> ReviewState:
        """Where it stands; prints as the word."""
        return self.state

    def follow_up(self, id_: str) -> FollowUp | None:
        """One of its follow-ups."""
        return next((each for each in self.follow_ups if each.id == id_), None)
