"""The stage of the demonstration: its time, its people, its channels, and what is told of a step.

Everything here is what a host would bring: a few lines of policy, a directory, a pager whose
answers come back. The steps themselves stand in the two files beside this one.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from importlib import resources
from pathlib import Path
from typing import Any

import attrs

from incidentkit.channels.console import block
from incidentkit.cli.page import Tone
from incidentkit.desk.desk import Desk
from incidentkit.errors import InvalidValue
from incidentkit.model.clock import Clock
from incidentkit.model.delivery import Message, Sent
from incidentkit.model.incident import Incident
from incidentkit.model.signals import Answer, AnswerVerb, Signal, SourceRequest
from incidentkit.model.words import MessageKind
from incidentkit.sources.documents import is_list, is_object
from incidentkit.views.text import span
from incidentkit.views.timeline import Line

POLICY = """\
name = "demo"

[paging]
fallback = "ana"

[audiences.stakeholders]
members = ["shop-status"]
"""
"""What the demo's host says differently from the default policy: who is on call, who is told."""

DIRECTORY = {
    "ana": {"pager": "+44 20 7946 0018"},
    "bo": {"pager": "+44 20 7946 0025"},
    "shop-status": {"mail": "shop-status@example.com"},
}

WANTED = 'an object with a list "alerts", or a bare list of alerts, as Alertmanager sends it'


class StoryTime:
    """A time that moves only when the story says so."""

    def __init__(self, start: datetime) -> None:
        self.start = start
        self._now = start

    def now(self) -> datetime:
        """The instant the story has come to."""
        return self._now

    def at(self, minute: float) -> None:
        """Go on to that minute of the story."""
        self._now = self.start + timedelta(minutes=minute)


class Outbox:
    """A channel that writes each message to a file, and reads answers to its pages.

    A real pager would put the token into a link; here the story answers with it.
    """

    def __init__(self, name: str, kind: MessageKind, path: Path) -> None:
        self.name = name
        self.kinds: frozenset[MessageKind] = frozenset((kind,))
        self.path = path
        self.sent: dict[str, Message] = {}

    def send(self, message: Message) -> Sent:
        """Append the message to the file."""
        with self.path.open("a", encoding="utf-8") as file:
            file.write(block(message))
        self.sent[message.ref] = message
        return Sent(f"{self.name}-{message.key[-6:]}")

    def answer(self, ref: str) -> bytes:
        """What the phone of the one who was paged for that incident sends back: I have it."""
        said = {"token": self.sent[ref].answer_token, "id": secrets.token_hex(4)}
        return json.dumps(said).encode()

    def parse(self, request: SourceRequest) -> Iterable[Signal]:
        """Read an answer."""
        said = json.loads(request.body)
        yield Answer(str(said["token"]), AnswerVerb.ACKNOWLEDGE, key=str(said["id"]))


@attrs.frozen
class Script:
    """What people say in the story; for a payload of the reader's, words that fit any."""

    note: str
    problem: str
    notice: str
    remedy: str


OURS = Script(
    "All 200 connections of checkout-db are taken. Release 4.2.1 (02:40) leaks one for each "
    "declined payment.",
    "Checkout leaks a database connection for each declined payment",
    "Checkout works again since 03:20 UTC. Orders placed since 02:55 may be charged late; nothing "
    "is lost. Next update at 03:45.",
    "rolled checkout back to 4.2.0 and restarted its connection pool",
)
THEIRS = Script(
    "(demo) This is where you write down what you see.",
    "(demo) The cause behind it",
    "(demo) What is known, what is being done, and when you will hear more.",
    "(demo) nothing was really done: this is a demonstration",
)


@attrs.frozen
class Told:
    """One line of a step: `call` at a time, or a fact under its label."""

    text: str
    label: str = ""
    tone: Tone = Tone.PLAIN
    at: datetime | None = None


@attrs.define
class Step:
    """One of the five steps: what was called, what was read back, and the same as data."""

    key: str
    title: str
    told: list[Told] = attrs.field(factory=list[Told])
    data: dict[str, Any] = attrs.field(factory=dict[str, Any])

    def called(self, at: datetime, text: str) -> None:
        """A call was made."""
        self.told.append(Told(text, tone=Tone.CALL, at=at))

    def fact(self, label: str, text: str, tone: Tone = Tone.PLAIN) -> None:
        """Something was read back."""
        self.told.append(Told(text, label, tone))

    def facts(self, label: str, texts: Iterable[str], tone: Tone = Tone.PLAIN) -> None:
        """Several things were read back."""
        for number, text in enumerate(texts):
            self.fact(label if number == 0 else "", text, tone)


@attrs.define
class Story:
    """Everything the steps share."""

    desk: Desk
    time: StoryTime
    pager: Outbox
    script: Script
    payload: bytes
    folder: Path
    ref: str = ""
    problem: str = ""
    seen: int = 0

    @property
    def incident(self) -> Incident:
        """The incident as the store has it now."""
        return self.desk.incident(self.ref)

    def at(self, minute: float) -> None:
        """Let time pass."""
        self.time.at(minute)

    def news(self, *kinds: str) -> tuple[Line, ...]:
        """What the timeline says since it was last read; of these kinds only, if any are given."""
        lines = self.desk.timeline(self.ref)
        fresh = tuple(line for line in lines if line.seq > self.seen)
        self.seen = lines[-1].seq
        return tuple(line for line in fresh if not kinds or line.kind in kinds)

    def call(self, step: Step, shown: str, make: Callable[[], object]) -> None:
        """Make a call on the desk and write down that it was made; a worker sends at once."""
        step.called(self.time.now(), shown)
        make()
        self.desk.run_due()

    def journal(self, step: Step, *kinds: str) -> None:
        """Write down what the timeline now says."""
        step.facts("journal", (line.text for line in self.news(*kinds)))


def target(clock: Clock) -> str:
    """A target in a few words: when it is due, and whether it was met."""
    due = "no due time" if clock.due_at is None else f"due {clock.due_at:%H:%M}"
    if clock.stopped_at is None or clock.due_at is None:
        return f"{clock.target}: {due}"
    if clock.stopped_at <= clock.due_at:
        early = span(clock.due_at - clock.stopped_at)
        return f"{clock.target}: met at {clock.stopped_at:%H:%M}, {early} before it was {due}"
    late = span(clock.stopped_at - clock.due_at)
    return f"{clock.target}: missed by {late}, it was {due}"


def own_payload() -> bytes:
    """The payload that comes with the demo."""
    return resources.files("incidentkit.cli").joinpath("demo_payload.json").read_bytes()


def start_of(payload: bytes, *, ours: bool, now: datetime) -> datetime:
    """When the story begins: for our payload at a fixed night, else so that it ends about now."""
    if ours:
        return datetime(2026, 3, 3, 2, 58, tzinfo=UTC)
    return (now - timedelta(minutes=45)).replace(microsecond=0)


def cleared(payload: bytes, at: datetime) -> bytes:
    """The same payload once everything in it has cleared, as Alertmanager would send it."""
    document: object = json.loads(payload)
    ended = {"status": "resolved", "endsAt": at.isoformat().replace("+00:00", "Z")}
    alerts = [each | ended if is_object(each) else each for each in alerts_of(document)]
    if is_object(document):
        return json.dumps(document | {"status": "resolved", "alerts": alerts}).encode()
    return json.dumps(alerts).encode()


def alerts_of(document: object) -> list[object]:
    """The alerts of a payload in either of Alertmanager's forms.

    Raises InvalidValue for anything else.
    """
    alerts: object = document.get("alerts") if is_object(document) else document
    if not is_list(alerts):
        raise InvalidValue("alerts", f"are not there; give {WANTED}")
    return alerts


def checked(name: str, payload: bytes) -> bytes:
    """The payload itself, if it looks like Alertmanager's.

    Raises InvalidValue saying what it should look like.
    """
    try:
        alerts_of(json.loads(payload))
    except InvalidValue as error:
        raise InvalidValue(name, str(error)) from None
    except RecursionError:
        raise InvalidValue(name, f"is nested too deeply; give {WANTED}") from None
    except ValueError as error:
        raise InvalidValue(name, f"is not JSON ({error}); give {WANTED}") from None
    return payload
