"""Settling and claiming in one call, and being woken: for stores that can."""

from __future__ import annotations

from typing import Any

from incidentkit.errors import StoreClosed
from incidentkit.ports.rows import Again, Done, Settle
from incidentkit.testing.case import Case
from incidentkit.testing.expecting import equal, of_type, refused
from incidentkit.testing.records import (
    MAIN,
    MINUTE,
    OTHER,
    START,
    add,
    names,
    settle,
    task,
)
from incidentkit.testing.store.asking import states
from incidentkit.testing.store_trial import StoreTrial


def settles_and_claims(trial: StoreTrial) -> None:
    """A turn settles what was done, and claims what that set free."""
    store: Any = trial.store
    add(store, task("a", subject="s", order=1), task("b", subject="s", order=2))
    (first,) = store.turn([], None, MINUTE, 5).claimed.tasks
    turned = store.turn([(MAIN, settle(first))], None, MINUTE, 5)
    equal(tuple(turned.settled), (True,))
    equal(names(turned.claimed.tasks), ["b"])
    equal((turned.claimed.at, turned.claimed.tasks[0].lease_until), (START, START + MINUTE))
    last = store.turn([(MAIN, settle(turned.claimed.tasks[0]))], None, MINUTE, 5)
    equal((last.claimed.tasks, last.claimed.next_at), ((), None))


def stale_unblocks_nothing(trial: StoreTrial) -> None:
    """A turn with a void token settles nothing and sets nothing of its subject free."""
    store: Any = trial.store
    add(store, task("a", subject="s", order=1), task("b", subject="s", order=2))
    store.claim(None, MINUTE, 5)
    void = Settle(task("a").id, "void", Done())
    turned = store.turn([(MAIN, void)], None, MINUTE, 5)
    equal(tuple(turned.settled), (False,))
    equal(turned.claimed.tasks, ())
    equal(states(store), {"a": "leased", "b": "blocked"})


def several_tenants(trial: StoreTrial) -> None:
    """A turn settles for several tenants, each by itself and in its place."""
    store: Any = trial.store
    add(store, task("a"), task("b"))
    add(store, task("a"), tenant=OTHER)
    taken = {(x.tenant, x.task.id): x for x in store.claim(None, MINUTE, 5).tasks}
    mine, theirs = taken[MAIN, task("a").id], taken[OTHER, task("a").id]
    swapped = Settle(task("b").id, mine.token, Done())
    again = settle(theirs, Again(START, "busy"))
    turned = store.turn([(OTHER, again), (MAIN, swapped), (MAIN, settle(mine))], None, MINUTE, 5)
    equal(tuple(turned.settled), (True, False, True))
    equal([(x.tenant, x.task.id, x.tries) for x in turned.claimed.tasks], [(OTHER, "a", 2)])
    equal(states(store), {"b": "leased"})


def woken(trial: StoreTrial) -> None:
    """Waiting ends after its time, says whether there may be work, and is refused after close."""
    store: Any = trial.store
    of_type(store.wait(0), bool)
    add(store, task("a"))
    of_type(store.wait(0.01), bool)
    equal(names(store.claim(None, MINUTE, 5).tasks), ["a"])
    store.close()
    with refused(StoreClosed):
        store.wait(0)


CASES: tuple[Case[StoreTrial], ...] = (
    Case("store.turn.settles-and-claims", settles_and_claims, ("turn",)),
    Case("store.turn.stale-unblocks-nothing", stale_unblocks_nothing, ("turn",)),
    Case("store.turn.several-tenants", several_tenants, ("turn",)),
    Case("store.wake.woken", woken, ("wake",)),
)
"""The cases of this theme."""
