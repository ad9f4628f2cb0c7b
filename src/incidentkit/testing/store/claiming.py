"""Claiming: what is due, in which order, under a lease."""

from __future__ import annotations

from functools import partial

from incidentkit.errors import (
    InvalidValue,
)
from incidentkit.ids import TaskId
from incidentkit.ports.rows import (
    Claimed,
    QueuedTask,
    Task,
    TaskQuery,
    TaskState,
)
from incidentkit.testing.case import Case
from incidentkit.testing.expecting import equal, refused, true
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
from incidentkit.testing.store.asking import claim
from incidentkit.testing.store_trial import StoreTrial

IMPOSSIBLE = {
    "no-lease": (0, 1),
    "negative-lease": (-1, 1),
    "no-task": (1, 0),
    "lease-beyond-64-bits": (2**63, 1),
    "limit-beyond-64-bits": (1, 2**63),
}


def leases(trial: StoreTrial) -> None:
    """A claim hands a due task out under a lease, and settling ends it."""
    store = trial.store
    wanted = task("a", priority=3, order=7)
    add(store, wanted)
    answer = store.claim(None, MINUTE, 5)
    (claimed,) = answer.tasks
    equal(claimed.task, wanted)
    equal((claimed.tenant, claimed.tries, claimed.lapses), (MAIN, 1, 0))
    equal(claimed.lease_until, START + MINUTE)
    equal(answer, Claimed(START, (claimed,), START + MINUTE))
    equal(claim(store), ())
    equal(store.settle(MAIN, [settle(claimed)]), (True,))
    equal(store.settle(MAIN, [settle(claimed)]), (False,))
    equal(store.claim(None, MINUTE, 5), Claimed(START, (), None))


def tokens_differ(trial: StoreTrial) -> None:
    """Tokens are long and never the same."""
    store = trial.store
    add(store, *(task(f"t{n}") for n in range(20)))
    tokens = [each.token for each in claim(store, 20)]
    equal(len(set(tokens)), 20)
    true(min(map(len, tokens)) >= 16, "tokens have at least 16 characters")


def only_due(trial: StoreTrial) -> None:
    """Only what is due is handed out, and the answer says when to ask again."""
    store = trial.store
    now = trial.now
    add(store, task("a", due=START + 5), task("b", due=START - 5), task("c", due=START + 9))
    answer = store.claim(None, MINUTE, 5)
    equal(names(answer.tasks), ["b"])
    equal(answer.next_at, START + 5)
    now.at += 5
    equal(names(claim(store)), ["a"])


def callers_time(year: int, trial: StoreTrial) -> None:
    """A caller's time in 2020 or in 2030 rules over that of the host."""
    store = trial.store
    at = (year - 1970) * 365 * 24 * 60 * MINUTE
    add(store, task("a", due=at), task("b", due=at + 1))
    answer = store.claim(at, MINUTE, 5)
    equal(names(answer.tasks), ["a"])
    equal((answer.at, answer.next_at), (at, at + 1))
    equal(answer.tasks[0].lease_until, at + MINUTE)
    lapsed = store.claim(at + MINUTE, MINUTE, 5).tasks
    equal(names(lapsed), ["a"])


def order(trial: StoreTrial) -> None:
    """Smaller priority goes first, then earlier due, then id."""
    store = trial.store
    add(
        store,
        task("e", priority=1, due=START - 9), task("d", priority=1, due=START - 9),
        task("c", priority=0, due=START - 1), task("b", priority=0, due=START - 2),
        task("a", priority=2, due=START - 99), task("z", priority=-1),
    )  # fmt: skip
    equal(names(claim(store, 3)), ["z", "b", "c"])
    equal(names(claim(store, 3)), ["d", "e", "a"])


def skip_channels(trial: StoreTrial) -> None:
    """Channels may be skipped, and hundreds of their tasks hold nothing else up."""
    store = trial.store
    add(store, *(task(f"a{n:03}", channel="down", due=START - 5) for n in range(300)))
    add(store, task("b", channel="mail"), task("c", channel="down too"), task("d", channel="sms"))
    answer = store.claim(None, MINUTE, 5, skip_channels=["down", "down too"])
    equal(names(answer.tasks), ["b", "d"])
    # What is skipped is no reason to ask again at once.
    equal(answer.next_at, START + MINUTE)
    mine = store.claim(None, MINUTE, 5, MAIN, ["down too"])
    equal(names(mine.tasks), [f"a{number:03}" for number in range(5)])
    rest = store.claim(None, MINUTE, 5, MAIN, ["down"])
    equal(names(rest.tasks), ["c"])


def impossible(lease: int, limit: int, trial: StoreTrial) -> None:
    """A claim of nothing, or for no time, is the caller's mistake."""
    store = trial.store
    with refused(InvalidValue):
        store.claim(None, lease, limit)


def one_tenant(trial: StoreTrial) -> None:
    """The tasks of one tenant may be asked for."""
    store = trial.store
    add(store, task("a"), task("c", due=START + 7, priority=1), task("d", due=START + 9))
    add(store, task("b"), tenant=OTHER)
    answer = store.claim(None, 99, 5, OTHER)
    equal(names(answer.tasks), ["b"])
    equal(answer.next_at, START + 99)
    answer = store.claim(None, 99, 5, MAIN)
    equal(names(answer.tasks), ["a"])
    equal(answer.next_at, START + 7)
    # A lapsed one of another tenant is not handed out, nor in the way.
    equal(names(store.claim(START + 99, 99, 1, MAIN).tasks), ["a"])


def backlog_order(trial: StoreTrial) -> None:
    """A backlog of hundreds is handed out in order of priority to the end."""
    store = trial.store
    add(store, *(task(f"t{n:03}", priority=n % 3, due=START - n) for n in range(240)))
    add(store, task("other"), tenant=OTHER)
    expected = sorted(range(240), key=lambda n: (n % 3, -n))
    taken: list[str] = []
    while found := claim(store, 7):
        taken += [each.task.id for each in found if each.tenant == MAIN]
    equal(taken, [f"t{n:03}" for n in expected])


def listing(trial: StoreTrial) -> None:
    """Tasks are listed by id, in pages, by queue, subject and state."""
    store = trial.store
    add(store, *(task(f"t{n}", subject=f"s{n % 2}", order=n) for n in range(5)))
    add(store, task("u", queue="timers"), task("É"))
    add(store, task("x"), tenant=OTHER)

    def ids(query: TaskQuery) -> list[str]:
        return [str(each.task.id) for each in store.tasks(MAIN, query)]

    equal(ids(TaskQuery()), ["t0", "t1", "t2", "t3", "t4", "u", "É"])
    equal(ids(TaskQuery(after="t3", limit=2)), ["t4", "u"])
    equal(ids(TaskQuery(queue="timers")), ["u"])
    equal(ids(TaskQuery(subject="s1")), ["t1", "t3"])
    equal(ids(TaskQuery(state=TaskState.BLOCKED)), ["t2", "t3", "t4"])
    equal(ids(TaskQuery(state=TaskState.BLOCKED, subject="s0", queue="deliver")), ["t2", "t4"])
    equal(store.tasks(OTHER, TaskQuery())[0], QueuedTask(
        Task(TaskId("x"), "deliver", "x", 0, 0, START, "mail", "body of x"),
        TaskState.READY, START, 0, 0, "",
    ))  # fmt: skip
    with refused(InvalidValue):
        store.tasks(MAIN, TaskQuery(limit=0))


CASES: tuple[Case[StoreTrial], ...] = (
    Case("store.claim.leases", leases),
    Case("store.claim.tokens-differ", tokens_differ),
    Case("store.claim.only-due", only_due),
    *(
        Case(f"store.claim.callers-time.{year}", partial(callers_time, year))
        for year in (2020, 2030)
    ),
    Case("store.claim.order", order),
    Case("store.claim.skip-channels", skip_channels),
    *(
        Case(f"store.claim.impossible.{name}", partial(impossible, lease, limit))
        for name, (lease, limit) in IMPOSSIBLE.items()
    ),
    Case("store.claim.one-tenant", one_tenant),
    Case("store.claim.backlog-order", backlog_order),
    Case("store.claim.listing", listing),
)
"""The cases of this theme."""
