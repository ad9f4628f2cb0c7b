"""E2, E9 to E12: workers of the queue, killed, stopped, many, and behind what is blocked."""

from __future__ import annotations

import random
import signal
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

from incidentkit.ids import TaskId, TenantName
from incidentkit.ports.rows import Batch, Done, Settle, Task, TaskQuery, TaskState
from incidentkit.ports.store import Store
from tests.proof import jobs
from tests.proof.experiment import Experiment, Findings, Outcome
from tests.proof.experiments.writers import tasks_of
from tests.proof.nursery import Nursery
from tests.proof.places import Place
from tests.proof.posting import Poster
from tests.proof.receivers import HttpTrap

MAIN = TenantName("main")
LEASE = 1.0
GRACE = 5.0
"""Seconds after the end of the lease in which a message of a killed worker is to be sent again."""
PER_KILL = 20
"""Messages for each kill: 10,000 for 500."""
POINTS = ("claimed", "settled", "committed")


def fill(place: Place, messages: int) -> list[str]:
    """Queue so many pages; their keys."""
    with jobs.opened(place.url) as desk:
        for n in range(messages):
            _ = desk.declare(f"Down {n}", **jobs.URGENT)
        return [task.task.body.split()[0] for task in tasks_of(desk, "message")]


def kill_senders(n: int, place: Place, seed: int) -> Outcome:
    """Kill a sender n times, each tenth at a point of its own choice, then let one go on."""
    chance, found = random.Random(seed), Findings()
    keys = fill(place, n * PER_KILL)
    taken: dict[str, tuple[int, float]] = {}
    starts: list[float] = []
    with HttpTrap() as trap, Nursery() as nursery, tempfile.TemporaryDirectory() as folder:
        reader = jobs.opened(place.url)
        given = {"url": place.url, "port": trap.port, "lease_for": LEASE}
        for kill in range(n):
            doom = chance.choice(POINTS) if kill % 10 == 9 else ""
            log = str(Path(folder, str(kill)))
            starts.append(time.monotonic())
            worker = nursery.start("sender", log=log, doom=doom, **given)
            if not doom:
                _ = worker.until_said("ready")
                time.sleep(chance.uniform(0, 0.08))
                worker.kill()
            until = time.monotonic() + 20
            while not worker.ended() and time.monotonic() < until:
                time.sleep(0.002)
            worker.kill()
            _ = worker.wait()
            leased = reader.tasks(TaskQuery(queue="message", state=TaskState.LEASED, limit=1000))
            for task in leased:
                key = task.task.body.split()[0]
                if key not in taken or taken[key][0] != task.next_at:
                    taken[key] = (task.next_at, time.monotonic())
        # Five claimants of one message killed in a row: nobody can tell that from a message that
        # kills them, so it waits for a person.
        starts.append(time.monotonic())
        last = nursery.start("sender", log=str(Path(folder, "last")), **given)
        until = time.monotonic() + 60 + n * PER_KILL / 50
        while left(reader, PARKED) and time.monotonic() < until:
            time.sleep(0.1)
        last.kill()
        _ = last.wait()
        parked = reader.tasks(TaskQuery(state=TaskState.PARKED))
        if parked:
            for task in parked:
                reader.retry(task.task.id)
            reader.disconnect()
            last = nursery.start("sender", log=str(Path(folder, "again")), **given)
            reader = jobs.opened(place.url)
            while left(reader) and time.monotonic() < until:
                time.sleep(0.1)
            last.kill()
            _ = last.wait()
        log_ = list(trap.log)
        problems = reader.verify().problems
        reader.disconnect()
    counted = Counter(key for key, _ in log_)
    extra = sum(counted.values()) - len(counted)
    lost = [key for key in keys if key not in counted]
    found.expect(not lost, f"{len(lost)} messages never came: {lost[:3]}")
    found.expect(set(counted) <= set(keys), "a message came that nobody queued")
    found.expect(extra <= n, f"{extra} extra sends for {n} kills")
    found.expect(not problems, f"the journal does not verify: {problems[:3]}")
    late = recoveries(log_, taken, starts)
    for task in parked:
        _ = late.pop(task.task.body.split()[0], None)
    for key, seconds in late.items():
        found.expect(seconds <= LEASE + GRACE, f"{key} was sent again only after {seconds:.1f} s")
    return found.outcome(
        n,
        messages=len(keys),
        distinct=len(counted),
        lost=len(lost),
        extra_sends=extra,
        parked=len(parked),
        under_lease_at_a_kill=len(taken),
        recovered_in_time=sum(each <= LEASE + GRACE for each in late.values()),
        slowest_recovery=round(max(late.values(), default=0.0), 2),
        lease=LEASE,
    )


PARKED = frozenset((TaskState.PARKED,))


def left(desk: Any, but: frozenset[TaskState] = frozenset()) -> bool:
    """Whether messages wait, other than in these states."""
    waiting = desk.tasks(TaskQuery(queue="message", limit=1 + 20 * len(but)))
    return any(each.state not in but for each in waiting)


def recoveries(
    log: list[tuple[str, float]], taken: dict[str, tuple[int, float]], starts: list[float]
) -> dict[str, float]:
    """Seconds from the last kill that left a message leased to its next coming.

    Only the last, and not before the worker that sent it was there: the claimants until then were
    killed in their turn. A message that had come already and whose settle was lost comes again.
    """
    found: dict[str, float] = {}
    for key, at in log:
        if key in taken and at >= taken[key][1] and key not in found:
            there = max(start for start in starts if start <= at)
            found[key] = at - max(taken[key][1], there)
    return found


# --- E9 -------------------------------------------------------------------------------------------

WORKERS = 4


def many_workers(n: int, place: Place, seed: int) -> Outcome:
    """Four workers, n messages, no faults."""
    found = Findings()
    keys = fill(place, n)
    with HttpTrap() as trap:
        began = time.monotonic()
        shares = worked(place, trap, len(keys))
        seconds = time.monotonic() - began
        counted = Counter(trap.keys)
    found.expect(len(counted) == n, f"{n - len(counted)} messages never came")
    duplicates = sum(counted.values()) - len(counted)
    found.expect(not duplicates, f"{duplicates} messages came twice")
    for name, share in shares.items():
        found.expect(share >= n / WORKERS / 10, f"worker {name} did only {share} of {n}")
    return found.outcome(
        n, duplicates=duplicates, shares=list(shares.values()), per_second=round(n / seconds)
    )


def worked(place: Place, trap: HttpTrap, messages: int) -> dict[str, int]:
    """How many each worker sent. Threads with desks of their own where one process writes."""
    shares: dict[str, int] = {}
    if place.many:
        with Nursery() as nursery, tempfile.TemporaryDirectory() as folder:
            given = {"url": place.url, "port": trap.port, "lease_for": 60.0}
            workers = [
                nursery.start("sender", log=str(Path(folder, str(n))), **given)
                for n in range(WORKERS)
            ]
            until = time.monotonic() + 120 + messages / 20
            with jobs.opened(place.url) as desk:
                while left(desk) and time.monotonic() < until:
                    time.sleep(0.05)
            for number, worker in enumerate(workers):
                worker.kill()
                _ = worker.wait()
                shares[str(number)] = sum(line[0] == "sent" for line in worker.lines())
        return shares

    def work(number: int) -> None:
        post = Poster(trap.port)
        done = 0

        def send(message: Any) -> Any:
            nonlocal done
            done += 1
            return post(message)

        with jobs.opened(place.url, send) as desk:
            begun.wait()
            until = time.monotonic() + 120 + messages / 20
            while left(desk) and time.monotonic() < until:
                _ = desk.run_due()
        post.close()
        shares[str(number)] = done

    begun = threading.Barrier(WORKERS)
    threads = [threading.Thread(target=work, args=(number,)) for number in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return shares


# --- E10 ------------------------------------------------------------------------------------------

SHORT_LEASE = 0.25


def stopped_workers(n: int, place: Place, seed: int) -> Outcome:
    """Stop a worker past its lease while it sends, let another finish, and wake it: n times."""
    found = Findings()
    # Where only one process writes, it is stopped with both its threads; else the other goes on.
    keys = fill(place, (60 if place.many else 6) * n)
    refused, stopped = 0, 1 if place.many else 2
    with (
        HttpTrap() as trap,
        HttpTrap() as beside,
        Nursery() as nursery,
        tempfile.TemporaryDirectory() as folder,
    ):
        given = {"url": place.url, "lease_for": SHORT_LEASE, "threads": stopped}
        log, other = str(Path(folder, "log")), str(Path(folder, "other"))
        worker = nursery.start("pausing", log=log, port=trap.port, **given)
        workers = [worker]
        if place.many:
            workers.append(nursery.start("pausing", log=other, port=beside.port, **given))
        reader = jobs.opened(place.url)
        stops = 0
        while stops < n and left(reader):
            seen = len(trap.keys)
            until = time.monotonic() + 20
            while len(trap.keys) == seen and time.monotonic() < until:
                time.sleep(0.001)
            worker.kill(signal.SIGSTOP)
            time.sleep(SHORT_LEASE + 0.05)
            worker.kill(signal.SIGCONT)
            stops += 1
        until = time.monotonic() + 30 + n
        while left(reader, PARKED) and time.monotonic() < until:
            time.sleep(0.02)
        for each in workers:
            each.kill()
            _ = each.wait()
            refused += sum(line[0] == "refused" for line in each.lines())
        # Five leases in a row that ended in a stop: a person has it tried again. The first to claim
        # after the last stop may be who parks it.
        freed: set[str] = set()
        for turn in ("first", "last"):
            parked = reader.tasks(TaskQuery(state=TaskState.PARKED))
            for task in parked:
                freed.add(task.task.body.split()[0])
                reader.retry(task.task.id)
            if left(reader):
                reader.disconnect()
                name = str(Path(folder, turn))
                last = nursery.start("pausing", log=name, port=trap.port, **given)
                reader = jobs.opened(place.url)
                while left(reader, PARKED) and time.monotonic() < until:
                    time.sleep(0.02)
                last.kill()
                _ = last.wait()
        sent = [each for one in everything(reader) for each in reader.deliveries(one)]
        states = Counter(str(each.state) for each in sent)
        problems = reader.verify().problems
        reader.disconnect()
        counted = Counter(trap.keys + beside.keys)
    extra = sum(counted.values()) - len(counted)
    found.expect(set(counted) == set(keys), f"{len(set(keys) - set(counted))} never came")
    found.expect(stops == n, f"there were messages for {stops} stops only")
    allowed = stops * stopped + len(freed)
    found.expect(extra <= allowed, f"{extra} extra sends for {stops} stops")
    found.expect(dict(states) == {"sent": len(keys)}, f"deliveries ended as {dict(states)}")
    twice = sum(each.version != 2 for each in sent if str(each.id) not in freed)
    found.expect(not twice, f"{twice} late marks were taken: marked twice")
    found.expect(not problems, f"the journal does not verify: {problems[:3]}")
    return found.outcome(
        stops,
        messages=len(keys),
        workers_stopped_each_time=stopped,
        extra_sends=extra,
        parked=len(freed),
        late_marks_refused=refused,
    )


def everything(desk: Any) -> list[Any]:
    """All incidents."""
    found: list[Any] = []
    after = None
    while True:
        page = desk.find(after=after, limit=1000, order="id", descending=False)
        found += page.items
        after = page.next
        if after is None:
            return found


# --- E11, E12 -------------------------------------------------------------------------------------


def queued(name: str, subject: str = "", order: int = 0, channel: str = "sms") -> Task:
    """A task of the store's own queue."""
    return Task(TaskId(name), "message", subject or name, order, 0, 1, channel, name)


def claimants_killed(n: int, place: Place, seed: int) -> Outcome:
    """Each task's first claimant is killed with it in hand; the next one does it."""
    found, now = Findings(), 1_000_000_000
    lease = 10_000_000
    store = place.store()
    add(store, [queued(f"t{k:05}") for k in range(n)])
    killed: set[str] = set()
    store.close()
    with Nursery() as nursery, tempfile.TemporaryDirectory() as folder:
        for kill in range(n):
            log = str(Path(folder, str(kill)))
            worker = nursery.start("claiming", url=place.url, log=log, lease_for=lease, now=now)
            (said,) = worker.until_said("claimed")
            killed.update(said[1:])
            worker.kill()
            _ = worker.wait()
    store = place.store()
    found.expect(len(killed) == n, f"{n} claimants held {len(killed)} tasks")
    done: Counter[str] = Counter()
    after = now + 2 * lease
    while claimed := store.claim(after, lease, 100).tasks:
        for one in claimed:
            done[one.task.id] += 1
            found.expect(one.lapses == 1, f"{one.task.id} lapsed {one.lapses} times")
        settled = store.settle(MAIN, [Settle(x.task.id, x.token, Done()) for x in claimed])
        found.expect(all(settled), "a settle was refused")
    found.expect(set(done) == killed, f"{len(killed - set(done))} tasks are stuck")
    found.expect(not store.tasks(MAIN, TaskQuery()), "tasks are left")
    store.close()
    return found.outcome(n, done=len(done), stuck=len(killed - set(done)))


def add(store: Store, tasks: list[Task]) -> None:
    """Queue tasks, a thousand a commit."""
    for at in range(0, len(tasks), 1000):
        _ = store.commit(Batch(MAIN, tasks=tuple(tasks[at : at + 1000])))


def unclaimable_in_front(n: int, place: Place, seed: int) -> Outcome:
    """n tasks that cannot be claimed, older and graver, in front of ten that can."""
    found = Findings()
    store = place.store(lambda: 10_000_000)
    half = n // 2
    blocked = [queued(f"a{k:06}", "one subject", k) for k in range(half)]
    skipped = [queued(f"b{k:06}", channel="broken") for k in range(n - half)]
    add(store, [*blocked, *skipped])
    held = store.claim(None, 60_000_000, 1, None, ("broken",)).tasks
    found.expect([str(x.task.id) for x in held] == ["a000000"], f"the first was {held}")
    add(store, [queued(f"z{k}") for k in range(10)])
    done: list[str] = []
    slowest = 0.0
    for _cycle in range(2):
        began = time.monotonic()
        claimed = store.claim(None, 60_000_000, 8, None, ("broken",)).tasks
        slowest = max(slowest, time.monotonic() - began)
        done += [str(one.task.id) for one in claimed]
        _ = store.settle(MAIN, [Settle(x.task.id, x.token, Done()) for x in claimed])
    wanted = [f"z{k}" for k in range(10)]
    found.expect(sorted(done) == wanted, f"two cycles did {sorted(done)}")
    store.close()
    return found.outcome(n, done=len(done), slowest_claim_ms=round(1000 * slowest, 2))


BOTH = ("sqlite", "postgresql")
EXPERIMENTS = (
    Experiment(
        "E2",
        "kill -9 of senders; the receiver logs keys",
        "0 lost, extra sends <= kills, distinct keys = messages, recovery <= lease + 5 s",
        kill_senders,
        short=3,
        full=500,
        stores=BOTH,
    ),
    Experiment(
        "E9",
        "4 workers, no faults",
        "0 duplicates, no worker below a tenth of its share",
        many_workers,
        short=40,
        full=10_000,
        stores=BOTH,
    ),
    Experiment(
        "E10",
        "SIGSTOP of a worker past its lease, then SIGCONT",
        "no late mark taken once another has the message; extra sends <= stopped workers",
        stopped_workers,
        short=2,
        full=200,
        stores=BOTH,
    ),
    Experiment(
        "E11",
        "the claimant is killed in each cycle",
        "0 tasks stuck after twice the lease",
        claimants_killed,
        short=8,
        full=500,
        stores=BOTH,
    ),
    Experiment(
        "E12",
        "unclaimable tasks in front of ten claimable ones",
        "the ten are done within two cycles",
        unclaimable_in_front,
        short=2_000,
        full=10_000,
        stores=BOTH,
    ),
)
