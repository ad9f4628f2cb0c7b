"""One task: run its flow, settle it, or put it off; and what a worker claims.

A task that fails is not lost: its lease runs out or it is put off with its reason, and after five
leases that ran out, or five failures that do not pass, it is parked for a person to look at. A
channel that fails is left alone, and the pages that wait for it are made known.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

from incidentkit.desk.attempts import PASSING
from incidentkit.desk.circuits import OPENS_AFTER, PROBE_EVERY, OpenCircuit
from incidentkit.desk.ports import Ports
from incidentkit.errors import SchemaTooNew, StaleToken, TooBusy
from incidentkit.flows.automating import AUTOMATION
from incidentkit.flows.deliver import deliver
from incidentkit.flows.draft import MESSAGE, REACTION
from incidentkit.flows.effects import Flow, Send
from incidentkit.flows.reaction import reaction
from incidentkit.flows.setting import Outcome, Setting
from incidentkit.flows.wake import wake
from incidentkit.plugins.faults import described
from incidentkit.ports.rows import Again, Claimed, ClaimedTask, Park, Settle
from incidentkit.timing.instants import from_micros, to_micros

T = TypeVar("T")


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
"""Tasks under way at once in one call with an executor."""
MOST = 10_000
"""Tasks done in one call at most, so that a host that calls it gets its thread back."""
PUT_OFF = timedelta(seconds=30)
GIVE_UP = 5
"""Tries after which a task whose failure does not pass by itself is parked."""
LONGEST_PUT_OFF = 20
"""A task that waits for the store is put off by at most so many times `PUT_OFF`."""
HELD_FOR = timedelta(minutes=4)
"""So long a message whose send hangs is kept from others; then it is tried again, or parked."""
MOST_SWEPT = 200
"""Messages of a failing channel that are looked at, not sent, between two probes."""
_PASSES = (*PASSING, TooBusy, SchemaTooNew)
"""Failures that end by themselves, some of them with the worker of a newer release."""


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


def in_time(flow: Flow[T], deadline: Callable[[], float]) -> Flow[T]:
    """The flow, ended by StaleToken where it would send after its lease has run out.

    By then another worker may be sending the same message. `deadline` is of the monotonic clock.
    """
    step: Callable[[Any], Any] = flow.send
    value: Any = None
    try:
        while True:
            try:
                effect = step(value)
            except StopIteration as stop:
                result: T = stop.value
                return result
            if isinstance(effect, Send) and time.monotonic() >= deadline():
                raise StaleToken(("its lease ran out before the message was sent",))
            try:
                value = yield effect
                step = flow.send
            except Exception as error:
                value, step = error, flow.throw
    finally:
        flow.close()


def lease_ends() -> float:
    """When a lease that is taken now ends, by this process's own clock; ask before the claim."""
    return time.monotonic() + LEASE.total_seconds()


def claim_args(ports: Any, limit: int, abreast: int = OPENS_AFTER) -> tuple[Any, ...]:
    """What to claim with: the desk's time, the lease, how many, and of which channels none."""
    args = (ports.micros(), LEASE // timedelta(microseconds=1), limit)
    left_alone = ports.circuits.closed_to(ports.now(), abreast)
    return (*args, None, left_alone) if left_alone else args


def sweep_args(ports: Any, circuit: OpenCircuit, limit: int) -> tuple[Any, ...]:
    """What to claim the messages of one channel with."""
    args = (ports.micros(), LEASE // timedelta(microseconds=1), limit)
    others = tuple(name for name in ports.plugins.channels if name != circuit.channel)
    return (*args, None, ("", *others))


def next_time(claimed: Claimed, ports: Any = None) -> datetime | None:
    """When it is worth calling again."""
    planned = None if claimed.next_at is None else from_micros(claimed.next_at)
    probe = None if ports is None else ports.circuits.probes_at()
    return min((each for each in (planned, probe) if each is not None), default=None)


def beaten(desk: Works, claimed: Claimed, done: int, latest: timedelta) -> datetime | None:
    """End a worker's round, in which the latest task was so late; when to call again."""
    again = desk.ports.now() if claimed.tasks else next_time(claimed, desk.ports)
    desk.after_round(done, latest, again)
    return again


def attend(desk: Works, claimed: ClaimedTask, deadline: Callable[[], float]) -> None:
    """Do one task, if its channel may be handed something; else give it back."""
    ports, channel, now = desk.ports, claimed.task.channel, desk.ports.now()
    if not channel:
        work(desk, claimed, deadline)
    elif not ports.circuits.lacks(channel, now) and ports.circuits.begin(channel, now):
        try:
            work(desk, claimed, deadline)
        finally:
            ports.circuits.end(channel)
    else:
        give_back(desk, claimed)


def work(desk: Works, claimed: ClaimedTask, deadline: Callable[[], float]) -> None:
    """Do one task as the system of its tenant; a failure puts it off with its reason."""
    here = desk.at(claimed.tenant)
    desk.ports.watch.known.add(claimed.tenant)
    try:
        setting = desk.ports.watch.restrained(here.setting(), claimed)
        outcome = here.run(
            lambda: in_time(flow_of(setting, claimed), deadline),
            claimed.task.queue,
            repeatable=claimed.task.queue != MESSAGE,
            setting=setting,
        )
    except StaleToken:
        return
    except Exception as error:
        _ = desk.ports.store.settle(claimed.tenant, (later(desk.ports, claimed, error),))
        return
    if claimed.task.queue == MESSAGE and outcome.value is not None:
        here.observed("incidentkit_on_delivery", outcome.value)


def give_back(desk: Works, claimed: ClaimedTask) -> None:
    """Let go of a task that this worker cannot do now."""
    _ = desk.ports.store.settle(claimed.tenant, (returned(desk.ports, claimed),))


def returned(ports: Any, claimed: ClaimedTask) -> Settle:
    """The settle of a task that was not begun."""
    return Settle(claimed.task.id, claimed.token, Again(to_micros(ports.now()), "not begun"))


def later(ports: Any, claimed: ClaimedTask, error: Exception) -> Settle:
    """The settle of a task that failed; parked, where the failure is not one that passes."""
    why = f"{type(error).__name__}: {described(error, placed=False)}"[:500]
    passes = isinstance(error, _PASSES)
    if not passes:
        _ = ports.guard.faults.record("incidentkit", "work", why, type(error).__name__)
    if not passes and claimed.tries >= GIVE_UP:
        return Settle(claimed.task.id, claimed.token, Park(why))
    wait = PUT_OFF * min(claimed.tries, LONGEST_PUT_OFF)
    return Settle(claimed.task.id, claimed.token, Again(to_micros(ports.now() + wait), why))


def gave_up(ports: Any, claimed: ClaimedTask) -> Settle:
    """The settle of a message whose send hangs; whatever it says later, others may have it now."""
    task, token = claimed.task.id, claimed.token
    why = f"{claimed.task.channel} gave no answer; it may have sent the message all the same"
    if claimed.tries >= GIVE_UP:
        return Settle(task, token, Park(why))
    return Settle(task, token, Again(to_micros(ports.now() + PUT_OFF * claimed.tries), why))


def hangs(setting: Setting, claimed: ClaimedTask) -> Flow[Outcome[None]]:
    """The flow that tells of a message whose send hangs."""
    from incidentkit.flows.hung import tell

    return tell(setting, claimed, LEASE, HELD_FOR)


def held_until(ports: Any) -> int:
    """Until when a hung send keeps its task from others, in microseconds.

    A lease longer than it is held for, so that it is given back before it runs out.
    """
    return to_micros(ports.now() + HELD_FOR + LEASE)


def sweep(desk: Works) -> int:
    """Make known what waits for a failing channel; how many messages were looked at."""
    ports = desk.ports
    circuit = ports.circuits.to_sweep(ports.now())
    swept = 0
    while circuit is not None and swept < MOST_SWEPT:
        deadline = lease_ends()
        claimed: Claimed = ports.store.claim(*sweep_args(ports, circuit, AT_ONCE))
        ports.heard(claimed.at)
        if not claimed.tasks:
            break
        for task in claimed.tasks:
            if task.task.channel == circuit.channel:
                _delay(desk, task, circuit)
            else:
                attend(desk, task, lambda: deadline)  # noqa: B023 - done before the next claim
        swept += len(claimed.tasks)
    return swept


def _delay(desk: Works, claimed: ClaimedTask, circuit: OpenCircuit) -> None:
    here = desk.at(claimed.tenant)
    try:
        setting = here.setting()
        outcome = here.run(
            lambda: delaying(setting, claimed, circuit, desk.ports.now()),
            "delay",
            repeatable=True,
            setting=setting,
        )
    except StaleToken:
        return
    except Exception as error:
        _ = desk.ports.store.settle(claimed.tenant, (later(desk.ports, claimed, error),))
        return
    if outcome.value is not None:
        here.observed("incidentkit_on_delivery", outcome.value)


def delaying(
    setting: Setting, claimed: ClaimedTask, circuit: OpenCircuit, now: datetime
) -> Generator[Any, Any, Outcome[Any]]:
    """The flow that puts a message off while its channel is left alone."""
    from incidentkit.flows.delaying import delay

    until = max(circuit.probe_at, now + PROBE_EVERY)
    return delay(setting, claimed, circuit.failures, OPENS_AFTER, until)
