"""What was measured on, so that figures of two runs can be told apart."""

from __future__ import annotations

import os
import platform
import sqlite3
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.benchmarks.measuring import Plan, rounded, spread
from tests.benchmarks.peers import version_of

LIBRARIES = (
    "incidentkit",
    "attrs",
    "pluggy",
    "msgspec",
    "Django",
    "python-statemachine",
    "transitions",
    "eventsourcing",
)


def described(plan: Plan) -> dict[str, Any]:
    """The machine, the libraries, and how fast both are at the moment."""
    return {
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "load": [rounded(each) for each in os.getloadavg()] if hasattr(os, "getloadavg") else None,
        "system": f"{platform.system()} {platform.release()}",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "sqlite": sqlite3.sqlite_version,
        "libraries": {name: version_of(name) for name in LIBRARIES},
        "fsync_us": spread(fsyncs(plan.size(200, 3))),
        "plain_loop_ns": rounded(loop_ns(plan.size(20, 1))),
        "temporary_files": tempfile.gettempdir(),
    }


def _cpu() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def fsyncs(times: int) -> list[float]:
    """Microseconds that it takes to append a page to a file and have it on the disk."""
    found: list[float] = []
    page = os.urandom(4096)
    with tempfile.NamedTemporaryFile() as file:
        for _ in range(times):
            os.write(file.fileno(), page)
            began = time.perf_counter_ns()
            os.fsync(file.fileno())
            found.append((time.perf_counter_ns() - began) / 1e3)
    return found


def loop_ns(times: int) -> float:
    """Nanoseconds of one turn of an empty loop: how fast plain Python is here, at this moment."""
    turns = 100_000
    found: list[float] = []
    for _ in range(times):
        began = time.perf_counter_ns()
        for _ in range(turns):
            pass
        found.append((time.perf_counter_ns() - began) / turns)
    return statistics.median(found)
