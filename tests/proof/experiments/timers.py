"""E14, E15, E16: timers through kills, a wall clock that jumps, and clocks that differ."""

from __future__ import annotations

import itertools
import random
import re
import tempfile
import time as clock
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from incidentkit import Desk, ManualTime
from incidentkit.desk import clockwork
from incidentkit.ports.rows import TaskQuery, TaskState
from incidentkit.timing.instants import from_micros
from tests.proof import faked, jobs
from tests.proof.experiment import Experiment, Findings, Outcome
from tests.proof.experiments.senders import everything
from tests.proof.moving import SharedTime
from tests.proof.nursery import Nursery
from tests.proof.places import Place

START = datetime(2026, 1, 5, 9, tzinfo=UTC)
LEASE = 1.0
PER_KILL = 10
TARGET: dict[str, Any] = {"impact": "medium", "urgency": "medium"}
FIRED = ("clock_warned", "clock_breached")


def kill_while_firing(n: int, place: Place, seed: int) -> Outcome:
    """Timers fall due while nothing runs; then workers fire them and are killed, n times."""
    chance, found = random.Random(seed), Findings()
    with tempfile.TemporaryDirectory() as folder, Nursery() as nursery:
        file = Path(folder, "time")
        shared = SharedTime(file, START)
        desk = jobs.opened("", store=jobs.bare(place.url, shared.micros), time=shared)
        for number in range(n * PER_KILL):
            _ = desk.declare(f"Down {number}", **TARGET)
            shared.move(seconds=1)
        dues = {(str(task.task.id), str(task.task.due_at)) for task in waiting(desk)}
        desk.disconnect()
        shared.move(hours=3)
        given = {"url": place.url, "time_file": str(file), "lease_for": LEASE}
        logs: list[Any] = []
        for kill in range(n):
            worker = nursery.start("firing", log=str(Path(folder, str(kill))), **given)
            _ = worker.until_said("ready")
            clock.sleep(chance.uniform(0, 0.03))
            worker.kill()
            _ = worker.wait()
            logs += worker.lines()
            # Its lease is over before the next one looks.
            shared.move(seconds=LEASE + 0.1)
        parked: frozenset[str] = frozenset()
        # The first to claim after the last kill may be who parks what has lapsed five times.
        for turn in ("first", "last"):
            parked |= freed(place, shared)
            last = nursery.start("firing", log=str(Path(folder, turn)), **given)
            _ = last.until_said("idle", timeout=120 + n * PER_KILL / 20)
            last.kill()
            _ = last.wait()
            logs += last.lines()
            shared.move(seconds=LEASE + 0.1)
        reader = jobs.opened("", store=jobs.bare(place.url, shared.micros), time=shared)
        fired = Counter(fired_of(reader, one) for one in everything(reader))
        problems = reader.verify().problems
        reader.disconnect()
    found.expect(set(fired) == {1}, f"fired so often: {dict(fired)}")
    found.expect(not problems, f"the journal does not verify: {problems[:3]}")
    claims = [words for words in logs if words[0] == "claimed"]
    early = [words for words in claims if int(words[2]) > int(words[4])]
    found.expect(not early, f"{len(early)} timers were claimed before they were due")
    # A claimant that was killed before it said so is seen by its successor's lapse; what was
    # parked after five such is due anew since it was freed.
    missing = dues - {(words[1], words[2]) for words in claims}
    unseen = {name for name, _ in missing} - parked
    found.expect(not unseen, f"{len(unseen)} timers were never claimed")
    # One that was given back because its lease was nearly over is claimed a second time.
    unlapsed = dict.fromkeys((w[1], w[2]) for w in claims if w[3] == "0" and (w[1], w[2]) in dues)
    firsts = [int(due) for _, due in unlapsed]
    found.expect(firsts == sorted(firsts), "timers were not fired in the order of their dues")
    lapsed = sum(words[3] != "0" for words in claims)
    return found.outcome(
        n, timers=len(dues), fired=sum(fired.values()), claimed_again=lapsed, parked=len(parked)
    )


def freed(place: Place, shared: SharedTime) -> frozenset[str]:
    """Have what was parked tried again, as a person would; its ids.

    Five claimants of one task killed in a row: nobody can tell that from a task that kills them.
    """
    desk = jobs.opened("", store=jobs.bare(place.url, shared.micros), time=shared)
    parked = desk.tasks(TaskQuery(state=TaskState.PARKED, limit=1000))
    for task in parked:
        desk.retry(task.task.id)
    desk.disconnect()
    return frozenset(str(task.task.id) for task in parked)


def waiting(desk: Any) -> list[Any]:
    """All timers."""
    from tests.proof.experiments.writers import tasks_of

    return tasks_of(desk, "timer")


def fired_of(desk: Any, one: Any) -> int:
    """How often an incident's timers were fired in state: the most that anything was said."""
    counted = Counter(
        (entry.kind, entry.recorded.event.target)
        for entry in desk.journal(one)
        if entry.kind in FIRED and entry.recorded is not None
    )
    return max(counted.values(), default=0)


# --- E15 ------------------------------------------------------------------------------------------

NEGATIVE = re.compile(r"(?<![\w-])-\d")
STEPS = (timedelta(hours=-1), timedelta(hours=1), timedelta(days=1), timedelta(seconds=-1))


def steps_of_the_wall(n: int, place: Place, seed: int) -> Outcome:
    """The wall clock is set back and forth while timers are waited for; n waits."""
    found, chance = Findings(), random.Random(seed)
    early = twice = skipped = 0
    for trial in range(n):
        with place.fresh(f"wall{trial}") as here:
            time = ManualTime(START)
            desk = here.desk(time=time, policy=jobs.POLICY, channels={"sms": lambda message: None})
            one = desk.declare("Down", **TARGET)
            (task,) = waiting(desk)
            due = from_micros(task.task.due_at)
            for _ in range(6):
                time.set(time.now() + chance.choice(STEPS))
                _ = desk.run_due()
                fired = fired_of(desk, one)
                early += bool(fired) and time.now() < due and not was_due(desk, one, due)
                twice += fired > 1
                elapsed_is_right(desk, one, found)
            time.set(due + timedelta(hours=1))
            _ = desk.run_due()
            skipped += fired_of(desk, one) == 0
            twice += fired_of(desk, one) > 1
            desk.disconnect()
    found.expect(not early, f"{early} fired early")
    found.expect(not twice, f"{twice} fired twice")
    found.expect(not skipped, f"{skipped} never fired")
    return found.outcome(n, early=early, twice=twice, skipped=skipped)


def was_due(desk: Any, one: Any, due: datetime) -> bool:
    """Whether the warning was written at its time or later, as the clock stood then."""
    return all(entry.at >= due for entry in desk.journal(one) if entry.kind in FIRED)


def elapsed_is_right(desk: Any, one: Any, found: Findings) -> None:
    """No interval of a clock ends before it began, as people read it."""
    month = timedelta(days=30)
    measured = str(desk.metrics(since=START - month, until=START + month))
    told = "\n".join((str(desk.explain(one, "clock")), *map(str, desk.timeline(one)), measured))
    found.expect(not NEGATIVE.search(told), f"a time is negative: {told[:300]}")


# --- E15b -----------------------------------------------------------------------------------------


def steps_of_the_system(n: int, place: Place, seed: int) -> Outcome:
    """The system's clock is set n times under a desk of the real time; timers run meanwhile."""
    found = Findings()
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder, "log")
        done = faked.begun(place.url, log, Path(folder, "clock"), n, seed)
        lines = [line.split() for line in log.read_text(encoding="ascii").splitlines()]
    found.expect(done.returncode == 0, f"the process ended so: {done.stderr[-300:]}")
    steps = sum(abs(float(seen) - float(offset)) < 60 for _, offset, seen in lines)
    found.expect(steps == n, f"the clock was seen to be set {steps} times of {n}")
    early = twice = skipped = 0
    with place.desk() as desk:
        for one in everything(desk):
            entries = desk.journal(one)
            fired = Counter(entry.kind for entry in entries if entry.kind in FIRED)
            twice += any(times > 1 for times in fired.values())
            # A warning that the clock jumped over together with its target is none any more.
            skipped += not fired[FIRED[-1]]
            at = {entry.kind: entry.at for entry in entries}
            for kind, share in zip(FIRED, (0.5, 1.0), strict=True):
                due = at["declared"] + timedelta(seconds=share * faked.WITHIN)
                early += kind in at and at[kind] < due - timedelta(seconds=1)
            elapsed_is_right(desk, one, found)
        count = desk.count()
        problems = desk.verify().problems
    found.expect(count == n, f"{count} incidents instead of {n}")
    found.expect(not early, f"{early} fired early")
    found.expect(not twice, f"{twice} fired twice")
    found.expect(not skipped, f"{skipped} never fired")
    found.expect(not problems, f"the journal does not verify: {problems[:2]}")
    return found.outcome(n, early=early, twice=twice, skipped=skipped)


# --- E16 ------------------------------------------------------------------------------------------

APART = 300.0


class Shifted:
    """The module `time` as a process sees it whose clock is wrong."""

    def __init__(self, by: float) -> None:
        self._by = int(by * 1e9)

    def time_ns(self) -> int:
        """The wall clock."""
        return clock.time_ns() + self._by

    monotonic_ns = staticmethod(clock.monotonic_ns)


def clocks_apart(n: int, place: Place, seed: int) -> Outcome:
    """Desks whose machines disagree by five minutes share a store: its time is the time."""
    found = Findings()
    desks: list[Desk] = []
    sent: Counter[str] = Counter()
    try:
        for ahead in (-APART, 0.0, APART):
            setattr(clockwork, "time", Shifted(ahead))  # noqa: B010
            store = jobs.bare(place.url)
            desks.append(jobs.opened("", lambda m: sent.update((m.key,)), store=store))
        keys: set[str] = set()
        wrong = 0.0
        for number, desk in zip(range(n), itertools.cycle(desks), strict=False):
            before = clock.time()
            one = desk.declare(f"Down {number}", **jobs.URGENT)
            at = desk.journal(one)[0].at.timestamp()
            wrong = max(wrong, abs(at - before) - (clock.time() - before))
            keys |= {each.id for each in desk.deliveries(one)}
        found.expect(wrong < 1.0, f"an incident was declared {wrong:.1f} s beside the store's time")
        for desk in desks:
            _ = desk.run_due()
        early = [one.ref for one in everything(desks[0]) if fired_of(desks[0], one)]
    finally:
        setattr(clockwork, "time", clock)  # noqa: B010
        for desk in desks:
            desk.disconnect()
    found.expect(set(sent) == keys, f"{len(keys - set(sent))} messages never came")
    found.expect(set(sent.values()) <= {1}, "a message came twice")
    found.expect(not early, f"{len(early)} timers fired early")
    return found.outcome(
        n, seconds_apart=APART, messages=len(keys), early=len(early), worst_skew=round(wrong, 3)
    )


BOTH = ("sqlite", "postgresql")
EXPERIMENTS = (
    Experiment(
        "E14",
        "timers that fell due while nothing ran, fired by workers that are killed",
        "each fired once in state, in the order of their dues, none early, none lost",
        kill_while_firing,
        short=3,
        full=1_000,
        stores=BOTH,
    ),
    Experiment(
        "E15",
        "the wall clock steps by -1 h, +1 h, +1 day, -1 s",
        "0 early, 0 skipped, 0 twice, no time that has passed is negative",
        steps_of_the_wall,
        short=10,
        full=500,
    ),
    Experiment(
        "E15b",
        "the system's own clock set by -1 h, +1 h, +1 day, -1 s (libfaketime)",
        "0 early, 0 skipped, 0 twice, no time that has passed is negative",
        steps_of_the_system,
        short=12,
        full=500,
    ),
    Experiment(
        "E16",
        "workers' clocks five minutes apart",
        "0 duplicates, 0 early, every instant within 1 s of the store's time",
        clocks_apart,
        short=9,
        full=3_000,
        stores=BOTH,
    ),
)
