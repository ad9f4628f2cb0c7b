"""The problem: the underlying cause, known or not, of incidents."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import cast

import attrs

from incidentkit.errors import InvalidValue, LimitExceeded
from incidentkit.ids import ProblemId
from incidentkit.model import checks
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.incident import Link, Rating
from incidentkit.model.incident_commands import Command
from incidentkit.model.journal import Event
from incidentkit.model.known_error import KnownError
from incidentkit.model.signals import NO_TEXTS, Texts
from incidentkit.model.words import LinkKind, Priority, ProblemMoment, ProblemState

UNRATED = Rating()
NO_MOMENTS: FrozenMap[ProblemMoment, datetime] = FrozenMap()


@attrs.frozen
class Statement:
    """A cause or a workaround as it was stated, and when and why it was given up."""

    text: str = attrs.field(validator=checks.text())
    at: datetime = attrs.field(validator=checks.utc)
    until: datetime | None = attrs.field(default=None, validator=checks.optional_utc)
    why: str = attrs.field(default="", validator=checks.text())


@attrs.frozen
class Problem:
    """One problem at one version; its incidents are its `causes` links.

    `cause` and `workaround` are those that stand now; `causes` and `workarounds` are all that were
    ever stated. `until` is the end of a verification or of an accepted risk. `criterion` says by
    what a fix is judged, `watch` as a condition over incidents, if it can be said so. `doubt` is
    the reference of the incident that last spoke against the fix. `done` names the changes that
    resolve it and are done.
    """

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
    origin: str = attrs.field(default="", validator=checks.text(checks.NAME_LIMIT))
    team: str | None = attrs.field(default=None, validator=checks.optional_name)
    labels: Texts = NO_TEXTS
    rating: Rating = UNRATED
    causes: tuple[Statement, ...] = ()
    workarounds: tuple[Statement, ...] = ()
    known_error: KnownError | None = None
    moments: FrozenMap[ProblemMoment, datetime] = NO_MOMENTS
    watch: str = attrs.field(default="", validator=checks.text())
    doubt: str = attrs.field(default="", validator=checks.text(checks.NAME_LIMIT))
    done: tuple[str, ...] = ()

    @property
    def status(self) -> ProblemState:
        """Where it stands; prints as the word."""
        return self.state

    @property
    def priority(self) -> Priority:
        """P1 to P5."""
        return self.rating.priority

    @property
    def published(self) -> bool:
        """Whether it is a known error that is offered now."""
        return self.known_error is not None and self.known_error.published

    def targets(self, kind: LinkKind) -> tuple[str, ...]:
        """What it is linked to by links of this kind, as `kind/id`."""
        return tuple(x.target for x in self.links if x.kind is kind)

    def linked(self, kind: LinkKind, target: str) -> bool:
        """Whether it has this link."""
        return any(x.kind is kind and x.target == target for x in self.links)


MOST_INCIDENTS = 1_000
"""So many incidents are linked by one command at most."""


def _names(value: Iterable[str]) -> tuple[str, ...]:
    given = checks.to_tuple((value,) if isinstance(value, str) else value)
    if not isinstance(cast("object", given), tuple):
        raise InvalidValue("incidents", f"must be several references, not {value!r:.40}")
    if len(given) > MOST_INCIDENTS:
        raise LimitExceeded("incidents", f"are {len(given)}; at most {MOST_INCIDENTS} at once")
    return tuple(dict.fromkeys(checks.check_name(each, "incidents") for each in given))


@attrs.frozen(repr=False)
class RaiseProblem(Command):
    """There is an underlying cause. `subject` is the title; `incident` is where it showed.

    `incidents` are all others in which it showed, at most `MOST_INCIDENTS`: those of a recurrence,
    say. `origin` is how it was found, or what kind of thing it is.
    """

    action = "raise_problem"
    begins = True
    about = "problem"

    incident: str | None = attrs.field(default=None, validator=checks.optional_name)
    summary: str = attrs.field(default="", validator=checks.text())
    service: str | None = attrs.field(default=None, validator=checks.optional_name)
    category: str = attrs.field(default="", validator=checks.text(checks.NAME_LIMIT))
    owner: str | None = attrs.field(default=None, validator=checks.optional_name)
    incidents: tuple[str, ...] = attrs.field(default=(), converter=_names)
    origin: str = attrs.field(default="", validator=checks.text(checks.NAME_LIMIT))
    team: str | None = attrs.field(default=None, validator=checks.optional_name)
    impact: str | None = attrs.field(default=None, validator=checks.optional_name)
    urgency: str | None = attrs.field(default=None, validator=checks.optional_name)
    labels: Texts = attrs.field(default=NO_TEXTS, converter=checks.to_map)


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
    """Watch until then, against a criterion, whether the fix holds.

    `watch` is a condition over incident facts: an incident of which it is true speaks against the
    fix. A criterion that reads as such a condition is one. With plain words an incident speaks
    against the fix that is linked to the problem, or recognised as its known error. `remedy` is
    what was done; incidents that wait are told of it, if the problem resolves by itself.
    """

    action = "verify"
    until: datetime | None = attrs.field(default=None, converter=checks.to_optional_utc)
    criterion: str = attrs.field(default="", validator=checks.text())
    watch: str = attrs.field(default="", validator=checks.text())
    remedy: str = attrs.field(default="", validator=checks.text())


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
    origin: str = ""
    team: str | None = None
    labels: Texts = NO_TEXTS


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
    watch: str = ""
    remedy: str = ""


@attrs.frozen(repr=False)
class ProblemResolved(ProblemMoved):
    """It is gone, and by what. `verified`: the fix was watched, and held."""

    remedy: str = ""
    verified: bool = False


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
