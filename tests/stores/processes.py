"""Other processes, as real ones: they run a few lines against a store's file."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import incidentkit

ROOT = Path(__file__).parents[2]
SOURCE = Path(incidentkit.__file__).parents[1]

PRELUDE = """
import os, sys
from incidentkit.errors import *
from incidentkit.ports.rows import *
from incidentkit.ports.query import Query
from incidentkit.stores.sqlite.store import SqliteStore
from tests.stores.factories import KINDS
from tests.stores.shapes import *

def say(*words):
    print(*words, flush=True)

store = SqliteStore(sys.argv[1])
store.declare(KINDS)
"""


def environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    return {**kept, "PYTHONPATH": f"{SOURCE}{os.pathsep}{ROOT}"}


@contextmanager
def other(code: str, path: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A process that runs the lines; ended with the block, whatever it does."""
    command = [sys.executable, "-W", "error", "-c", PRELUDE + code, str(path), *arguments]
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
    )
    try:
        with process:
            try:
                yield process
            finally:
                process.kill()
    finally:
        process.wait()


def heard(process: subprocess.Popen[str]) -> str:
    """The next line it says."""
    assert process.stdout is not None
    line = process.stdout.readline().strip()
    if not line:
        assert process.stderr is not None
        raise AssertionError(f"the other process failed:\n{process.stderr.read()}")
    return line


def run(code: str, path: Path, *arguments: str) -> str:
    """What a process says that runs to its end."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", PRELUDE + code, str(path), *arguments],
        capture_output=True,
        text=True,
        env=environment(),
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
