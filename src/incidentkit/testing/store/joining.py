"""Inside a transaction of the host: there with its commit, gone with its rollback."""

from __future__ import annotations

from contextlib import AbstractContextManager

from incidentkit.errors import CannotJoin, Conflict, KeyTaken
from incidentkit.ports.query import Query
from incidentkit.ports.rows import KeyChange, Request, TaskQuery
from incidentkit.testing.case import Case
from incidentkit.testing.expecting import equal, present, refused, true
from incidentkit.testing.records import (
    MAIN,
    MINUTE,
    SECOND,
    alert,
    entry,
    names,
    put,
    task,
    touch,
    write,
)
from incidentkit.testing.store.asking import everything, tally, version
from incidentkit.testing.store_trial import HostBlock, StoreTrial
from incidentkit.testing.threads import within


def hosted(trial: StoreTrial) -> AbstractContextManager[HostBlock]:
    """The block in which a transaction of the host is open."""
    join = trial.harness.join
    if join is None:
        raise TypeError("the harness has no `join`; the case must require it")
    return join(trial.store)


def seen_with_the_commit(trial: StoreTrial) -> None:
    """What is written inside is seen inside at once, and outside with the host's commit."""
    store = trial.store
    write(store, puts=(put("a"), alert("x")), entries=(entry("a", 1),))
    with hosted(trial) as host:
        inside = host.store
        write(
            inside, puts=(put("a", 1), put("b")), entries=(entry("a", 2), entry("b", 1)),
            keys=(KeyChange("ref", "1", None, "b"),), request=Request("r", "f", "done"),
            touches=(touch("x", seen=3),),
        )  # fmt: skip
        equal([row.version for row in inside.find(MAIN, Query("incident")).rows], [2, 1])
        equal(inside.owners(MAIN, "ref", ["1"]), ("b",))
        # From another thread, because this one may be in the host's transaction itself.
        outside = within(trial.patience, "a look from outside", lambda: version(store, "a"))
        equal(outside, 1, "seen outside before the commit: version")
        host.commit()
    equal((version(store, "a"), version(store, "b")), (2, 1))
    equal([line.seq for line in store.journal(MAIN, "incident/a")], [1, 2])
    equal(present(tally(store, "x")).seen, 4)
    again = write(store, puts=(put("b"),), request=Request("r", "f", "other"))
    equal((again.replayed, again.result), (True, "done"))


def gone_with_the_rollback(trial: StoreTrial) -> None:
    """After the host's rollback nothing is left: rows, entries, tasks, keys, requests, numbers."""
    store = trial.store
    write(store, puts=(put("a"), alert("x")), entries=(entry("a", 1),))
    equal(store.numbers(MAIN, "incident", 1), range(1, 2))
    before = everything(store)
    with hosted(trial) as host:
        write(
            host.store, puts=(put("a", 1), put("b")), entries=(entry("a", 2),),
            tasks=(task("t"),), keys=(KeyChange("ref", "1", None, "b"),),
            touches=(touch("x", seen=3),), request=Request("r", "f", "never"),
        )  # fmt: skip
        equal(host.store.numbers(MAIN, "incident", 1), range(2, 3))
        host.rollback()
    equal(everything(store), before)
    equal(store.claim(None, MINUTE, 5).tasks, ())
    done = write(store, puts=(put("a", 1),), request=Request("r", "f", "done"))
    equal((done.replayed, done.result), (False, "done"))
    equal(store.numbers(MAIN, "incident", 1), range(2, 3))


def refusal_leaves_it_usable(trial: StoreTrial) -> None:
    """A batch that is refused leaves nothing, and the host's transaction goes on."""
    store = trial.store
    write(store, puts=(put("a"),), keys=(KeyChange("ref", "1", None, "a"),))
    with hosted(trial) as host:
        write(host.store, puts=(put("b"),))
        with refused(Conflict):
            write(host.store, puts=(put("c"), put("a")), tasks=(task("never"),))
        with refused(KeyTaken):
            write(host.store, puts=(put("c"),), keys=(KeyChange("ref", "1", None, "c"),))
        write(host.store, puts=(put("a", 1),), tasks=(task("t"),))
        host.commit()
    found = {row.id: row.version for row in store.find(MAIN, Query("incident")).rows}
    equal(found, {"a": 2, "b": 1})
    equal([str(each.task.id) for each in store.tasks(MAIN, TaskQuery())], ["t"])


def work_is_due_after(trial: StoreTrial) -> None:
    """Tasks are claimed once the host has committed, in their subject's order."""
    store = trial.store
    write(store, tasks=(task("a", subject="s", order=1),))
    with hosted(trial) as host:
        write(host.store, tasks=(task("b", subject="s", order=2), task("c")))
        host.commit()
    equal(sorted(names(store.claim(None, MINUTE, 5).tasks)), ["a", "c"])


def queue_stays_outside(trial: StoreTrial) -> None:
    """The queue is not worked inside: a lease that may be rolled back is none."""
    write(trial.store, tasks=(task("a"),))
    with hosted(trial) as host:
        with refused(CannotJoin):
            host.store.claim(None, MINUTE, 5)
        host.rollback()
    equal(names(trial.store.claim(None, MINUTE, 5).tasks), ["a"])


def told_after(trial: StoreTrial) -> None:
    """Whoever asks is told after the commit, once, and never of a rollback."""
    told: list[str] = []
    _ = trial.store
    with hosted(trial) as host:
        true(host.store.in_transaction(), "in_transaction, while it is open")
        never = host.store.after_commit(lambda: told.append("rolled back"))
        write(host.store, puts=(put("a"),))
        host.rollback()
    with hosted(trial) as host:
        write(host.store, puts=(put("a"),))
        tells = host.store.after_commit(lambda: told.append("committed"))
        equal(told, [], "told before the commit")
        host.commit()
        true(not host.store.in_transaction(), "not in_transaction, when it has ended")
    equal((never, told), (tells, ["committed"] if tells else []))


def time_goes_on(trial: StoreTrial) -> None:
    """The time goes on inside a transaction; what is written late in it is dated late."""
    _ = trial.store
    with hosted(trial) as host:
        first = write(host.store, puts=(put("a"),)).at
        trial.now.at += 5 * SECOND
        equal(host.store.now(), trial.now.at)
        equal(write(host.store, puts=(put("b"),)).at - first, 5 * SECOND)
        host.commit()


CASES: tuple[Case[StoreTrial], ...] = (
    Case("store.join.seen-with-the-commit", seen_with_the_commit, ("join",)),
    Case("store.join.gone-with-the-rollback", gone_with_the_rollback, ("join",)),
    Case("store.join.refusal-leaves-it-usable", refusal_leaves_it_usable, ("join",)),
    Case("store.join.work-is-due-after", work_is_due_after, ("join",)),
    Case("store.join.queue-stays-outside", queue_stays_outside, ("join",)),
    Case("store.join.told-after", told_after, ("join",)),
    Case("store.join.time-goes-on", time_goes_on, ("join",)),
)
"""The cases of this theme."""
