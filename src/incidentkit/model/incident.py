"""The incident: an acute, unplanned event that impairs a service or a site, or will.

The root holds few parts. What changes with every command (`life`) is small and built by position;
text stands in the cold `card`, which most commands never rebuild. All that only some incidents ever
have (aspects, facts, decisions, tasks, overlays) stands in the `dossier`.
"""

from __future__ import annotations

from datetime import datetime

import attrs

from incidentkit.ids import IncidentId
from incidentkit.model import checks
from incidentkit.model.clock import Clock
from incidentkit.model.dossier import EMPTY, Dossier
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.people import NOBODY, People
from incidentkit.model.signals import NO_TEXTS, Texts
from incidentkit.model.words import (
    ACTIVE,
    UNKNOWN,
    CancelReason,
    LinkKind,
    Mode,
    Moment,
    Outcome,
    Priority,
    Response,
    State,
)
from incidentkit.timing.intervals import Interval


@attrs.frozen
class Card:
    """What people read: title, summary, service, labels. Cold: few commands rebuild it.

    `category` is a path from the general to the special, such as `network/vpn`.
    """

    title: str = attrs.field(validator=checks.title)
    summary: str = attrs.field(default="", validator=checks.text())
    service: str | None = attrs.field(default=None, validator=checks.optional_name)
    labels: Texts = NO_TEXTS
    source: str = attrs.field(default="", validator=checks.text(checks.NAME_LIMIT))
    reporter: str | None = attrs.field(default=None, validator=checks.optional_name)
    category: str = attrs.field(default="", validator=checks.text(checks.NAME_LIMIT))


@attrs.frozen
class Rating:
    """How much it matters: impact and urgency on the policy's scales, and the priority drawn.

    `provisional`: an input was unknown. `by_hand`: a person set the priority itself.
    """

    impact: str = attrs.field(default=UNKNOWN, validator=checks.name)
    urgency: str = attrs.field(default=UNKNOWN, validator=checks.name)
    priority: Priority = Priority.P3
    provisional: bool = True
    by_hand: bool = False
    severity: str = attrs.field(default="", validator=checks.text(checks.NAME_LIMIT))


@attrs.frozen
class Life:
    """The hot part: where the incident stands. `resume_to` is where a hold goes back to."""

    state: State
    since: datetime = attrs.field(validator=checks.utc)
    resume_to: State | None = None
    candidate: bool = False
    reopened: int = 0
    response: Response = Response.UNACKNOWLEDGED


@attrs.frozen
class Hold:
    """A wait: why, and whose court the ball is in. Its interval ends when the hold is left.

    `reminded` counts the reminders that went out, `remind_at` is when the next is due, if any.
    """

    reason: str = attrs.field(validator=checks.name)
    court: str = attrs.field(validator=checks.name)
    interval: Interval
    reminded: int = 0
    remind_at: datetime | None = attrs.field(default=None, validator=checks.optional_utc)


@attrs.frozen
class Ending:
    """How it ended: the code and remedy of a resolution, or why it was cancelled."""

    code: str = attrs.field(default="", validator=checks.text(checks.NAME_LIMIT))
    remedy: str = attrs.field(default="", validator=checks.text())
    cancelled: CancelReason | None = None
    target: str = attrs.field(default="", validator=checks.text(checks.NAME_LIMIT))


NO_ENDING = Ending()
NO_MOMENTS: FrozenMap[Moment, datetime] = FrozenMap()


@attrs.frozen
class Course:
    """How it went so far: instants, holds, the end, and what it turned out to be."""

    moments: FrozenMap[Moment, datetime] = NO_MOMENTS
    holds: tuple[Hold, ...] = ()
    ending: Ending = NO_ENDING
    outcome: Outcome = Outcome.ACTUAL


@attrs.frozen
class Lease:
    """An acknowledgement: its holder has it until then, renewed by any command of the holder.

    `since` is the last renewal; a renewal lasts as long as the first lease did.
    """

    holder: str = attrs.field(validator=checks.name)
    since: datetime = attrs.field(validator=checks.utc)
    until: datetime = attrs.field(validator=checks.utc)


@attrs.frozen
class Attention:
    """Who has taken it on, and how far paging has got.

    `round` counts rounds of pages sent; `next_page_at` is when the next is due, if any.
    """

    leases: tuple[Lease, ...] = ()
    round: int = 0
    next_page_at: datetime | None = attrs.field(default=None, validator=checks.optional_utc)


UNATTENDED = Attention()


@attrs.frozen
class Link:
    """A typed link to another record: its kind, and the target as `kind/id` with its reference."""

    kind: LinkKind
    target: str
    ref: str


@attrs.frozen
class Ties:
    """What it hangs together with: links, a tally of alerts joined and still firing, of reports."""

    links: tuple[Link, ...] = ()
    alerts: int = 0
    firing: int = 0
    reports: int = 0


UNTIED = Ties()


@attrs.frozen
class Incident:
    """One incident at one version. The version is the number of its last journal entry.

    `more` is what the record keeps of the `dossier`: nothing, for an incident of every day.
    """

    id: IncidentId
    ref: str
    version: int
    card: Card
    rating: Rating
    life: Life
    people: People = NOBODY
    course: Course = Course()
    attention: Attention = UNATTENDED
    clocks: tuple[Clock, ...] = ()
    ties: Ties = UNTIED
    more: Dossier | None = None

    @property
    def dossier(self) -> Dossier:
        """All that only some incidents ever have; empty while it has none of it."""
        return EMPTY if self.more is None else self.more

    @property
    def title(self) -> str:
        """What people call it."""
        return self.card.title

    @property
    def status(self) -> State:
        """Where it stands; prints as the word."""
        return self.life.state

    @property
    def priority(self) -> Priority:
        """P1 to P5."""
        return self.rating.priority

    @property
    def assignee(self) -> str | None:
        """Who works on it now."""
        return self.people.assignee

    @property
    def active(self) -> bool:
        """Whether somebody still has to do something, and the library has to do with it."""
        return self.life.state in ACTIVE and not self.detached

    @property
    def mode(self) -> Mode:
        """How far the library acts on it; all the way, unless it stands for a host's ticket."""
        hosted = None if self.more is None else self.more.hosted
        return Mode.ENFORCE if hosted is None else hosted.mode

    @property
    def detached(self) -> bool:
        """Whether it was handed back to the host, so that nothing follows from it any more."""
        hosted = None if self.more is None else self.more.hosted
        return hosted is not None and hosted.detached_at is not None

    def moment(self, moment: Moment) -> datetime | None:
        """One of its instants, or None while it is not known."""
        return self.course.moments.get(moment)

    def clock(self, target: str) -> Clock | None:
        """The clock of one target, if it has one."""
        for clock in self.clocks:
            if clock.target == target:
                return clock
        return None
