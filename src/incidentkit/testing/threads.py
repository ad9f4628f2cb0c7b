"""Many threads at once, the patience that every caller of a store needs, and where it ends."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from incidentkit.errors import Retryable
from incidentkit.testing.expecting import CaseFailed

P = ParamSpec("P")
T = TypeVar("T")

MOST_TRIES = 10_000
"""A store that asks for another try so often, one after the other, never gets on."""

PATIENCE = 120.0
"""Seconds after which threads that have not come back are given up."""


class Stuck(CaseFailed):
    """A call did not come back. Its thread goes on, and what it holds is left to it."""


def insist(call: Callable[P, T], *values: P.args, **named: P.kwargs) -> T:
    """Call until the store does not ask for another try, as every caller must."""
    for _ in range(MOST_TRIES):
        try:
            return call(*values, **named)
        except Retryable:
            continue
    raise CaseFailed(f"asked for another try {MOST_TRIES} times")


def together(count: int, work: Callable[[int], None], patience: float = PATIENCE) -> None:
    """Run in so many threads at once, and raise what any of them raised.

    Raises Stuck where one has not come back after `patience` seconds.
    """
    failures: list[BaseException] = []
    ready = threading.Barrier(count)

    def run(number: int) -> None:
        try:
            ready.wait()
            work(number)
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=run, args=(n,), daemon=True) for n in range(count)]
    for thread in threads:
        thread.start()
    end = time.monotonic() + patience
    for thread in threads:
        thread.join(max(0.0, end - time.monotonic()))
    late = sum(thread.is_alive() for thread in threads)
    if failures:
        raise failures[0]
    if late:
        raise Stuck(f"{late} of {count} threads have not come back after {patience:g} seconds")


def within(patience: float, what: str, call: Callable[[], T]) -> T:
    """What the call gives or raises, if that comes within so many seconds; else Stuck."""
    answers: list[T] = []

    def work(_: int) -> None:
        answers.append(call())

    try:
        together(1, work, patience)
    except Stuck:
        raise Stuck(f"{what} has not come back after {patience:g} seconds") from None
    return answers[0]
