"""The stored alert: all repeats of one dedup key, with the incident it belongs to."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

import attrs

from incidentkit.ids import AlertId, IncidentId
from incidentkit.model.journal import Event
from incidentkit.model.signals import Alert, Beat, Change


@attrs.frozen
class AlertRecord:
    """One dedup key's alert as last stated. `seen` counts every sending, repeats included.

    `held_by` is the silence or maintenance (`kind/id`) that held it back when it last fired.
    """

    id: AlertId
    version: int
    alert: Alert
    incident: IncidentId | None
    first_at: datetime
    seen: int = 1
    last_at: datetime | None = None
    held_by: str = ""


@attrs.frozen(repr=False)
class AlertReceived(Event):
    """An alert was seen for the first time, or with anything changed in it."""

    alert: Alert
    capture: str


@attrs.frozen(repr=False)
class AlertJudged(Event):
    """What was done about an alert: opened or joined an incident, held back, or only recorded.

    `held_by` is the reference of the silence or maintenance that holds it back.
    """

    verdict: str
    incident: str = ""
    held_by: str = ""


@attrs.frozen(repr=False)
class AlertMoved(Event):
    """It belongs to another incident from now on: that one's reference, and the one before."""

    incident: str
    was: str
    why: str = ""


@attrs.frozen
class Capture:
    """One raw payload as it came in, kept once whatever the number of its signals."""

    id: str
    version: int
    source: str
    at: datetime
    size: int


@attrs.frozen(repr=False)
class PayloadCaptured(Event):
    """The raw body (as text; `encoding` says how bytes became text) and what it yielded.

    `received_at` is when it came in, where the store was away then and it was spooled.
    Tokens that prove an answer are blanked in it; `digest` is then the SHA-256 of what came. So it
    is where the request did not prove its sender: then `body` is only how it began, and `headers`
    are the names of its headers.
    """

    RAW: ClassVar[str] = "body"

    source: str
    body: str
    encoding: str
    signals: int
    repeats: int
    received_at: datetime | None = None
    digest: str = ""
    headers: tuple[str, ...] = ()


@attrs.frozen(repr=False)
class SignalRejected(Event):
    """A part of the payload that could not be read, with the reason."""

    path: str
    problem: str
    excerpt: str


@attrs.frozen
class ChangeRecord:
    """A change as it was announced by a source."""

    id: str
    version: int
    change: Change


@attrs.frozen(repr=False)
class ChangeSeen(Event):
    """A change was announced, or announced again with other content."""

    change: Change


@attrs.frozen
class Heartbeat:
    """The last sign of life under one key, and when silence becomes an alert."""

    id: str
    version: int
    beat: Beat
    last_at: datetime
    silent: bool = False


@attrs.frozen(repr=False)
class BeatStarted(Event):
    """A heartbeat was heard for the first time, again after silence, or with a new period."""

    beat: Beat


class BeatMissed(Event):
    """No sign of life came within the period."""

    __slots__ = ()
