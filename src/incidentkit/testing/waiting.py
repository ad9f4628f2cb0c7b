"""Coroutines for cases that know none: an event loop in a thread, and calls that wait for it."""

from __future__ import annotations

import asyncio
import inspect
import threading
import weakref
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, cast

from incidentkit.ports.async_store import AsyncStore
from incidentkit.ports.store import Store

T = TypeVar("T")


class _Loop:
    """A loop in a thread of its own, until nobody needs it."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        thread = threading.Thread(target=_run, args=(self._loop,), daemon=True)
        thread.start()
        self._end = weakref.finalize(self, _end, self._loop, thread)

    def wait(self, awaitable: Awaitable[T]) -> T:
        """What the awaitable gives, run on the loop."""
        return asyncio.run_coroutine_threadsafe(_awaited(awaitable), self._loop).result()


def _run(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
    finally:
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()


def _end(loop: asyncio.AbstractEventLoop, thread: threading.Thread) -> None:
    loop.call_soon_threadsafe(loop.stop)
    if thread is not threading.current_thread():
        thread.join(10)


async def _awaited(awaitable: Awaitable[T]) -> T:
    return await awaitable


class _Blocking:
    """Something with coroutines, whose methods wait."""

    def __init__(self, thing: Any) -> None:
        self._loop = _Loop()
        self._thing: Any = self._loop.wait(thing) if inspect.isawaitable(thing) else thing

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._thing, name)
        if not callable(value) or inspect.isclass(value):
            return value
        return _waiting(self._loop, value)


def _waiting(loop: _Loop, call: Callable[..., Any]) -> Callable[..., Any]:
    def waits(*arguments: Any, **named: Any) -> Any:
        answer = call(*arguments, **named)
        return loop.wait(answer) if inspect.isawaitable(answer) else answer

    return waits


def blocking(store: AsyncStore | Awaitable[AsyncStore]) -> Store:
    """The async store as a plain one, run on an event loop in a thread of its own.

    A store that is opened by a coroutine is handed over as that coroutine, and opened on the loop.
    What the store can do beyond the contract, it can do here, too.
    """
    return cast("Store", _Blocking(store))


def waited(thing: Any) -> Any:
    """The plugin itself; where it has coroutines, the same with methods that wait."""
    if inspect.isawaitable(thing) or getattr(thing, "is_async", False):
        return _Blocking(thing)
    kind: type[object] = thing.__class__
    methods = (getattr(kind, name, None) for name in dir(kind))
    return _Blocking(thing) if any(map(inspect.iscoroutinefunction, methods)) else thing
