"""E1: writers killed at any moment, whose clients repeat what was not answered."""

from __future__ import annotations

import random
import sqlite3
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from incidentkit.ports.rows import TaskQuery
from tests.proof import jobs
from tests.proof.experiment import Experiment, Findings, Outcome
from tests.proof.nursery import Nursery
from tests.proof.places import Place, file_of

LONGEST = 0.06
"""Seconds that a writer lives after it began to work, at most."""
MANY = 1_000
"""Kills of which at least a tenth must fall between the commit and the answer."""


def standing(desk: Any, n: int) -> bool:
    """Whether step n has been done."""
    which, step = divmod(n, jobs.STEPS)
    found = desk.find(service=f"s{which}").items
    return any(e.kind == jobs.EVENTS[step] for one in found for e in desk.journal(one))


def life(desk: Any, which: int) -> tuple[Any, ...]:
    """An incident without what is different in each: its entries and what is to be sent."""
    found = desk.find(service=f"s{which}").items
    return tuple(
        (
            tuple(entry.kind for entry in desk.journal(one)),
            one.version,
            tuple((each.kind, each.party, each.state) for each in desk.deliveries(one)),
        )
        for one in found
    )


def undisturbed() -> list[tuple[Any, ...]]:
    """The life of an incident after each of its steps, when nobody dies."""
    found: list[tuple[Any, ...]] = []
    with jobs.opened("memory:") as desk:
        for n in range(jobs.STEPS):
            jobs.act(desk, n)
            found.append(life(desk, 0))
    return found


def kill_writers(n: int, place: Place, seed: int) -> Outcome:
    """Kill a writer n times; look after each kill, and at everything in the end."""
    chance, found = random.Random(seed), Findings()
    begin, acknowledged, hits, doomed_hits, refs = 0, 0, 0, 0, dict[int, str]()
    told = undisturbed()
    with Nursery() as nursery, tempfile.TemporaryDirectory() as folder:
        reader = jobs.opened(place.url)
        for kill in range(n):
            # Every fifth dies by itself between its commit and the answer to its client.
            doom = chance.randint(1, 12) if kill % 5 == 4 else 0
            log = str(Path(folder, str(kill)))
            worker = nursery.start("writer", url=place.url, log=log, begin=begin, doom=doom)
            if not doom:
                _ = worker.until_said("try")
                time.sleep(chance.uniform(0, LONGEST))
                worker.kill()
            status = worker.wait()
            found.expect(status == 9, f"kill {kill}: a writer ended by itself ({status})")
            lines = worker.lines()
            for words in lines:
                if words[0] == "ack":
                    begin, acknowledged = int(words[1]) + 1, acknowledged + 1
                    if int(words[1]) % jobs.STEPS == 0:
                        refs[int(words[1]) // jobs.STEPS] = words[2]
            tried = [int(words[1]) for words in lines if words[0] == "try"]
            if tried and tried[-1] >= begin and standing(reader, tried[-1]):
                hits, doomed_hits = hits + 1, doomed_hits + bool(doom)
            if begin and not standing(reader, begin - 1):
                found.problems.append(f"kill {kill}: step {begin - 1} was acknowledged and is lost")
            if kill % 10 == 9 and place.name == "sqlite":
                check_file(place, found, kill)
        # One undisturbed client ends what was begun, so that the last request is repeated too.
        end = begin - begin % jobs.STEPS + jobs.STEPS
        for step in range(begin, end):
            jobs.act(reader, step)
        compare(reader, end, told, refs, found)
        reader.disconnect()
    found.expect(n < MANY or hits >= n // 10, f"only {hits} of {n} were committed and unanswered")
    return found.outcome(
        n,
        acknowledged=acknowledged,
        incidents=end // jobs.STEPS,
        committed_unanswered=hits,
        of_these_at_random=hits - doomed_hits,
        of_these_by_failpoint=doomed_hits,
    )


def check_file(place: Place, found: Findings, kill: int) -> None:
    """SQLite's own opinion."""
    with closing(sqlite3.connect(file_of(place))) as db:
        said = db.execute("PRAGMA integrity_check").fetchone()
    found.expect(said == ("ok",), f"kill {kill}: integrity_check says {said}")


def compare(desk: Any, end: int, told: list[Any], refs: dict[int, str], found: Findings) -> None:
    """Everything as if nobody had died."""
    count = end // jobs.STEPS
    found.expect(desk.count() == count, f"{desk.count()} incidents instead of {count}")
    seen: set[str] = set()
    for which in range(count):
        lived = life(desk, which)
        found.expect(lived == told[-1], f"incident {which} went otherwise: {lived}")
        for one in desk.find(service=f"s{which}").items:
            seen.add(one.ref)
            found.expect(refs.get(which, one.ref) == one.ref, f"{which} was {refs.get(which)}")
    found.expect(len(seen) == count, "a reference was given twice")
    queued = tasks_of(desk, "message")
    found.expect(len(queued) == count, f"{len(queued)} pages wait instead of {count}")
    problems = desk.verify().problems
    found.expect(not problems, f"the journal does not verify: {problems[:3]}")


def tasks_of(desk: Any, queue: str) -> list[Any]:
    """All tasks of a queue."""
    listed: list[Any] = []
    after = ""
    while page := desk.tasks(TaskQuery(queue=queue, after=after, limit=1000)):
        listed += page
        after = page[-1].task.id
    return listed


EXPERIMENTS = (
    Experiment(
        "E1",
        "kill -9 of writers; requests repeated by their ids",
        "0 acknowledged lost, 0 half-written, 0 duplicates after repeating",
        kill_writers,
        short=6,
        full=1_000,
        stores=("sqlite", "postgresql"),
    ),
)
