"""E29, E30, E31: many at once, and the histories that they leave; every store says the same."""

from __future__ import annotations

import os
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from incidentkit.errors import Conflict, StoreError
from incidentkit.ports.rows import Batch, Expect, Put, Ref, Row
from incidentkit.testing.threads import insist
from tests.proof import agreeing, appending, jobs
from tests.proof.experiment import Experiment, Findings, Outcome
from tests.proof.histories import Done, check
from tests.proof.nursery import Nursery
from tests.proof.places import EVERY, Place

THREADS = 64


def one_incident(n: int, place: Place, seed: int) -> Outcome:
    """n transitions by 64 threads on one incident; each makes one entry."""
    found = Findings()
    each, failures = n // THREADS, list[BaseException]()
    with jobs.opened(place.url) as desk:
        one = desk.declare("Down")
        before = desk.assign(one, "first").version
        begun = threading.Barrier(THREADS)

        def work(number: int) -> None:
            begun.wait()
            for turn in range(each):
                try:
                    _ = desk.assign(one, f"{number}-{turn}")
                except BaseException as error:
                    failures.append(error)

        threads = [threading.Thread(target=work, args=(number,)) for number in range(THREADS)]
        began = time.monotonic()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        seconds = time.monotonic() - began
        grown = desk.incident(one).version - before
        wanted = {f"{number}-{turn}" for number in range(THREADS) for turn in range(each)}
        given = [e.recorded.event for e in desk.journal(one) if e.kind == "assigned" and e.recorded]
        names = [str(getattr(event, "assignee", "")) for event in given][1:]
        problems = desk.verify().problems
    locks = [error for error in failures if isinstance(error, StoreError)]
    found.expect(not failures, f"{len(failures)} calls failed: {failures[:1]!r}")
    found.expect(grown == each * THREADS, f"the version rose by {grown}")
    found.expect(sorted(names) == sorted(wanted), "a transition is missing, or there twice")
    found.expect(not problems, f"the journal does not verify: {problems[:1]}")
    return found.outcome(
        each * THREADS,
        threads=THREADS,
        version_rose_by=grown,
        lock_errors=len(locks),
        in_seconds=round(seconds, 2),
    )


# --- E30 ------------------------------------------------------------------------------------------

WORKERS = 8
KEYS = 12


def list_append(n: int, place: Place, seed: int) -> Outcome:
    """n transactions that hold, by 8 workers on 12 lists; the history is searched for cycles."""
    found = Findings()
    store = place.store()
    store.declare([appending.LISTS])
    history: list[Done] = []
    lock = threading.Lock()
    share = n // WORKERS

    def done(one: Done) -> None:
        with lock:
            history.append(one)

    # The tables are there before the workers race for them.
    _ = appending.transactions(store, 10**9, 1, KEYS, seed, done)

    if place.many:
        with Nursery() as nursery, tempfile.TemporaryDirectory() as folder:
            workers = [
                nursery.start(
                    "appending",
                    url=place.url,
                    log=str(Path(folder, str(k))),
                    first=k * 10**7,
                    count=share,
                    keys=KEYS,
                    seed=seed * 100 + k,
                )
                for k in range(WORKERS)
            ]
            for worker in workers:
                status = worker.wait(timeout=60 + n / 10)
                found.expect(status == 0, f"a worker ended with {status}")
                lines = worker.lines()
                history += [appending.read(words[0]) for words in lines if words[0] != "tries"]
    else:

        def work(number: int) -> None:
            mine = place.store()
            mine.declare([appending.LISTS])
            _ = appending.transactions(mine, number * 10**7, share, KEYS, seed * 100 + number, done)
            mine.close()

        threads = [threading.Thread(target=work, args=(number,)) for number in range(WORKERS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    last = appending.last_of(store, KEYS)
    store.close()
    found.problems += [str(each) for each in check(history, last)]
    held = sum(bool(one.held) for one in history)
    found.expect(held >= share * WORKERS, f"only {held} held")
    return found.outcome(
        held,
        workers=WORKERS,
        processes=place.many,
        refused=sum(one.held is False for one in history),
        unanswered=sum(one.held is None for one in history),
        values=sum(len(values) for values in last.values()),
    )


# --- E30b -----------------------------------------------------------------------------------------


def write_skew(n: int, place: Place, seed: int) -> Outcome:
    """n pairs of records; two write one each at once, expecting the other as it was: one wins."""
    found = Findings()
    stores = [place.store() for _ in range(2)]
    for store in stores:
        store.declare([appending.LISTS])
    both = 0
    for number in range(n):
        names = [f"{number}-{side}" for side in range(2)]
        rows = [Row("list", name, 1, 1, "h", (), "[]") for name in names]
        _ = stores[0].commit(Batch(appending.MAIN, puts=tuple(Put(row, 0) for row in rows)))
        begun = threading.Barrier(2)
        won: list[int] = []

        def write(side: int, names: list[str] = names, begun: Any = begun, won: Any = won) -> None:
            row = Row("list", names[side], 2, 2, "h", (), "[]")
            other = Expect("list", names[1 - side], 1)
            batch = Batch(appending.MAIN, puts=(Put(row, 1),), expects=(other,))
            begun.wait()
            try:
                _ = insist(stores[side].commit, batch)
            except Conflict:
                return
            won.append(side)

        threads = [threading.Thread(target=write, args=(side,)) for side in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        there = stores[0].load(appending.MAIN, [Ref("list", name) for name in names])
        versions = sum(row.version for row in there if row is not None)
        both += len(won) == 2
        found.expect(versions == 3 and len(won) == 1, f"pair {number}: {won} won, {versions}")
    for store in stores:
        store.close()
    return found.outcome(n, both_won=both)


# --- E31 ------------------------------------------------------------------------------------------


def same_as_the_model(n: int, place: Place, seed: int) -> Outcome:
    """n random commands, counted over all stores: each store hears its share, all the same ones."""
    found = Findings()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="ikag", dir="/tmp") as name:
        many = len(agreeing.names())
        each = -(-n // many)
        processes = 1 if each < agreeing.EPISODE else os.cpu_count() or 1
        runs = agreeing.in_processes(each, seed, Path(name), processes)
    for run in runs:
        found.problems += run["divergences"]
    steps = sum(run["steps"] for run in runs)
    there = sorted({name for run in runs for name in run["stores"]})
    found.expect(len(there) == many, f"only {there} took part")
    found.expect(found.problems or steps == each, f"only {steps} of {each} were done")
    return found.outcome(
        steps * len(there),
        stores=there,
        commands_to_each=steps,
        processes=processes,
        commands_per_second=round(steps / (time.monotonic() - began)),
    )


BOTH = ("sqlite", "postgresql")
EXPERIMENTS = (
    Experiment(
        "E29",
        "64 threads on one incident",
        "the version rises by exactly the transitions, 0 lost, no lock error",
        one_incident,
        short=128,
        full=1_280,
        stores=BOTH,
    ),
    Experiment(
        "E30",
        "list-append by 8 workers, searched for cycles",
        "0 of G0, G1a, G1b, G1c, G2, lost updates, lost or half-written transactions",
        list_append,
        short=120,
        full=16_000,
        stores=BOTH,
    ),
    Experiment(
        "E30b",
        "write skew: two writers, each expecting the other's record as it was",
        "exactly one of each pair wins",
        write_skew,
        short=6,
        full=600,
        stores=BOTH,
    ),
    Experiment(
        "E31",
        "random commands on a model and on every store, counted over the stores",
        "0 divergences",
        same_as_the_model,
        short=500,
        full=1_000_000,
        stores=(EVERY,),
    ),
)
