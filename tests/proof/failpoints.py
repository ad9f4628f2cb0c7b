"""Failpoints: a wrapper around any store that does something before or after its k-th call."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Collection
from typing import Any

from incidentkit.errors import Retryable
from incidentkit.plugins.shapes import STORE_METHODS

CALLS = frozenset(STORE_METHODS) - {"declare", "close"}
"""What a command may ask of a store: each call is a point."""
BEFORE, AFTER = "before", "after"


class Crashed(BaseException):
    """The process died here, as far as this thread is concerned: nothing catches it."""


def die() -> None:
    """The process is gone: no handler runs, no buffer is flushed."""
    os.kill(os.getpid(), signal.SIGKILL)


def crash() -> None:
    """The same within a process that lives on."""
    raise Crashed


def lose() -> None:
    """The connection is lost, and nobody knows whether the call was done."""
    raise Retryable("the connection was lost")


class Failing:
    """Hands every call on, and acts at one of them.

    `at` counts calls from 1 (0: never), among `calls`; `when` is before or after the call is done.
    `seen` lists the calls in order.
    """

    def __init__(
        self,
        inner: Any,
        at: int = 0,
        when: str = AFTER,
        act: Callable[[], None] = crash,
        calls: Collection[str] = CALLS,
    ) -> None:
        self.inner, self.at, self.when, self.act = inner, at, when, act
        self.calls = frozenset(calls)
        self.seen: list[str] = []

    def arm(self, at: int, when: str, act: Callable[[], None] | None = None) -> None:
        """Count anew from here."""
        self.seen.clear()
        self.at, self.when = at, when
        self.act = act or self.act

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.inner, name)
        if name not in self.calls:
            return found

        def call(*args: Any, **given: Any) -> Any:
            self.seen.append(name)
            here = len(self.seen) == self.at
            if here and self.when == BEFORE:
                self.act()
            answer = found(*args, **given)
            if here and self.when == AFTER:
                self.act()
            return answer

        return call
