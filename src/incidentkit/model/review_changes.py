"""What can be asked of a review, and what happens to it."""

from __future__ import annotations

from datetime import datetime

import attrs

from incidentkit.model import checks
from incidentkit.model.incident import Link
from incidentkit.model.incident_commands import Command
from incidentkit.model.journal import Event
from incidentkit.model.review import FollowUp, Section
from incidentkit.model.words import FollowUpKind


@attrs.frozen(repr=False)
class ReviewCommand(Command):
    """The base of commands on a review."""

    about = "review"


@attrs.frozen(repr=False)
class OpenReview(ReviewCommand):
    """Learn from an incident. `subject` is the incident; the policy says until when."""

    action = "open_review"
    owner: str | None = attrs.field(default=None, validator=checks.optional_name)
    due_at: datetime | None = attrs.field(default=None, converter=checks.to_optional_utc)


@attrs.frozen(repr=False)
class EditReviewSection(ReviewCommand):
    """Write one section; `public`: whether the public version may show it (None: as it was)."""

    action = "edit_review"
    section: Section = attrs.field(default=Section.SUMMARY, converter=Section)
    text: str = attrs.field(default="", validator=checks.text())
    public: bool | None = None


@attrs.frozen(repr=False)
class AssignReview(ReviewCommand):
    """Another owner, another due date, or both."""

    action = "assign_review"
    owner: str | None = attrs.field(default=None, validator=checks.optional_name)
    due_at: datetime | None = attrs.field(default=None, converter=checks.to_optional_utc)


class SubmitReview(ReviewCommand):
    """It is written; somebody else may read it."""

    __slots__ = ()
    action = "submit_review"


class ApproveReview(ReviewCommand):
    """Whoever says it has read it and agrees."""

    __slots__ = ()
    action = "approve_review"


@attrs.frozen(repr=False)
class ReturnReview(ReviewCommand):
    """Not yet: back to its owner."""

    action = "return_review"
    reason: str = attrs.field(default="", validator=checks.text())


class PublishReview(ReviewCommand):
    """Everybody concerned may read it."""

    __slots__ = ()
    action = "publish_review"


@attrs.frozen(repr=False)
class WaiveReview(ReviewCommand):
    """None is needed, and why."""

    action = "waive_review"
    reason: str = attrs.field(default="", validator=checks.text())


@attrs.frozen(repr=False)
class ReopenReview(ReviewCommand):
    """There is more to learn, or it was needed after all."""

    action = "reopen_review"
    reason: str = attrs.field(default="", validator=checks.text())


@attrs.frozen(repr=False)
class AddFollowUp(ReviewCommand):
    """Something is to be done, by whom and until when."""

    action = "add_follow_up"
    title: str = attrs.field(default="", validator=checks.text(checks.TITLE_LIMIT))
    owner: str | None = attrs.field(default=None, validator=checks.optional_name)
    due_at: datetime | None = attrs.field(default=None, converter=checks.to_optional_utc)
    kind: FollowUpKind = attrs.field(default=FollowUpKind.CORRECTIVE, converter=FollowUpKind)
    link: str = attrs.field(default="", validator=checks.text(checks.TITLE_LIMIT))


@attrs.frozen(repr=False)
class CompleteFollowUp(ReviewCommand):
    """It is done."""

    action = "complete_follow_up"
    follow_up: str = attrs.field(default="", validator=checks.text(checks.NAME_LIMIT))
    note: str = attrs.field(default="", validator=checks.text())


@attrs.frozen(repr=False)
class CancelFollowUp(ReviewCommand):
    """It will not be done, and why."""

    action = "cancel_follow_up"
    follow_up: str = attrs.field(default="", validator=checks.text(checks.NAME_LIMIT))
    reason: str = attrs.field(default="", validator=checks.text())


@attrs.frozen(repr=False)
class ReviewOpened(Event):
    """A review of an incident was asked for, by somebody or by the policy."""

    id: str
    ref: str
    title: str
    incident: Link
    owner: str | None = None
    due_at: datetime | None = None
    warn_at: datetime | None = None


@attrs.frozen(repr=False)
class ReviewEdited(Event):
    """One section was written."""

    section: Section
    text: str
    public: bool = False


@attrs.frozen(repr=False)
class ReviewAssigned(Event):
    """It has another owner or due date."""

    owner: str | None
    due_at: datetime | None
    warn_at: datetime | None = None


class ReviewSubmitted(Event):
    """It was handed in to be read."""

    __slots__ = ()


@attrs.frozen(repr=False)
class ReviewApproved(Event):
    """Somebody other than its owner agreed."""

    approver: str


@attrs.frozen(repr=False)
class ReviewReturned(Event):
    """It went back to its owner."""

    reason: str


class ReviewPublished(Event):
    """Everybody concerned may read it."""

    __slots__ = ()


@attrs.frozen(repr=False)
class ReviewWaived(Event):
    """None is needed."""

    reason: str


@attrs.frozen(repr=False)
class ReviewReopened(Event):
    """It is written on."""

    reason: str


@attrs.frozen(repr=False)
class ReviewWarned(Event):
    """It will be due soon."""

    due_at: datetime


@attrs.frozen(repr=False)
class ReviewOverdue(Event):
    """Its due date passed."""

    due_at: datetime


@attrs.frozen(repr=False)
class FollowUpAdded(Event):
    """Something is to be done."""

    follow_up: FollowUp


@attrs.frozen(repr=False)
class FollowUpDone(Event):
    """It was done."""

    id: str
    note: str = ""


@attrs.frozen(repr=False)
class FollowUpCancelled(Event):
    """It will not be done."""

    id: str
    reason: str


@attrs.frozen(repr=False)
class FollowUpWarned(Event):
    """It will be due soon."""

    id: str
    due_at: datetime


@attrs.frozen(repr=False)
class FollowUpOverdue(Event):
    """Its due date passed."""

    id: str
    due_at: datetime
