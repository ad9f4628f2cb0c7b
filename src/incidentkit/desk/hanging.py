"""Sends that hang: nobody waits for them, their tasks are kept from others for a while, then not.

A send that gave no answer while a lease lasted is most likely stuck, and may yet come through. It
is told at once, and its task is held for four minutes more, so that it is not sent twice for being
slow. Then the task is let go, whatever the send may still do: its token is void.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from threading import Lock
from typing import Protocol

from incidentkit.ports.rows import ClaimedTask


class Job(Protocol):
    """What is known of a send that hangs: until when it is held, by the monotonic clock."""

    claimed: ClaimedTask
    until: float
    told: bool
    ended: bool


class Hanging:
    """The hung sends of one process; every worker of it looks after all of them."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._jobs: list[Job] = []

    def add(self, job: Job) -> None:
        """A send hangs, and is held until what it says."""
        with self._lock:
            self._jobs.append(job)

    def untold(self) -> list[Job]:
        """Those that nobody was told of, once."""
        with self._lock:
            found = [job for job in self._jobs if not job.told and not job.ended]
            for job in found:
                job.told = True
        return found

    def over(self) -> list[Job]:
        """Those that were held for long enough, once; what has ended is forgotten."""
        now = time.monotonic()
        with self._lock:
            over = [job for job in self._jobs if not job.ended and now >= job.until]
            self._jobs = [job for job in self._jobs if not job.ended and job not in over]
        return over

    def forget(self, jobs: Sequence[Job]) -> None:
        """Somebody else looks after these."""
        with self._lock:
            self._jobs = [job for job in self._jobs if job not in jobs]
