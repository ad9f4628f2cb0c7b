"""Working the queue in an event loop; the tasks and their flows are those of `desk.attending`."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Protocol

from incidentkit.desk import attending
from incidentkit.desk.async_driving import called
from incidentkit.desk.circuits import OpenCircuit
from incidentkit.desk.crew import MOST_RENEWED, Job, Jobs
from incidentkit.desk.holding import ends, troubled
from incidentkit.desk.ports import Ports
from incidentkit.desk.serving import failed, pause
from incidentkit.desk.watch import late
from incidentkit.errors import PagedElsewhere, StaleToken
from incidentkit.flows.draft import MESSAGE
from incidentkit.flows.effects import Flow
from incidentkit.flows.setting import Setting
from incidentkit.ports.rows import Claimed, ClaimedTask
from incidentkit.timing.instants import to_micros


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
    crew = AsyncCrew(desk, attending.AT_ONCE)
    try:
        return await crew.until_done()
    except Exception:
        await crew.finish()
        raise
    finally:
        await crew.abandon()


class AsyncCrew(Jobs):
    """A worker that does tasks of a desk side by side in an event loop; see `desk.crew`."""

    def __init__(self, desk: AsyncWorks, most: int) -> None:
        super().__init__(most)
        self._desk = desk
        self.running: dict[asyncio.Task[None], Job] = {}
        self.done: int = 0
        self.last: Claimed = Claimed(0, (), None)
        self.latest: timedelta = timedelta()
        self.hung: dict[asyncio.Task[None], Job] = {}

    async def until_done(self) -> datetime | None:
        """Do what is due until nothing is; when to call again."""
        await self._desk.before_round()
        while True:
            claimed = await self.turn()
            if self.running or self.held:
                await self.rest(1.0)
                continue
            swept = 0 if self.done >= attending.MOST else await self.sweep()
            self.done += swept
            if self.done >= attending.MOST or not (swept or claimed.tasks):
                return await self.beaten(claimed)

    async def beaten(self, claimed: Claimed) -> datetime | None:
        """End the worker's round; when to call again."""
        ports = self._desk.ports
        again = ports.now() if claimed.tasks else attending.next_time(claimed, ports)
        await self._desk.after_round(self.done, self.latest, again)
        return again

    async def turn(self) -> Claimed:
        """Take leave of what has ended, claim what there is room for, begin it; the last claim."""
        await self.look_after()
        ports = self._desk.ports
        while (room := self.room(self.running.values())) > 0 and self.done < attending.MOST:
            deadline = attending.lease_ends()
            args = attending.claim_args(ports, room, self.abreast)
            self.last = await called(ports.store.claim, *args)
            ports.heard(self.last.at)
            await self._desk.after_claim()
            self.latest = max(self.latest, late(self.last.at, self.last.tasks))
            self.held.extend([Job(task, deadline) for task in self.last.tasks])
            self.done += len(self.last.tasks)
            await self._begin()
            if not self.last.tasks:
                break
        return self.last

    async def look_after(self) -> None:
        """Renew leases that are needed on, give up what outlasts them, hear what has ended."""
        for task, job in list(self.running.items()):
            if task.done():
                del self.running[task]
                task.result()
            elif job.hangs:
                self._hangs(task, job)
            elif job.near_its_end and job.renewed < MOST_RENEWED:
                await self._renew(job)
            elif job.over and job.channel and not job.ended:
                self._hangs(task, job)
            elif job.over:
                del self.running[task]
                _ = task.cancel()
        await self._look_after_hung()
        await self._begin()

    def _hangs(self, task: asyncio.Task[None], job: Job) -> None:
        """Nobody waits any longer for a send that gives no answer; it may yet end."""
        ports = self._desk.ports
        job.hung, job.until = True, ends()
        ports.circuits.overdue(job.channel, ports.now())
        del self.running[task]
        self.hung[task] = job

    async def _look_after_hung(self) -> None:
        """Tell of sends that hang, and end those that were held for long enough."""
        for task, job in list(self.hung.items()):
            if task.done():
                del self.hung[task]
            elif not job.told:
                await self._tell(job)
            elif time.monotonic() >= job.until:
                await self._let_go(task, job)

    async def _tell(self, job: Job) -> None:
        ports, claimed = self._desk.ports, job.claimed
        held = ((claimed.task.id, claimed.token),)
        try:
            until = attending.held_until(ports)
            _ = await called(ports.store.extend, claimed.tenant, held, until)
            here = self._desk.at(claimed.tenant)
            setting = ports.watch.restrained(await here.setting(), claimed)
            make = lambda: attending.hangs(setting, claimed)  # noqa: E731
            await here.run(make, "hung", repeatable=True, setting=setting)
            job.told = True
        except Exception as error:
            troubled(ports, error)

    async def _let_go(self, task: asyncio.Task[None], job: Job) -> None:
        """End a send, and leave its message to the next try."""
        del self.hung[task]
        _ = task.cancel()
        _ = await asyncio.gather(task, return_exceptions=True)
        settle = attending.gave_up(self._desk.ports, job.claimed)
        _ = await called(self._desk.ports.store.settle, job.claimed.tenant, (settle,))

    async def _renew(self, job: Job) -> None:
        ports, claimed = self._desk.ports, job.claimed
        deadline = attending.lease_ends()
        until = to_micros(ports.now() + attending.LEASE)
        job.renewed += 1
        tasks = ((claimed.task.id, claimed.token),)
        renewed = await called(ports.store.extend, claimed.tenant, tasks, until)
        if renewed[0]:
            job.deadline = deadline

    async def _begin(self) -> None:
        ports, back = self._desk.ports, list[Job]()
        held = self.taken()
        alone = {each.channel for each in ports.circuits.open()} if held else set[str]()
        for job in held:
            if job.channel and ports.circuits.lacks(job.channel, ports.now()):
                back.append(job)
                continue
            beside = self.running and (job.suspect or any(x.suspect for x in self.running.values()))
            if (
                not beside
                and len(self.running) < self.most
                and (
                    not job.channel or ports.circuits.begin(job.channel, ports.now(), self.abreast)
                )
            ):
                self.running[asyncio.create_task(self._work(job))] = job
            elif job.channel in alone or job.near_its_end:
                back.append(job)
            else:
                self.held.append(job)
        for job in back:
            await give_back(self._desk, job.claimed)

    async def _work(self, job: Job) -> None:
        job.began = time.monotonic()
        try:
            await work(self._desk, job.claimed, lambda: job.deadline)
        finally:
            job.ended = True
            if job.channel:
                self._desk.ports.circuits.end(job.channel, hung=job.hung)

    async def rest(self, seconds: float) -> None:
        """Wait until something ends, or for so long."""
        if self.running:
            _ = await asyncio.wait(
                tuple(self.running), timeout=seconds, return_when=asyncio.FIRST_COMPLETED
            )
        else:
            await asyncio.sleep(min(seconds, 0.05))

    async def finish(self) -> None:
        """Give back what was not begun, and wait for the rest while its leases last."""
        held = self.taken()
        for job in held:
            await give_back(self._desk, job.claimed)
        while self.running:
            ends = max(job.deadline for job in self.running.values())
            left = max(0.0, ends - time.monotonic())
            over, going = await asyncio.wait(
                tuple(self.running), timeout=left, return_when=asyncio.FIRST_COMPLETED
            )
            for task in over:
                del self.running[task]
                _ = task.exception()
            if going and not over:
                break
        await self.abandon()

    async def abandon(self) -> None:
        """Let go of what still goes on, because the loop ends or somebody cancelled."""
        for task, job in list(self.hung.items()):
            with contextlib.suppress(Exception):  # then its lease runs out
                await self._let_go(task, job)
        self.hung.clear()
        going = tuple(self.running)
        self.running.clear()
        for task in going:
            _ = task.cancel()
        _ = await asyncio.gather(*going, return_exceptions=True)

    async def sweep(self) -> int:
        """Make known what waits for a failing channel; how many messages were looked at."""
        desk, ports = self._desk, self._desk.ports
        circuit = ports.circuits.to_sweep(ports.now())
        swept = 0
        while circuit is not None and swept < attending.MOST_SWEPT:
            deadline = attending.lease_ends()
            args = attending.sweep_args(ports, circuit, attending.AT_ONCE)
            claimed: Claimed = await called(ports.store.claim, *args)
            ports.heard(claimed.at)
            if not claimed.tasks:
                break
            for task in claimed.tasks:
                if task.task.channel == circuit.channel:
                    await _delay(desk, task, circuit)
                else:
                    await attend(desk, task, lambda: deadline)  # noqa: B023 - done before the next
            swept += len(claimed.tasks)
        return swept


async def attend(desk: AsyncWorks, claimed: ClaimedTask, deadline: Callable[[], float]) -> None:
    """Do one task, if its channel may be handed something; else give it back."""
    ports, channel, now = desk.ports, claimed.task.channel, desk.ports.now()
    if not channel:
        await work(desk, claimed, deadline)
    elif not ports.circuits.lacks(channel, now) and ports.circuits.begin(channel, now):
        try:
            await work(desk, claimed, deadline)
        finally:
            ports.circuits.end(channel)
    else:
        await give_back(desk, claimed)


async def work(desk: AsyncWorks, claimed: ClaimedTask, deadline: Callable[[], float]) -> None:
    """Do one task as the system of its tenant; a failure puts it off with its reason."""
    here = desk.at(claimed.tenant)
    desk.ports.watch.known.add(claimed.tenant)
    try:
        setting = desk.ports.watch.restrained(await here.setting(), claimed)
        outcome = await here.run(
            lambda: attending.in_time(attending.flow_of(setting, claimed), deadline),
            claimed.task.queue,
            repeatable=claimed.task.queue != MESSAGE,
            setting=setting,
        )
    except StaleToken:
        return
    except Exception as error:
        settle = attending.later(desk.ports, claimed, error)
        _ = await called(desk.ports.store.settle, claimed.tenant, (settle,))
        return
    if claimed.task.queue == MESSAGE and outcome.value is not None:
        await here.observed("incidentkit_on_delivery", outcome.value)


async def give_back(desk: AsyncWorks, claimed: ClaimedTask) -> None:
    """Let go of a task that this worker cannot do now."""
    settle = attending.returned(desk.ports, claimed)
    _ = await called(desk.ports.store.settle, claimed.tenant, (settle,))


async def _delay(desk: AsyncWorks, claimed: ClaimedTask, circuit: OpenCircuit) -> None:
    here = desk.at(claimed.tenant)
    try:
        setting = await here.setting()
        outcome = await here.run(
            lambda: attending.delaying(setting, claimed, circuit, desk.ports.now()),
            "delay",
            repeatable=True,
            setting=setting,
        )
    except StaleToken:
        return
    except Exception as error:
        settle = attending.later(desk.ports, claimed, error)
        _ = await called(desk.ports.store.settle, claimed.tenant, (settle,))
        return
    if outcome.value is not None:
        await here.observed("incidentkit_on_delivery", outcome.value)


async def serve(desk: AsyncWorks, stop: asyncio.Event, workers: int, poll: float) -> None:
    """Run what is due until `stop` is set, with at most `workers` tasks side by side."""
    crew = AsyncCrew(desk, workers)
    failures = 0
    try:
        while not stop.is_set():
            try:
                seconds = await _round(desk, crew, poll)
                failures = 0
                if seconds > 0 and not stop.is_set():
                    await _rest(desk, crew, stop, seconds, at_peace=True)
            except PagedElsewhere:
                raise
            except Exception as error:
                failures += 1
                failed(desk.ports, error)
                await _rest(desk, crew, stop, pause(failures, poll), at_peace=False)
        try:
            await crew.finish()
        except Exception as error:
            failed(desk.ports, error)
    finally:
        await crew.abandon()


async def _round(desk: AsyncWorks, crew: AsyncCrew, poll: float) -> float:
    """Do what is due now; seconds until something may be due again."""
    crew.done, crew.latest = 0, timedelta()
    await desk.before_round()
    claimed = await crew.turn()
    ports = desk.ports
    if crew.room(crew.running.values()) > 0:
        crew.done += await crew.sweep()
    now = ports.now()
    next_at = attending.next_time(claimed, ports)
    await desk.after_round(crew.done, crew.latest, next_at)
    if crew.done >= attending.MOST:
        return 0.0
    if crew.held or next_at is None:
        return poll
    return min(poll, max(0.0, (next_at - now).total_seconds()))


async def _rest(
    desk: AsyncWorks, crew: AsyncCrew, stop: asyncio.Event, seconds: float, *, at_peace: bool
) -> None:
    """Wait for a task to end, for the store to call, for `stop`, or for so long."""
    ends: list[asyncio.Task[Any]] = [asyncio.create_task(stop.wait())]
    wake = getattr(desk.ports.store, "wait", None) if at_peace else None
    if wake is not None and not crew.running:
        ends.append(asyncio.create_task(called(wake, seconds)))
    try:
        _ = await asyncio.wait(
            (*ends, *crew.running), timeout=seconds, return_when=asyncio.FIRST_COMPLETED
        )
    finally:
        for each in ends:
            _ = each.cancel()
        _ = await asyncio.gather(*ends, return_exceptions=True)
