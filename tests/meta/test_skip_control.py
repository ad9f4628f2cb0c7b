"""The control of skips does stop a run, and the list of permitted ones is read strictly."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import permitted_skips
from tests.meta import source

TESTS = """\
import pytest

def test_skips():
    pytest.skip("on a whim")

@pytest.mark.xfail
def test_is_expected_to_fail():
    assert False

def test_needs_data(shared_data):
    assert shared_data.is_dir()
"""
MODULE = "import pytest\n\npytest.skip('all of it', allow_module_level=True)\n"
DATA = "* ; unset INCIDENTKIT_DATA ; INCIDENTKIT_DATA is not set\n"


def run(folder: Path, listed: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run pytest by itself over those tests, with a copy of the suite's conftest."""
    tests = folder / "tests"
    tests.mkdir()
    (tests / "conftest.py").write_bytes((source.TESTS / "conftest.py").read_bytes())
    (tests / "permitted_skips.txt").write_text(listed, encoding="utf-8")
    (tests / "test_it.py").write_text(TESTS, encoding="utf-8")
    (tests / "test_module.py").write_text(MODULE, encoding="utf-8")
    (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    kept = {key: value for key, value in os.environ.items() if not key.startswith("INCIDENTKIT")}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"],
        capture_output=True,
        check=False,
        cwd=folder,
        env=kept | environment,
        text=True,
    )


def test_a_skip_that_is_not_listed_fails_the_run(tmp_path: Path) -> None:
    done = run(tmp_path, DATA)
    assert done.returncode == pytest.ExitCode.TESTS_FAILED, done.stdout
    assert "does not list" in done.stdout
    assert "tests/test_it.py::test_skips: on a whim" in done.stdout
    assert "tests/test_module.py: all of it" in done.stdout
    assert "test_needs_data:" not in done.stdout
    assert "test_is_expected_to_fail:" not in done.stdout


def test_a_run_of_listed_skips_passes(tmp_path: Path) -> None:
    listed = f"{DATA}tests/test_it.py::* ; always ; on a whim\n* ; always ; all of it\n"
    done = run(tmp_path, listed)
    assert done.returncode == pytest.ExitCode.OK, done.stdout


def test_data_that_is_named_must_be_there(tmp_path: Path) -> None:
    listed = f"{DATA}tests/test_it.py::* ; always ; on a whim\n* ; always ; all of it\n"
    done = run(tmp_path, listed, INCIDENTKIT_DATA=str(tmp_path / "nowhere"))
    assert done.returncode == pytest.ExitCode.TESTS_FAILED, done.stdout
    assert "names no folder" in done.stdout


@pytest.mark.parametrize(
    ("line", "covered"),
    [
        ("tests/test_it.py::* ; always ; on a whim", True),
        ("tests/test_it.py::test_it[[]* ; always ; on a whim", False),
        ("tests/test_it.py::test_it[*] ; always ; on a whim", True),
        ("tests/test_it.py::* ; always ; out of need", False),
        ("tests/test_other.py::* ; always ; on a whim", False),
        ("* ; missing no_such_module ; on a*", True),
        ("* ; missing pytest ; on a*", False),
        ("* ; unset NO_SUCH_VARIABLE ; on a*", True),
        ("* ; unset PATH ; on a*", False),
    ],
)
def test_a_line_covers_by_node_condition_and_reason(line: str, covered: bool) -> None:
    (permitted,) = permitted_skips(["# a comment", "", line])
    assert permitted.covers("tests/test_it.py::test_it[x]", "on a whim") is covered


@pytest.mark.parametrize("line", ["tests/*", "tests/* ; always", "tests/* ; always ; "])
def test_a_line_that_cannot_be_read_is_refused(line: str) -> None:
    with pytest.raises(pytest.UsageError, match="node ; when ; reason"):
        permitted_skips([line])


def test_an_unknown_condition_is_refused() -> None:
    (permitted,) = permitted_skips(["* ; sometimes ; *"])
    with pytest.raises(pytest.UsageError, match="sometimes"):
        permitted.covers("tests/test_it.py::test_it", "on a whim")
