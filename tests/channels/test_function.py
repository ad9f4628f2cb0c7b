"""Any callable as a channel."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Generator
from typing import Any

import pytest

from incidentkit.channels.function import FunctionChannel
from incidentkit.errors import AsyncPluginError, InvalidValue
from incidentkit.model.delivery import Message, Refused, Retry, Sent
from tests.channels.messages import message

RESULTS = [
    (Sent("7"), Sent("7")),
    (Retry("busy"), Retry("busy")),
    (Refused("never"), Refused("never")),
    *((other, Sent()) for other in (None, True, False, "text", 502)),
]


@pytest.mark.parametrize(("returned", "result"), RESULTS)
def test_what_it_returns(returned: object, result: object) -> None:
    channel = FunctionChannel("sms", lambda _: returned)
    assert not channel.is_async
    assert channel.send(message()) == result


@pytest.mark.parametrize(("returned", "result"), RESULTS)
def test_what_a_coroutine_returns(returned: object, result: object) -> None:
    async def function(_: Message) -> object:
        await asyncio.sleep(0)
        return returned

    channel = FunctionChannel("sms", function)
    assert channel.is_async
    assert asyncio.run(channel.send(message())) == result


def test_it_gets_the_message_and_what_it_raises_is_raised() -> None:
    seen: list[Message] = []
    FunctionChannel("sms", seen.append).send(message())
    assert seen == [message()]

    def fails(_: Message) -> None:
        raise OSError("down")

    with pytest.raises(OSError, match="down"):
        FunctionChannel("sms", fails).send(message())


async def coroutine(prefix: str, _: Message) -> Sent:
    return Sent(prefix)


class Caller:
    async def __call__(self, _: Message) -> None:
        return None

    async def method(self, _: Message) -> None:
        return None


@pytest.mark.parametrize(
    "function", [functools.partial(coroutine, "a"), Caller(), Caller().method, Caller().__call__]
)
def test_coroutine_functions_are_recognised(function: Any) -> None:
    channel = FunctionChannel("sms", function)
    assert channel.is_async
    assert isinstance(asyncio.run(channel.send(message())), Sent)


def test_a_hidden_coroutine_is_not_lost_silently() -> None:
    channel = FunctionChannel("sms", lambda each: coroutine("a", each))
    assert not channel.is_async
    with pytest.raises(AsyncPluginError, match="AsyncDesk"):
        channel.send(message())


class Later:
    """Awaitable, and no coroutine: such as a future."""

    def __await__(self) -> Generator[None, None, None]:
        yield


def test_a_future_is_not_lost_silently_either() -> None:
    with pytest.raises(AsyncPluginError, match="awaitable"):
        FunctionChannel("sms", lambda _: Later()).send(message())


def test_what_cannot_be_called_is_refused() -> None:
    with pytest.raises(InvalidValue, match="function"):
        FunctionChannel("sms", "print")  # type: ignore[arg-type]


def test_repr() -> None:
    assert (
        repr(FunctionChannel("sms", print)) == "FunctionChannel('sms', <built-in function print>)"
    )
