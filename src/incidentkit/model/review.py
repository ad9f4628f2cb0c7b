"""The review: what people learnt from an incident, with a life of its own, and what follows."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import attrs

from incidentkit.ids import IncidentId, ReviewId
from incidentkit.model import checks
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.incident import Link
from incidentkit.model.words import FollowUpKind, FollowUpState, ReviewState


class Section(StrEnum):
    """What only people can write into a review."""

    SUMMARY = "summary"
    CONTRIBUTING_FACTORS = "contributing_factors"
    WENT_WELL = "went_well"
    WENT_BADLY = "went_badly"
    LESSONS = "lessons"


@attrs.frozen
class SectionText:
    """One section as written; `public`: it may stand in the version for the public."""

    text: str = attrs.field(validator=checks.text())
    public: bool = False


NO_SECTIONS: FrozenMap[Section, SectionText] = FrozenMap()


@attrs.frozen
class FollowUp:
    """Something to be done so that it does not happen again, is seen sooner or mended faster.

    `link` is its ticket elsewhere. `warn_at` is when its owner is to be reminded, `overdue_at` when
    its due date was found to have passed.
    """

    id: str = attrs.field(validator=checks.name)
    title: str = attrs.field(validator=checks.title)
    kind: FollowUpKind
    owner: str | None = attrs.field(default=None, validator=checks.optional_name)
    due_at: datetime | None = attrs.field(default=None, validator=checks.optional_utc)
    state: FollowUpState = FollowUpState.OPEN
    link: str = attrs.field(default="", validator=checks.text(checks.TITLE_LIMIT))
    warn_at: datetime | None = attrs.field(default=None, validator=checks.optional_utc)
    overdue_at: datetime | None = attrs.field(default=None, validator=checks.optional_utc)
    ended_at: datetime | None = attrs.field(default=None, validator=checks.optional_utc)
    note: str = attrs.field(default="", validator=checks.text())


_OPEN = frozenset((ReviewState.DRAFT, ReviewState.IN_REVIEW, ReviewState.APPROVED))


@attrs.frozen
class Review:
    """One post-incident review at one version; what the journal knows is not copied into it.

    `warn_at` is when its owner is to be reminded, `overdue_at` when its due date was found to have
    passed. `reason` is why it is not needed or was reopened.
    """

    id: ReviewId
    ref: str
    version: int
    title: str = attrs.field(validator=checks.title)
    incident: IncidentId
    state: ReviewState
    since: datetime = attrs.field(validator=checks.utc)
    owner: str | None = attrs.field(default=None, validator=checks.optional_name)
    due_at: datetime | None = attrs.field(default=None, validator=checks.optional_utc)
    sections: FrozenMap[Section, SectionText] = NO_SECTIONS
    follow_ups: tuple[FollowUp, ...] = ()
    approver: str | None = attrs.field(default=None, validator=checks.optional_name)
    reason: str = attrs.field(default="", validator=checks.text())
    warn_at: datetime | None = attrs.field(default=None, validator=checks.optional_utc)
    overdue_at: datetime | None = attrs.field(default=None, validator=checks.optional_utc)
    links: tuple[Link, ...] = ()

    @property
    def status(self) -> ReviewState:
        """Where it stands; prints as the word."""
        return self.state

    @property
    def open(self) -> bool:
        """Whether it is still to be written, approved or published."""
        return self.state in _OPEN

    def follow_up(self, id_: str) -> FollowUp | None:
        """One follow-up by its id."""
        return next((x for x in self.follow_ups if x.id == id_), None)
