"""Leases: late, stale, lapsed, renewed."""

from __future__ import annotations

from incidentkit.errors import (
    StaleToken,
)
from incidentkit.ids import TaskId
from incidentkit.ports.rows import (
    LAPSES_BEFORE_PARKING,
    Again,
    Done,
    Park,
    Settle,
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
    put,
    settle,
    task,
    write,
)
from incidentkit.testing.store.asking import claim, one, states
from incidentkit.testing.store_trial import StoreTrial


def late_settle(trial: StoreTrial) -> None:
    """A late settle is accepted until another worker has claimed the task."""
    store = trial.store
    now = trial.now
    add(store, task("a"), task("b"))
    a, b = claim(store)
    now.at += 2 * MINUTE
    equal(store.settle(MAIN, [settle(a)]), (True,))
    (again,) = claim(store)
    equal((again.task.id, again.lapses, again.tries), ("b", 1, 2))
    equal(store.settle(MAIN, [settle(b)]), (False,))
    equal(store.settle(MAIN, [settle(again)]), (True,))


def stale_token(trial: StoreTrial) -> None:
    """A commit with a stale token names it and leaves nothing."""
    store = trial.store
    now = trial.now
    add(store, task("a"), task("b"))
    a, b = claim(store)
    now.at += 2 * MINUTE
    claim(store)
    with refused(StaleToken) as caught:
        write(store, puts=(put("x"),), settles=(settle(b), settle(a)), tasks=(task("c"),))
    equal(caught.value.tasks, ("a",))
    equal(states(store), {"a": "leased", "b": "leased"})
    with refused(StaleToken):
        write(store, settles=(Settle(TaskId("none"), "", Done()),))
    add(store, task("free"))
    with refused(StaleToken):
        write(store, settles=(Settle(TaskId("free"), "", Done()),))


def settled_in_a_commit(trial: StoreTrial) -> None:
    """A commit may settle the task it is done for."""
    store = trial.store
    add(store, *(task(name, subject="s", order=n) for n, name in enumerate("abc")))
    (a,) = claim(store)
    write(store, puts=(put("x"),), settles=(settle(a),))
    equal(states(store), {"b": "ready", "c": "blocked"})
    (b,) = claim(store)
    write(store, settles=(settle(b, Again(START + 1, "busy")),), tasks=(task("d", subject="s"),))
    equal(states(store), {"b": "blocked", "c": "blocked", "d": "ready"})


def settle_and_return(trial: StoreTrial) -> None:
    """A task may be settled and added again in one commit."""
    store = trial.store
    add(store, task("a"))
    (a,) = claim(store)
    write(store, settles=(settle(a),), tasks=(task("a", due=START + 1),))
    equal(states(store), {"a": "ready"})
    equal(claim(store), ())


def one_by_one(trial: StoreTrial) -> None:
    """Each settle is judged by itself."""
    store = trial.store
    add(store, task("a"), task("b"), task("c"))
    a, b, c = claim(store)
    void = Settle(b.task.id, "void", Done())
    answers = store.settle(MAIN, [settle(a), void, settle(c, Park("no"))])
    equal(answers, (True, False, True))
    equal(store.settle(OTHER, [settle(b)]), (False,))
    equal(states(store), {"b": "leased", "c": "parked"})


def lapsed_alone(trial: StoreTrial) -> None:
    """Lapsed tasks go before all others, one to a claim."""
    store = trial.store
    now = trial.now
    add(store, task("a"), task("b"), task("urgent", priority=-9))
    add(store, task("x"), tenant=OTHER)
    equal(names(claim(store, 3)), ["urgent", "x", "a"])
    now.at += MINUTE
    add(store, task("more urgent", priority=-99))
    firsts = [names(claim(store)) for _ in range(4)]
    equal(sorted(firsts[:3]), [["a"], ["urgent"], ["x"]])
    equal(firsts[3], ["more urgent", "b"])


def lapsed_skipped(trial: StoreTrial) -> None:
    """A lapsed task of a skipped channel is not handed out."""
    store = trial.store
    now = trial.now
    add(store, task("a", channel="down"), task("b"))
    claim(store)
    now.at += MINUTE
    add(store, task("c"))
    equal(names(store.claim(None, MINUTE, 5, skip_channels=["down"]).tasks), ["b"])
    equal(names(store.claim(None, MINUTE, 5, skip_channels=["down"]).tasks), ["c"])


def poison(trial: StoreTrial) -> None:
    """A task that kills its workers is parked after five leases; tasks beside it never are."""
    store = trial.store
    now = trial.now
    add(store, task("poison", subject="s"), task("next", subject="s", order=1))
    add(store, *(task(f"by{n}") for n in range(3)))
    tried = 0
    for _ in range(40):
        taken = claim(store, 10)
        poisoned = any(each.task.id == "poison" for each in taken)
        tried += poisoned
        if not poisoned:
            store.settle(MAIN, [settle(each) for each in taken])
        now.at += 2 * MINUTE
    equal(tried, LAPSES_BEFORE_PARKING)
    equal(states(store), {"poison": "parked"})
    parked = one(store, "poison")
    equal(parked.lapses, LAPSES_BEFORE_PARKING)
    true(str(LAPSES_BEFORE_PARKING) in parked.why, "the reason says how many leases ran out")


def extended(trial: StoreTrial) -> None:
    """A lease may be renewed by whoever has its token, also late."""
    store = trial.store
    now = trial.now
    add(store, task("a"), task("b"))
    a, b = claim(store)
    now.at += SECOND
    renewals = [(a.task.id, a.token), (b.task.id, "void"), (TaskId("none"), "")]
    equal(store.extend(MAIN, renewals, START + 5 * MINUTE), (True, False, False))
    now.at = START + 2 * MINUTE
    equal(names(claim(store)), ["b"])
    now.at = START + 6 * MINUTE
    equal(store.extend(MAIN, [(a.task.id, a.token)], now.at + MINUTE), (True,))
    equal(store.settle(MAIN, [settle(a)]), (True,))


def bystander(trial: StoreTrial) -> None:
    """A task that was merely claimed beside one that kills its worker is never parked."""
    store, now = trial.store, trial.now
    add(store, task("a", priority=0), task("b", priority=1))
    for _ in range(3 * LAPSES_BEFORE_PARKING):
        taken = claim(store)
        if [each.task.id for each in taken] == ["b"]:
            store.settle(MAIN, [settle(taken[0], Again(now.at, "alone it works"))])
        now.at += 2 * MINUTE
    equal(states(store), {"a": "parked", "b": "ready"})


CASES: tuple[Case[StoreTrial], ...] = (
    Case("store.lease.late-settle", late_settle),
    Case("store.lease.stale-token", stale_token),
    Case("store.lease.settled-in-a-commit", settled_in_a_commit),
    Case("store.lease.settle-and-return", settle_and_return),
    Case("store.lease.one-by-one", one_by_one),
    Case("store.lease.lapsed-alone", lapsed_alone),
    Case("store.lease.lapsed-skipped", lapsed_skipped),
    Case("store.lease.poison", poison),
    Case("store.lease.extended", extended),
    Case("store.lease.bystander", bystander),
)
"""The cases of this theme."""
