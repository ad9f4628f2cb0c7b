"""Any callable as a channel: the shortest way from the library to what a host already has."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Iterable
from typing import Any

from incidentkit.channels.kinds import ALL_KINDS, check_kinds
from incidentkit.errors import AsyncPluginError, InvalidValue
from incidentkit.model import checks
from incidentkit.model.delivery import Message, Refused, Retry, SendResult, Sent
from incidentkit.model.words import MessageKind
from incidentkit.ports.channel import SendFunction


class FunctionChannel:
    """Calls a function with each message: returning means sent, raising means try again.

    What it returns is ignored unless it is Sent, Retry or Refused. For a coroutine function
    `is_async` is true and `send` returns an awaitable of the result, which AsyncDesk awaits.

    >>> channel = FunctionChannel("sms", lambda message: print("->", message.to, message.title))
    >>> channel.send(
    ...     Message("k1", MessageKind.PAGE, "sms", "ana", "+49", "Disk full", "", "INC-1", "P1")
    ... )
    -> +49 Disk full
    Sent(proof='')
    """

    def __init__(
        self,
        name: str,
        function: SendFunction,
        kinds: Iterable[MessageKind | str] = ALL_KINDS,
    ) -> None:
        if not callable(function):
            raise InvalidValue("function", f"{function!r} cannot be called")
        self.name: str = checks.check_name(name, "name")
        self.kinds: frozenset[MessageKind] = check_kinds(kinds)
        self.function = function
        self._is_async = is_coroutine_function(function)

    @property
    def is_async(self) -> bool:
        """Whether `send` returns an awaitable; a Desk without asyncio refuses such a channel."""
        return self._is_async

    def send(self, message: Message) -> Any:
        """The result, or an awaitable of it where `is_async`.

        Raises AsyncPluginError where a plain function returns an awaitable, since nobody would
        await it and the message would be lost.
        """
        answer = self.function(message)
        if self._is_async:
            return _awaited(answer)
        if inspect.isawaitable(answer):
            if inspect.iscoroutine(answer):
                answer.close()
            raise AsyncPluginError(
                f"channel {self.name!r}: the function returned an awaitable; "
                "declare it with `async def`, and use AsyncDesk"
            )
        return _result(answer)

    def __repr__(self) -> str:
        return f"FunctionChannel({self.name!r}, {self.function!r})"


def is_coroutine_function(function: object) -> bool:
    """Whether calling it gives a coroutine: also for partials and objects with `async __call__`."""
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(
        getattr(function, "__call__", None)  # noqa: B004
    )


async def _awaited(answer: Any) -> SendResult:
    awaitable: Awaitable[object] = answer
    return _result(await awaitable)


def _result(answer: object) -> SendResult:
    return answer if isinstance(answer, Sent | Retry | Refused) else Sent()
