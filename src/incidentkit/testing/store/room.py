"""No room is left: said with its own type, rolled back, and well as soon as there is room."""

from __future__ import annotations

from contextlib import AbstractContextManager
from random import Random
from typing import Any

import attrs

from incidentkit.errors import StoreFull
from incidentkit.ports.rows import KeyChange, Put, Request
from incidentkit.testing.case import Case
from incidentkit.testing.expecting import equal, refused
from incidentkit.testing.records import add, entry, incident, put, task, write
from incidentkit.testing.store.asking import claim, everything, version
from incidentkit.testing.store_trial import StoreTrial

MEGABYTE = 1 << 20


def crowded(trial: StoreTrial) -> AbstractContextManager[object]:
    """The block in which the store has no room for a megabyte."""
    full = trial.harness.full
    if full is None:
        raise TypeError("the harness has no `full`; the case must require it")
    return full(trial.store)


def large() -> dict[str, Any]:
    """A batch of more than a megabyte that nothing can compress."""
    body = Random(1).randbytes(MEGABYTE).hex()
    return {
        "puts": (put("b"), Put(attrs.evolve(incident("large"), body=body), 0)),
        "entries": (entry("b", 1), entry("b", 2, body)),
        "tasks": (task("t"),),
        "keys": (KeyChange("ref", "1", None, "b"),),
        "request": Request("r", "f", "done"),
    }


def told(trial: StoreTrial) -> None:
    """A batch for which there is no room raises StoreFull and leaves nothing; reading goes on."""
    store = trial.store
    write(store, puts=(put("a"),), entries=(entry("a", 1),))
    before = everything(store)
    with crowded(trial):
        for _ in range(2):
            with refused(StoreFull):
                write(store, **large())
            equal(everything(store), before)
    equal(everything(store), before)


def first_write_after(trial: StoreTrial) -> None:
    """With room again, the first write is taken: the same request, once, and its work is due."""
    store = trial.store
    write(store, puts=(put("a"),))
    add(store, task("first"))
    with crowded(trial), refused(StoreFull):
        write(store, **large())
    done = write(store, **large())
    equal((done.replayed, done.result), (False, "done"))
    equal(write(store, **large()).replayed, True)
    equal((version(store, "a"), version(store, "b"), version(store, "large")), (1, 1, 1))
    equal({str(each.task.id) for each in claim(store)}, {"first", "t"})


CASES: tuple[Case[StoreTrial], ...] = (
    Case("store.full.told", told, ("full",)),
    Case("store.full.first-write-after", first_write_after, ("full",)),
)
"""The cases of this theme."""
