"""Many threads on one store: nothing lost, nothing done twice."""

from __future__ import annotations

from threading import Lock

from incidentkit.errors import (
    Conflict,
    KeyTaken,
)
from incidentkit.ids import TenantName
from incidentkit.ports.query import (
    Query,
)
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
from incidentkit.testing.case import Case
from incidentkit.testing.expecting import equal, of_type, present, true
from incidentkit.testing.records import (
    MAIN,
    MINUTE,
    add,
    alert,
    entry,
    incident,
    put,
    settle,
    task,
    touch,
    write,
)
from incidentkit.testing.store_trial import StoreTrial
from incidentkit.testing.threads import insist, together


def one_request(trial: StoreTrial) -> None:
    """One request from eight threads has one effect and eight answers."""
    store = trial.store
    answers: list[Committed] = []

    def work(number: int) -> None:
        batch = Batch(
            MAIN, request=Request("r", "f", "done"), puts=(put("a"),), entries=(entry("a", 1),)
        )
        answers.append(insist(store.commit, batch))

    together(8, work, trial.patience)
    equal([answer.result for answer in answers], ["done"] * 8)
    equal(sum(answer.replayed for answer in answers), 7)
    equal(len(store.journal(MAIN, "incident/a")), 1)


def one_record(trial: StoreTrial) -> None:
    """Every change of many threads on one record counts, and no lock error surfaces."""
    store = trial.store
    threads, rounds = trial.crowd, 3
    write(store, puts=(put("a", rank=0),))

    def once() -> None:
        while True:
            (row,) = store.load(MAIN, [Ref("incident", "a")])
            row = present(row)
            count = row.columns[1]
            count = of_type(count, int)
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

    together(threads, work, trial.patience)
    (row,) = store.load(MAIN, [Ref("incident", "a")])
    row = present(row)
    equal(row.columns[1], threads * rounds)
    equal(row.version, threads * rounds + 1)
    seqs = [line.seq for line in store.journal(MAIN, "incident/a")]
    equal(seqs, list(range(1, threads * rounds + 1)))


def touches(trial: StoreTrial) -> None:
    """Touches of many threads in opposite orders all count."""
    store = trial.store
    write(store, puts=tuple(alert(f"a{n}") for n in range(5)))

    def work(number: int) -> None:
        for _ in range(5):
            touches = tuple(touch(f"a{n}") for n in (range(5) if number % 2 else range(4, -1, -1)))
            insist(write, store, touches=touches)

    together(8, work, trial.patience)
    rows = store.load(MAIN, [Ref("alert", f"a{n}") for n in range(5)])
    equal([row.tally.seen for row in rows if row and row.tally], [41] * 5)


def opposite_orders(trial: StoreTrial) -> None:
    """Batches that write in opposite orders never lock each other out."""
    store = trial.store

    def work(number: int) -> None:
        for round_ in range(5):
            keys = [KeyChange("k", f"{n}/{number}/{round_}", None, "x") for n in range(5)]
            puts = [put(f"{n}/{number}/{round_}") for n in range(5)]
            if number % 2:
                keys.reverse()
                puts.reverse()
            batch = Batch(MAIN, keys=tuple(keys), puts=tuple(puts))
            insist(store.commit, batch)

    together(8, work, trial.patience)
    equal(store.count(MAIN, Query("incident")), 8 * 5 * 5)


def write_skew(trial: StoreTrial) -> None:
    """Of two threads that each rely on what the other writes, one is refused."""
    store = trial.store
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

        together(2, work, trial.patience)
        rows = store.load(MAIN, [Ref("incident", name) for name in pair])
        equal(sum(row.version for row in rows if row), 3)


def write_skew_absent(trial: StoreTrial) -> None:
    """Of two threads that each rely on the other's record being absent, one is refused."""
    store = trial.store
    for round_ in range(10):
        pair = [f"{round_}/a", f"{round_}/b"]

        def work(number: int, pair: list[str] = pair) -> None:
            other = Expect("incident", pair[1 - number], 0)
            batch = Batch(MAIN, puts=(put(pair[number]),), expects=(other,))
            try:
                insist(store.commit, batch)
            except Conflict:
                return

        together(2, work, trial.patience)
        rows = store.load(MAIN, [Ref("incident", name) for name in pair])
        equal(sum(row is not None for row in rows), 1)


def numbers(trial: StoreTrial) -> None:
    """Numbers that eight threads draw are unique, and rise for each."""
    store = trial.store
    drawn: list[int] = []
    lock = Lock()

    def work(number: int) -> None:
        last = 0
        for n in range(10):
            numbers = insist(store.numbers, MAIN, "incident", 1 + n % 3)
            true(numbers[0] > last, "numbers rise")
            last = numbers[-1]
            with lock:
                drawn.extend(numbers)

    together(8, work, trial.patience)
    equal(len(set(drawn)), len(drawn))


def live_leases(trial: StoreTrial) -> None:
    """No task is handed to two live leases."""
    store = trial.store
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
                true(settled, "whoever holds the lease may settle")
                with lock:
                    done.append(each.task.id)

    together(4, work, trial.patience)
    equal(sorted(done), sorted(f"t{n}" for n in range(count)))


def subject_order(trial: StoreTrial) -> None:
    """Of each subject one task is ready, however many threads add."""
    store = trial.store

    def work(number: int) -> None:
        for n in range(12):
            name = f"{n:02}/{number}"
            insist(add, store, task(name, subject=f"s{n % 3}", order=n))

    together(4, work, trial.patience)
    listed = store.tasks(MAIN, TaskQuery(limit=1000))
    equal(len(listed), 48)
    for subject in ("s0", "s1", "s2"):
        mine = sorted(
            (t.task.order, t.task.id, t.state) for t in listed if t.task.subject == subject
        )
        equal([state.value for _, _, state in mine], ["ready"] + ["blocked"] * 15)


def one_snapshot(trial: StoreTrial) -> None:
    """Rows that are loaded together come from one snapshot."""
    store = trial.store
    write(store, puts=(put("a", rank=0), put("b", rank=0)))

    def writer() -> None:
        for version in range(1, 40):
            rows = tuple(Put(incident(n, version + 1, rank=version), version) for n in "ab")
            insist(write, store, puts=rows)

    def reader() -> None:
        for _ in range(60):
            pair = insist(store.load, MAIN, [Ref("incident", "a"), Ref("incident", "b")])
            first, second = pair
            first = of_type(first, Row)
            equal(first.columns, present(second).columns, "two snapshots in one answer")

    together(4, lambda number: writer() if number == 0 else reader(), trial.patience)


def tenants(trial: StoreTrial) -> None:
    """Threads of different tenants do not disturb each other."""
    store = trial.store

    def work(number: int) -> None:
        tenant = TenantName(f"t{number}")
        for n in range(5):
            insist(write, store, tenant, puts=(put(f"i{n}"),))

    together(6, work, trial.patience)
    equal([store.count(TenantName(f"t{n}"), Query("incident")) for n in range(6)], [5] * 6)


def numbers_with_aborts(trial: StoreTrial) -> None:
    """Numbers stay unique over eight writers though every second commit is refused."""
    store = trial.store
    write(store, puts=(put("taken"),))
    kept: list[int] = []
    lock = Lock()

    def work(number: int) -> None:
        for n in range(8):
            drawn = insist(store.numbers, MAIN, "incident", 1)[0]
            name = "taken" if n % 2 else f"{number}/{n}"
            line = KeyChange("ref", str(drawn), None, name)
            try:
                insist(write, store, puts=(put(name),), keys=(line,))
            except Conflict:
                continue
            with lock:
                kept.append(drawn)

    together(8, work, trial.patience)
    equal(len(set(kept)), 32)
    true(insist(store.numbers, MAIN, "incident", 1)[0] > max(kept), "numbers rise")


def one_key(trial: StoreTrial) -> None:
    """Of eight threads that want one key, one gets it, and the others leave nothing."""
    store = trial.store
    won: list[int] = []

    def work(number: int) -> None:
        key = KeyChange("ref", "INC-1", None, f"i{number}")
        try:
            insist(write, store, puts=(put(f"i{number}"),), keys=(key,))
        except KeyTaken:
            return
        won.append(number)

    together(8, work, trial.patience)
    equal(len(won), 1)
    equal(store.owners(MAIN, "ref", ["INC-1"]), (f"i{won[0]}",))
    equal(store.count(MAIN, Query("incident")), 1)


CASES: tuple[Case[StoreTrial], ...] = (
    Case("store.threads.one-request", one_request),
    Case("store.threads.one-record", one_record),
    Case("store.threads.touches", touches),
    Case("store.threads.opposite-orders", opposite_orders),
    Case("store.threads.write-skew", write_skew),
    Case("store.threads.write-skew-absent", write_skew_absent),
    Case("store.threads.numbers", numbers),
    Case("store.threads.live-leases", live_leases),
    Case("store.threads.subject-order", subject_order),
    Case("store.threads.one-snapshot", one_snapshot),
    Case("store.threads.tenants", tenants),
    Case("store.threads.numbers-with-aborts", numbers_with_aborts),
    Case("store.threads.one-key", one_key),
)
"""The cases of this theme."""
