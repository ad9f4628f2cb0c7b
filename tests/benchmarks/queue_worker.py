"""A worker of a queue in a process of its own; it says what it did when told to begin.

python -m tests.benchmarks.queue_worker turns URL

`turns` is the store alone, `desk` a whole desk with a channel that takes everything at once, and
`plain` a queue in plain SQL.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from contextlib import closing

from incidentkit import Desk
from incidentkit.ids import TenantName
from incidentkit.model.delivery import Message, Sent
from incidentkit.model.words import MessageKind
from incidentkit.ports.rows import Done, Settle
from incidentkit.stores.postgres.store import PostgresStore
from tests.benchmarks import stored
from tests.benchmarks.postgres_side import Queue


class Taking:
    """A channel that takes every message at once."""

    name: str = "sms"
    kinds: frozenset[MessageKind] = frozenset((MessageKind.PAGE,))

    def __init__(self) -> None:
        self.taken: int = 0

    def send(self, message: Message) -> Sent:
        """Count it."""
        self.taken += 1
        return Sent()


def turns(store: PostgresStore) -> int:
    """Settle the one before and claim the next until there is none."""
    last: list[tuple[TenantName, Settle]] = []
    sent = 0
    while answer := store.turn(last, None, stored.LEASE, 1).claimed.tasks:
        last = [(x.tenant, Settle(x.task.id, x.token, Done())) for x in answer]
        sent += len(answer)
    return sent


def plain(queue: Queue) -> int:
    """Take one and delete it until there is none."""
    sent = 0
    while (number := queue.take()) is not None:
        queue.done(number)
        sent += 1
    return sent


def delivered(desk: Desk, pager: Taking) -> int:
    """Run what is due until nothing is."""
    before = -1
    while pager.taken > before:
        before = pager.taken
        desk.run_due()
    return pager.taken


def main(sort: str, url: str) -> None:
    """Be ready, wait for a line, empty the queue, tell; the connection stays until another line."""
    if sort == "turns":
        store = PostgresStore(url)
        store.declare([stored.SPEC, stored.ALERTS])
        _ = store.now()
        with closing(store):
            _told(lambda: turns(store))
    elif sort == "desk":
        pager = Taking()
        with Desk.open(url, channels={"sms": pager}, entry_points=False) as desk:
            _ = desk.find(limit=1)
            _told(lambda: delivered(desk, pager))
    else:
        with closing(Queue(url, make=False)) as queue:
            _ = queue.run("SELECT 1")
            _told(lambda: plain(queue))


def _told(work: Callable[[], int]) -> None:
    print("ready", flush=True)
    _ = sys.stdin.readline()
    began = time.process_time_ns()
    sent = work()
    print(sent, time.process_time_ns() - began, flush=True)
    _ = sys.stdin.readline()


if __name__ == "__main__":
    main(*sys.argv[1:])
