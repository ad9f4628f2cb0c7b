"""Experiments that are tests of their parts: the command runs them and counts.

Their short form is the everyday suite itself, so it is not run twice there; the full form takes in
the tests behind markers. A test says by the fixture `trials` how many of a thing it did, else it is
one trial. A name that picks no test, or only tests that were skipped, is a failure.
"""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

from tests.proof.experiment import Experiment, Outcome
from tests.proof.nursery import ROOT, SOURCE
from tests.proof.places import SUITE, Place

ALL_MARKERS = "short or not short"


def ran(tests: tuple[str, ...], full: bool, *more: str) -> Outcome:
    """Run the tests in a process of their own, and count them."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.xml")
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
        command += [f"--junitxml={report}", *more, *tests]
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
    bad = [
        f"{case.get('classname')}.{case.get('name')}"
        for case in cases
        if case.find("failure") is not None or case.find("error") is not None
    ]
    there = [case for case in cases if case.find("skipped") is None]
    bad += [f"{test} picks nothing" for test in tests if not any(picked(test, x) for x in there)]
    if done.returncode and not bad:
        bad = [f"pytest ended with {done.returncode}: {done.stdout[-500:]}"]
    figures = {"tests": len(there), "skipped": len(cases) - len(there)}
    return Outcome(sum(map(trials_of, there)), tuple(bad), figures)


def picked(test: str, case: ElementTree.Element) -> bool:
    """Whether a case of the report is of that folder, that file, or that test of a file."""
    file, _, name = test.partition("::")
    where = file.removesuffix(".py").replace("/", ".")
    found = f"{case.get('classname')}."
    return found.startswith(f"{where}.") and name in ("", str(case.get("name")).partition("[")[0])


def trials_of(case: ElementTree.Element) -> int:
    """How many trials a case says that it was."""
    said = [each for each in case.iter("property") if each.get("name") == "trials"]
    return sum(int(str(each.get("value"))) for each in said) or 1


@cache
def functions(file: str) -> frozenset[str]:
    """The names of the tests in a file; empty where it is not there."""
    path = ROOT / file
    if not path.is_file():
        return frozenset()
    body = ast.parse(path.read_text(encoding="utf-8")).body
    return frozenset(x.name for x in body if isinstance(x, ast.FunctionDef | ast.AsyncFunctionDef))


def is_there(test: str) -> bool:
    """Whether the tree has the test."""
    file, _, name = test.partition("::")
    found = functions(file)
    return name in found if name else any(each.startswith("test_") for each in found)


def by_tests(id_: str, title: str, criterion: str, tests: Sequence[str]) -> Experiment:
    """An experiment that is these tests."""

    def run(n: int, place: Place, seed: int) -> Outcome:
        return ran(tuple(tests), full=n > 1)

    return Experiment(id_, title, criterion, run, short=1, full=2, stores=(SUITE,))


def of(file: str, *names: str) -> tuple[str, ...]:
    """Tests of a file, by the ends of their names; all of it without any."""
    return tuple(f"{file}::test_{name}" for name in names) or (file,)


WORK, CIRCUITS = "tests/work/test_backlogs.py", "tests/work/test_circuits.py"
POSTGRES = "tests/stores/test_postgres.py"
Listed = tuple[str, str, str, tuple[str, ...]]
LISTED: tuple[Listed, ...] = (
    (
        "E13",
        "timers due through a downtime",
        "each once, in due order",
        of(WORK, "timers_through_a_downtime_ring_once_each_in_due_order"),
    ),
    (
        "E20",
        "a receiver that was down for ten minutes, two workers",
        "each page once",
        of(
            WORK,
            "a_receiver_that_was_down_for_ten_minutes_gets_each_page_once",
            "two_workers_with_circuits_of_their_own_send_each_page_once",
        ),
    ),
    (
        "E21",
        "resolved before the first page left",
        "nobody is called",
        of(WORK, "resolved_before_its_first_page_left_nobody_is_called"),
    ),
    (
        "E24",
        "after a backlog",
        "only what somebody still needs is sent",
        of(
            WORK,
            "after_a_backlog_only_what_somebody_still_needs_is_sent",
            "what_is_too_late_is_settled_while_its_channel_is_dead",
        ),
    ),
    ("E25", "a dead receiver", "tried five times, then rarely; others go on", of(CIRCUITS)),
    (
        "E26",
        "a message that kills its worker, or cannot be read",
        "parked; the others go out",
        of(
            WORK,
            "a_message_that_kills_its_worker_is_parked_and_all_others_go_out",
            "a_message_that_cannot_be_read_is_parked_and_all_others_go_out",
        ),
    ),
    (
        "E27",
        "work that should exist and does not",
        "found, healed or reported; at a million incidents an audit takes at most 200 ms",
        of("tests/desk/test_auditing_work.py")
        + of("tests/desk/test_auditing_beside.py")
        + of("tests/desk/test_auditing_many.py"),
    ),
    (
        "E32",
        "every state with every event",
        "every cell is named",
        of("tests/rules/test_lifecycle_table.py"),
    ),
    (
        "E50",
        "every way in, random actors",
        "no leak; a way without a rule fails",
        of("tests/access/test_every_way_in.py"),
    ),
    (
        "E51",
        "two tenants with the same names",
        "no crossing; the database itself refuses a reference to another tenant",
        of("tests/desk/test_tenants.py")
        + of("tests/access/test_tenants.py")
        + of(
            POSTGRES,
            "the_database_refuses_what_would_reach_another_tenant",
            "every_key_begins_with_the_tenant",
        ),
    ),
    (
        "E55",
        "backups under load, restored",
        "whole, nothing is sent again",
        of("tests/desk/test_backups.py") + of("tests/desk/test_backups_postgres.py"),
    ),
)
"""id, title, criterion, and the tests: files, or tests of files."""

ABSENT = tuple(id_ for id_, _, _, tests in LISTED if not all(map(is_there, tests)))
"""Experiments whose tests are not in this tree."""

EXPERIMENTS = tuple(by_tests(*listed) for listed in LISTED)
