"""A worker that goes on until it is told to stop: its rounds, its rests, and how it ends.

Nothing ends it but `stop`: when the store is away it waits, longer each time, and says so.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

from incidentkit.desk import attending
from incidentkit.desk.attending import Works
from incidentkit.desk.circuits import MOST_HUNG
from incidentkit.desk.crew import Crew
from incidentkit.errors import PagedElsewhere
from incidentkit.plugins.faults import described

SPARE = 2 * MOST_HUNG
"""Threads beyond the number of workers, in the place of those that hang in a channel."""
LONGEST_PAUSE = 30.0
"""Seconds between two tries while the store is away."""


def pause(failures: int, poll: float) -> float:
    """Seconds to wait after so many failed rounds in a row."""
    return float(min(LONGEST_PAUSE, poll * 2 ** min(failures - 1, 20)))


def failed(ports: Any, error: Exception) -> None:
    """Write down that a round failed."""
    _ = ports.guard.faults.record("store", "run_due", described(error), type(error).__name__)


def serve(desk: Works, stop: Any, workers: int, poll: float) -> None:
    """Run what is due until `stop` is set; see `Desk.serve`."""
    pool = ThreadPoolExecutor(workers + SPARE, "incidentkit")
    crew = Crew(desk, pool, workers)
    failures, ended = 0, False
    try:
        while not stop.is_set():
            try:
                seconds = _round(desk, crew, poll)
                failures = 0
                if seconds > 0 and not stop.is_set():
                    _rest(desk, crew, stop, seconds, at_peace=True)
            except PagedElsewhere:
                raise
            except Exception as error:
                failures += 1
                failed(desk.ports, error)
                _rest(desk, crew, stop, pause(failures, poll), at_peace=False)
        try:
            ended = crew.finish()
        except Exception as error:
            failed(desk.ports, error)
    finally:
        # A thread that hangs in a channel cannot be ended; nobody waits for it.
        pool.shutdown(wait=ended, cancel_futures=True)


def _round(desk: Works, crew: Crew, poll: float) -> float:
    """Do what is due now; seconds until something may be due again."""
    crew.done, crew.latest = 0, timedelta()
    desk.before_round()
    claimed = crew.turn()
    ports = desk.ports
    if crew.room(crew.running.values()) > 0:
        crew.done += attending.sweep(desk)
    now = ports.now()
    next_at = attending.next_time(claimed, ports)
    desk.after_round(crew.done, crew.latest, next_at)
    if crew.done >= attending.MOST:
        return 0.0
    if crew.held or next_at is None:
        return poll
    return min(poll, max(0.0, (next_at - now).total_seconds()))


def _rest(desk: Works, crew: Crew, stop: Any, seconds: float, *, at_peace: bool) -> None:
    """Wait for a task to end, for the store to call, for `stop`, or for so long."""
    wake = getattr(desk.ports.store, "wait", None) if at_peace else None
    if crew.running:
        crew.rest(seconds)
    elif wake is not None:
        wake(seconds)
    else:
        stop.wait(seconds)
    time.sleep(0)
