"""The loop that runs a flow with plain calls; `async_driving` is the same in an event loop.

`throw` gives back the next effect just as `send` does, so one variable holds whichever comes next.
The generator is closed whatever happens.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any, TypeVar

from incidentkit.desk.session import Session
from incidentkit.flows.effects import Flow

T = TypeVar("T")


def called(call: Callable[..., Any], *args: Any) -> Any:
    """Call it; the asynchronous driver awaits it, or calls it in a thread."""
    return call(*args)


def answered(steps: Generator[tuple[Callable[..., Any], tuple[Any, ...]], Any, T]) -> T:
    """Make the calls that somebody asks for, one after the other, and give back what it gives."""
    value: Any = None
    while True:
        try:
            call, args = steps.send(value)
        except StopIteration as stop:
            result: T = stop.value
            return result
        value = call(*args)


def drive(session: Session, flow: Flow[T]) -> T:
    """Run a flow to its end with plain calls."""
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
                value = args[0] if call is None else call(*args)
                if finish is not None:
                    value = finish(value)
                step = flow.send
            except Exception as error:
                value, step = error, flow.throw
    finally:
        flow.close()
