"""Looking after the sends that hang: they are told of, held for a while, and let go."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from incidentkit.desk import attending
from incidentkit.desk.attending import Works
from incidentkit.plugins.faults import described

if TYPE_CHECKING:
    from incidentkit.desk.hanging import Job
    from incidentkit.desk.ports import Ports


def ends() -> float:
    """Until when a send that hangs from now on is held, by the monotonic clock."""
    return time.monotonic() + attending.HELD_FOR.total_seconds()


def look_after(desk: Works) -> None:
    """Tell of sends that hang, and let go of those that were held for long enough."""
    hanging = desk.ports.watch.hanging
    for job in hanging.untold():
        try:
            _tell(desk, job)
        except Exception as error:
            job.told = False  # the next worker that comes by tells
            troubled(desk.ports, error)
    for job in hanging.over():
        claimed = job.claimed
        settle = attending.gave_up(desk.ports, claimed)
        _ = desk.ports.store.settle(claimed.tenant, (settle,))


def _tell(desk: Works, job: Job) -> None:
    ports, claimed = desk.ports, job.claimed
    task = (claimed.task.id, claimed.token)
    _ = ports.store.extend(claimed.tenant, (task,), attending.held_until(ports))
    here = desk.at(claimed.tenant)
    setting = ports.watch.restrained(here.setting(), claimed)
    make = lambda: attending.hangs(setting, claimed)  # noqa: E731
    _ = here.run(make, "hung", repeatable=True, setting=setting)


def troubled(ports: Ports, error: Exception) -> None:
    """Write down that a hung send could not be told of."""
    _ = ports.guard.faults.record("incidentkit", "work", described(error), type(error).__name__)
