"""Experiments that are tests of their parts: the command runs them and counts.

Their short form is the everyday suite itself, so it is not run twice there; the full form takes in
the tests behind markers. One whose tests are not in this tree is listed as absent in the report.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from xml.etree import ElementTree

from tests.proof.experiment import Experiment, Outcome
from tests.proof.nursery import ROOT, SOURCE
from tests.proof.places import Place

ALL_MARKERS = "short or not short"


def ran(files: tuple[str, ...], chosen: str, full: bool) -> Outcome:
    """Run the tests in a process of their own, and count them."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.xml")
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
        command += [f"--junitxml={report}", *files]
        command += ["-k", chosen] if chosen else []
        command += ["-m", ALL_MARKERS, "--timeout=3600"] if full else []
        done = subprocess.run(
            command,
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "PYTHONPATH": f"{SOURCE}{os.pathsep}{ROOT}"},
        )
        if not report.exists():
            return Outcome(0, (done.stdout[-2000:] + done.stderr[-2000:],))
        cases = list(ElementTree.parse(report).getroot().iter("testcase"))
    bad = tuple(
        f"{case.get('classname')}.{case.get('name')}"
        for case in cases
        if case.find("failure") is not None or case.find("error") is not None
    )
    skipped = sum(case.find("skipped") is not None for case in cases)
    if done.returncode and not bad:
        bad = (f"pytest ended with {done.returncode}: {done.stdout[-500:]}",)
    return Outcome(len(cases) - skipped, bad, {"tests": len(cases), "skipped": skipped})


def by_tests(id_: str, title: str, criterion: str, *files: str, chosen: str = "") -> Experiment:
    """An experiment that is these test files (or those tests of them that `chosen` picks)."""

    def run(n: int, place: Place, seed: int) -> Outcome:
        return ran(files, chosen, full=n > 1)

    return Experiment(id_, title, criterion, run, short=1, full=2, stores=("suite",))


WORK, CIRCUITS = "tests/work/test_backlogs.py", "tests/work/test_circuits.py"
WATCH, BACKUPS = "tests/desk/test_auditing_work.py", "tests/desk/test_backups.py"
ACCESS = "tests/access/test_every_way_in.py"
Listed = tuple[str, str, str, tuple[str, ...], str]
LISTED: tuple[Listed, ...] = (
    ("E13", "timers due through a downtime", "each once, in due order", (WORK,), "downtime"),
    ("E20", "a receiver that was down for ten minutes", "each page once", (WORK,), "down or each"),
    ("E21", "resolved before the first page left", "nobody is called", (WORK,), "resolved_before"),
    ("E24", "after a backlog", "only what somebody still needs is sent", (WORK,), "backlog"),
    ("E25", "a dead receiver", "tried five times, then rarely; others go on", (CIRCUITS,), ""),
    ("E26", "a message that kills its worker", "parked; the others go out", (WORK,), "parked"),
    ("E27", "work that should exist and does not", "found, healed or reported", (WATCH,), ""),
    (
        "E32",
        "every state with every event",
        "every cell is named",
        ("tests/rules/test_lifecycle_table.py",),
        "",
    ),
    (
        "E48",
        "secrets",
        "no canary in logs, errors, pickles, records",
        (ACCESS, "tests/model/test_secrets.py"),
        "secret or canary",
    ),
    (
        "E50",
        "every way in, random actors",
        "no leak; a way without a rule fails",
        (ACCESS,),
        "",
    ),
    (
        "E51",
        "two tenants with the same names",
        "no crossing",
        ("tests/desk/test_tenants.py",),
        "",
    ),
    ("E55", "backups under load, restored", "whole, nothing is sent again", (BACKUPS,), ""),
)
"""id, title, criterion, files of tests, which of them (as pytest's -k); nothing means all."""

ABSENT = tuple(
    id_ for id_, _, _, files, _ in LISTED if not all((ROOT / file).exists() for file in files)
)
"""Experiments whose tests are not in this tree."""

EXPERIMENTS = tuple(
    by_tests(id_, title, criterion, *files, chosen=chosen)
    for id_, title, criterion, files, chosen in LISTED
    if id_ not in ABSENT
)
