"""Real processes that start in milliseconds: one that has imported everything forks the others.

`python -m tests.proof.nursery` reads orders from its input, a line of JSON each. The workers are
processes like any other: killed, stopped and waited for by their number.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import traceback
from contextlib import suppress
from pathlib import Path
from typing import Any

import incidentkit

ROOT = Path(__file__).parents[2]
SOURCE = Path(incidentkit.__file__).parents[1]


class Worker:
    """One process: `job` of `tests.proof.jobs` with these arguments, writing to a log."""

    def __init__(self, nursery: Nursery, job: str, args: dict[str, Any]) -> None:
        self._nursery = nursery
        self.status: int | None = None
        self.log = Path(args["log"])
        self.pid: int = nursery.ask({"start": job, "args": args})

    def kill(self, number: int = signal.SIGKILL) -> None:
        """Send it a signal; it is waited for by `wait`, so its number is still its own."""
        if self.status is None:
            os.kill(self.pid, number)

    def ended(self) -> bool:
        """Whether it has come to its end."""
        if self.status is None:
            self.status = self._nursery.ask({"poll": self.pid})
        return self.status is not None

    def wait(self, timeout: float = 60.0) -> int:
        """Its exit status as `os.waitpid` gives it."""
        until = time.monotonic() + timeout
        while not self.ended():
            if time.monotonic() > until:
                raise TimeoutError(f"worker {self.pid} goes on and on")
            time.sleep(0.001)
        assert self.status is not None
        return self.status

    def lines(self) -> list[list[str]]:
        """What it has written so far; a line that a kill cut short is no line."""
        text = self.log.read_bytes().decode() if self.log.exists() else ""
        return [line.split() for line in text.split("\n")[:-1]]

    def until_said(self, word: str, count: int = 1, timeout: float = 60.0) -> list[list[str]]:
        """Wait until it has written so many lines that begin so."""
        until = time.monotonic() + timeout
        while True:
            found = [line for line in self.lines() if line and line[0] == word]
            if len(found) >= count:
                return found
            if self.ended():
                raise AssertionError(f"the worker ended before it said {word!r}: {self.lines()}")
            if time.monotonic() > until:
                raise TimeoutError(f"the worker never said {word!r}")
            time.sleep(0.001)


class Nursery:
    """The process that starts workers; ended with the block, and all workers with it."""

    def __init__(self) -> None:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.proof.nursery"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={**kept, "PYTHONPATH": f"{SOURCE}{os.pathsep}{ROOT}"},
        )
        self.workers: list[Worker] = []

    def start(self, job: str, **args: Any) -> Worker:
        """A new worker."""
        worker = Worker(self, job, args)
        self.workers = [one for one in self.workers if one.status is None]
        self.workers.append(worker)
        return worker

    def ask(self, order: dict[str, Any]) -> Any:
        """Give an order and read the answer."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order, default=str) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def __enter__(self) -> Nursery:
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self.workers:
            if not worker.ended():
                with suppress(ProcessLookupError):
                    worker.kill()
                worker.wait()
        with self._process as process:
            assert process.stdin is not None
            process.stdin.close()
            process.wait(20)


def begin(job: str, args: dict[str, Any]) -> int:
    """Fork a worker; its number."""
    from tests.proof.jobs import JOBS

    pid = os.fork()
    if pid:
        return pid
    code = 70
    try:
        os.dup2(os.open(os.devnull, os.O_RDWR), 0)
        os.dup2(os.open(os.devnull, os.O_RDWR), 1)
        JOBS[job](**args)
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def main() -> None:
    """Warm up, then do what is ordered until the input ends."""
    from tests.proof import jobs

    jobs.warm()
    for line in sys.stdin:
        order = json.loads(line)
        if "start" in order:
            answer: int | None = begin(order["start"], order["args"])
        else:
            pid, status = os.waitpid(order["poll"], os.WNOHANG)
            answer = status if pid else None
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
