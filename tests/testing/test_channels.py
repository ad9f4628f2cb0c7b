"""The built-in channels keep the channel contract, and the kit finds channels that do not."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import attrs
import pytest

from incidentkit.channels.console import ConsoleChannel
from incidentkit.channels.file import FileChannel
from incidentkit.channels.function import FunctionChannel
from incidentkit.channels.memory import MemoryChannel
from incidentkit.model.delivery import Message, Refused, Retry, SendResult, Sent
from incidentkit.model.signals import Answer, AnswerVerb, Rejected, Signal, SourceRequest
from incidentkit.testing.channels import ChannelHarness, channel_cases, check_channel
from tests.testing.failing import fails_exactly


class Service:
    """What a pager talks to: it takes whatever it is given, unless it is away."""

    def __init__(self) -> None:
        self.keys: list[str] = []
        self.away = False

    def take(self, message: Message) -> None:
        if self.away:
            raise ConnectionError("nobody answers")
        self.keys.append(message.key)

    @contextmanager
    def outage(self) -> Iterator[None]:
        self.away = True
        try:
            yield
        finally:
            self.away = False


class Pager(MemoryChannel):
    """A sound channel that understands answers."""

    def __init__(self, service: Service) -> None:
        super().__init__("pager")
        self.service = service

    def send(self, message: Message) -> SendResult:
        self.service.take(message)
        return Sent(str(len(self.service.keys)))

    def parse(self, request: SourceRequest) -> Iterator[Signal]:
        try:
            said = json.loads(request.body)
            yield Answer(said["token"], AnswerVerb(said["verb"]))
        except (ValueError, LookupError, TypeError, RecursionError) as error:
            yield Rejected("body", str(error)[:500])


def harness(kind: Callable[[Service], Any]) -> ChannelHarness:
    service = Service()
    return ChannelHarness(lambda: kind(service), sent=lambda _: service.keys, outage=service.outage)


def file_keys(path: Path) -> Callable[[Any], list[str]]:
    return lambda _: [json.loads(line)["key"] for line in path.read_text("utf-8").splitlines()]


async def coroutine(message: Message) -> None:
    return None


def test_the_built_in_ones(tmp_path: Path) -> None:
    path = tmp_path / "sent.jsonl"
    memory = ChannelHarness(MemoryChannel, sent=lambda x: [m.key for m in x.messages])
    for made in (
        memory,
        ChannelHarness(lambda: FileChannel(path), sent=file_keys(path)),
        ChannelHarness(lambda: ConsoleChannel(io.StringIO())),
        ChannelHarness(lambda: FunctionChannel("sms", lambda message: None)),
        ChannelHarness(lambda: FunctionChannel("sms", coroutine)),
    ):
        report = check_channel(made)
        assert report.ok, str(report)


def test_a_sound_pager_passes_every_case() -> None:
    report = check_channel(harness(Pager))
    assert report.ok, str(report)
    assert len(report.of(report.outcomes[0].result)) == len(channel_cases())


class Lying(Pager):
    """Says sent, whatever became of it."""

    def send(self, message: Message) -> SendResult:
        try:
            return super().send(message)
        except ConnectionError:
            return Sent("probably")


class Secretive(Pager):
    """Puts the recipient's secret into what everybody sees."""

    def send(self, message: Message) -> SendResult:
        super().send(message)
        return Sent(f"https://pager.example/{message.answer_token}")


class Once(Pager):
    """Takes the second try of a message for a mistake of the caller."""

    def send(self, message: Message) -> SendResult:
        if message.key in self.service.keys:
            return Refused("sent already")
        return super().send(message)


class Ascii(Pager):
    """Builds a header out of a title."""

    def send(self, message: Message) -> SendResult:
        message.title.encode("ascii")
        if "\n" in message.title:
            return Refused("a title is one line")
        return super().send(message)


class Stubborn(Pager):
    """Tries a bad address for ever, and breaks on what comes back."""

    def send(self, message: Message) -> SendResult:
        if not message.to.startswith("+"):
            return Retry("no telephone number")
        return super().send(message)

    def parse(self, request: SourceRequest) -> Iterator[Signal]:
        said = json.loads(request.body)
        yield Answer(said["token"], AnswerVerb(said["verb"]))


@pytest.mark.parametrize(
    ("kind", "globs"),
    [
        (Lying, "channel.send.service-away"),
        (Secretive, "channel.send.keeps-the-secret"),
        (Once, "channel.send.comes-twice"),
        (
            Ascii,
            """channel.send.hostile.title.line-feed channel.send.hostile.title.right-to-left
            channel.send.hostile.title.emoji channel.send.hostile.title.header""",
        ),
        (Stubborn, "channel.send.odd-address.* channel.answers.*"),
    ],
)
def test_a_mistake_is_found(kind: type[Pager], globs: str) -> None:
    fails_exactly(check_channel(harness(kind)), globs, channel_cases())


def test_an_async_channel_that_breaks_its_word() -> None:
    class Refusing:
        name = "sms"
        kinds = MemoryChannel().kinds

        async def send(self, message: Message) -> SendResult:
            return Refused("never")

    report = check_channel(Refusing)
    assert "channel.send.takes-its-kinds" in report.failed
    assert "channel.name" not in report.failed
    assert attrs.asdict(report)["contract"] == "channel"
