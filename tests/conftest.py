"""What every run of the suite obeys.

* A skip that `permitted_skips.txt` does not list fails the run.
* Every Python block of README.md and docs/, and every doctest in src/, is a test. Each document
  has one namespace, as a reader would type it, and an empty directory of its own to run in. To run
  one by itself, name this file too: `pytest tests/conftest.py docs/tutorial/first.md`.
* Hypothesis runs with the profile named by INCIDENTKIT_HYPOTHESIS: `everyday` or `long`.
* Warnings are errors, ResourceWarning among them (pyproject.toml).
* What the tests write for a while lies in memory where the system has room for it; durability is
  not tested by waiting for a disk. INCIDENTKIT_TEMP names another folder, `/tmp` for one.
"""

from __future__ import annotations

import contextlib
import doctest
import fnmatch
import gc
import importlib.util
import inspect
import os
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, settings
from sybil import Sybil
from sybil.integration import pytest as sybil_pytest
from sybil.parsers import myst, rest

TESTS = Path(__file__).parent
ROOT = TESTS.parent

# --- Hypothesis ---------------------------------------------------------------------------------

settings.register_profile(
    "everyday",
    deadline=None,
    derandomize=bool(os.environ.get("CI")),
    max_examples=40,
    print_blob=True,
)
settings.register_profile(
    "long",
    deadline=None,
    max_examples=2000,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile(os.environ.get("INCIDENTKIT_HYPOTHESIS") or "everyday")


# --- a quick place ------------------------------------------------------------------------------

IN_MEMORY = Path("/dev/shm")  # of Linux; a container's own may be small, or run no programs
ROOM = 2 << 30


def quick_folder() -> Path | None:
    """Where files of a moment lie: where INCIDENTKIT_TEMP says, or in memory if there is room."""
    if place := os.environ.get("INCIDENTKIT_TEMP"):
        return Path(place).absolute()
    if not (IN_MEMORY.is_dir() and os.access(IN_MEMORY, os.W_OK | os.X_OK)):
        return None
    about = os.statvfs(IN_MEMORY)
    roomy = about.f_bavail * about.f_frsize >= ROOM and not about.f_flag & os.ST_NOEXEC
    return IN_MEMORY if roomy else None


# --- real data ----------------------------------------------------------------------------------

# Made absolute at once: the examples of the documents change the working directory.
NAMED = os.environ.get("INCIDENTKIT_DATA", "")
DATA = Path(NAMED).absolute() if NAMED else None


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data sets, no part of the project, that INCIDENTKIT_DATA names."""
    if DATA is None:
        pytest.skip("INCIDENTKIT_DATA is not set")
    if not DATA.is_dir():
        pytest.fail(f"INCIDENTKIT_DATA names no folder: {DATA}")
    return DATA


# --- trials -------------------------------------------------------------------------------------


@pytest.fixture
def trials(request: pytest.FixtureRequest) -> Callable[[int], None]:
    """Say how many trials this test is: the proof counts them (`tests/proof`)."""
    return lambda number: request.node.user_properties.append(("trials", number))


# --- stories on a server ------------------------------------------------------------------------

SERVED = ("url", "lasting")
"""The parameters by which a story gets its store."""
EVERY_DAY = (
    "tests/scenarios/test_a_database_at_night.py*[desk-postgres]",
    "tests/scenarios/test_e_by_degrees.py::test_from_ten_per_cent_to_all_*[desk-postgres]",
    "tests/desk/test_auditing_work.py::test_every_kind_that_wakes_*-postgres]",
    "tests/work/test_circuits.py::test_the_other_channels_go_on[desk-postgres]",
)
"""The stories that are told on PostgreSQL every day; all others with the slow."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the everyday run quick: a server takes longer than a file."""
    for item in items:
        given: dict[str, Any] = getattr(getattr(item, "callspec", None), "params", {})
        served = any(given.get(name) == "postgres" for name in SERVED)
        if served and not any(matches(item.nodeid, each) for each in EVERY_DAY):
            item.add_marker(pytest.mark.slow)


# --- skips --------------------------------------------------------------------------------------


class PermittedSkip(NamedTuple):
    """One line of permitted_skips.txt."""

    node: str
    when: str
    reason: str

    def holds(self) -> bool:
        """Whether the condition of the line is true in this run."""
        word, _, name = self.when.partition(" ")
        match word:
            case "always":
                return True
            case "unset":
                return not os.environ.get(name)
            case "missing":
                return importlib.util.find_spec(name) is None
        raise pytest.UsageError(f"permitted_skips.txt: unknown condition {self.when!r}")

    def covers(self, node: str, reason: str) -> bool:
        """Whether this line permits the skip of `node` for `reason`."""
        return matches(node, self.node) and matches(reason, self.reason) and self.holds()


def matches(text: str, pattern: str) -> bool:
    """Glob match in which brackets, common in node ids, stand for themselves."""
    return fnmatch.fnmatchcase(text, pattern.replace("[", "[[]"))


def permitted_skips(lines: Iterable[str]) -> list[PermittedSkip]:
    """Read the lines of permitted_skips.txt."""
    found: list[PermittedSkip] = []
    for line in lines:
        if not line.strip() or line.startswith("#"):
            continue
        parts = [part.strip() for part in line.split(";", 2)]
        if len(parts) != 3 or not all(parts):
            raise pytest.UsageError(f"permitted_skips.txt: not `node ; when ; reason`: {line!r}")
        found.append(PermittedSkip(*parts))
    return found


class SkipControl:
    """Fails a run that skipped what it may not skip."""

    def __init__(self, permitted: list[PermittedSkip]) -> None:
        self.permitted = permitted
        self.offences: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.skipped and not hasattr(report, "wasxfail"):
            self.judge(report.nodeid, report.longrepr)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.skipped:
            self.judge(report.nodeid, report.longrepr)

    def judge(self, node: str, longrepr: object) -> None:
        text = str(longrepr[2]) if isinstance(longrepr, tuple) else str(longrepr)
        reason = text.removeprefix("Skipped: ")
        if not any(line.covers(node, reason) for line in self.permitted):
            self.offences.append(f"{node}: {reason}")

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        fine = (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)
        if self.offences and session.exitstatus in fine:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self.offences:
            terminalreporter.section("skips that tests/permitted_skips.txt does not list", red=True)
            for offence in self.offences:
                terminalreporter.line(offence)


# --- documents ----------------------------------------------------------------------------------


class Elsewhere:
    """Runs a document in an empty directory, and ends what it left open, as a process would."""

    def __init__(self) -> None:
        self.stack = contextlib.ExitStack()

    def enter(self, namespace: dict[str, Any]) -> None:
        folder = self.stack.enter_context(tempfile.TemporaryDirectory(prefix="incidentkit-doc-"))
        self.stack.enter_context(contextlib.chdir(folder))
        self.stack.callback(self.end, namespace)

    def leave(self, namespace: dict[str, Any]) -> None:
        self.stack.close()

    @staticmethod
    def end(namespace: dict[str, Any]) -> None:
        for value in list(namespace.values()):
            if type(value).__module__.split(".")[0] != "incidentkit":
                continue
            close = getattr(value, "disconnect", getattr(value, "close", None))
            if inspect.ismethod(close) and not inspect.iscoroutinefunction(close):
                close()
        namespace.clear()


class Documents:
    """Collects the examples of the documents, wherever under the root they are."""

    def __init__(self, root: Path) -> None:
        flags = doctest.ELLIPSIS
        place = Elsewhere()
        pages = Sybil(
            parsers=[myst.PythonCodeBlockParser(doctest_optionflags=flags), myst.SkipParser()],
            path=str(root),
            patterns=["*.md"],
            excludes=["CHANGELOG.md"],
            setup=place.enter,
            teardown=place.leave,
        )
        docstrings = Sybil(
            parsers=[rest.DocTestParser(flags)],
            path=str(root / "src"),
            patterns=["*.py"],
            setup=place.enter,
            teardown=place.leave,
        )
        self.collect = sybil_pytest.pytest_integration(pages, docstrings)

    def pytest_collect_file(
        self, file_path: Path, parent: pytest.Collector
    ) -> pytest.Collector | None:
        return self.collect(file_path, parent)


def pytest_configure(config: pytest.Config) -> None:
    """Register both for the whole run: a hook in this file would see only tests/."""
    if (place := quick_folder()) is not None:
        tempfile.tempdir = os.environ["TMPDIR"] = str(place)  # of processes that tests start, too
    listed = (TESTS / "permitted_skips.txt").read_text(encoding="utf-8").splitlines()
    config.pluginmanager.register(SkipControl(permitted_skips(listed)), "incidentkit-skips")
    config.pluginmanager.register(Documents(ROOT), "incidentkit-documents")


def pytest_collection_finish() -> None:
    """Thousands of collected tests are no garbage: they need not be looked through each time."""
    gc.collect()
    gc.freeze()
