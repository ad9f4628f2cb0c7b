"""A worker of a queue in a process of its own; it says what it did when told to begin.

python -m tests.benchmarks.queue_worker turns URL
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from contextlib import closing

from incidentkit.ids import TenantName
from incidentkit.ports.rows import Done, Settle
from incidentkit.stores.postgres.store import PostgresStore
from tests.benchmarks import stored
from tests.benchmarks.postgres_side import Queue


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


def main(sort: str, url: str) -> None:
    """Be ready, wait for a line, empty the queue, tell; the connection stays until another line."""
    if sort == "turns":
        store = PostgresStore(url)
        store.declare([stored.SPEC, stored.ALERTS])
        _ = store.now()
        with closing(store):
            _told(lambda: turns(store))
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
