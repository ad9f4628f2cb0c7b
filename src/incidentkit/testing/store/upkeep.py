"""Numbers, purging and closing."""

from __future__ import annotations

from collections.abc import Callable

from incidentkit.errors import (
    InvalidValue,
    StoreClosed,
)
from incidentkit.ports.query import (
    Query,
)
from incidentkit.ports.rows import (
    Batch,
    Purged,
    Ref,
    Request,
    TaskQuery,
)
from incidentkit.testing.case import Case
from incidentkit.testing.expecting import equal, refused
from incidentkit.testing.records import (
    MAIN,
    MINUTE,
    OTHER,
    add,
    put,
    settle,
    task,
    write,
)
from incidentkit.testing.store_trial import StoreTrial


def numbers_rise(trial: StoreTrial) -> None:
    """Numbers of each series and tenant rise from 1."""
    store = trial.store
    equal(store.numbers(MAIN, "incident", 1), range(1, 2))
    equal(store.numbers(MAIN, "incident", 3), range(2, 5))
    equal(store.numbers(MAIN, "problem", 2), range(1, 3))
    equal(store.numbers(OTHER, "incident", 1), range(1, 2))
    equal(store.numbers(MAIN, "incident", 1), range(5, 6))
    with refused(InvalidValue):
        store.numbers(MAIN, "incident", 0)


def purge_requests(trial: StoreTrial) -> None:
    """A purge forgets the requests before an instant, of one tenant, and counts them."""
    store = trial.store
    for number in range(5):
        write(store, now=number, request=Request(f"r{number}", "f", "x"))
    write(store, OTHER, now=0, request=Request("r0", "f", "x"))
    equal(store.purge(MAIN, 3), Purged(3, 0))
    equal(store.purge(MAIN, 3), Purged(0, 0))
    replayed = [write(store, request=Request(f"r{n}", "f", "y")).replayed for n in range(5)]
    equal(replayed, [False, False, False, True, True])
    equal(write(store, OTHER, request=Request("r0", "f", "y")).replayed, True, "replayed")


def closed(trial: StoreTrial) -> None:
    """Closing twice is harmless, and every later call raises StoreClosed."""
    store = trial.store
    add(store, task("t"))
    (claimed,) = store.claim(None, MINUTE, 1).tasks
    store.close()
    store.close()
    calls: list[Callable[[], object]] = [
        lambda: store.declare([]),
        lambda: store.now(),
        lambda: store.load(MAIN, [Ref("incident", "a")]),
        lambda: store.journal(MAIN, "incident/a"),
        lambda: store.find(MAIN, Query("incident")),
        lambda: store.count(MAIN, Query("incident")),
        lambda: store.owners(MAIN, "ref", ["1"]),
        lambda: write(store, puts=(put("a"),)),
        lambda: store.commit_group([Batch(MAIN)]),
        lambda: store.claim(None, 1, 1),
        lambda: store.settle(MAIN, [settle(claimed)]),
        lambda: store.extend(MAIN, [(claimed.task.id, claimed.token)], 1),
        lambda: store.tasks(MAIN, TaskQuery()),
        lambda: store.numbers(MAIN, "incident", 1),
        lambda: store.redact(MAIN, "incident/a", [1]),
        lambda: store.purge(MAIN, 1),
    ]
    for call in calls:
        with refused(StoreClosed):
            call()


CASES: tuple[Case[StoreTrial], ...] = (
    Case("store.upkeep.numbers-rise", numbers_rise),
    Case("store.upkeep.purge-requests", purge_requests),
    Case("store.upkeep.closed", closed),
)
"""The cases of this theme."""
