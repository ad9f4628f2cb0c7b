"""`python -m tests.proof`: run the experiments and write one JSON.

Exit code 1 where one of them fails. Timing figures want a machine of their own. `--join` adds up
what several runs have written. `python -m tests.proof.watch` shows two workers that are killed.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import platform
import sqlite3
import subprocess
import sys
import time
import traceback
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from tests.proof.catalogue import EXPERIMENTS
from tests.proof.experiment import Experiment
from tests.proof.experiments.owned import ABSENT
from tests.proof.joining import joined, table
from tests.proof.places import PLACES, place

ROOT = Path(__file__).parents[2]


def version_of(package: str) -> str | None:
    """The version of an installed package."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def commit() -> str:
    """The commit of the source, with a mark where it was changed since."""
    command = ["git", "describe", "--always", "--dirty", "--abbrev=12"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"


def surroundings() -> dict[str, Any]:
    """The machine and the versions."""
    return {
        "machine": {
            "cores": os.cpu_count(),
            "processor": platform.processor() or platform.machine(),
            "system": platform.platform(),
            "load": os.getloadavg()[0],
        },
        "versions": {
            "python": platform.python_version(),
            "sqlite": sqlite3.sqlite_version,
            "psycopg": version_of("psycopg"),
            "incidentkit": version_of("incidentkit"),
            "commit": commit(),
        },
    }


def conducted(experiment: Experiment, store: str, n: int, seed: int) -> dict[str, Any]:
    """One experiment in one place; what it raises is a failure of it."""
    began, at = time.monotonic(), datetime.now(UTC).isoformat(timespec="seconds")
    versions: dict[str, str] = {}
    try:
        with place(store) as here:
            versions = here.versions()
            said = experiment.conducted(here, n, seed)
    except Exception as error:
        traceback.print_exc()
        said = {
            "id": experiment.id,
            "title": experiment.title,
            "criterion": experiment.criterion,
            "store": store,
            "seed": seed,
            "n": 0,
            "failures": 1,
            "bound": None,
            "figures": {},
            "problems": [f"{type(error).__name__}: {error}"],
            "passed": False,
        }
    seconds = round(time.monotonic() - began, 2)
    return {**said, **versions, "asked": n, "at": at, "seconds": seconds}


def told(said: dict[str, Any]) -> str:
    """One line for people."""
    figures = " ".join(f"{name}={value}" for name, value in said["figures"].items())
    verdict = "passed" if said["passed"] else f"FAILED {said['problems'][:2]}"
    bound = "" if said["bound"] is None else f"rate < {said['bound']:.2g}"
    return (
        f"{said['id']:<5}{said['store']:<11}n={said['n']:<8}{verdict}  {bound}  "
        f"{said['seconds']} s  {figures}"
    )


def written(report: dict[str, Any], out: Path | None) -> None:
    """The JSON, where it was asked for."""
    text = json.dumps(report, indent=2, ensure_ascii=False, default=str) + "\n"
    if out is None:
        sys.stdout.write(text)
    else:
        out.write_text(text, encoding="utf-8")


def join(paths: list[Path], out: Path | None) -> int:
    """One JSON of several, and what it says as a table."""
    report = joined(paths, EXPERIMENTS)
    written(report, out)
    sys.stderr.write(table(report))
    return 0 if report["passed"] else 1


def main(arguments: list[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m tests.proof", description=__doc__)
    parser.add_argument("--full", action="store_true", help="the full number of trials of each")
    parser.add_argument("--only", default="", help="ids, e.g. E1,E2")
    parser.add_argument("--store", default="", help=f"any of {','.join(PLACES)}")
    parser.add_argument("--out", type=Path, help="where the JSON goes; by default it is printed")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--n", type=int, help="this many trials of each instead")
    parser.add_argument("--join", type=Path, nargs="+", help="JSON of runs, to be made one")
    given = parser.parse_args(arguments)
    if given.join:
        return join(given.join, given.out)
    only = [name for name in given.only.split(",") if name]
    stores = [name for name in given.store.split(",") if name] or list(PLACES)
    for name in only:
        if name not in EXPERIMENTS:
            parser.error(f"there is no experiment {name}; there are {', '.join(EXPERIMENTS)}")
    for name in stores:
        if name not in PLACES:
            parser.error(f"there is no store {name!r} here; there are {', '.join(PLACES)}")
    # Faults of plugins are what some experiments are about.
    logging.disable(logging.CRITICAL)
    results: list[dict[str, Any]] = []
    for experiment in EXPERIMENTS.values():
        if only and experiment.id not in only:
            continue
        for store in stores:
            if store not in experiment.stores:
                continue
            n = given.n or (experiment.full if given.full else experiment.short)
            results.append(conducted(experiment, store, n, given.seed))
            sys.stderr.write(told(results[-1]) + "\n")
    report = {
        **surroundings(),
        "seed": given.seed,
        "full": given.full,
        "absent": list(ABSENT),
        "experiments": results,
    }
    written(report, given.out)
    return 0 if results and all(each["passed"] for each in results) else 1


if __name__ == "__main__":
    sys.exit(main())
