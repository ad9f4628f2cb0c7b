"""The queue: leases, order within a subject, turns of tenants, parking."""

from __future__ import annotations

import pytest

from incidentkit.errors import InvalidValue, StaleToken
from incidentkit.ids import TaskId, TenantName
from incidentkit.ports.rows import (
    LAPSES_BEFORE_PARKING,
    Again,
    Batch,
    Claimed,
    ClaimedTask,
    Done,
    Move,
    Park,
    QueuedTask,
    Settle,
    Task,
    TaskQuery,
    TaskState,
)
from incidentkit.ports.store import Store
from incidentkit.stores.claiming import MOST_WALKED
from tests.stores.factories import START, Moving
from tests.stores.shapes import (
    MAIN,
    MINUTE,
    OTHER,
    SECOND,
    add,
    names,
    put,
    settle,
    task,
    write,
)


def claim(store: Store, limit: int = 10, now: int | None = None) -> tuple[ClaimedTask, ...]:
    return store.claim(now, MINUTE, limit).tasks


def states(store: Store) -> dict[str, str]:
    return {str(each.task.id): each.state.value for each in store.tasks(MAIN, TaskQuery())}


def one(store: Store, name: str) -> QueuedTask:
    (found,) = [each for each in store.tasks(MAIN, TaskQuery()) if each.task.id == name]
    return found


# --- claiming -------------------------------------------------------------------------------------


def test_a_claim_leases(store: Store, now: Moving) -> None:
    wanted = task("a", priority=3, order=7)
    add(store, wanted)
    answer = store.claim(None, MINUTE, 5)
    (claimed,) = answer.tasks
    assert claimed.task == wanted
    assert (claimed.tenant, claimed.tries, claimed.lapses) == (MAIN, 1, 0)
    assert claimed.lease_until == START + MINUTE
    assert answer == Claimed(START, (claimed,), START + MINUTE)
    assert claim(store) == ()
    assert store.settle(MAIN, [settle(claimed)]) == (True,)
    assert store.settle(MAIN, [settle(claimed)]) == (False,)
    assert store.claim(None, MINUTE, 5) == Claimed(START, (), None)


def test_tokens_are_never_the_same(store: Store) -> None:
    add(store, *(task(f"t{n}") for n in range(20)))
    tokens = [each.token for each in claim(store, 20)]
    assert len(set(tokens)) == 20
    assert min(map(len, tokens)) >= 16


def test_only_what_is_due(store: Store, now: Moving) -> None:
    add(store, task("a", due=START + 5), task("b", due=START - 5), task("c", due=START + 9))
    answer = store.claim(None, MINUTE, 5)
    assert names(answer.tasks) == ["b"]
    assert answer.next_at == START + 5
    now.at += 5
    assert names(claim(store)) == ["a"]


@pytest.mark.parametrize("year", [2020, 2030])
def test_the_callers_time_rules(store: Store, year: int) -> None:
    at = (year - 1970) * 365 * 24 * 60 * MINUTE
    add(store, task("a", due=at), task("b", due=at + 1))
    answer = store.claim(at, MINUTE, 5)
    assert names(answer.tasks) == ["a"]
    assert (answer.at, answer.next_at) == (at, at + 1)
    assert answer.tasks[0].lease_until == at + MINUTE
    lapsed = store.claim(at + MINUTE, MINUTE, 5).tasks
    assert names(lapsed) == ["a"]


def test_priority_then_due_then_id(store: Store) -> None:
    add(
        store,
        task("e", priority=1, due=START - 9), task("d", priority=1, due=START - 9),
        task("c", priority=0, due=START - 1), task("b", priority=0, due=START - 2),
        task("a", priority=2, due=START - 99), task("z", priority=-1),
    )  # fmt: skip
    assert names(claim(store, 3)) == ["z", "b", "c"]
    assert names(claim(store, 3)) == ["d", "e", "a"]


def test_channels_can_be_skipped(store: Store) -> None:
    add(store, *(task(f"a{n:03}", channel="down", due=START - 5) for n in range(300)))
    add(store, task("b", channel="mail"), task("c", channel="down too"), task("d", channel="sms"))
    answer = store.claim(None, MINUTE, 5, skip_channels=["down", "down too"])
    assert names(answer.tasks) == ["b", "d"]
    # What is skipped is no reason to ask again at once.
    assert answer.next_at == START + MINUTE
    mine = store.claim(None, MINUTE, 5, MAIN, ["down too"])
    assert names(mine.tasks) == [f"a{number:03}" for number in range(5)]
    rest = store.claim(None, MINUTE, 5, MAIN, ["down"])
    assert names(rest.tasks) == ["c"]


@pytest.mark.parametrize(("lease", "limit"), [(0, 1), (-1, 1), (1, 0), (2**63, 1), (1, 2**63)])
def test_impossible_claims_are_refused(store: Store, lease: int, limit: int) -> None:
    with pytest.raises(InvalidValue):
        store.claim(None, lease, limit)


# --- tenants --------------------------------------------------------------------------------------


def test_tenants_take_turns(store: Store) -> None:
    for tenant in ("a", "b", "c"):
        add(store, *(task(f"{tenant}{n}") for n in range(4)), tenant=TenantName(tenant))
    assert names(claim(store, 5)) == ["a0", "b0", "c0", "a1", "b1"]
    # The next claim begins behind the tenant that was served last.
    assert names(claim(store, 4)) == ["c1", "a2", "b2", "c2"]
    assert names(claim(store, 9)) == ["a3", "b3", "c3"]


def test_a_small_tenant_comes_within_one_cycle(store: Store) -> None:
    big = tuple(task(f"t{n:04}", due=START - 1000 + n) for n in range(500))
    add(store, *big)
    for tenant in ("zz", "aa"):
        add(store, task("small"), tenant=TenantName(tenant))
    first = claim(store, 2)
    second = claim(store, 2)
    served = [each.tenant for each in (*first, *second)]
    assert {"aa", "zz", "main"} == set(served)
    assert names(claim(store, 2)) == ["t0002", "t0003"]


def test_a_due_tenant_among_many_that_wait(store: Store) -> None:
    late = tuple(task(f"t{n}", due=START + MINUTE) for n in range(2))
    waiting = [Batch(TenantName(f"w{n:02}"), tasks=late) for n in range(MOST_WALKED + 8)]
    store.commit_group(waiting)
    add(store, task("b"), task("a", priority=1), tenant=TenantName("zz"))
    add(store, task("c"), tenant=TenantName("a"))
    assert names(claim(store, 2)) == ["c", "b"]
    # Too many are due to read them all, and they are far behind in the turn.
    add(store, *(task(f"m{n:03}", priority=n % 2) for n in range(90)), tenant=TenantName("zz"))
    answer = store.claim(None, MINUTE, 3)
    assert names(answer.tasks) == ["m000", "m002", "m004"]
    assert answer.next_at == START
    assert names(claim(store, 2)) == ["m006", "m008"]


def test_a_backlog_keeps_priority_order(store: Store) -> None:
    add(store, *(task(f"t{n:03}", priority=n % 3, due=START - n) for n in range(240)))
    add(store, task("other"), tenant=OTHER)
    expected = sorted(range(240), key=lambda n: (n % 3, -n))
    taken: list[str] = []
    while found := claim(store, 7):
        taken += [each.task.id for each in found if each.tenant == MAIN]
    assert taken == [f"t{n:03}" for n in expected]


def test_one_tenant_may_be_asked_for(store: Store) -> None:
    add(store, task("a"), task("c", due=START + 7, priority=1), task("d", due=START + 9))
    add(store, task("b"), tenant=OTHER)
    answer = store.claim(None, 99, 5, OTHER)
    assert names(answer.tasks) == ["b"]
    assert answer.next_at == START + 99
    answer = store.claim(None, 99, 5, MAIN)
    assert names(answer.tasks) == ["a"]
    assert answer.next_at == START + 7
    # A lapsed one of another tenant is not handed out, nor in the way.
    assert names(store.claim(START + 99, 99, 1, MAIN).tasks) == ["a"]


# --- subjects -------------------------------------------------------------------------------------


def test_only_the_first_of_a_subject(store: Store) -> None:
    add(store, task("b", subject="s", order=2), task("a", subject="s", order=3))
    add(store, task("c", subject="s", order=1), task("d", subject="s", order=2))
    assert states(store) == {"a": "blocked", "b": "blocked", "c": "ready", "d": "blocked"}
    taken: list[str] = []
    while found := claim(store):
        (only,) = found
        taken.append(only.task.id)
        store.settle(MAIN, [settle(only)])
    assert taken == ["c", "b", "d", "a"]


def test_a_head_that_is_not_due_blocks(store: Store, now: Moving) -> None:
    add(store, task("a", subject="s", order=1, due=START + 9), task("b", subject="s", order=2))
    assert claim(store) == ()
    now.at += 9
    assert names(claim(store)) == ["a"]


def test_again_keeps_its_place(store: Store, now: Moving) -> None:
    add(store, task("a", subject="s", order=1), task("b", subject="s", order=2))
    (first,) = claim(store)
    assert store.settle(MAIN, [settle(first, Again(START + SECOND, "no answer"))]) == (True,)
    waiting = one(store, "a")
    assert (waiting.state, waiting.next_at, waiting.why) == (
        TaskState.READY, START + SECOND, "no answer"
    )  # fmt: skip
    assert store.claim(None, MINUTE, 5) == Claimed(START, (), START + SECOND)
    now.at += SECOND
    (again,) = claim(store)
    assert (again.task.id, again.tries, again.lapses) == ("a", 2, 0)
    assert again.token != first.token


def test_a_parked_task_does_not_block(store: Store) -> None:
    add(store, task("a", subject="s", order=1), task("b", subject="s", order=2))
    (first,) = claim(store)
    store.settle(MAIN, [settle(first, Park("unknown address"))])
    parked = one(store, "a")
    assert (parked.state, parked.why, parked.tries) == (TaskState.PARKED, "unknown address", 1)
    assert names(claim(store)) == ["b"]
    assert store.settle(MAIN, [settle(first)]) == (False,)


def test_cancelling_sets_the_next_free(store: Store) -> None:
    add(store, *(task(name, subject="s", order=n) for n, name in enumerate("abcd")))
    (first,) = claim(store)
    write(store, cancels=(TaskId("c"), TaskId("a"), TaskId("none")))
    assert states(store) == {"b": "ready", "d": "blocked"}
    assert store.settle(MAIN, [settle(first)]) == (False,)
    with pytest.raises(StaleToken):
        write(store, settles=(settle(first),))


def test_an_earlier_task_goes_before_a_waiting_head(store: Store) -> None:
    add(store, task("b", subject="s", order=5))
    add(store, task("a", subject="s", order=1))
    assert states(store) == {"a": "ready", "b": "blocked"}
    (head,) = claim(store)
    add(store, task("0", subject="s", order=0))
    # Under lease it stays in front; then the order decides.
    assert states(store) == {"0": "blocked", "a": "leased", "b": "blocked"}
    store.settle(MAIN, [settle(head, Again(START, "later"))])
    assert states(store) == {"0": "ready", "a": "blocked", "b": "blocked"}


def test_subjects_of_two_tenants_do_not_meet(store: Store) -> None:
    add(store, task("a", subject="s"))
    add(store, task("b", subject="s"), tenant=OTHER)
    assert names(claim(store)) == ["a", "b"]


# --- replacing, moving ----------------------------------------------------------------------------


def test_adding_again_replaces(store: Store) -> None:
    add(store, task("a", subject="s", order=1), task("b", subject="s", order=2))
    (held,) = claim(store)
    fresh = task("a", subject="s", order=1, due=START + 3, priority=9)
    add(store, fresh)
    assert one(store, "a") == QueuedTask(fresh, TaskState.READY, START + 3, 0, 0, "")
    assert store.settle(MAIN, [settle(held)]) == (False,)
    assert states(store) == {"a": "ready", "b": "blocked"}


def test_replacing_a_waiting_or_parked_task(store: Store) -> None:
    add(store, task("a", subject="s", order=1), task("b", subject="s", order=2))
    fresh = task("b", subject="s", order=2, due=START + 3)
    add(store, fresh)
    assert one(store, "b") == QueuedTask(fresh, TaskState.BLOCKED, START + 3, 0, 0, "")
    (held,) = claim(store)
    store.settle(MAIN, [settle(held, Park("why"))])
    assert states(store) == {"a": "parked", "b": "ready"}
    add(store, task("a", subject="s", order=1))
    assert states(store) == {"a": "ready", "b": "blocked"}
    assert one(store, "a").why == ""


@pytest.mark.parametrize("leased", [False, True])
def test_replacing_into_another_place(store: Store, leased: bool) -> None:
    add(store, *(task(name, subject="s", order=n) for n, name in enumerate("abc")))
    add(store, task("z", subject="t", order=5))
    if leased:
        claim(store, 1)
    add(store, task("a", subject="t", order=1))
    assert states(store) == {"a": "ready", "b": "ready", "c": "blocked", "z": "blocked"}
    add(store, task("a", subject="t", order=9))
    assert states(store) == {"a": "blocked", "b": "ready", "c": "blocked", "z": "ready"}


def test_moving(store: Store, now: Moving) -> None:
    add(store, task("a"), task("b", due=START + 9), task("c"))
    write(store, moves=(Move(TaskId("b"), START), Move(TaskId("c"), START + 5)))
    write(store, moves=(Move(TaskId("none"), START),))
    assert names(claim(store)) == ["a", "b"]
    assert (one(store, "c").next_at, one(store, "c").task.due_at) == (START + 5, START + 5)
    # A task under lease is left alone.
    write(store, moves=(Move(TaskId("a"), START + 1),))
    assert one(store, "a").next_at == START + MINUTE
    assert one(store, "a").state is TaskState.LEASED


def test_moving_a_parked_task_tries_it_again(store: Store, now: Moving) -> None:
    add(store, task("a", subject="s", order=1), task("b", subject="s", order=2))
    for _ in range(LAPSES_BEFORE_PARKING):
        claim(store)
        now.at += 2 * MINUTE
    assert names(claim(store)) == ["b"]
    write(store, moves=(Move(TaskId("a"), now.at),))
    assert states(store) == {"a": "blocked", "b": "leased"}
    assert one(store, "a").lapses == 0
    write(store, cancels=(TaskId("b"),))
    assert names(claim(store)) == ["a"]


# --- leases ---------------------------------------------------------------------------------------


def test_a_late_settle_is_accepted_until_another_claims(store: Store, now: Moving) -> None:
    add(store, task("a"), task("b"))
    a, b = claim(store)
    now.at += 2 * MINUTE
    assert store.settle(MAIN, [settle(a)]) == (True,)
    (again,) = claim(store)
    assert (again.task.id, again.lapses, again.tries) == ("b", 1, 2)
    assert store.settle(MAIN, [settle(b)]) == (False,)
    assert store.settle(MAIN, [settle(again)]) == (True,)


def test_a_stale_token_leaves_nothing(store: Store, now: Moving) -> None:
    add(store, task("a"), task("b"))
    a, b = claim(store)
    now.at += 2 * MINUTE
    claim(store)
    with pytest.raises(StaleToken) as caught:
        write(store, puts=(put("x"),), settles=(settle(b), settle(a)), tasks=(task("c"),))
    assert caught.value.tasks == ("a",)
    assert states(store) == {"a": "leased", "b": "leased"}
    with pytest.raises(StaleToken):
        write(store, settles=(Settle(TaskId("none"), "", Done()),))
    add(store, task("free"))
    with pytest.raises(StaleToken):
        write(store, settles=(Settle(TaskId("free"), "", Done()),))


def test_a_commit_settles(store: Store) -> None:
    add(store, *(task(name, subject="s", order=n) for n, name in enumerate("abc")))
    (a,) = claim(store)
    write(store, puts=(put("x"),), settles=(settle(a),))
    assert states(store) == {"b": "ready", "c": "blocked"}
    (b,) = claim(store)
    write(store, settles=(settle(b, Again(START + 1, "busy")),), tasks=(task("d", subject="s"),))
    assert states(store) == {"b": "blocked", "c": "blocked", "d": "ready"}


def test_a_task_may_settle_and_return_in_one_commit(store: Store) -> None:
    add(store, task("a"))
    (a,) = claim(store)
    write(store, settles=(settle(a),), tasks=(task("a", due=START + 1),))
    assert states(store) == {"a": "ready"}
    assert claim(store) == ()


def test_settles_are_judged_one_by_one(store: Store) -> None:
    add(store, task("a"), task("b"), task("c"))
    a, b, c = claim(store)
    void = Settle(b.task.id, "void", Done())
    answers = store.settle(MAIN, [settle(a), void, settle(c, Park("no"))])
    assert answers == (True, False, True)
    assert store.settle(OTHER, [settle(b)]) == (False,)
    assert states(store) == {"b": "leased", "c": "parked"}


def test_lapsed_leases_go_first_and_alone(store: Store, now: Moving) -> None:
    add(store, task("a"), task("b"), task("urgent", priority=-9))
    add(store, task("x"), tenant=OTHER)
    assert names(claim(store, 3)) == ["urgent", "x", "a"]
    now.at += MINUTE
    add(store, task("more urgent", priority=-99))
    firsts = [names(claim(store)) for _ in range(4)]
    assert sorted(firsts[:3]) == [["a"], ["urgent"], ["x"]]
    assert firsts[3] == ["more urgent", "b"]


def test_a_lapsed_channel_may_be_skipped(store: Store, now: Moving) -> None:
    add(store, task("a", channel="down"), task("b"))
    claim(store)
    now.at += MINUTE
    add(store, task("c"))
    assert names(store.claim(None, MINUTE, 5, skip_channels=["down"]).tasks) == ["b"]
    assert names(store.claim(None, MINUTE, 5, skip_channels=["down"]).tasks) == ["c"]


def test_what_kills_its_worker_is_parked_and_bystanders_are_not(store: Store, now: Moving) -> None:
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
    assert tried == LAPSES_BEFORE_PARKING
    assert states(store) == {"poison": "parked"}
    parked = one(store, "poison")
    assert parked.lapses == LAPSES_BEFORE_PARKING
    assert str(LAPSES_BEFORE_PARKING) in parked.why


def test_extending(store: Store, now: Moving) -> None:
    add(store, task("a"), task("b"))
    a, b = claim(store)
    now.at += SECOND
    renewals = [(a.task.id, a.token), (b.task.id, "void"), (TaskId("none"), "")]
    assert store.extend(MAIN, renewals, START + 5 * MINUTE) == (True, False, False)
    now.at = START + 2 * MINUTE
    assert names(claim(store)) == ["b"]
    now.at = START + 6 * MINUTE
    assert store.extend(MAIN, [(a.task.id, a.token)], now.at + MINUTE) == (True,)
    assert store.settle(MAIN, [settle(a)]) == (True,)


# --- listing --------------------------------------------------------------------------------------


def test_listing(store: Store) -> None:
    add(store, *(task(f"t{n}", subject=f"s{n % 2}", order=n) for n in range(5)))
    add(store, task("u", queue="timers"), task("É"))
    add(store, task("x"), tenant=OTHER)

    def ids(query: TaskQuery) -> list[str]:
        return [str(each.task.id) for each in store.tasks(MAIN, query)]

    assert ids(TaskQuery()) == ["t0", "t1", "t2", "t3", "t4", "u", "É"]
    assert ids(TaskQuery(after="t3", limit=2)) == ["t4", "u"]
    assert ids(TaskQuery(queue="timers")) == ["u"]
    assert ids(TaskQuery(subject="s1")) == ["t1", "t3"]
    assert ids(TaskQuery(state=TaskState.BLOCKED)) == ["t2", "t3", "t4"]
    assert ids(TaskQuery(state=TaskState.BLOCKED, subject="s0", queue="deliver")) == ["t2", "t4"]
    assert store.tasks(OTHER, TaskQuery())[0] == QueuedTask(
        Task(TaskId("x"), "deliver", "x", 0, 0, START, "mail", "body of x"),
        TaskState.READY, START, 0, 0, "",
    )  # fmt: skip
    with pytest.raises(InvalidValue):
        store.tasks(MAIN, TaskQuery(limit=0))


def test_tasks_of_a_refused_batch_are_not_there(store: Store) -> None:
    write(store, puts=(put("a"),))
    answers = store.commit_group(
        [Batch(MAIN, puts=(put("a"),), tasks=(task("t"),)), Batch(MAIN, tasks=(task("u"),))]
    )
    assert isinstance(answers[0], Exception)
    assert states(store) == {"u": "ready"}
