"""Subjects: of each, only the first unsettled task is ever handed out."""

from __future__ import annotations

from functools import partial

from incidentkit.errors import (
    StaleToken,
)
from incidentkit.ids import TaskId
from incidentkit.ports.rows import (
    LAPSES_BEFORE_PARKING,
    Again,
    Claimed,
    ClaimedTask,
    Move,
    Park,
    QueuedTask,
    TaskState,
)
from incidentkit.testing.case import Case
from incidentkit.testing.expecting import equal, refused, true
from incidentkit.testing.records import (
    MAIN,
    MINUTE,
    OTHER,
    SECOND,
    START,
    add,
    names,
    settle,
    task,
    write,
)
from incidentkit.testing.store.asking import claim, one, states
from incidentkit.testing.store_trial import StoreTrial


def only_the_first(trial: StoreTrial) -> None:
    """Of one subject only the first unsettled task is handed out, by order and id."""
    store = trial.store
    add(store, task("b", subject="s", order=2), task("a", subject="s", order=3))
    add(store, task("c", subject="s", order=1), task("d", subject="s", order=2))
    equal(states(store), {"a": "blocked", "b": "blocked", "c": "ready", "d": "blocked"})
    taken: list[str] = []
    while found := claim(store):
        (only,) = found
        taken.append(only.task.id)
        store.settle(MAIN, [settle(only)])
    equal(taken, ["c", "b", "d", "a"])


def head_not_due(trial: StoreTrial) -> None:
    """A first task that is not due yet holds up those behind it."""
    store = trial.store
    now = trial.now
    add(store, task("a", subject="s", order=1, due=START + 9), task("b", subject="s", order=2))
    equal(claim(store), ())
    now.at += 9
    equal(names(claim(store)), ["a"])


def again_keeps_its_place(trial: StoreTrial) -> None:
    """A task that is to be tried again keeps its place in front."""
    store = trial.store
    now = trial.now
    add(store, task("a", subject="s", order=1), task("b", subject="s", order=2))
    (first,) = claim(store)
    equal(store.settle(MAIN, [settle(first, Again(START + SECOND, "no answer"))]), (True,))
    waiting = one(store, "a")
    equal((waiting.state, waiting.next_at, waiting.why), (
        TaskState.READY, START + SECOND, "no answer"
    ))  # fmt: skip
    equal(store.claim(None, MINUTE, 5), Claimed(START, (), START + SECOND))
    now.at += SECOND
    (again,) = claim(store)
    equal((again.task.id, again.tries, again.lapses), ("a", 2, 0))
    true(again.token != first.token, "every claim makes a token of its own")


def parked(trial: StoreTrial) -> None:
    """A parked task blocks its subject no longer."""
    store = trial.store
    add(store, task("a", subject="s", order=1), task("b", subject="s", order=2))
    (first,) = claim(store)
    store.settle(MAIN, [settle(first, Park("unknown address"))])
    parked = one(store, "a")
    equal((parked.state, parked.why, parked.tries), (TaskState.PARKED, "unknown address", 1))
    equal(names(claim(store)), ["b"])
    equal(store.settle(MAIN, [settle(first)]), (False,))


def cancelled(trial: StoreTrial) -> None:
    """Cancelling a task sets the next one free and makes the token void."""
    store = trial.store
    add(store, *(task(name, subject="s", order=n) for n, name in enumerate("abcd")))
    (first,) = claim(store)
    write(store, cancels=(TaskId("c"), TaskId("a"), TaskId("none")))
    equal(states(store), {"b": "ready", "d": "blocked"})
    equal(store.settle(MAIN, [settle(first)]), (False,))
    with refused(StaleToken):
        write(store, settles=(settle(first),))


def earlier_task(trial: StoreTrial) -> None:
    """A task of a smaller order goes before a waiting one, never before a leased one."""
    store = trial.store
    add(store, task("b", subject="s", order=5))
    add(store, task("a", subject="s", order=1))
    equal(states(store), {"a": "ready", "b": "blocked"})
    (head,) = claim(store)
    add(store, task("0", subject="s", order=0))
    # Under lease it stays in front; then the order decides.
    equal(states(store), {"0": "blocked", "a": "leased", "b": "blocked"})
    store.settle(MAIN, [settle(head, Again(START, "later"))])
    equal(states(store), {"0": "ready", "a": "blocked", "b": "blocked"})


def two_tenants(trial: StoreTrial) -> None:
    """Subjects of the same name of two tenants do not meet."""
    store = trial.store
    add(store, task("a", subject="s"))
    add(store, task("b", subject="s"), tenant=OTHER)
    equal(names(claim(store)), ["a", "b"])


def replaced(trial: StoreTrial) -> None:
    """Adding a task whose id exists replaces it, and its token is void."""
    store = trial.store
    add(store, task("a", subject="s", order=1), task("b", subject="s", order=2))
    (held,) = claim(store)
    fresh = task("a", subject="s", order=1, due=START + 3, priority=9)
    add(store, fresh)
    equal(one(store, "a"), QueuedTask(fresh, TaskState.READY, START + 3, 0, 0, ""))
    equal(store.settle(MAIN, [settle(held)]), (False,))
    equal(states(store), {"a": "ready", "b": "blocked"})


def replaced_waiting(trial: StoreTrial) -> None:
    """A waiting task that is replaced keeps waiting; a parked one is back in its place."""
    store = trial.store
    add(store, task("a", subject="s", order=1), task("b", subject="s", order=2))
    fresh = task("b", subject="s", order=2, due=START + 3)
    add(store, fresh)
    equal(one(store, "b"), QueuedTask(fresh, TaskState.BLOCKED, START + 3, 0, 0, ""))
    (held,) = claim(store)
    store.settle(MAIN, [settle(held, Park("why"))])
    equal(states(store), {"a": "parked", "b": "ready"})
    add(store, task("a", subject="s", order=1))
    equal(states(store), {"a": "ready", "b": "blocked"})
    equal(one(store, "a").why, "")


def replaced_elsewhere(leased: bool, trial: StoreTrial) -> None:
    """A task may be replaced into another subject, leased or not; both subjects go on."""
    store = trial.store
    add(store, *(task(name, subject="s", order=n) for n, name in enumerate("abc")))
    add(store, task("z", subject="t", order=5))
    if leased:
        claim(store, 1)
    add(store, task("a", subject="t", order=1))
    equal(states(store), {"a": "ready", "b": "ready", "c": "blocked", "z": "blocked"})
    add(store, task("a", subject="t", order=9))
    equal(states(store), {"a": "blocked", "b": "ready", "c": "blocked", "z": "ready"})


def moved(trial: StoreTrial) -> None:
    """A waiting task may be moved to another instant; a leased one is left alone."""
    store = trial.store
    add(store, task("a"), task("b", due=START + 9), task("c"))
    write(store, moves=(Move(TaskId("b"), START), Move(TaskId("c"), START + 5)))
    write(store, moves=(Move(TaskId("none"), START),))
    equal(names(claim(store)), ["a", "b"])
    equal((one(store, "c").next_at, one(store, "c").task.due_at), (START + 5, START + 5))
    # A task under lease is left alone.
    write(store, moves=(Move(TaskId("a"), START + 1),))
    equal(one(store, "a").next_at, START + MINUTE)
    equal(one(store, "a").state, TaskState.LEASED)


def moved_parked(trial: StoreTrial) -> None:
    """Moving a parked task tries it again, in its place and with its lapses forgotten."""
    store = trial.store
    now = trial.now
    add(store, task("a", subject="s", order=1), task("b", subject="s", order=2))
    for _ in range(LAPSES_BEFORE_PARKING):
        claim(store)
        now.at += 2 * MINUTE
    equal(names(claim(store)), ["b"])
    write(store, moves=(Move(TaskId("a"), now.at),))
    equal(states(store), {"a": "blocked", "b": "leased"})
    equal(one(store, "a").lapses, 0)
    write(store, cancels=(TaskId("b"),))
    equal(names(claim(store)), ["a"])


def through_everything(trial: StoreTrial) -> None:
    """The order of a subject holds through a retry, a parking and a worker that dies."""
    store, now = trial.store, trial.now
    add(store, *(task(f"t{n}", subject="s", order=n) for n in range(4)))
    started: list[str] = []

    def next_one() -> ClaimedTask:
        (only,) = claim(store)
        started.append(str(only.task.id))
        return only

    store.settle(MAIN, [settle(next_one(), Again(START, "busy"))])
    store.settle(MAIN, [settle(next_one())])
    store.settle(MAIN, [settle(next_one(), Park("never"))])
    next_one()  # its worker dies
    equal(claim(store), ())
    now.at += 2 * MINUTE
    store.settle(MAIN, [settle(next_one())])
    store.settle(MAIN, [settle(next_one())])
    equal(started, ["t0", "t0", "t1", "t2", "t2", "t3"])
    equal(states(store), {"t1": "parked"})


CASES: tuple[Case[StoreTrial], ...] = (
    Case("store.subject.only-the-first", only_the_first),
    Case("store.subject.head-not-due", head_not_due),
    Case("store.subject.again-keeps-its-place", again_keeps_its_place),
    Case("store.subject.parked", parked),
    Case("store.subject.cancelled", cancelled),
    Case("store.subject.earlier-task", earlier_task),
    Case("store.subject.two-tenants", two_tenants),
    Case("store.subject.replaced", replaced),
    Case("store.subject.replaced-waiting", replaced_waiting),
    *(
        Case(f"store.subject.replaced-elsewhere.{name}", partial(replaced_elsewhere, leased))
        for name, leased in (("free", False), ("leased", True))
    ),
    Case("store.subject.moved", moved),
    Case("store.subject.moved-parked", moved_parked),
    Case("store.subject.through-everything", through_everything),
)
"""The cases of this theme."""
