"""The problem: the underlying cause, known or not, of incidents."""

from __future__ import annotations

from datetime import datetime

import attrs

from incidentkit.ids import ProblemId
from incidentkit.model import checks
from incidentkit.model.incident import Link
from incidentkit.model.incident_commands import Command
from incidentkit.model.journal import Event
from incidentkit.model.words import ProblemState


@attrs.frozen
class Problem:
    """One problem at one version; its incidents are its `causes` links."""

    id: ProblemId
    ref: str
    version: int
    title: str = attrs.field(validator=checks.title)
    state: ProblemState
    since: datetime = attrs.field(validator=checks.utc)
    summary: str = attrs.field(default="", validator=checks.text())
    service: str | None = attrs.field(default=None, validator=checks.optional_name)
    category: str = attrs.field(default="", validator=checks.text(checks.NAME_LIMIT))
    owner: str | None = attrs.field(default=None, validator=checks.optional_name)
    cause: str = attrs.field(default="", validator=checks.text())
    workaround: str = attrs.field(default="", validator=checks.text())
    remedy: str = attrs.field(default="", validator=checks.text())
    until: datetime | None = attrs.field(default=None, validator=checks.optional_utc)
    criterion: str = attrs.field(default="", validator=checks.text())
    links: tuple[Link, ...] = ()

    @property
    def status(self) -> ProblemState:
        """Where it stands; prints as the word."""
        return self.state


@attrs.frozen(repr=False)
class RaiseProblem(Command):
    """There is an underlying cause. `subject` is the title; `incident` is where it showed."""

    action = "raise_problem"
    about = "problem"

    incident: str | None = attrs.field(default=None, validator=checks.optional_name)
    summary: str = attrs.field(default="", validator=checks.text())
    service: str | None = attrs.field(default=None, validator=checks.optional_name)
    category: str = attrs.field(default="", validator=checks.text(checks.NAME_LIMIT))
    owner: str | None = attrs.field(default=None, validator=checks.optional_name)


@attrs.frozen(repr=False)
class ProblemCommand(Command):
    """The base of commands on a problem."""

    about = "problem"


class Assess(ProblemCommand):
    """Is it worth analysing?"""

    __slots__ = ()
    action = "assess"


class Analyse(ProblemCommand):
    """Look for the cause."""

    __slots__ = ()
    action = "analyse"


@attrs.frozen(repr=False)
class Fix(ProblemCommand):
    """The cause is known as far as needed; take it away."""

    action = "fix"
    cause: str = attrs.field(default="", validator=checks.text())
    workaround: str = attrs.field(default="", validator=checks.text())


@attrs.frozen(repr=False)
class Verify(ProblemCommand):
    """Watch until then, against a criterion, whether the fix holds."""

    action = "verify"
    until: datetime | None = attrs.field(default=None, converter=checks.to_optional_utc)
    criterion: str = attrs.field(default="", validator=checks.text())


@attrs.frozen(repr=False)
class ResolveProblem(ProblemCommand):
    """It is gone; `remedy` is what the incidents waiting for it are told."""

    action = "resolve_problem"
    remedy: str = attrs.field(default="", validator=checks.text())


class CloseProblem(ProblemCommand):
    """Nothing is left to do about it."""

    __slots__ = ()
    action = "close_problem"


@attrs.frozen(repr=False)
class Reanalyse(ProblemCommand):
    """It was not that, or not all: back to the analysis."""

    action = "reanalyse"
    reason: str = attrs.field(default="", validator=checks.text())


@attrs.frozen(repr=False)
class AcceptRisk(ProblemCommand):
    """Live with it, until the acceptance expires."""

    action = "accept_risk"
    expires_at: datetime | None = attrs.field(default=None, converter=checks.to_optional_utc)
    reason: str = attrs.field(default="", validator=checks.text())


@attrs.frozen(repr=False)
class CancelProblem(ProblemCommand):
    """It is none, or the same as `duplicate_of`."""

    action = "cancel_problem"
    reason: str = attrs.field(default="", validator=checks.text())
    duplicate_of: str | None = attrs.field(default=None, validator=checks.optional_name)


class RedecideProblem(ProblemCommand):
    """Look again: wake what is due on this problem."""

    __slots__ = ()
    action = "wake_problem"


@attrs.frozen(repr=False)
class ProblemRaised(Event):
    """A problem was raised."""

    id: str
    ref: str
    title: str
    summary: str
    service: str | None
    category: str
    owner: str | None


@attrs.frozen(repr=False)
class ProblemMoved(Event):
    """It moved along its life-cycle."""

    to: ProblemState
    why: str = ""


@attrs.frozen(repr=False)
class FixBegun(ProblemMoved):
    """The cause and workaround as they were known when fixing began."""

    cause: str = ""
    workaround: str = ""


@attrs.frozen(repr=False)
class VerificationBegun(ProblemMoved):
    """How long and by what it is judged whether the fix holds."""

    until: datetime | None = None
    criterion: str = ""


@attrs.frozen(repr=False)
class ProblemResolved(ProblemMoved):
    """It is gone, and by what."""

    remedy: str = ""


@attrs.frozen(repr=False)
class RiskAccepted(ProblemMoved):
    """It is lived with until then."""

    expires_at: datetime | None = None


@attrs.frozen(repr=False)
class ProblemLinked(Event):
    """Tied to an incident that it causes."""

    link: Link


@attrs.frozen(repr=False)
class ProblemUnlinked(Event):
    """A tie was taken away."""

    link: Link
