"""Short ways to write rows, entries, tasks and batches."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

from incidentkit.errors import Retryable
from incidentkit.ids import TaskId, TenantName
from incidentkit.ports.rows import (
    Batch,
    ClaimedTask,
    Committed,
    Done,
    Entry,
    Expect,
    Outcome,
    Put,
    Row,
    Scalar,
    Settle,
    Tally,
    Task,
    Touch,
)
from incidentkit.ports.store import Store
from tests.stores.factories import START

MAIN = TenantName("main")
OTHER = TenantName("other")
SECOND = 1_000_000
MINUTE = 60 * SECOND


def incident(
    name: str,
    version: int = 1,
    *,
    state: str = "new",
    rank: int = 3,
    is_open: bool = True,
    due: int = START,
    body: str = "{}",
) -> Row:
    columns: tuple[Scalar, ...] = (state, rank, is_open, due)
    return Row("incident", name, version, 1, f"head {version}", columns, body)


def put(name: str, expected: int = 0, **kept: Any) -> Put:
    return Put(incident(name, expected + 1, **kept), expected)


def alert(name: str, expected: int = 0, tally: Tally | None = None, state: str = "firing") -> Put:
    row = Row("alert", name, expected + 1, 1, "head", (state,), "{}", tally or Tally(7, 1, START))
    return Put(row, expected)


def touch(name: str, signature: int = 7, seen: int = 1, last_seen: int = START) -> Touch:
    return Touch("alert", name, signature, seen, last_seen)


def expect(name: str, version: int) -> Expect:
    return Expect("incident", name, version)


def entry(name: str, seq: int, body: str | None = "{}", at: int = START) -> Entry:
    return Entry(f"incident/{name}", seq, at, "Noted", body, "salt", f"digest {seq}", f"hash {seq}")


def task(
    name: str,
    *,
    subject: str | None = None,
    order: int = 0,
    priority: int = 0,
    due: int = START,
    channel: str = "mail",
    queue: str = "deliver",
) -> Task:
    whose = name if subject is None else subject
    return Task(TaskId(name), queue, whose, order, priority, due, channel, f"body of {name}")


def settle(claimed: ClaimedTask, outcome: Outcome | None = None) -> Settle:
    return Settle(claimed.task.id, claimed.token, outcome or Done())


def write(store: Store, tenant: TenantName = MAIN, **parts: Any) -> Committed:
    return store.commit(Batch(tenant, **parts))


def add(store: Store, *tasks: Task, tenant: TenantName = MAIN) -> None:
    store.commit(Batch(tenant, tasks=tasks))


def names(claimed: Sequence[ClaimedTask]) -> list[str]:
    return [str(one.task.id) for one in claimed]


def insist(call: Callable[..., Any], *values: Any, **named: Any) -> Any:
    """Call until the store does not ask for another try, as every caller must."""
    while True:
        try:
            return call(*values, **named)
        except Retryable:
            continue


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
