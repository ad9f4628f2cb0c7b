"""E31's workers: random commands on every store at once, in pieces that can be repeated.

`python -m tests.proof.agreeing STEPS SEED FIRST FOLDER` does so many commands to each store, from
episode FIRST of SEED on, and writes one JSON line. It is a process of its own for each core.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from incidentkit.testing.steps import EPISODE, StepsRun, run_steps
from incidentkit.testing.store_trial import StoreHarness
from tests.proof import postgres
from tests.proof.nursery import ROOT, SOURCE
from tests.stores.factories import MAKERS, harness

APART = 1_000_000
"""Episodes between the first ones of two processes: no two do the same."""


__all__ = ["EPISODE", "agree", "in_processes", "names"]


ON_DJANGO = ("django-sqlite", "django-postgres")


def names() -> tuple[str, ...]:
    """Every store that is at hand: ours, those of hosts on our bases, and Django's on each engine.

    The memory store is the model and stands beside itself: a second one hears the same.
    """
    django = ON_DJANGO if find_spec("django") is not None else ()
    every = (*MAKERS, *django)
    return tuple(each for each in every if postgres.AT_HAND or not each.endswith("postgres"))


def made(name: str, folder: Path) -> StoreHarness:
    """How the kit makes stores of that name. All on PostgreSQL share one server."""
    if name not in ON_DJANGO:
        return harness(name, folder / name)
    from tests.hosts import making

    if name == "django-sqlite":
        return making.harness(making.on_sqlite, folder / name)
    from tests.stores.postgres_server import server_url

    return making.harness(making.on_postgres(server_url()), folder / name)


def agree(steps: int, seed: int, first: int, folder: Path) -> StepsRun:
    """So many commands to each store."""
    return run_steps({name: made(name, folder) for name in names()}, steps, seed, first=first)


def told(run: StepsRun) -> dict[str, Any]:
    """A run as JSON."""
    return {
        "steps": run.steps,
        "stores": list(run.stores),
        "divergences": [
            f"{x.store}, seed {x.seed}, episode {x.episode}, step {x.step}: {x.problem}"[:500]
            for x in run.divergences
        ],
    }


def in_processes(steps: int, seed: int, folder: Path, processes: int) -> list[dict[str, Any]]:
    """The commands shared out to processes; what each found."""
    share = -(-steps // processes)
    running: list[subprocess.Popen[str]] = []
    for number in range(processes):
        mine = folder / str(number)
        mine.mkdir()
        count = min(share, steps - share * number)
        command = [sys.executable, "-m", "tests.proof.agreeing"]
        command += [str(count), str(seed), str(number * APART), str(mine)]
        env = {**os.environ, "PYTHONPATH": f"{SOURCE}{os.pathsep}{ROOT}"}
        running.append(
            subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True)
        )
    found: list[dict[str, Any]] = []
    for process in running:
        said, _ = process.communicate()
        if process.returncode:
            found.append({"steps": 0, "stores": [], "divergences": [f"ended: {said[-300:]}"]})
        else:
            found.append(json.loads(said.splitlines()[-1]))
    return found


if __name__ == "__main__":
    given = [int(each) for each in sys.argv[1:4]]
    answer = told(agree(given[0], given[1], given[2], Path(sys.argv[4])))
    sys.stdout.write(json.dumps(answer) + "\n")
