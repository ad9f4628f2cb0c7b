"""A ticketing system's history brought in: case by case, in the order of time, with clocks.

The real log is used where INCIDENTKIT_DATA names a folder that has it, else one drawn by chance.
The raw side reads the same CSV and inserts the very rows that an import left, into the same tables
with the same indexes, as many in one durable commit: nobody can bring them in with less.
"""

from __future__ import annotations

import csv
import gzip
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack, closing
from itertools import count, islice
from pathlib import Path
from typing import Any

from incidentkit import Desk
from incidentkit.desk.replaying import GROUP, replay
from tests.benchmarks.measuring import Figure, Plan, Sample, Side, clocked, compared, in_turns
from tests.desk.histories import many, written

LOG = Path("uci_incident_log", "incident_event_log.csv.gz")
ROWS = 20_000
NO_TARGETS: dict[str, Any] = {"targets": {"acknowledge": {"within": {}}, "resolve": {"within": {}}}}
RAW = "raw: csv read, the same rows inserted"
TABLES = ("journal", "record_incident", "key")
BULK, FULL = "replay: case by case", "replay: in the order of time, every row a flow"


def history(folder: Path, plan: Plan) -> tuple[Path, int]:
    """The file to bring in, and how many rows it has."""
    data = os.environ.get("INCIDENTKIT_DATA")
    path = folder / "log.csv"
    if data and (Path(data) / LOG).is_file() and not plan.tiny:
        with gzip.open(Path(data) / LOG, "rt", encoding="utf-8") as log:
            path.write_text("".join(islice(log, ROWS + 1)), encoding="utf-8")
    else:
        written(path, many(plan.size(3_500, 4)))
    with path.open(encoding="utf-8") as file:
        return path, sum(1 for _ in file) - 1


def brought(folder: Path, path: Path, rows: int, names: Callable[[], str], **given: Any) -> Side:
    """The file brought into a fresh store."""
    in_time_order = given.pop("in_time_order", False)

    def side() -> Sample:
        with Desk.open(f"sqlite:///{folder / names()}.db", **given) as desk:
            desk.adopt(desk.policy())
            return clocked(
                lambda: replay(desk, path, "servicenow-log", in_time_order=in_time_order), rows
            )

    return side


def inserted(folder: Path, path: Path, rows: int, names: Callable[[], str]) -> Side:
    """The same rows, read once from a store that has them, inserted by hand."""
    model = folder / "model.db"
    with Desk.open(f"sqlite:///{model}", policy=NO_TARGETS) as desk:
        replay(desk, path, "servicenow-log")
    with closing(sqlite3.connect(model)) as db:
        kept = {name: db.execute(f"SELECT * FROM {name}").fetchall() for name in TABLES}
    groups = max(1, rows // GROUP)

    def insert(db: sqlite3.Connection) -> None:
        with path.open(encoding="utf-8", newline="") as file:
            for _ in csv.reader(file):
                pass
        for number in range(groups):
            db.execute("BEGIN IMMEDIATE")
            for name, lines in kept.items():
                part = lines[len(lines) * number // groups : len(lines) * (number + 1) // groups]
                if part:
                    marks = ", ".join("?" * len(part[0]))
                    db.executemany(f"INSERT INTO {name} VALUES ({marks})", part)
            db.execute("COMMIT")

    def side() -> Sample:
        store = folder / f"{names()}.db"
        with Desk.open(f"sqlite:///{store}") as desk:
            desk.ports.store.numbers(desk.tenant_name, "made", 1)  # the tables, and nothing else
        with closing(sqlite3.connect(store, isolation_level=None)) as db:
            db.execute("PRAGMA synchronous = full")
            db.execute("PRAGMA wal_autocheckpoint = 8000")
            return clocked(lambda: insert(db), rows)

    return side


def whole(folder: Path, path: Path, *more: str) -> dict[str, Any]:
    """What the command line says of one import in a process of its own."""
    store = folder / f"whole{len(more)}.db"
    command = [sys.executable, "-m", "incidentkit", "replay", str(path), "--json"]
    command += ["--mapping", "servicenow-log", "--store", f"sqlite:///{store}", *more]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return {key: found[key] for key in ("rows", "seconds", "rows_per_second", "peak_rss_mb")}


def figures(plan: Plan) -> list[Figure]:
    """Both ways through a file without targets, and with the default ones."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        numbers = count()

        def names() -> str:
            return f"store{next(numbers)}"

        path, rows = history(folder, plan)
        sides: dict[str, Side] = {
            BULK: brought(folder, path, rows, names, policy=NO_TARGETS),
            FULL: brought(folder, path, rows, names, policy=NO_TARGETS, in_time_order=True),
            "with the default targets": brought(folder, path, rows, names),
            RAW: inserted(folder, path, rows, names),
        }
        found = in_turns(sides, plan.size(min(plan.rounds, 5), 1))
        bulk = compared(
            BULK,
            "per second",
            {name: found[name] for name in (BULK, RAW, "with the default targets")},
            BULK,
            goal="25,000 rows a second",
            at_least=25_000,
        )
        full = compared(
            FULL,
            "per second",
            {name: found[name] for name in (FULL, RAW)},
            FULL,
            goal="12,000 rows a second",
            at_least=12_000,
        )
        bulk.also["one process"] = whole(folder, path)
        full.also["one process"] = whole(folder, path, "--in-time-order")
        return [bulk, full]
