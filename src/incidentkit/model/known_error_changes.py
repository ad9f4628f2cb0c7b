"""What can be asked of a known error, and what happened to it: commands and events of a problem."""

from __future__ import annotations

from datetime import datetime

import attrs

from incidentkit.model import checks
from incidentkit.model.journal import Event
from incidentkit.model.problem import ProblemCommand


@attrs.frozen(repr=False)
class PublishKnownError(ProblemCommand):
    """The problem is analysed and not resolved: tell those who meet it how to know it.

    Needs `symptoms`. `workaround`, if left out, is the problem's own, if there is one. `match` is a
    condition over incident facts (`incident.service == "login"`). `audience` and `review_by` are
    the policy's where they are left out.
    """

    action = "publish_known_error"
    symptoms: str = attrs.field(default="", validator=checks.text())
    workaround: str = attrs.field(default="", validator=checks.text())
    match: str = attrs.field(default="", validator=checks.text())
    audience: str | None = attrs.field(default=None, validator=checks.optional_name)
    review_by: datetime | None = attrs.field(default=None, converter=checks.to_optional_utc)


@attrs.frozen(repr=False)
class ReviseKnownError(ProblemCommand):
    """It gained a workaround, or is better known by now; what is None stays as it is.

    Revising answers a review that is due.
    """

    action = "revise_known_error"
    symptoms: str | None = None
    workaround: str | None = None
    match: str | None = None
    audience: str | None = attrs.field(default=None, validator=checks.optional_name)
    review_by: datetime | None = attrs.field(default=None, converter=checks.to_optional_utc)


@attrs.frozen(repr=False)
class RetireKnownError(ProblemCommand):
    """It is offered no longer, and why."""

    action = "retire_known_error"
    reason: str = attrs.field(default="", validator=checks.text())


@attrs.frozen(repr=False)
class UseKnownError(ProblemCommand):
    """Its workaround was applied in an incident; `worked` says how it went, once that is known.

    One incident counts as one use, however often it is said.
    """

    action = "use_known_error"
    incident: str = attrs.field(default="", validator=checks.text(checks.NAME_LIMIT))
    worked: bool | None = None


@attrs.frozen(repr=False)
class KnownErrorPublished(Event):
    """It is offered to an audience from now on."""

    audience: str
    symptoms: str
    workaround: str = ""
    match: str = ""
    review_by: datetime | None = None


@attrs.frozen(repr=False)
class KnownErrorRevised(Event):
    """What it says from now on; None means unchanged."""

    symptoms: str | None = None
    workaround: str | None = None
    match: str | None = None
    audience: str | None = None
    review_by: datetime | None = None


@attrs.frozen(repr=False)
class KnownErrorRetired(Event):
    """It is offered no longer."""

    why: str


@attrs.frozen(repr=False)
class KnownErrorUsed(Event):
    """Its workaround was applied in an incident. `first`: this incident had not counted before."""

    incident: str
    ref: str
    worked: bool | None = None
    first: bool = True


@attrs.frozen(repr=False)
class KnownErrorReviewDue(Event):
    """Its owner is asked whether it still holds."""

    review_by: datetime
