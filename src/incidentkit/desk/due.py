"""Working the queue: claim, do the task, settle, until nothing is due.

What is done with one task stands in `attending`, tasks side by side in `crew`, a worker that goes
on in `serving`.
"""

from __future__ import annotations

from concurrent.futures import Executor
from datetime import datetime, timedelta
from typing import Any

from incidentkit.desk.attending import (
    AT_ONCE,
    LEASE,
    MOST,
    PUT_OFF,
    Works,
    attend,
    beaten,
    claim_args,
    lease_ends,
    sweep,
)
from incidentkit.desk.watch import late
from incidentkit.ports.rows import Claimed

__all__ = ["LEASE", "PUT_OFF", "run_due", "serve"]


def run_due(desk: Works, executor: Executor | None) -> datetime | None:
    """Do everything that is due; see `Desk.run_due`."""
    if executor is not None:
        from incidentkit.desk.crew import Crew

        return Crew(desk, executor, AT_ONCE).until_done()
    ports = desk.ports
    done, latest = 0, timedelta()
    desk.before_round()
    while True:
        deadline = lease_ends()
        claimed: Claimed = ports.store.claim(*claim_args(ports, 1))
        ports.heard(claimed.at)
        desk.after_claim()
        latest = max(latest, late(claimed.at, claimed.tasks))
        for task in claimed.tasks:
            attend(desk, task, lambda: deadline)  # noqa: B023 - done before the next claim
        swept = 0 if claimed.tasks else sweep(desk)
        done += len(claimed.tasks) + swept
        if swept:
            continue
        if not claimed.tasks or done >= MOST:
            return beaten(desk, claimed, done, latest)


def serve(desk: Works, stop: Any, workers: int, poll: float) -> None:
    """Run what is due until `stop` is set; see `Desk.serve`."""
    from incidentkit.desk.serving import serve as serving

    serving(desk, stop, workers, poll)
