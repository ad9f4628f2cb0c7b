"""Alerts as Alertmanager sends them: the same ones over and over, and ones never seen.

`receive` does all that it does for anybody: the raw request is kept and chained, every alert is
counted. `recalled` and `forgotten` tell whether the desk knew the last payload (a process that has
been up for a while) or not (its memory of repeats is emptied before each payload).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from itertools import count
from pathlib import Path

from incidentkit import Desk, SourceRequest
from incidentkit.model.signature import signature
from incidentkit.sources.alertmanager import Alertmanager
from tests.benchmarks.durable import Bench
from tests.benchmarks.examples import payload
from tests.benchmarks.measuring import Figure, Plan, Sample, Side, clocked, compared, in_turns

SOURCE = "alertmanager"
DICT, UPSERT = "a dict by fingerprint", "raw SQLite: counters, one commit a payload"


def payloads(sets: int, size: int) -> list[bytes]:
    """So many alerts in payloads of that size."""
    return [payload(first, size) for first in range(0, sets, size)]


def repeating(desk: Desk, bodies: list[bytes], alerts: int, *, recalled: bool = True) -> Side:
    """The same payloads again and again."""
    for _ in range(2):
        for body in bodies:
            desk.receive(SOURCE, body)

    def run() -> None:
        for body in bodies:
            if not recalled:
                desk.repeats.forget(desk.tenant_name, SOURCE)
            received = desk.receive(SOURCE, body)
            assert received.repeats * len(bodies) == alerts

    return lambda: clocked(run, alerts)


def by_fingerprint(bodies: list[bytes], alerts: int) -> Side:
    """The least that can be done: the payload read, each alert counted by its fingerprint."""
    seen: dict[str, int] = {}

    def run() -> None:
        for body in bodies:
            for each in json.loads(body)["alerts"]:
                key = each["fingerprint"]
                seen[key] = seen.get(key, 0) + 1

    return lambda: clocked(run, alerts)


def upserted(stack: ExitStack, path: Path, bodies: list[bytes], alerts: int) -> Side:
    """The payload read, its alerts counted in one table, durably."""
    db = stack.enter_context(closing(sqlite3.connect(path, isolation_level=None)))
    db.execute("PRAGMA journal_mode = wal")
    db.execute("PRAGMA synchronous = full")
    db.execute("CREATE TABLE seen (key TEXT PRIMARY KEY, seen INTEGER, last INTEGER) WITHOUT ROWID")
    text = (
        "INSERT INTO seen VALUES (?, 1, ?) ON CONFLICT (key) DO UPDATE SET "
        "seen = seen + 1, last = excluded.last"
    )
    times = count(10**15)

    def run() -> None:
        for body in bodies:
            now = next(times)
            lines = [(each["fingerprint"], now) for each in json.loads(body)["alerts"]]
            db.execute("BEGIN IMMEDIATE")
            db.executemany(text, lines)
            db.execute("COMMIT")

    return lambda: clocked(run, alerts)


def figures(plan: Plan) -> list[Figure]:
    """In memory repeating and new, and durably repeating."""
    return [*_in_memory(plan), *_new(plan), *_durable(plan)]


def _in_memory(plan: Plan) -> list[Figure]:
    sets, turns = plan.size(1000, 20), plan.size(25, 2)
    same = payloads(sets, sets) * turns
    turned = [payload(0, sets, turn * sets // turns) for turn in range(turns)]
    found: dict[str, list[Sample]] = {}
    with ExitStack() as stack:

        def desk() -> Desk:
            return stack.enter_context(Desk.open("memory:", codec="json", entry_points=False))

        sides = {
            "the same payload": repeating(desk(), same, sets * turns),
            "the same alerts in another order": repeating(desk(), turned, sets * turns),
            DICT: by_fingerprint(same, sets * turns),
        }
        found = in_turns(sides, plan.rounds)
    return [
        compared(
            f"alerts: 1,000 sets repeating, in memory, {ours}",
            "per second",
            {name: found[name] for name in (ours, DICT)},
            ours,
            goal="at least 250,000/s",
            at_least=250_000,
        )
        for ours in ("the same payload", "the same alerts in another order")
    ]


def _new(plan: Plan) -> list[Figure]:
    size = plan.size(1000, 20)
    found = in_turns(
        {
            "read": _fresh(size, _read),
            "received": _received(size),
            DICT: _fresh(size, _counted),
        },
        plan.rounds,
    )
    return [
        compared(
            "alerts: new, read, signed and looked up only",
            "per second",
            {name: found[name] for name in ("read", DICT)},
            "read",
            goal="at least 100,000/s",
            at_least=100_000,
        ),
        compared(
            "alerts: new, received in memory, all joining one incident",
            "per second",
            {name: found[name] for name in ("received", "read", DICT)},
            "received",
        ),
    ]


def _fresh(size: int, take: Callable[[bytes, dict[str, int]], object]) -> Side:
    """Alerts that this table has not seen, every round."""
    table: dict[str, int] = {}
    firsts = count(0, size)

    def side() -> Sample:
        body = payload(next(firsts), size)
        return clocked(lambda: take(body, table), size)

    return side


_ALERTMANAGER = Alertmanager()


def _read(body: bytes, table: dict[str, int]) -> None:
    for each in _ALERTMANAGER.parse(SourceRequest(body)):
        sign, key = signature(each), f"{each.source}\x1f{each.key}"  # type: ignore[arg-type, union-attr]
        if table.get(key) != sign:
            table[key] = sign


def _counted(body: bytes, table: dict[str, int]) -> None:
    for each in json.loads(body)["alerts"]:
        key = each["fingerprint"]
        table[key] = table.get(key, 0) + 1


def _received(size: int) -> Side:
    """Through a desk in memory, a new one every round."""
    firsts = count(size, size)

    def side() -> Sample:
        with Desk.open("memory:", codec="json", entry_points=False) as desk:
            desk.receive(SOURCE, payload(0, 1))
            body = payload(next(firsts), size)
            sample = clocked(lambda: desk.receive(SOURCE, body), size)
            assert desk.count() == 1
            return sample

    return side


def _durable(plan: Plan) -> Iterator[Figure]:
    sets = plan.size(1000, 20)
    for size in (plan.size(1000, 20), plan.size(100, 10)):
        bodies = payloads(sets, size)
        with ExitStack() as stack:
            bench = Bench(stack)
            sides = {
                "recalled": repeating(bench.desk(bench.path(), "json", "full"), bodies, sets),
                "forgotten": repeating(
                    bench.desk(bench.path(), "json", "full"), bodies, sets, recalled=False
                ),
                DICT: by_fingerprint(bodies, sets),
                UPSERT: upserted(stack, bench.path(), bodies, sets),
            }
            found = in_turns(sides, plan.rounds)
        for ours in ("recalled", "forgotten"):
            yield compared(
                f"alerts: 1,000 sets repeating, SQLite, payloads of {size}, {ours}",
                "per second",
                {name: found[name] for name in (ours, DICT, UPSERT)},
                ours,
                goal="at least 50,000/s",
                at_least=50_000,
            )
