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


@attrs.frozen
class Declared(Event):
    """It began here: as an incident, or as a candidate that is not yet accepted."""

    id: str
    ref: str
    card: Card
    candidate: bool
    occurred_at: datetime | None = None
    detected_at: datetime | None = None


@attrs.frozen
class Rated(Event):
    """Impact, urgency or severity were stated."""

    impact: str
    urgency: str
    severity: str


@attrs.frozen
class Prioritised(Event):
    """The priority was drawn from the matrix, or set by hand."""

    priority: Priority
    was: Priority | None
    provisional: bool
    by_hand: bool
    why: str = ""


class Accepted(Event):
    """The candidate became an incident."""

    __slots__ = ()


class Triaged(Event):
    """Impact and urgency are settled."""

    __slots__ = ()


class Started(Event):
    """Work began."""

    __slots__ = ()


@attrs.frozen
class Held(Event):
    """It waits, or waits for another reason than before."""

    reason: str
    court: str


@attrs.frozen
class Resumed(Event):
    """The wait ended and it went back to where it was."""

    to: State


@attrs.frozen
class Mitigated(Event):
    """The service was restored."""

    restored_at: datetime


@attrs.frozen
class ObservationBegun(Event):
    """It is being watched until then, or under the condition in words."""

    until: datetime | None
    condition: str


@attrs.frozen
class Regressed(Event):
    """The fix did not hold."""

    reason: str


@attrs.frozen
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


@attrs.frozen
class Reopened(Event):
    """It came back."""

    to: State
    reason: str


@attrs.frozen
class Cancelled(Event):
    """It ended without being resolved."""

    reason: CancelReason
    why: str
    target: str


@attrs.frozen
class Acknowledged(Event):
    """Somebody has it, under a lease that ends then."""

    holder: str
    until: datetime


@attrs.frozen
class LeaseLapsed(Event):
    """The holder did nothing for the length of the lease."""

    holder: str


class ResponseCleared(Event):
    """All alerts cleared before anybody acknowledged; the ladder pauses."""

    __slots__ = ()


class ResponseRefired(Event):
    """An alert fired again; the ladder goes on."""

    __slots__ = ()


@attrs.frozen
class Assigned(Event):
    """Who works on it now."""

    assignee: str | None
    was: str | None


@attrs.frozen
class OwnerChanged(Event):
    """Who stays accountable."""

    owner: str | None
    was: str | None


@attrs.frozen
class RoleTaken(Event):
    """A role was taken over."""

    role: str
    holder: str
    was: str | None


@attrs.frozen
class RoleLeft(Event):
    """A role was laid down."""

    role: str
    holder: str


@attrs.frozen
class Noted(Event):
    """An internal note."""

    text: str


@attrs.frozen
class Replied(Event):
    """A statement to the reporter."""

    to: str
    text: str


@attrs.frozen
class Edited(Event):
    """What people read was corrected; None means unchanged."""

    title: str | None
    summary: str | None
    service: str | None
    labels: Texts | None


@attrs.frozen
class MomentCorrected(Event):
    """An instant was put right."""

    moment: Moment
    was: datetime | None
    now: datetime
    why: str = ""


@attrs.frozen
class Linked(Event):
    """Tied to another record."""

    kind: LinkKind
    target: str
    ref: str


@attrs.frozen
class Unlinked(Event):
    """A tie was taken away."""

    kind: LinkKind
    target: str
    ref: str


@attrs.frozen
class AlertJoined(Event):
    """An alert became part of it."""

    alert: str
    title: str


@attrs.frozen
class AlertCleared(Event):
    """One of its alerts cleared; that does not resolve it."""

    alert: str
    title: str


@attrs.frozen
class AlertRefired(Event):
    """One of its alerts fired again."""

    alert: str
    title: str


@attrs.frozen
class ReportJoined(Event):
    """A person's report became part of it."""

    reporter: str
    title: str
    text: str
    on_behalf_of: str
    location: str
    contact: str


@attrs.frozen
class PageQueued(Event):
    """A page to one recipient on one channel was decided and queued."""

    delivery: str
    to: str
    channel: str
    round: int


@attrs.frozen
class PageWithheld(Event):
    """It was decided not to page."""

    round: int


@attrs.frozen
class PagingPlanned(Event):
    """When the next round of pages is due unless somebody acknowledges; None ends the ladder."""

    round: int
    next_page_at: datetime | None


@attrs.frozen
class NoticeQueued(Event):
    """A statement to an audience was decided and queued."""

    audience: str
    text: str
    recipients: int


@attrs.frozen
class DeliverySettled(Event):
    """What became of one message."""

    delivery: str
    kind: MessageKind
    to: str
    channel: str
    state: str
    detail: str


@attrs.frozen
class ClockMoved(Event):
    """A clock started, paused, went on, got another due date, stopped or was cancelled."""

    clock: Clock


@attrs.frozen
class ClockWarned(Event):
    """A target is close to its end."""

    target: str
    due_at: datetime


@attrs.frozen
class ClockBreached(Event):
    """A target was missed."""

    target: str
    due_at: datetime
