"""Working the queue: claim, run the task's flow, settle, until nothing is due.

A task that fails is not lost: its lease runs out or it is put off with its reason, and after five
leases that ran out it is parked for a person to look at.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any, Protocol

from incidentkit.desk.ports import Ports
from incidentkit.desk.watch import late
from incidentkit.errors import IncidentKitError, StaleToken, StoreError
from incidentkit.flows.automating import AUTOMATION
from incidentkit.flows.deliver import deliver
from incidentkit.flows.draft import MESSAGE, REACTION
from incidentkit.flows.effects import Flow
from incidentkit.flows.reaction import reaction
from incidentkit.flows.setting import Outcome, Setting
from incidentkit.flows.wake import wake
from incidentkit.ports.rows import Again, Claimed, ClaimedTask, Park, Settle
from incidentkit.timing.instants import from_micros, to_micros


class Works(Protocol):
    """What working the queue needs of a desk."""

    @property
    def ports(self) -> Ports:
        """The desk's connections."""
        ...

    def at(self, tenant: str) -> Works:
        """The same desk as the system of a tenant."""
        ...

    def setting(self) -> Setting:
        """The surroundings of a run."""
        ...

    def run(
        self, make: Callable[[], Flow[Any]], action: str, *, repeatable: bool, setting: Setting
    ) -> Any:
        """Run a flow."""
        ...

    def observed(self, hook: str, value: object) -> None:
        """Tell observers."""
        ...

    def before_round(self) -> None:
        """What comes before the first claim."""
        ...

    def after_claim(self) -> None:
        """What comes between claim and work."""
        ...

    def after_round(self, done: int, late: timedelta, next_at: datetime | None) -> None:
        """What comes when nothing is due any more."""
        ...


LEASE = timedelta(seconds=60)
AT_ONCE = 8
MOST = 10_000
"""Tasks done in one call at most, so that a host that calls it gets its thread back."""
PUT_OFF = timedelta(seconds=30)
GIVE_UP = 20
"""Tries after which a task that always fails is parked for a person to look at."""


def flow_of(setting: Setting, claimed: ClaimedTask) -> Flow[Outcome[Any]]:
    """The flow that does a task."""
    if claimed.task.queue == MESSAGE:
        return deliver(setting, claimed)
    if claimed.task.queue == REACTION:
        return reaction(setting, claimed)
    if claimed.task.queue == AUTOMATION:
        from incidentkit.flows.automated import automated

        return automated(setting, claimed)
    return wake(setting, claimed)


def claim_args(ports: Any, limit: int) -> tuple[Any, ...]:
    """What to claim with: the desk's time, the lease, and how many."""
    return ports.micros(), LEASE // timedelta(microseconds=1), limit


def next_time(claimed: Claimed) -> datetime | None:
    """When it is worth calling again."""
    return None if claimed.next_at is None else from_micros(claimed.next_at)


def run_due(desk: Works, executor: Executor | None) -> datetime | None:
    """Do everything that is due; see `Desk.run_due`."""
    ports = desk.ports
    done, latest = 0, timedelta()
    desk.before_round()
    while True:
        claimed: Claimed = ports.store.claim(*claim_args(ports, AT_ONCE if executor else 1))
        ports.heard(claimed.at)
        desk.after_claim()
        latest = max(latest, late(claimed.at, claimed.tasks))
        if executor is None:
            for task in claimed.tasks:
                work(desk, task)
        else:
            waiting = [executor.submit(work, desk, task) for task in claimed.tasks]
            for each in waiting:
                each.result()
        done += len(claimed.tasks)
        if not claimed.tasks or done >= MOST:
            desk.after_round(done, latest, next_time(claimed))
            return ports.now() if claimed.tasks else next_time(claimed)


def work(desk: Works, claimed: ClaimedTask) -> None:
    """Do one task as the system of its tenant; a failure puts it off with its reason."""
    here = desk.at(claimed.tenant)
    desk.ports.watch.known.add(claimed.tenant)
    try:
        setting = desk.ports.watch.restrained(here.setting(), claimed)
        outcome = here.run(
            lambda: flow_of(setting, claimed),
            claimed.task.queue,
            repeatable=claimed.task.queue != MESSAGE,
            setting=setting,
        )
    except StaleToken:
        return
    except IncidentKitError as error:
        put_off(desk, claimed, error)
        return
    if claimed.task.queue == MESSAGE and outcome.value is not None:
        here.observed("incidentkit_on_delivery", outcome.value)


def put_off(desk: Works, claimed: ClaimedTask, error: Exception) -> None:
    """Settle a task that failed: again later, and why."""
    ports = desk.ports
    _ = ports.store.settle(claimed.tenant, (later(ports, claimed, error),))


def later(ports: Any, claimed: ClaimedTask, error: Exception) -> Settle:
    """The settle of a task that failed."""
    why = f"{type(error).__name__}: {error}"[:500]
    if claimed.tries >= GIVE_UP:
        return Settle(claimed.task.id, claimed.token, Park(why))
    at = to_micros(ports.now() + PUT_OFF * claimed.tries)
    return Settle(claimed.task.id, claimed.token, Again(at, why))


def serve(desk: Works, stop: Any, workers: int, poll: float) -> None:
    """Run what is due until `stop` is set; see `Desk.serve`."""
    with ThreadPoolExecutor(workers, "incidentkit") as pool:
        _loop(lambda: run_due(desk, pool), stop, poll, desk)


def _loop(once: Callable[[], datetime | None], stop: Any, poll: float, desk: Works) -> None:
    while not stop.is_set():
        try:
            next_at = once()
        except StoreError as error:
            desk.ports.guard.faults.record("store", "run_due", str(error), type(error).__name__)
            next_at = None
        wait = poll
        if next_at is not None:
            wait = min(poll, (next_at - desk.ports.now()).total_seconds())
        if wait > 0:
            stop.wait(wait)
        else:
            time.sleep(0)
