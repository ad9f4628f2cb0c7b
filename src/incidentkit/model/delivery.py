"""Messages and deliveries: one outgoing thing of one of three kinds, and the proof of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TypeAlias

import attrs

from incidentkit.ids import DeliveryId
from incidentkit.model import checks
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.journal import Event
from incidentkit.model.words import DeliveryState, MessageKind

NO_FIELDS: FrozenMap[str, str] = FrozenMap()


@attrs.frozen
class Message:
    """What a channel is handed to send.

    `key` is stable over every try, so a duplicate after a crash can be recognised. `to` is the
    address where the directory knows one, else the bare name. Whoever holds `answer_token` may
    answer as the recipient; put it where only the recipient sees it. A sync to a ticket that was
    adopted carries the `fields` to set there, and the `version` of the record that has them.
    """

    key: str
    kind: MessageKind
    channel: str
    party: str
    to: str
    title: str
    text: str
    ref: str
    priority: str
    answer_token: str = attrs.field(default="", repr=False)
    fields: FrozenMap[str, str] = NO_FIELDS
    version: int = 0


@attrs.frozen
class Sent:
    """The channel has taken the message; `proof` is its own id for it."""

    proof: str = attrs.field(default="", validator=checks.text(1_000))


@attrs.frozen
class Retry:
    """Not now: try again, after `after` if given, else after the policy's next wait."""

    why: str = attrs.field(validator=checks.text(1_000))
    after: timedelta | None = None


@attrs.frozen
class Refused:
    """Never: this address or message will not be taken, trying again is useless."""

    why: str = attrs.field(validator=checks.text(1_000))


SendResult: TypeAlias = Sent | Retry | Refused


@attrs.frozen
class Delivery:
    """The record of one message to one recipient on one channel.

    `report` is the id of the report whose reporter is told, so that an answer confirms that one.
    `tries` counts what was handed to the channel. `queued_at` is when it was queued, or put back
    into the queue by a person; records of earlier releases do not know.
    `fields` and `subject_version` are what a sync tells, `turn` the turn of the incident's mode
    that it was decided in, and `decided_at` when, where it was kept instead of sent; `released_by`
    is the person who let a draft go. `drawn`: the library wrote the text from the record.
    `always`: it goes out in every mode of a ticket, and is never too late or no longer wanted.
    """

    id: DeliveryId
    version: int
    kind: MessageKind
    subject: str
    ref: str
    party: str
    address: str
    channel: str
    title: str
    text: str
    priority: str
    round: int
    token_hash: str
    state: DeliveryState = DeliveryState.QUEUED
    tries: int = 0
    detail: str = ""
    received: bool | None = None
    report: str = ""
    queued_at: datetime | None = attrs.field(default=None, validator=checks.optional_utc)
    fields: FrozenMap[str, str] = NO_FIELDS
    subject_version: int = 0
    turn: int = 0
    decided_at: datetime | None = attrs.field(default=None, validator=checks.optional_utc)
    released_by: str = ""
    drawn: bool = False
    always: bool = False


@attrs.frozen(repr=False)
class DeliveryQueued(Event):
    """The message was decided, together with the change that caused it."""

    kind: MessageKind
    party: str
    channel: str


@attrs.frozen(repr=False)
class DeliveryTried(Event):
    """One try to send, or the decision not to try, and what the channel or the rule said."""

    state: DeliveryState
    detail: str


@attrs.frozen(repr=False)
class DeliveryReceipted(Event):
    """The channel's later word: it arrived, or it did not."""

    delivered: bool
    detail: str


@attrs.frozen(repr=False)
class DeliveryRequeued(Event):
    """The message is to go out after all; `why` it had been set aside, or was missing."""

    why: str


class DeliveryRedacted(Event):
    """What the message said was dropped; to whom it went, and when, stays."""
