"""Stores that outlive their process: what was acknowledged is there when it is opened again."""

from __future__ import annotations

from incidentkit.errors import Conflict, KeyTaken, RequestReused
from incidentkit.ports.query import Query
from incidentkit.ports.rows import KeyChange, Request, TaskQuery
from incidentkit.testing.case import Case
from incidentkit.testing.expecting import equal, refused, true
from incidentkit.testing.records import (
    MAIN,
    MINUTE,
    OTHER,
    START,
    add,
    alert,
    entry,
    names,
    put,
    settle,
    task,
    touch,
    write,
)
from incidentkit.testing.store.asking import everything, tally
from incidentkit.testing.store_trial import StoreTrial


def keeps_everything(trial: StoreTrial) -> None:
    """Rows, journal, tallies, tasks, keys, requests and numbers are there after opening again."""
    store = trial.store
    write(
        store, puts=(put("a"), alert("x")), entries=(entry("a", 1),), tasks=(task("t"),),
        keys=(KeyChange("ref", "1", None, "a"),), request=Request("r", "f", "first"),
    )  # fmt: skip
    write(store, touches=(touch("x", seen=4),))
    write(store, OTHER, puts=(put("a"),))
    equal(store.numbers(MAIN, "incident", 3), range(1, 4))
    before, counted = everything(store), tally(store, "x")
    store = trial.reopen(store)
    equal(everything(store), before)
    equal(tally(store, "x"), counted)
    equal(store.count(OTHER, Query("incident")), 1)
    equal(store.numbers(MAIN, "incident", 1), range(4, 5))
    equal(write(store, request=Request("r", "f", "second")).result, "first")
    with refused(RequestReused):
        write(store, request=Request("r", "g", "second"))
    with refused(Conflict):
        write(store, puts=(put("a"),))
    with refused(KeyTaken):
        write(store, keys=(KeyChange("ref", "1", None, "b"),))


def keeps_leases(trial: StoreTrial) -> None:
    """A lease outlives the process that gave it: held until it runs out, its token good."""
    store = trial.store
    add(store, task("a"), task("b"))
    first, second = store.claim(None, MINUTE, 5).tasks
    store = trial.reopen(store)
    equal(store.claim(None, MINUTE, 5).tasks, ())
    equal(store.settle(MAIN, [settle(first)]), (True,))
    trial.now.at = START + MINUTE
    (again,) = store.claim(None, MINUTE, 5).tasks
    equal((again.task.id, again.lapses, again.tries), ("b", 1, 2))
    true(again.token != second.token, "the token is a new one")
    equal(store.settle(MAIN, [settle(second)]), (False,))


def tokens_never_again(trial: StoreTrial) -> None:
    """A token is never made again, though the store starts again and again."""
    store = trial.store
    seen: list[str] = []
    for number in range(4):
        add(store, *(task(f"{number}/{n}") for n in range(5)))
        claimed = store.claim(None, MINUTE, 5).tasks
        equal(len(names(claimed)), 5)
        seen += [each.token for each in claimed]
        store = trial.reopen(store)
    equal(len(set(seen)), len(seen), "different tokens")


def goes_on(trial: StoreTrial) -> None:
    """A store that was opened again is written as before; versions and streams go on."""
    store = trial.store
    for number in range(3):
        write(store, puts=(put("a", number),), entries=(entry("a", number + 1),))
        store = trial.reopen(store)
    equal([line.seq for line in store.journal(MAIN, "incident/a")], [1, 2, 3])
    equal([row.version for row in store.find(MAIN, Query("incident")).rows], [3])
    equal(store.tasks(MAIN, TaskQuery()), ())


CASES: tuple[Case[StoreTrial], ...] = (
    Case("store.reopen.keeps-everything", keeps_everything, ("reopen",)),
    Case("store.reopen.keeps-leases", keeps_leases, ("reopen",)),
    Case("store.reopen.tokens-never-again", tokens_never_again, ("reopen",)),
    Case("store.reopen.goes-on", goes_on, ("reopen",)),
)
"""The cases of this theme."""
