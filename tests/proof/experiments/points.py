"""E3: a crash at every call of the store that any public command makes, before it and after it.

After each crash another process looks: the store stands as before the command or as after it, never
between; and the client's repetition of its request leaves it as if nothing had happened.
"""

from __future__ import annotations

import pickle
import random
import shutil
import tempfile
from pathlib import Path
from typing import Any

import incidentkit as ik
from incidentkit.codec.kinds import SPECS
from incidentkit.ids import TenantName
from incidentkit.ports.query import Query
from incidentkit.ports.rows import TaskQuery
from incidentkit.stores.sqlite.store import SqliteStore
from tests.desk.test_commands import exported
from tests.proof import failpoints, pointing
from tests.proof.experiment import Experiment, Findings, Outcome
from tests.proof.nursery import Nursery
from tests.proof.places import Place

MAIN = TenantName("main")
WHENS = (failpoints.BEFORE, failpoints.AFTER)


def whole(store: Any) -> dict[str, Any]:
    """All that a store holds, but for what chance and time made: to compare two runs by."""
    found: dict[str, Any] = {}
    for spec in SPECS:
        rows = store.find(MAIN, Query(spec.name, limit=1000)).rows
        found[spec.name] = sorted(
            (
                row.version,
                tuple(entry.kind for entry in store.journal(MAIN, f"{row.kind}/{row.id}")),
            )
            for row in rows
        )
    tasks = store.tasks(MAIN, TaskQuery(limit=1000))
    found["tasks"] = sorted((each.task.queue, str(each.state)) for each in tasks)
    return found


class Stage:
    """A command prepared in a file, and how the file stands before and after it."""

    def __init__(self, folder: Path, kind: type[ik.Command]) -> None:
        self.kind, self.path = kind, folder / f"{kind.__name__}.db"
        store = SqliteStore(self.path, synchronous="off")
        prepared = pointing.Prepared(kind, store)
        self.command = prepared.command
        self.before = whole(store)
        store.close()
        self.path.with_suffix(".command").write_bytes(pickle.dumps(self.command))
        copy = self.copied("after")
        seen = failpoints.Failing(SqliteStore(copy, synchronous="off"))
        pointing.carry_out(pointing.again(seen), self.command)
        self.calls = tuple(seen.seen)
        self.after = whole(seen.inner)
        seen.inner.close()

    def copied(self, name: str) -> Path:
        """A copy of the file, with the command beside it."""
        copy = self.path.with_name(f"{self.path.stem}-{name}.db")
        for suffix in (".db", ".command"):
            source = self.path.with_suffix(suffix)
            if source.exists():
                _ = shutil.copyfile(source, copy.with_suffix(suffix))
        return copy


def crash_at_points(n: int, place: Place, seed: int) -> Outcome:
    """All points of all commands; with n below 1,000, n commands drawn by the seed."""
    found = Findings()
    missing = exported() - set(pointing.CASES)
    found.expect(not missing, f"commands without points: {missing}")
    kinds = sorted(pointing.CASES, key=lambda kind: kind.__name__)
    if n < len(kinds):
        kinds = random.Random(seed).sample(kinds, n)
    points, survived, committed = 0, 0, 0
    with tempfile.TemporaryDirectory() as folder, Nursery() as nursery:
        for kind in kinds:
            stage = Stage(Path(folder), kind)
            found.expect("commit" in stage.calls, f"{kind.__name__} commits nothing")
            for at in range(1, len(stage.calls) + 1):
                for when in WHENS:
                    points += 1
                    name = f"{kind.__name__} {when} {stage.calls[at - 1]} ({at})"
                    copy = stage.copied(f"{at}{when}")
                    died = crashed(nursery, copy, kind, at, when)
                    found.expect(died, f"{name}: was not reached")
                    survived += died
                    committed += looked_at(copy, stage, name, found)
    return found.outcome(
        points, commands=len(kinds), points_reached=survived, committed_unanswered=committed
    )


def crashed(nursery: Nursery, path: Path, kind: type[ik.Command], at: int, when: str) -> bool:
    """Whether a process died there."""
    log = str(path.with_suffix(".log"))
    worker = nursery.start(
        "pointing", log=log, path=str(path), kind=kind.__name__, at=at, when=when
    )
    return worker.wait() == 9


def looked_at(path: Path, stage: Stage, name: str, found: Findings) -> bool:
    """Look at what the crash left, and repeat the request; whether it had been committed."""
    store = SqliteStore(path, synchronous="off")
    store.declare(SPECS)
    there = whole(store)
    found.expect(there in (stage.before, stage.after), f"{name}: half of it is there")
    with pointing.again(store) as desk:
        pointing.carry_out(desk, stage.command)
        found.expect(whole(store) == stage.after, f"{name}: the repetition left something else")
        problems = desk.verify().problems
        found.expect(not problems, f"{name}: {problems[:1]}")
    return there == stage.after != stage.before


EXPERIMENTS = (
    Experiment(
        "E3",
        "a crash at every call of the store in every public command",
        "every point is reached, nothing half-written, the repetition ends as if nothing had been",
        crash_at_points,
        short=2,
        full=1_000,
    ),
)
