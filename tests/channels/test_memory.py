"""The channel of tests, and what all channels have in common."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from incidentkit.channels.console import ConsoleChannel
from incidentkit.channels.file import FileChannel
from incidentkit.channels.function import FunctionChannel
from incidentkit.channels.memory import MemoryChannel
from incidentkit.errors import InvalidValue
from incidentkit.model.delivery import Refused, Retry, Sent
from incidentkit.model.words import MessageKind
from tests.channels.messages import message

MAKERS: list[Callable[..., Any]] = [
    lambda name, **more: ConsoleChannel(None, name, **more),
    lambda name, **more: FileChannel(Path("x"), name, **more),
    lambda name, **more: FunctionChannel(name, print, **more),
    MemoryChannel,
]
every_channel = pytest.mark.parametrize("make", MAKERS, ids=["console", "file", "func", "memory"])


@every_channel
def test_name_and_kinds(make: Callable[..., Any]) -> None:
    assert make("sms").name == "sms"
    assert make("sms").kinds == frozenset(MessageKind)
    assert make("sms", kinds=["page"]).kinds == {MessageKind.PAGE}
    assert make("sms", kinds="page").kinds == {MessageKind.PAGE}
    assert make("sms") != make("sms")


@every_channel
@pytest.mark.parametrize("kinds", [(), ["pager"], [None]])
def test_kinds_are_checked(make: Callable[..., Any], kinds: Any) -> None:
    with pytest.raises(InvalidValue, match="kinds"):
        make("sms", kinds=kinds)


@every_channel
def test_the_name_is_checked(make: Callable[..., Any]) -> None:
    with pytest.raises(InvalidValue, match="name"):
        make("two\nlines")


def test_the_names_when_none_is_given(tmp_path: Path) -> None:
    channels: list[Any] = [ConsoleChannel(), FileChannel(tmp_path / "x"), MemoryChannel()]
    assert [channel.name for channel in channels] == ["console", "file", "memory"]


def test_answers_as_told() -> None:
    channel = MemoryChannel()
    channel.answer_next(Retry("busy"), OSError("down"))
    channel.answer_always(Refused("never"))
    assert channel.send(message("1")) == Retry("busy")
    with pytest.raises(OSError, match="down"):
        channel.send(message("2"))
    assert channel.send(message("3")) == Refused("never")
    channel.answer_always(None)
    assert channel.send(message("4")) == Sent("4")
    channel.answer_always(Sent("own"))
    assert channel.send(message("5")) == Sent("own")
    assert [each.key for each in channel.messages] == ["4", "5"]
    assert [each.key for each in channel.tries] == ["1", "2", "3", "4", "5"]
    channel.clear()
    assert channel.messages == channel.tries == []


@pytest.mark.parametrize("answer", ["sent", None, OSError])
def test_other_answers_are_refused(answer: Any) -> None:
    with pytest.raises(InvalidValue, match="answer"):
        MemoryChannel().answer_next(answer)


def test_it_is_bounded() -> None:
    channel = MemoryChannel(limit=2)
    for number in range(5):
        channel.send(message(str(number)))
    assert [each.key for each in channel.messages] == ["3", "4"]
    with pytest.raises(InvalidValue, match="limit"):
        MemoryChannel(limit=0)


def test_threads() -> None:
    channel = MemoryChannel()
    channel.answer_next(*[Retry("busy")] * 50)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: channel.send(message(str(n))), range(200)))
    assert answers.count(Retry("busy")) == 50
    assert len(channel.messages) == 150
    assert len(channel.tries) == 200
