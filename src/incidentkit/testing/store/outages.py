"""What the store relies on is away: said with one type, soon, and nothing is half-written."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from incidentkit.errors import Retryable
from incidentkit.ports.query import Query
from incidentkit.ports.rows import Batch, KeyChange, Ref, Request, TaskQuery
from incidentkit.ports.store import Store
from incidentkit.testing.case import Case
from incidentkit.testing.expecting import CaseFailed, equal, true
from incidentkit.testing.records import MAIN, MINUTE, add, entry, put, settle, task, write
from incidentkit.testing.store.asking import everything, version
from incidentkit.testing.store_trial import StoreTrial
from incidentkit.testing.threads import insist, within


def away(trial: StoreTrial, store: Store) -> AbstractContextManager[object]:
    """The block in which what the store relies on is away."""
    outage = trial.harness.outage
    if outage is None:
        raise TypeError("the harness has no `outage`; the case must require it")
    return outage(store)


def retryable(trial: StoreTrial, what: str, call: Callable[[], object]) -> None:
    """The call raises Retryable, and soon."""
    try:
        answer = within(trial.patience, what, call)
    except Retryable:
        return
    except Exception as error:
        if isinstance(error, CaseFailed):
            raise
        raise CaseFailed(f"{what} raised {error!r}, Retryable is due") from error
    raise CaseFailed(f"{what} gave {answer!r}, Retryable is due")


def told_of_writes(trial: StoreTrial) -> None:
    """While the store is away, everything that writes raises Retryable, within the patience."""
    store = trial.store
    write(store, puts=(put("a"),), entries=(entry("a", 1),), request=Request("old", "f", ""))
    add(store, task("t"), task("u"), task("v"))
    first, second = store.claim(None, MINUTE, 2).tasks
    group = [Batch(MAIN, puts=(put("c"),)), Batch(MAIN, puts=(put("d"),))]

    def grouped() -> object:
        answers = store.commit_group(group)
        for answer in answers:
            if isinstance(answer, Exception):
                raise answer
        return answers

    calls: dict[str, Callable[[], object]] = {
        "commit": lambda: write(store, puts=(put("b"),)),
        "commit_group": grouped,
        "claim": lambda: store.claim(None, MINUTE, 5),
        "settle": lambda: store.settle(MAIN, [settle(first)]),
        "extend": lambda: store.extend(
            MAIN, [(second.task.id, second.token)], trial.now.at + 2 * MINUTE
        ),
        "numbers": lambda: store.numbers(MAIN, "incident", 1),
        "redact": lambda: store.redact(MAIN, "incident/a", [1]),
        "purge": lambda: store.purge(MAIN, trial.now.at + MINUTE),
    }
    before = everything(store)
    with away(trial, store):
        for what, call in calls.items():
            retryable(trial, what, call)
    equal(insist(everything, store), before, "afterwards")


def told_of_reads(trial: StoreTrial) -> None:
    """While the store is away, what reads raises Retryable or gives what stands, and soon."""
    store = trial.store
    write(store, puts=(put("a"),), entries=(entry("a", 1),), tasks=(task("t"),))
    write(store, keys=(KeyChange("ref", "1", None, "a"),))
    calls: dict[str, Callable[[], object]] = {
        "load": lambda: store.load(MAIN, [Ref("incident", "a")]),
        "journal": lambda: store.journal(MAIN, "incident/a"),
        "find": lambda: store.find(MAIN, Query("incident")),
        "count": lambda: store.count(MAIN, Query("incident")),
        "owners": lambda: store.owners(MAIN, "ref", ["1"]),
        "tasks": lambda: store.tasks(MAIN, TaskQuery()),
    }
    wanted = {what: call() for what, call in calls.items()}
    with away(trial, store):
        for what, call in calls.items():
            try:
                answer = within(trial.patience, what, call)
            except Retryable:
                continue
            equal(answer, wanted[what], what)


def nothing_half_written(trial: StoreTrial) -> None:
    """A commit that raised is there as a whole or not at all; repeated, it is there once."""
    store = trial.store
    write(store, puts=(put("x"),))
    parts: dict[str, Any] = {
        "puts": (put("a"), put("b")),
        "entries": (entry("a", 1), entry("a", 2)),
        "tasks": (task("t"),),
        "keys": (KeyChange("ref", "1", None, "a"),),
        "request": Request("r", "f", "done"),
    }
    with away(trial, store):
        retryable(trial, "commit", lambda: write(store, **parts))
    there = {
        "a": insist(version, store, "a"),
        "b": version(store, "b"),
        "entries": len(store.journal(MAIN, "incident/a")) // 2,
        "tasks": len(store.tasks(MAIN, TaskQuery())),
        "keys": int(store.owners(MAIN, "ref", ["1"]) == ("a",)),
    }
    true(len({*there.values()}) == 1, f"all of the batch is there, or nothing: {there}")
    done = insist(write, store, **parts)
    equal((done.result, done.replayed), ("done", there["a"] == 1))
    equal((version(store, "a"), version(store, "b")), (1, 1))
    equal([x.seq for x in store.journal(MAIN, "incident/a")], [1, 2])
    equal([x.task.id for x in store.tasks(MAIN, TaskQuery())], ["t"])


def works_again(trial: StoreTrial) -> None:
    """Afterwards the same object works: leases stand, streams go on, a repeat is a replay."""
    store = trial.store
    write(store, puts=(put("a"),), entries=(entry("a", 1),), request=Request("r", "f", "first"))
    add(store, task("t"), task("u"))
    (claimed,) = store.claim(None, MINUTE, 1).tasks
    for _ in range(2):
        with away(trial, store):
            retryable(trial, "commit", lambda: write(store, puts=(put("never"),)))
    equal(insist(store.settle, MAIN, [settle(claimed)]), (True,))
    equal(len(insist(store.claim, None, MINUTE, 5).tasks), 1)
    insist(write, store, puts=(put("a", 1),), entries=(entry("a", 2),))
    equal([x.seq for x in insist(store.journal, MAIN, "incident/a")], [1, 2])
    equal(insist(write, store, request=Request("r", "f", "second")).result, "first")


CASES: tuple[Case[StoreTrial], ...] = (
    Case("store.outage.told-of-writes", told_of_writes, ("outage",)),
    Case("store.outage.told-of-reads", told_of_reads, ("outage",)),
    Case("store.outage.nothing-half-written", nothing_half_written, ("outage",)),
    Case("store.outage.works-again", works_again, ("outage",)),
)
"""The cases of this theme."""
