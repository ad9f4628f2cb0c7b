"""E15b's process: the system's clock is set back and forth under it, by libfaketime.

`python -m tests.proof.faked URL LOG FILE COUNT SEED`, with libfaketime loaded and told to read FILE
at every look at the clock. What elapses is measured by the monotonic clock, which goes on.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

from incidentkit import Desk
from tests.proof.nursery import ROOT, SOURCE

LIBRARY = next(iter(sorted(Path("/usr/lib").glob("**/faketime/libfaketimeMT.so.1"))), None)
"""Where the system has it; Debian calls the package `faketime`."""
STEPS = (-3_600, 3_600, 86_400, -1)
"""Seconds by which the clock is set."""
WITHIN = 600
POLICY = {
    "paging": {"priorities": [], "calls": []},
    "targets": {
        "resolve": {"within": {"P5": "10m"}, "warn_percent": 50},
        "acknowledge": {"within": {}},
    },
}


def told(offset: int) -> str:
    """What libfaketime reads."""
    return f"{offset:+d}s\n"


def begun(
    url: str, log: Path, file: Path, count: int, seed: int
) -> subprocess.CompletedProcess[str]:
    """Run the process with the clock of the file."""
    if LIBRARY is None:
        raise RuntimeError("libfaketime is not installed")
    file.write_text(told(0), encoding="ascii")
    env = {
        **os.environ,
        "PYTHONPATH": f"{SOURCE}{os.pathsep}{ROOT}",
        "LD_PRELOAD": str(LIBRARY),
        "FAKETIME_TIMESTAMP_FILE": str(file),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
    command = [sys.executable, "-m", "tests.proof.faked", url, str(log), str(file)]
    command += [str(count), str(seed)]
    return subprocess.run(
        command, cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=3_600
    )


def stepping(url: str, log: Path, file: Path, count: int, seed: int) -> None:
    """Set the clock `count` times, an incident before each, and fire what is due; at last all."""
    chance, offset, highest = random.Random(seed), 0, 0
    real = time.time() - time.monotonic()
    with log.open("w") as said, Desk.open(url, entry_points=False, policy=POLICY) as desk:
        for number in range(count):
            desk.declare(f"Down {number}", impact="low", urgency="low")
            offset += chance.choice(STEPS)
            highest = max(highest, offset)
            file.write_text(told(offset), encoding="ascii")
            seen = time.time() - time.monotonic() - real
            said.write(f"set {offset} {seen:.1f}\n")
            desk.run_due()
        # The clock is where it has never been, and every timer is due.
        file.write_text(told(highest + 2 * WITHIN), encoding="ascii")
        for _ in range(3):
            desk.run_due()


if __name__ == "__main__":
    stepping(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5]))
