"""What can be asked of a review, and what happened to it and to its follow-ups."""

from __future__ import annotations

from datetime import datetime

import attrs

from incidentkit.model import checks
from incidentkit.model.clock import Clock
from incidentkit.model.incident_commands import Command
from incidentkit.model.journal import Event
from incidentkit.model.review import FollowUpKind, FollowUpState, ReviewState


def _kind(value: FollowUpKind | str) -> FollowUpKind:
    return checks.member(FollowUpKind, "kind", value)


@attrs.frozen(repr=False)
class OpenReview(Command):
    """An incident deserves a review. `subject` is the incident."""

    action = "open_review"
    begins = True
    about = "review"

    owner: str | None = attrs.field(default=None, validator=checks.optional_name)
    title: str = attrs.field(default="", validator=checks.text(checks.TITLE_LIMIT))


@attrs.frozen(repr=False)
class ReviewCommand(Command):
    """The base of commands on a review."""

    about = "review"


@attrs.frozen(repr=False)
class EditReview(ReviewCommand):
    """Write a section; an empty text takes it away. The policy lists the sections."""

    action = "edit_review"
    section: str = attrs.field(validator=checks.name)
    text: str = attrs.field(default="", validator=checks.text())


@attrs.frozen(repr=False)
class AssignReview(ReviewCommand):
    """Who owes the review from now on."""

    action = "assign_review"
    owner: str = attrs.field(validator=checks.name)


class SubmitReview(ReviewCommand):
    """The draft is ready to be read by somebody else."""

    __slots__ = ()
    action = "submit_review"


@attrs.frozen(repr=False)
class ReturnReview(ReviewCommand):
    """Back to its owner: something is missing or wrong."""

    action = "return_review"
    reason: str = attrs.field(default="", validator=checks.text())


class ApproveReview(ReviewCommand):
    """It may be published. Where the policy says so, nobody approves their own."""

    __slots__ = ()
    action = "approve_review"


class PublishReview(ReviewCommand):
    """Whoever may read reviews may read this one."""

    __slots__ = ()
    action = "publish_review"


@attrs.frozen(repr=False)
class ReviseReview(ReviewCommand):
    """Something has to be put right after all: a draft again."""

    action = "revise_review"
    reason: str = attrs.field(default="", validator=checks.text())


@attrs.frozen(repr=False)
class WaiveReview(ReviewCommand):
    """No review is needed after all, because."""

    action = "waive_review"
    reason: str = attrs.field(default="", validator=checks.text())


@attrs.frozen(repr=False)
class AddFollowUp(ReviewCommand):
    """Something is to be done; without `due_at` the policy's term for its kind applies."""

    action = "add_follow_up"
    title: str = attrs.field(validator=checks.title)
    owner: str | None = attrs.field(default=None, validator=checks.optional_name)
    due_at: datetime | None = attrs.field(default=None, converter=checks.to_optional_utc)
    kind: FollowUpKind = attrs.field(default=FollowUpKind.PREVENTIVE, converter=_kind)
    link: str = attrs.field(default="", validator=checks.text(1_000))


@attrs.frozen(repr=False)
class ChangeFollowUp(ReviewCommand):
    """Another owner, due date or link; what is None stays."""

    action = "change_follow_up"
    id: str = attrs.field(validator=checks.name)
    owner: str | None = attrs.field(default=None, validator=checks.optional_name)
    due_at: datetime | None = attrs.field(default=None, converter=checks.to_optional_utc)
    link: str | None = None
    reason: str = attrs.field(default="", validator=checks.text())


@attrs.frozen(repr=False)
class CompleteFollowUp(ReviewCommand):
    """It was done, and how that can be seen."""

    action = "complete_follow_up"
    id: str = attrs.field(validator=checks.name)
    evidence: str = attrs.field(default="", validator=checks.text())


@attrs.frozen(repr=False)
class CancelFollowUp(ReviewCommand):
    """It will not be done, because."""

    action = "cancel_follow_up"
    id: str = attrs.field(validator=checks.name)
    reason: str = attrs.field(default="", validator=checks.text())


# --- what happened --------------------------------------------------------------------------------


@attrs.frozen(repr=False)
class ReviewOpened(Event):
    """A review was opened for an incident, to be done by then."""

    id: str
    ref: str
    incident: str
    incident_ref: str
    title: str
    owner: str | None
    clock: Clock | None


@attrs.frozen(repr=False)
class ReviewEdited(Event):
    """A section was written, or taken away; by whom stands in the section as well."""

    section: str
    text: str
    by: str


@attrs.frozen(repr=False)
class ReviewAssigned(Event):
    """Who owes it."""

    owner: str
    was: str | None


@attrs.frozen(repr=False)
class ReviewMoved(Event):
    """It moved along its life-cycle; `by` is who approved it, where somebody did."""

    to: ReviewState
    why: str = ""
    by: str = ""


@attrs.frozen(repr=False)
class ReviewWarned(Event):
    """It is due soon."""

    due_at: datetime


@attrs.frozen(repr=False)
class ReviewOverdue(Event):
    """It was not published in time."""

    due_at: datetime


@attrs.frozen(repr=False)
class FollowUpAdded(Event):
    """Something is to be done."""

    id: str
    title: str
    owner: str | None
    kind: FollowUpKind
    clock: Clock | None
    link: str


@attrs.frozen(repr=False)
class FollowUpChanged(Event):
    """Another owner, due date or link."""

    id: str
    owner: str | None
    clock: Clock | None
    link: str
    why: str = ""


@attrs.frozen(repr=False)
class FollowUpEnded(Event):
    """It was done, or will not be."""

    id: str
    to: FollowUpState
    outcome: str


@attrs.frozen(repr=False)
class FollowUpWarned(Event):
    """It is due soon."""

    id: str
    due_at: datetime


@attrs.frozen(repr=False)
class FollowUpOverdue(Event):
    """It was not done in time."""

    id: str
    due_at: datetime


# --- what the incident hears ----------------------------------------------------------------------


@attrs.frozen(repr=False)
class ReviewBegun(Event):
    """The incident has an open review from now on."""

    ref: str


@attrs.frozen(repr=False)
class ReviewFinished(Event):
    """Its review was published or waived: nobody owes it any more."""

    ref: str
    how: ReviewState
