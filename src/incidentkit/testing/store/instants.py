"""Time: microseconds of every year, and the store's clock instead of anybody else's."""

from __future__ import annotations

from functools import partial

from incidentkit.ids import TaskId
from incidentkit.ports.query import Compare, Op, Query
from incidentkit.ports.rows import Move, Ref
from incidentkit.testing.case import Case
from incidentkit.testing.expecting import equal
from incidentkit.testing.records import (
    MAIN,
    MINUTE,
    SECOND,
    START,
    add,
    entry,
    names,
    put,
    settle,
    task,
    touch,
    write,
)
from incidentkit.testing.records import alert as write_alert
from incidentkit.testing.store.asking import claim, found, tally
from incidentkit.testing.store_trial import StoreTrial

YEARS = {
    "year-1": -62_135_596_800_000_000,
    "before-1970": -1,
    "microseconds": START + 1,
    "year-9999": 253_402_300_799_999_999,
}


def any_year(at: int, trial: StoreTrial) -> None:
    """An instant of any year is kept to the microsecond, ordered and compared."""
    store, now = trial.store, trial.now
    now.at = at
    write(store, puts=(put("a", due=at), put("b", due=0), put("c", due=at - 1)))
    write(store, entries=(entry("a", 1, at=at),), tasks=(task("t", due=at),))
    (row,) = store.load(MAIN, [Ref("incident", "a")])
    equal(None if row is None else row.columns[3], at)
    equal(store.journal(MAIN, "incident/a")[0].at, at)
    equal(found(store, Query("incident", Compare("due", Op.EQ, at))), ["a"])
    by_due = found(store, Query("incident", order="due"))
    wanted = sorted([(at, "a"), (0, "b"), (at - 1, "c")])
    equal(by_due, [name for _, name in wanted])
    equal((store.now(), write(store).at), (at, at))
    (claimed,) = claim(store)
    equal((claimed.task.due_at, claimed.lease_until), (at, at + MINUTE))
    write(store, puts=(write_alert("x"),))
    write(store, touches=(touch("x", last_seen=at),))
    stored = tally(store, "x")
    equal(None if stored is None else stored.last_seen, max(at, START))


def stands_still(trial: StoreTrial) -> None:
    """Leases and due instants follow the store's time alone: it stands, and nothing lapses."""
    store, now = trial.store, trial.now
    add(store, task("a"), task("later", due=START + SECOND))
    (first,) = claim(store)
    equal(first.lease_until, START + MINUTE)
    equal((claim(store), store.now()), ((), START))
    now.at += SECOND
    equal(names(claim(store)), ["later"])
    now.at = START + MINUTE - 1
    equal(claim(store), ())
    now.at += 1
    equal(names(claim(store)), ["a"])


def skewed_claimers(trial: StoreTrial) -> None:
    """A worker whose clock is five minutes behind takes nothing from a lease that holds."""
    store = trial.store
    behind = START - 5 * MINUTE
    add(store, task("a"), task("b", due=behind))
    ahead = store.claim(None, MINUTE, 1)
    equal(names(ahead.tasks), ["b"])
    equal(store.claim(behind, MINUTE, 5).tasks, ())
    equal(names(store.claim(None, MINUTE, 5).tasks), ["a"])
    equal(store.claim(behind, MINUTE, 5).tasks, ())
    equal(store.settle(MAIN, [settle(ahead.tasks[0])]), (True,))


def time_goes_back(trial: StoreTrial) -> None:
    """A clock that is set back loses nothing: what was due is due again when it is."""
    store, now = trial.store, trial.now
    add(store, task("a"))
    now.at -= MINUTE
    answer = store.claim(None, MINUTE, 5)
    equal((answer.tasks, answer.next_at), ((), START))
    write(store, moves=(Move(TaskId("a"), now.at),))
    equal(names(claim(store)), ["a"])


CASES: tuple[Case[StoreTrial], ...] = (
    *(Case(f"store.time.any-year.{name}", partial(any_year, at)) for name, at in YEARS.items()),
    Case("store.time.stands-still", stands_still),
    Case("store.time.skewed-claimers", skewed_claimers),
    Case("store.time.goes-back", time_goes_back),
)
"""The cases of this theme."""
