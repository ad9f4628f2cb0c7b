"""What happened to an incident: one frozen value an event, in the past tense.

Only what happened stands here. When, by whom and why stand in the entry around it
(`incidentkit.model.journal.Recorded`). The class name in snake case is the stored name and is
kept for ever.
"""

from __future__ import annotations

from datetime import datetime

import attrs

from incidentkit.model.clock import Clock
from incidentkit.model.incident import Card
from incidentkit.model.journal import Event
from incidentkit.model.signals import Texts
from incidentkit.model.words import (
    CancelReason,
    LinkKind,
    MessageKind,
    Moment,
    Outcome,
    Priority,
    State,
)


@attrs.frozen(repr=False)
class Declared(Event):
    """It began here: as an incident, or as a candidate that is not yet accepted."""

    id: str
    ref: str
    card: Card
    candidate: bool
    occurred_at: datetime | None = None
    detected_at: datetime | None = None


@attrs.frozen(repr=False)
class Rated(Event):
    """Impact, urgency or severity were stated."""

    impact: str
    urgency: str
    severity: str


@attrs.frozen(repr=False)
class Prioritised(Event):
    """The priority was drawn from the matrix, or set by hand."""

    priority: Priority
    was: Priority | None
    provisional: bool
    by_hand: bool
    why: str = ""


@attrs.frozen(repr=False)
class PriorityQuestioned(Event):
    """The rating worsened, and the rules would draw a higher priority than the one set by hand.

    The priority stands. Where another incident is why, `why` says so, and `drawn` is the other's.
    """

    priority: Priority
    drawn: Priority
    why: str = ""


@attrs.frozen(repr=False)
class PriorityReturned(Event):
    """The priority set by hand counts no more: the matrix and the overrides draw it again."""

    priority: Priority
    why: str


class Accepted(Event):
    """The candidate became an incident."""

    __slots__ = ()


class Triaged(Event):
    """Impact and urgency are settled."""

    __slots__ = ()


class Started(Event):
    """Work began."""

    __slots__ = ()


@attrs.frozen(repr=False)
class Held(Event):
    """It waits, or waits for another reason than before; when somebody is reminded, if at all."""

    reason: str
    court: str
    remind_at: datetime | None = None


@attrs.frozen(repr=False)
class Resumed(Event):
    """The wait ended and it went back to where it was."""

    to: State


@attrs.frozen(repr=False)
class Mitigated(Event):
    """The service was restored."""

    restored_at: datetime


@attrs.frozen(repr=False)
class ObservationBegun(Event):
    """It is being watched until then, or under the condition in words."""

    until: datetime | None
    condition: str


@attrs.frozen(repr=False)
class Regressed(Event):
    """The fix did not hold."""

    reason: str


@attrs.frozen(repr=False)
class Resolved(Event):
    """It is over, how it was ended, and why in spite of open ends."""

    code: str
    remedy: str
    restored_at: datetime
    override: str
    outcome: Outcome


class Closed(Event):
    """Nothing is left to do."""

    __slots__ = ()


@attrs.frozen(repr=False)
class Reopened(Event):
    """It came back."""

    to: State
    reason: str


@attrs.frozen(repr=False)
class Cancelled(Event):
    """It ended without being resolved."""

    reason: CancelReason
    why: str
    target: str


@attrs.frozen(repr=False)
class Acknowledged(Event):
    """Somebody has it, under a lease that ends then."""

    holder: str
    until: datetime


@attrs.frozen(repr=False)
class LeaseLapsed(Event):
    """The holder did nothing for the length of the lease."""

    holder: str


class ResponseCleared(Event):
    """All alerts cleared before anybody acknowledged; the ladder pauses."""

    __slots__ = ()


class ResponseRefired(Event):
    """An alert fired again; the ladder goes on."""

    __slots__ = ()


@attrs.frozen(repr=False)
class Assigned(Event):
    """Who works on it now."""

    assignee: str | None
    was: str | None


@attrs.frozen(repr=False)
class OwnerChanged(Event):
    """Who stays accountable."""

    owner: str | None
    was: str | None


@attrs.frozen(repr=False)
class TeamChanged(Event):
    """Which group has the work."""

    team: str | None
    was: str | None


@attrs.frozen(repr=False)
class WatchersChanged(Event):
    """Who hears of it from now on, and who was added or taken away by this."""

    watchers: tuple[str, ...]
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


@attrs.frozen(repr=False)
class StatusStated(Event):
    """The host's own word for where it stands; it stays until another is stated."""

    status: str
    was: str = ""


@attrs.frozen(repr=False)
class RoleTaken(Event):
    """A role was taken over; where many may hold it, the others keep it.

    `acting`: by whoever acknowledged first, because nobody was named.
    """

    role: str
    holder: str
    was: str | None
    many: bool = False
    acting: bool = False


@attrs.frozen(repr=False)
class RoleLeft(Event):
    """A role was laid down."""

    role: str
    holder: str


@attrs.frozen(repr=False)
class Noted(Event):
    """An internal note."""

    text: str


@attrs.frozen(repr=False)
class Replied(Event):
    """A statement to the reporter."""

    to: str
    text: str


@attrs.frozen(repr=False)
class Edited(Event):
    """What people read was corrected; None means unchanged."""

    title: str | None
    summary: str | None
    service: str | None
    labels: Texts | None
    category: str | None = None


@attrs.frozen(repr=False)
class MomentCorrected(Event):
    """An instant was put right."""

    moment: Moment
    was: datetime | None
    now: datetime
    why: str = ""


@attrs.frozen(repr=False)
class Linked(Event):
    """Tied to another record."""

    kind: LinkKind
    target: str
    ref: str


@attrs.frozen(repr=False)
class Unlinked(Event):
    """A tie was taken away."""

    kind: LinkKind
    target: str
    ref: str


@attrs.frozen(repr=False)
class ProblemProposed(Event):
    """It may have an underlying cause that nobody looks for yet; `group` are those alike."""

    why: str
    group: tuple[str, ...] = ()


@attrs.frozen(repr=False)
class AlertJoined(Event):
    """An alert became part of it."""

    alert: str
    title: str


@attrs.frozen(repr=False)
class AlertCleared(Event):
    """One of its alerts cleared; that does not resolve it."""

    alert: str
    title: str


@attrs.frozen(repr=False)
class AlertRefired(Event):
    """One of its alerts fired again."""

    alert: str
    title: str


@attrs.frozen(repr=False)
class ReportJoined(Event):
    """A person's report became part of it; `report` is the reference of its record."""

    reporter: str
    title: str
    text: str
    on_behalf_of: str
    location: str
    contact: str
    report: str = ""


@attrs.frozen(repr=False)
class PageQueued(Event):
    """A page to one recipient on one channel was decided and queued; `kept`: it is not sent."""

    delivery: str
    to: str
    channel: str
    round: int
    kept: str = ""


@attrs.frozen(repr=False)
class PageBundled(Event):
    """A page was not queued, because `waiting` others wait for that person on that channel."""

    to: str
    channel: str
    round: int
    waiting: int


@attrs.frozen(repr=False)
class PageWithheld(Event):
    """It was decided not to page."""

    round: int


@attrs.frozen(repr=False)
class PagingPlanned(Event):
    """When the next round of pages is due unless somebody acknowledges; None ends the ladder."""

    round: int
    next_page_at: datetime | None


@attrs.frozen(repr=False)
class NoticeQueued(Event):
    """A statement to an audience was decided and queued.

    `next_update_at` is by when it promises the next one; `kept` says why nobody hears it.
    """

    audience: str
    text: str
    recipients: int
    next_update_at: datetime | None = None
    kept: str = ""


@attrs.frozen(repr=False)
class DeliverySettled(Event):
    """What became of one message."""

    delivery: str
    kind: MessageKind
    to: str
    channel: str
    state: str
    detail: str


@attrs.frozen(repr=False)
class ClockMoved(Event):
    """A clock started, paused, went on, got another due date, stopped or was cancelled."""

    clock: Clock


@attrs.frozen(repr=False)
class ClockWarned(Event):
    """A target is close to its end."""

    target: str
    due_at: datetime


@attrs.frozen(repr=False)
class ClockBreached(Event):
    """A target was missed."""

    target: str
    due_at: datetime
