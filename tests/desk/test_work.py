"""Working the queue: what is due is done, once, and what fails is put off or set aside.

Guarded here: no task is lost with its worker, none is done twice but a send after a crash, and one
that cannot be done is where a person finds it.
"""

from __future__ import annotations

import asyncio
import threading
import time as clock
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from incidentkit import AsyncDesk, Desk, ManualTime, MemoryStore
from incidentkit.desk.due import LEASE, PUT_OFF
from incidentkit.errors import NotFound, Retryable
from incidentkit.ports.rows import LAPSES_BEFORE_PARKING, TaskQuery, TaskState
from tests.desk.stores import Wrapped
from tests.flows import world
from tests.flows.world import URGENT

Open = Callable[..., Any]

ONE_ROUND: dict[str, Any] = {
    "paging": {"rounds": 1, "calls": []},
    "targets": {"resolve": {"within": {}}, "acknowledge": {"within": {}}},
}


def test_it_says_when_to_call_again(open_desk: Open, url: str) -> None:
    time = ManualTime()
    desk = open_desk(url, time=time, channels={"sms": world.pager()})
    assert desk.run_due() is None
    desk.declare("Down", assign="ana", **URGENT)
    assert desk.run_due() == time.now() + timedelta(minutes=5)
    assert desk.run_due() == time.now() + timedelta(minutes=5), "and does nothing meanwhile"


def test_an_executor_does_the_tasks_side_by_side() -> None:
    meeting = threading.Barrier(4, timeout=10)

    def sms(message: Any) -> None:
        meeting.wait()

    with Desk.open(channels={"sms": sms}) as desk, ThreadPoolExecutor(4) as pool:
        for n in range(4):
            desk.declare(f"Down {n}", assign=f"ana{n}", **URGENT)
        desk.run_due(pool)
        states = {desk.deliveries(f"INC-{n}")[0].state for n in range(1, 5)}
        assert states == {"sent"}
        assert desk.faults == ()


class Crash(BaseException):
    """The process dies: nothing in it is caught."""


class Dying:
    """A channel that takes the worker with it, after it has sent."""

    def __init__(self, times: int) -> None:
        self.times = times
        self.sent: list[Any] = []

    def __call__(self, message: Any) -> None:
        self.sent.append(message)
        if len(self.sent) <= self.times:
            raise Crash


def test_after_a_crash_the_same_message_is_sent_once_more(open_desk: Open, url: str) -> None:
    time, sms = ManualTime(), Dying(1)
    desk = open_desk(url, time=time, channels={"sms": sms}, policy=ONE_ROUND)
    desk.declare("Down", assign="ana", **URGENT)
    with pytest.raises(Crash):
        desk.run_due()
    again = desk.run_due()
    assert (len(sms.sent), again) == (1, time.now() + LEASE), "its lease is not over"
    time.move(seconds=LEASE.total_seconds())
    desk.run_due()
    time.move(days=1)
    desk.run_due()
    first, second = sms.sent
    assert (first.key, first.answer_token) == (second.key, second.answer_token)
    assert desk.deliveries("INC-1")[0].state == "sent"


def test_what_kills_its_worker_is_parked_and_can_be_tried_again(open_desk: Open, url: str) -> None:
    time, sms = ManualTime(), Dying(LAPSES_BEFORE_PARKING)
    desk = open_desk(url, time=time, channels={"sms": sms}, policy=ONE_ROUND)
    desk.declare("Down", assign="ana", **URGENT)
    for _ in range(LAPSES_BEFORE_PARKING):
        with pytest.raises(Crash):
            desk.run_due()
        time.move(seconds=LEASE.total_seconds())
    desk.run_due()
    (parked,) = desk.tasks(TaskQuery(state=TaskState.PARKED))
    assert (parked.task.queue, parked.lapses) == ("message", LAPSES_BEFORE_PARKING)
    assert "lease ran out" in parked.why
    assert len(sms.sent) == LAPSES_BEFORE_PARKING
    desk.retry(parked.task.id, by="ana")
    desk.run_due()
    assert desk.deliveries("INC-1")[0].state == "sent"
    assert desk.tasks(TaskQuery(state=TaskState.PARKED)) == ()


def test_the_queue_is_listed_by_what_one_looks_for(open_desk: Open) -> None:
    desk = open_desk("memory:", time=ManualTime(), channels={"sms": world.pager()})
    desk.declare("Down", assign="ana", **URGENT)
    assert sorted(each.task.queue for each in desk.tasks()) == ["message", "timer"]
    (timer,) = desk.tasks(TaskQuery(queue="timer"))
    assert timer.task.subject == timer.task.id
    assert desk.tasks(TaskQuery(queue="timer", after=timer.task.id)) == ()


@pytest.mark.parametrize("name", ["", "wake:incident/x", "\ue000", "a b"])
def test_a_task_that_is_not_there_is_not_found(open_desk: Open, name: str) -> None:
    desk = open_desk("memory:", channels={"sms": world.pager()})
    desk.declare("Down", **URGENT)
    with pytest.raises(NotFound, match="task"):
        desk.retry(name)


class Failing(Wrapped):
    """Cannot read the policy of one tenant."""

    broken = False

    def load(self, tenant: Any, refs: Any) -> Any:
        if self.broken and tenant == "north" and refs[0].kind == "adoption":
            raise Retryable("the connection was lost")
        return self.inner.load(tenant, refs)


def test_a_task_that_fails_is_put_off_and_the_others_go_on(
    open_desk: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    from incidentkit.desk import core

    monkeypatch.setattr(core, "POLICY_REFRESH", -1.0)
    store, time, sms = Failing(), ManualTime(), world.pager()
    desk = open_desk(store=store, time=time, channels={"sms": sms}, policy=ONE_ROUND)
    for tenant in ("north", "south"):
        desk.tenant(tenant).declare("Down", assign=tenant, **URGENT)
    store.broken = True
    desk.run_due()
    assert world.said(sms) == ["south"]
    store.broken = False
    (task,) = desk.tenant("north").tasks(TaskQuery(queue="message"))
    assert "Retryable" in task.why
    time.move(seconds=PUT_OFF.total_seconds())
    desk.run_due()
    assert world.said(sms) == ["south", "north"]


# --- serving --------------------------------------------------------------------------------------


def until(true: Callable[[], bool]) -> None:
    """Wait for it, but not for ever."""
    end = clock.monotonic() + 10
    while not true():
        assert clock.monotonic() < end, "it never came true"
        clock.sleep(0.005)


def ours() -> list[str]:
    return [each.name for each in threading.enumerate() if each.name.startswith("incidentkit")]


def test_serve_starts_works_and_stops() -> None:
    sms, stop = world.pager(), threading.Event()
    with Desk.open(channels={"sms": sms}, policy=ONE_ROUND) as desk:
        serving = threading.Thread(target=desk.serve, args=(stop,), kwargs={"poll": 0.01})
        serving.start()
        desk.declare("Down", assign="ana", **URGENT)
        until(lambda: world.said(sms) == ["ana"])
        assert ours(), "it owns a pool"
        desk.declare("Down too", assign="bob", **URGENT)
        until(lambda: world.said(sms) == ["ana", "bob"])
        stop.set()
        serving.join(10)
        assert not serving.is_alive()
        assert ours() == []


def test_serve_survives_a_store_that_is_away_for_a_while() -> None:
    class Away(Wrapped):
        times = 3

        def claim(self, *args: Any) -> Any:
            if self.times:
                self.times -= 1
                raise Retryable("the connection was lost")
            return self.inner.claim(*args)

    sms, stop, store = world.pager(), threading.Event(), Away()
    with Desk.open(store=store, channels={"sms": sms}, policy=ONE_ROUND) as desk:
        desk.declare("Down", assign="ana", **URGENT)
        serving = threading.Thread(target=desk.serve, args=(stop,), kwargs={"poll": 0.01})
        serving.start()
        until(lambda: world.said(sms) == ["ana"])
        stop.set()
        serving.join(10)
        assert [(x.plugin, x.hook) for x in desk.faults] == [("store", "run_due")] * 3


def test_serve_in_an_event_loop() -> None:
    sent: list[str] = []

    async def sms(message: Any) -> None:
        sent.append(message.to)

    async def story() -> None:
        stop = asyncio.Event()
        desk = await AsyncDesk.open(channels={"sms": sms}, policy=ONE_ROUND)
        serving = asyncio.create_task(desk.serve(stop, workers=2, poll=0.01))
        await desk.declare("Down", assign="ana", **URGENT)
        async with asyncio.timeout(10):
            while sent != ["ana"]:
                await asyncio.sleep(0.005)
            stop.set()
            await serving
        await desk.disconnect()

    asyncio.run(story())


def test_workers_of_one_store_do_each_task_once(open_desk: Open) -> None:
    store, sms = MemoryStore(), world.pager()
    desks = [Desk.open(store=store, channels={"sms": sms}, policy=ONE_ROUND) for _ in range(4)]
    for n in range(20):
        desks[0].declare(f"Down {n}", assign=f"p{n}", **URGENT)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda desk: desk.run_due(), desks))
    assert sorted(world.said(sms)) == sorted(f"p{n}" for n in range(20))
    store.close()
