"""The loop that runs a flow in an event loop.

Apart from `driving`, because asyncio is slow to import and most hosts do not need it.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Generator
from typing import Any, TypeVar

from incidentkit.desk.session import Session
from incidentkit.flows.effects import Flow

T = TypeVar("T")


async def aanswered(steps: Generator[tuple[Callable[..., Any], tuple[Any, ...]], Any, T]) -> T:
    """Make the calls that somebody asks for, one after the other, and give back what it gives."""
    value: Any = None
    while True:
        try:
            call, args = steps.send(value)
        except StopIteration as stop:
            result: T = stop.value
            return result
        value = await called(call, *args)


async def adrive(session: Session, flow: Flow[T]) -> T:
    """Run a flow to its end in an event loop; plain calls go to a thread."""
    step: Callable[[Any], Any] = flow.send
    value: Any = None
    try:
        while True:
            try:
                effect = step(value)
            except StopIteration as stop:
                result: T = stop.value
                return result
            try:
                call, args, finish = session.step(effect)
                value = args[0] if call is None else await called(call, *args)
                if finish is not None:
                    value = finish(value)
                step = flow.send
            except Exception as error:
                value, step = error, flow.throw
    finally:
        flow.close()


async def called(call: Callable[..., Any], *args: Any) -> Any:
    """Await a coroutine function; run a plain one in a thread, so that the loop goes on."""
    if inspect.iscoroutinefunction(call):
        return await call(*args)
    return await asyncio.to_thread(call, *args)
