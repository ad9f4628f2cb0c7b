"""Many threads on one store: nothing lost, nothing done twice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from threading import Lock

import pytest

from incidentkit.errors import Conflict
from incidentkit.ids import TenantName
from incidentkit.ports.query import Query
from incidentkit.ports.rows import (
    Batch,
    ClaimedTask,
    Committed,
    Expect,
    KeyChange,
    Put,
    Ref,
    Request,
    Row,
    TaskQuery,
)
from incidentkit.ports.store import Store
from incidentkit.stores.key_store import KeyStore
from tests.stores.factories import KINDS, MAKERS, DictKeyStore, Moving, RacyStore
from tests.stores.shapes import (
    MAIN,
    MINUTE,
    SECOND,
    add,
    alert,
    entry,
    incident,
    insist,
    put,
    settle,
    task,
    together,
    touch,
    write,
)

RACING = {**MAKERS, "racy": lambda path, now: RacyStore(now=now)}


@pytest.fixture(params=list(RACING))
def store(request: pytest.FixtureRequest, tmp_path: Path, now: Moving) -> Iterator[Store]:
    made = RACING[request.param](tmp_path, now)
    made.declare(KINDS)
    yield made
    made.close()


def test_one_request_from_many_threads_works_once(store: Store) -> None:
    answers: list[Committed] = []

    def work(number: int) -> None:
        batch = Batch(
            MAIN, request=Request("r", "f", "done"), puts=(put("a"),), entries=(entry("a", 1),)
        )
        answers.append(insist(store.commit, batch))

    together(8, work)
    assert [answer.result for answer in answers] == ["done"] * 8
    assert sum(answer.replayed for answer in answers) == 7
    assert len(store.journal(MAIN, "incident/a")) == 1


def test_many_threads_on_one_record(store: Store) -> None:
    # Optimistic stores run a lost transaction again, so a crowd is dear to them.
    crowd = 8 if isinstance(store, KeyStore | RacyStore) else 64
    threads, rounds = crowd, 3
    write(store, puts=(put("a", rank=0),))

    def once() -> None:
        while True:
            (row,) = store.load(MAIN, [Ref("incident", "a")])
            assert row is not None
            count = row.columns[1]
            assert isinstance(count, int)
            new = incident("a", row.version + 1, rank=count + 1)
            line = entry("a", row.version)
            try:
                batch = Batch(MAIN, puts=(Put(new, row.version),), entries=(line,))
                insist(store.commit, batch)
            except Conflict:
                continue
            return

    def work(number: int) -> None:
        for _ in range(rounds):
            once()

    together(threads, work)
    (row,) = store.load(MAIN, [Ref("incident", "a")])
    assert row is not None
    assert row.columns[1] == threads * rounds
    assert row.version == threads * rounds + 1
    seqs = [line.seq for line in store.journal(MAIN, "incident/a")]
    assert seqs == list(range(1, threads * rounds + 1))


def test_touches_of_many_threads_all_count(store: Store) -> None:
    write(store, puts=tuple(alert(f"a{n}") for n in range(5)))

    def work(number: int) -> None:
        for _ in range(5):
            touches = tuple(touch(f"a{n}") for n in (range(5) if number % 2 else range(4, -1, -1)))
            insist(write, store, touches=touches)

    together(8, work)
    rows = store.load(MAIN, [Ref("alert", f"a{n}") for n in range(5)])
    assert [row.tally.seen for row in rows if row and row.tally] == [41] * 5


def test_opposite_orders_never_lock_each_other_out(store: Store) -> None:
    def work(number: int) -> None:
        for round_ in range(5):
            keys = [KeyChange("k", f"{n}/{number}/{round_}", None, "x") for n in range(5)]
            puts = [put(f"{n}/{number}/{round_}") for n in range(5)]
            if number % 2:
                keys.reverse()
                puts.reverse()
            batch = Batch(MAIN, keys=tuple(keys), puts=tuple(puts))
            insist(store.commit, batch)

    together(8, work)
    assert store.count(MAIN, Query("incident")) == 8 * 5 * 5


def test_no_write_skew_between_threads(store: Store) -> None:
    # Each turns its own record off if the other one is on; never may both be off.
    for round_ in range(10):
        pair = [f"{round_}/a", f"{round_}/b"]
        write(store, puts=tuple(put(name) for name in pair))

        def work(number: int, pair: list[str] = pair) -> None:
            other = Expect("incident", pair[1 - number], 1)
            batch = Batch(MAIN, puts=(put(pair[number], 1, state="off"),), expects=(other,))
            try:
                insist(store.commit, batch)
            except Conflict:
                return

        together(2, work)
        rows = store.load(MAIN, [Ref("incident", name) for name in pair])
        assert sum(row.version for row in rows if row) == 3


def test_no_write_skew_over_what_is_absent(store: Store) -> None:
    for round_ in range(10):
        pair = [f"{round_}/a", f"{round_}/b"]

        def work(number: int, pair: list[str] = pair) -> None:
            other = Expect("incident", pair[1 - number], 0)
            batch = Batch(MAIN, puts=(put(pair[number]),), expects=(other,))
            try:
                insist(store.commit, batch)
            except Conflict:
                return

        together(2, work)
        rows = store.load(MAIN, [Ref("incident", name) for name in pair])
        assert sum(row is not None for row in rows) == 1


def test_numbers_are_unique(store: Store) -> None:
    drawn: list[int] = []
    lock = Lock()

    def work(number: int) -> None:
        last = 0
        for n in range(10):
            numbers = insist(store.numbers, MAIN, "incident", 1 + n % 3)
            assert numbers[0] > last
            last = numbers[-1]
            with lock:
                drawn.extend(numbers)

    together(8, work)
    assert len(set(drawn)) == len(drawn)


def test_no_task_to_two_live_leases(store: Store) -> None:
    count = 60
    add(store, *(task(f"t{n}", subject=f"s{n % 7}", order=n) for n in range(count)))
    done: list[str] = []
    lock = Lock()

    def work(number: int) -> None:
        while True:
            taken: tuple[ClaimedTask, ...] = insist(store.claim, None, MINUTE, 3).tasks
            if not taken:
                if not store.tasks(MAIN, TaskQuery(limit=1)):
                    return
                continue
            for each in taken:
                (settled,) = insist(store.settle, MAIN, [settle(each)])
                assert settled
                with lock:
                    done.append(each.task.id)

    together(4, work)
    assert sorted(done) == sorted(f"t{n}" for n in range(count))


def test_subject_order_holds_while_others_add(store: Store, now: Moving) -> None:
    def work(number: int) -> None:
        for n in range(12):
            name = f"{n:02}/{number}"
            insist(add, store, task(name, subject=f"s{n % 3}", order=n))

    together(4, work)
    listed = store.tasks(MAIN, TaskQuery(limit=1000))
    assert len(listed) == 48
    for subject in ("s0", "s1", "s2"):
        mine = sorted(
            (t.task.order, t.task.id, t.state) for t in listed if t.task.subject == subject
        )
        assert [state.value for _, _, state in mine] == ["ready"] + ["blocked"] * 15


def test_reading_while_writing(store: Store) -> None:
    write(store, puts=(put("a", rank=0), put("b", rank=0)))

    def writer() -> None:
        for version in range(1, 40):
            rows = tuple(Put(incident(n, version + 1, rank=version), version) for n in "ab")
            insist(write, store, puts=rows)

    def reader() -> None:
        for _ in range(60):
            pair = insist(store.load, MAIN, [Ref("incident", "a"), Ref("incident", "b")])
            first, second = pair
            assert isinstance(first, Row)
            assert first.columns == second.columns, "two snapshots in one answer"

    together(4, lambda number: writer() if number == 0 else reader())


def test_two_tenants_at_once(store: Store) -> None:
    def work(number: int) -> None:
        tenant = TenantName(f"t{number}")
        for n in range(5):
            insist(write, store, tenant, puts=(put(f"i{n}"),))

    together(6, work)
    assert [store.count(TenantName(f"t{n}"), Query("incident")) for n in range(6)] == [5] * 6


def test_a_key_store_gives_up_after_its_tries(now: Moving) -> None:
    from incidentkit.errors import Retryable

    class Unlucky(DictKeyStore):
        tries = 3
        asked = 0

        def write(self, expected, puts, deletes):
            self.asked += 1
            return False

    store = Unlucky(now=now)
    store.declare(KINDS)
    with pytest.raises(Retryable):
        write(store, puts=(put("a"),), now=SECOND)
    assert store.asked == 3
