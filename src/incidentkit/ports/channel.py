"""Channels: how messages go out, and how answers come back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Protocol, TypeAlias, runtime_checkable

from incidentkit.model.delivery import Message, SendResult
from incidentkit.model.signals import Signal, SourceRequest
from incidentkit.model.words import MessageKind


class Channel(Protocol):
    """Sends messages of the kinds it takes.

    Returning anything but Sent, Retry or Refused means sent; raising means: try again. A message
    may come twice with the same `key` after a crash; a channel that can, lets the second go.
    """

    @property
    def name(self) -> str:
        """The name that contacts and policies refer to."""
        ...

    @property
    def kinds(self) -> frozenset[MessageKind]:
        """Which kinds of message it takes. A pager is a channel whose kinds contain `page`."""
        ...

    def send(self, message: Message) -> SendResult:
        """Hand the message over; return as soon as somebody else is responsible for it."""
        ...


class AsyncChannel(Protocol):
    """The same with a coroutine, for AsyncDesk."""

    @property
    def name(self) -> str:
        """See `Channel.name`."""
        ...

    @property
    def kinds(self) -> frozenset[MessageKind]:
        """See `Channel.kinds`."""
        ...

    async def send(self, message: Message) -> SendResult:
        """See `Channel.send`."""
        ...


@runtime_checkable
class SupportsAnswers(Protocol):
    """A channel over which receipts and acknowledgements come back."""

    def parse(self, request: SourceRequest) -> Iterable[Signal]:
        """Answers and receipts of the request; see `Source.parse`."""
        ...


SendFunction: TypeAlias = Callable[[Message], object] | Callable[[Message], Awaitable[object]]
"""Any callable is a channel of all three kinds; see `Channel` for what its return value means."""
