"""E3: a crash at every call of the store that any public command makes, before it and after it.

After each crash another process looks: the store stands as before the command or as after it, never
between; and the client's repetition of its request leaves it as if nothing had happened.
"""

from __future__ import annotations

import pickle
import random
import tempfile
from pathlib import Path
from typing import Any

import incidentkit as ik
from incidentkit.codec.kinds import SPECS
from incidentkit.ids import TenantName
from incidentkit.ports.query import Query
from incidentkit.ports.rows import TaskQuery
from tests.desk.test_commands import exported
from tests.proof import failpoints, pointing
from tests.proof.bare import Copies, Files, OneDatabase, bare
from tests.proof.experiment import Experiment, Findings, Outcome
from tests.proof.nursery import Nursery
from tests.proof.places import POSTGRES, Place

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
    """A command prepared in a store, and how the store stands before and after it."""

    def __init__(self, copies: Copies, folder: Path, kind: type[ik.Command]) -> None:
        self.copies, self.kind = copies, kind
        store = bare(copies.begin())
        self.command = pointing.Prepared(kind, store).command
        self.before = whole(store)
        store.close()
        copies.keep()
        self.pickled = folder / f"{kind.__name__}.command"
        self.pickled.write_bytes(pickle.dumps(self.command))
        seen = failpoints.Failing(bare(copies.copy()))
        pointing.carry_out(pointing.again(seen), self.command)
        self.calls = tuple(seen.seen)
        self.after = whole(seen.inner)
        seen.inner.close()


def crash_at_points(n: int, place: Place, seed: int) -> Outcome:
    """All points of all commands; with n below 1,000, n commands drawn by the seed."""
    found = Findings()
    missing = exported() - set(pointing.CASES)
    found.expect(not missing, f"commands without points: {missing}")
    kinds = sorted(pointing.CASES, key=lambda kind: kind.__name__)
    if n < len(kinds):
        kinds = random.Random(seed).sample(kinds, n)
    points, survived, committed = 0, 0, 0
    with tempfile.TemporaryDirectory() as name, Nursery() as nursery:
        folder = Path(name)
        copies: Copies = OneDatabase(place.url) if place.name == POSTGRES else Files(folder)
        for kind in kinds:
            stage = Stage(copies, folder, kind)
            found.expect("commit" in stage.calls, f"{kind.__name__} commits nothing")
            for at in range(1, len(stage.calls) + 1):
                for when in WHENS:
                    points += 1
                    where = f"{kind.__name__} {when} {stage.calls[at - 1]} ({at})"
                    url = copies.copy()
                    log = str(folder / f"{kind.__name__}{at}{when}.log")
                    given = {"command": str(stage.pickled), "at": at, "when": when}
                    died = nursery.start("pointing", log=log, url=url, **given).wait() == 9
                    found.expect(died, f"{where}: was not reached")
                    survived += died
                    committed += looked_at(url, stage, where, found)
    return found.outcome(
        points, commands=len(kinds), points_reached=survived, committed_unanswered=committed
    )


def looked_at(url: str, stage: Stage, name: str, found: Findings) -> bool:
    """Look at what the crash left, and repeat the request; whether it had been committed."""
    store = bare(url)
    store.declare(SPECS)
    there = whole(store)
    found.expect(there in (stage.before, stage.after), f"{name}: half of it is there")
    with pointing.again(store) as desk:
        pointing.carry_out(desk, stage.command)
        found.expect(whole(store) == stage.after, f"{name}: the repetition left something else")
        problems = desk.verify().problems
        found.expect(not problems, f"{name}: {problems[:1]}")
    store.close()
    return there == stage.after != stage.before


EXPERIMENTS = (
    Experiment(
        "E3",
        "a crash at every call of the store in every public command",
        "every point is reached, nothing half-written, the repetition ends as if nothing had been",
        crash_at_points,
        short=2,
        full=1_000,
        stores=("sqlite", POSTGRES),
    ),
)
