"""Tasks side by side: what is claimed, begun, held back and given up, with an executor.

Of one channel at most five messages are under way, and with several places never all of them, so
that a channel which hangs leaves room for the others. A send that gives no answer while a lease
lasts hangs: nobody waits for it any longer (`hanging`). The lease of other work is renewed while it
goes on, a few times; then the task counts as lost, and another worker gets it.
"""

from __future__ import annotations

import time
from collections.abc import Collection
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from datetime import datetime, timedelta
from threading import Lock

import attrs

from incidentkit.desk import attending, holding
from incidentkit.desk.attending import Works
from incidentkit.desk.watch import late
from incidentkit.ports.rows import Claimed, ClaimedTask
from incidentkit.timing.instants import to_micros

MOST_RENEWED = 4
"""So often a lease is renewed while its task goes on; with 60 s that is more than three minutes."""


@attrs.define(eq=False)
class Job:
    """A claimed task in a worker's hands; `deadline` is its lease's end by the monotonic clock.

    `until` is how long a send that hangs is held, `told` whether that was told.
    """

    claimed: ClaimedTask
    deadline: float
    renewed: int = 0
    began: float | None = None
    hung: bool = False
    told: bool = False
    until: float = 0.0
    ended: bool = False
    lock: Lock = attrs.field(factory=Lock)

    @property
    def channel(self) -> str:
        """The channel of a message, else empty."""
        return self.claimed.task.channel

    @property
    def suspect(self) -> bool:
        """Whether an earlier worker was lost over it, or at the same time: it is done alone."""
        return self.claimed.lapses > 0

    @property
    def hangs(self) -> bool:
        """Whether it is a send that has given no answer for as long as a lease lasts."""
        begun = self.began if self.channel and not self.ended else None
        return begun is not None and time.monotonic() >= begun + attending.LEASE.total_seconds()

    @property
    def near_its_end(self) -> bool:
        """Whether two thirds of the lease are over."""
        return time.monotonic() >= self.deadline - attending.LEASE.total_seconds() / 3

    @property
    def over(self) -> bool:
        """Whether the lease has run out."""
        return time.monotonic() >= self.deadline


class Jobs:
    """The jobs of one worker; what both kinds of desk decide alike about them."""

    def __init__(self, most: int) -> None:
        self.most: int = most
        self.abreast: int = max(1, most - 1)
        self.held: list[Job] = []

    def taken(self) -> list[Job]:
        """What was held, which is held no longer."""
        held = list(self.held)
        self.held.clear()
        return held

    def room(self, running: Collection[Job]) -> int:
        """How many tasks may be claimed now.

        What is held does not count: its channel is full, and is left out of the next claims. A
        task whose lease ran out before may end this worker too, so nothing is claimed beside it.
        """
        if any(job.suspect for job in (*running, *self.held)):
            return 0
        return self.most - len(running)


class Crew(Jobs):
    """A worker that does tasks of a desk side by side in an executor."""

    def __init__(self, desk: Works, executor: Executor, most: int) -> None:
        super().__init__(most)
        self._desk = desk
        self._executor = executor
        self.running: dict[Future[None], Job] = {}
        self.done: int = 0
        self.last: Claimed = Claimed(0, (), None)
        self.latest: timedelta = timedelta()
        self.hung: list[Job] = []

    def until_done(self) -> datetime | None:
        """Do what is due until nothing is; when to call again."""
        self._desk.before_round()
        while True:
            claimed = self.turn()
            if self.running or self.held:
                self.rest(1.0)
                continue
            swept = 0 if self.done >= attending.MOST else attending.sweep(self._desk)
            self.done += swept
            if self.done >= attending.MOST or not (swept or claimed.tasks):
                return attending.beaten(self._desk, claimed, self.done, self.latest)

    def turn(self) -> Claimed:
        """Take leave of what has ended, claim what there is room for, begin it; the last claim.

        Raises what a task raised that is the worker's own fault and not the task's, such as the
        store being away.
        """
        self.look_after()
        ports = self._desk.ports
        while (room := self.room(self.running.values())) > 0 and self.done < attending.MOST:
            deadline = attending.lease_ends()
            self.last = ports.store.claim(*attending.claim_args(ports, room, self.abreast))
            ports.heard(self.last.at)
            self._desk.after_claim()
            self.latest = max(self.latest, late(self.last.at, self.last.tasks))
            self.held.extend([Job(task, deadline) for task in self.last.tasks])
            self.done += len(self.last.tasks)
            self._begin()
            if not self.last.tasks:
                break
        return self.last

    def look_after(self) -> None:
        """Renew leases that are needed on, give up what outlasts them, hear what has ended."""
        for future, job in list(self.running.items()):
            if future.done():
                del self.running[future]
                future.result()
            elif job.hangs:
                self._hangs(future, job)
            elif job.near_its_end and job.renewed < MOST_RENEWED:
                self._renew(job)
            elif job.over and future.cancel():
                del self.running[future]
                self._end(job)
            elif job.over and job.channel:
                self._hangs(future, job)
            elif job.over:
                del self.running[future]
        self.hung = [job for job in self.hung if not job.ended]
        holding.look_after(self._desk)
        self._begin()

    def _renew(self, job: Job) -> None:
        ports, claimed = self._desk.ports, job.claimed
        deadline = attending.lease_ends()
        until = to_micros(ports.now() + attending.LEASE)
        job.renewed += 1
        task = (claimed.task.id, claimed.token)
        if ports.store.extend(claimed.tenant, (task,), until)[0]:
            job.deadline = deadline

    def _begin(self) -> None:
        ports, back = self._desk.ports, list[Job]()
        held = self.taken()
        alone = {each.channel for each in ports.circuits.open()} if held else set[str]()
        for job in held:
            if job.channel and ports.circuits.lacks(job.channel, ports.now()):
                back.append(job)
            elif self._may_begin(job):
                self._submit(job)
            elif job.channel in alone or job.near_its_end:
                back.append(job)
            else:
                self.held.append(job)
        for job in back:
            attending.give_back(self._desk, job.claimed)

    def _may_begin(self, job: Job) -> bool:
        ports = self._desk.ports
        if self.running and (job.suspect or any(x.suspect for x in self.running.values())):
            return False
        return len(self.running) < self.most and (
            not job.channel or ports.circuits.begin(job.channel, ports.now(), self.abreast)
        )

    def _submit(self, job: Job) -> None:
        try:
            self.running[self._executor.submit(self._work, job)] = job
        except RuntimeError:  # the executor was shut down
            self._end(job)
            raise

    def _work(self, job: Job) -> None:
        job.began = time.monotonic()
        try:
            attending.work(self._desk, job.claimed, lambda: job.deadline)
        finally:
            self._end(job)

    def _end(self, job: Job) -> None:
        with job.lock:
            job.ended = True
            if job.channel:
                self._desk.ports.circuits.end(job.channel, hung=job.hung)

    def _hangs(self, future: Future[None], job: Job) -> None:
        """Nobody waits any longer for a send that gives no answer; it may yet end."""
        ports = self._desk.ports
        with job.lock:
            if job.ended:
                return  # just now
            job.hung = True
            ports.circuits.overdue(job.channel, ports.now())
        del self.running[future]
        self.hung.append(job)
        job.until = holding.ends()
        ports.watch.hanging.add(job)

    def rest(self, seconds: float) -> None:
        """Wait until something ends, or for so long."""
        if self.running:
            _ = wait(tuple(self.running), seconds, FIRST_COMPLETED)
        else:  # the channel of what is held is busy for another worker of this process
            time.sleep(min(seconds, 0.05))

    def finish(self) -> bool:
        """Give back what was not begun, and wait for the rest while its leases last.

        False where something still goes on then. What hangs is left to the next worker, a lease
        from now: a stop must not hold it back for as long as this worker would have.
        """
        held = self.taken()
        going = [job for job in self.hung if not job.ended]
        self._desk.ports.watch.hanging.forget(going)
        for job in going:
            self._renew(job)
        for job in held:
            attending.give_back(self._desk, job.claimed)
        while self.running:
            ends = max(job.deadline for job in self.running.values())
            left = max(0.0, ends - time.monotonic())
            over, left_over = wait(tuple(self.running), left, FIRST_COMPLETED)
            for future in over:
                del self.running[future]
            if left_over and not over:
                return False
        return not going
