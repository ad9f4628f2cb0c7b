"""Many threads at once, and the patience that every caller of a store needs."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from incidentkit.errors import Retryable
from incidentkit.testing.expecting import CaseFailed

P = ParamSpec("P")
T = TypeVar("T")

MOST_TRIES = 10_000
"""A store that asks for another try so often, one after the other, never gets on."""


def insist(call: Callable[P, T], *values: P.args, **named: P.kwargs) -> T:
    """Call until the store does not ask for another try, as every caller must."""
    for _ in range(MOST_TRIES):
        try:
            return call(*values, **named)
        except Retryable:
            continue
    raise CaseFailed(f"asked for another try {MOST_TRIES} times")


def together(count: int, work: Callable[[int], None]) -> None:
    """Run in so many threads at once, and raise what any of them raised."""
    failures: list[BaseException] = []
    ready = threading.Barrier(count)

    def run(number: int) -> None:
        try:
            ready.wait()
            work(number)
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
