"""Run one story through Desk and AsyncDesk, so that neither can do what the other cannot."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from typing import Any

from incidentkit import AsyncDesk, Desk


class Plain:
    """AsyncDesk with its coroutines run to their end, so that one story serves both."""

    def __init__(self, desk: AsyncDesk, loop: asyncio.AbstractEventLoop) -> None:
        self._desk, self._loop = desk, loop

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._desk, name)
        if not callable(found):
            return found

        def call(*args: Any, **given: Any) -> Any:
            value = found(*args, **given)
            if inspect.isawaitable(value):
                value = self._loop.run_until_complete(_awaited(value))
            return Plain(value, self._loop) if isinstance(value, AsyncDesk) else value

        return call


async def _awaited(value: Awaitable[Any]) -> Any:
    return await value


Open = Callable[..., Any]


def opener(kind: str, loop: asyncio.AbstractEventLoop | None) -> Open:
    """How a desk of this kind is opened."""
    if kind == "desk":
        return Desk.open
    assert loop is not None

    def open_(*args: Any, **given: Any) -> Plain:
        return Plain(loop.run_until_complete(AsyncDesk.open(*args, **given)), loop)

    return open_


def plainly(desk: Any, value: Any) -> Any:
    """What a call past the desk gives, on its store for one: awaited where it is a coroutine."""
    if not inspect.isawaitable(value):
        return value
    assert isinstance(desk, Plain)
    return desk._loop.run_until_complete(_awaited(value))
