"""Working the queue in an event loop; the tasks and their flows are those of `desk.due`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from typing import Any, Protocol

from incidentkit.desk.async_driving import called
from incidentkit.desk.due import AT_ONCE, MOST, claim_args, flow_of, later, next_time
from incidentkit.desk.ports import Ports
from incidentkit.desk.watch import late
from incidentkit.errors import IncidentKitError, StaleToken, StoreError
from incidentkit.flows.draft import MESSAGE
from incidentkit.flows.effects import Flow
from incidentkit.flows.setting import Setting
from incidentkit.ports.rows import Claimed, ClaimedTask


class AsyncWorks(Protocol):
    """What working the queue needs of a desk."""

    @property
    def ports(self) -> Ports:
        """The desk's connections."""
        ...

    def at(self, tenant: str) -> AsyncWorks:
        """The same desk as the system of a tenant."""
        ...

    async def setting(self) -> Setting:
        """The surroundings of a run."""
        ...

    async def run(
        self, make: Callable[[], Flow[Any]], action: str, *, repeatable: bool, setting: Setting
    ) -> Any:
        """Run a flow."""
        ...

    async def observed(self, hook: str, value: object) -> None:
        """Tell observers."""
        ...

    async def before_round(self) -> None:
        """What comes before the first claim."""
        ...

    async def after_claim(self) -> None:
        """What comes between claim and work."""
        ...

    async def after_round(self, done: int, late: timedelta, next_at: datetime | None) -> None:
        """What comes when nothing is due any more."""
        ...


async def run_due(desk: AsyncWorks) -> datetime | None:
    """Do everything that is due, some tasks side by side; when to call again."""
    ports = desk.ports
    done, latest = 0, timedelta()
    await desk.before_round()
    while True:
        claimed: Claimed = await called(ports.store.claim, *claim_args(ports, AT_ONCE))
        ports.heard(claimed.at)
        await desk.after_claim()
        latest = max(latest, late(claimed.at, claimed.tasks))
        _ = await asyncio.gather(*(work(desk, task) for task in claimed.tasks))
        done += len(claimed.tasks)
        if not claimed.tasks or done >= MOST:
            await desk.after_round(done, latest, next_time(claimed))
            return ports.now() if claimed.tasks else next_time(claimed)


async def work(desk: AsyncWorks, claimed: ClaimedTask) -> None:
    """Do one task as the system of its tenant; a failure puts it off with its reason."""
    here = desk.at(claimed.tenant)
    desk.ports.watch.known.add(claimed.tenant)
    try:
        setting = desk.ports.watch.restrained(await here.setting(), claimed)
        outcome = await here.run(
            lambda: flow_of(setting, claimed),
            claimed.task.queue,
            repeatable=claimed.task.queue != MESSAGE,
            setting=setting,
        )
    except StaleToken:
        return
    except IncidentKitError as error:
        ports = desk.ports
        settle = later(ports, claimed, error)
        _ = await called(ports.store.settle, claimed.tenant, (settle,))
        return
    if claimed.task.queue == MESSAGE and outcome.value is not None:
        await here.observed("incidentkit_on_delivery", outcome.value)


async def serve(desk: AsyncWorks, stop: asyncio.Event, workers: int, poll: float) -> None:
    """Run what is due until `stop` is set, with at most `workers` loops side by side."""
    loops: list[Coroutine[Any, Any, None]] = [_loop(desk, stop, poll) for _ in range(workers)]
    _ = await asyncio.gather(*loops)


async def _loop(desk: AsyncWorks, stop: asyncio.Event, poll: float) -> None:
    while not stop.is_set():
        wait = poll
        try:
            next_at = await run_due(desk)
        except StoreError as error:
            desk.ports.guard.faults.record("store", "run_due", str(error), type(error).__name__)
        else:
            if next_at is not None:
                wait = min(poll, max(0.0, (next_at - desk.ports.now()).total_seconds()))
        try:
            _ = await asyncio.wait_for(stop.wait(), wait)
        except TimeoutError:
            continue
