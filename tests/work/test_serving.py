"""A worker that goes on: a channel that hangs, a slow send, a store that is away, and the end.

Guarded here: only the channel that hangs waits, a lease lasts as long as its send, what was not
begun is given back, and nothing but `stop` ends it.
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

from incidentkit import AsyncDesk, Desk, ManualTime, MemoryStore, Retry, hookimpl
from incidentkit.desk import attending, serving
from incidentkit.errors import Retryable
from incidentkit.flows.loose_ends import Lack
from incidentkit.ports.rows import TaskQuery
from tests.desk.stores import Wrapped
from tests.flows import world
from tests.flows.world import URGENT
from tests.work.story import QUIET, declared


def until(true: Callable[[], bool], seconds: float = 20) -> None:
    """Wait for it, but not for ever."""
    end = clock.monotonic() + seconds
    while not true():
        assert clock.monotonic() < end, "it never came true"
        clock.sleep(0.005)


class Serving:
    """A desk that is served by a thread of its own."""

    def __init__(self, desk: Any, workers: int = 4) -> None:
        self.stop = threading.Event()
        self.thread = threading.Thread(
            target=desk.serve,
            args=(self.stop,),
            kwargs={"workers": workers, "poll": 0.02},
            daemon=True,
        )
        self.thread.start()

    def end(self) -> None:
        self.stop.set()
        self.thread.join(20)
        assert not self.thread.is_alive()


class Hanging:
    """A channel that does not come back before it is let go."""

    def __init__(self) -> None:
        self.free = threading.Event()
        self.begun: list[str] = []

    def __call__(self, message: Any) -> None:
        self.begun.append(message.to)
        _ = self.free.wait(10)


def test_only_the_channel_that_hangs_waits(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setattr(attending, "LEASE", timedelta(seconds=60))
    hanging, mail = Hanging(), world.pager("mail")
    directory = {f"p{at}": {"sms": "1"} for at in range(8)} | {"eve": {"mail": "e@x.org"}}
    channels = {"sms": hanging, "mail": mail}
    with Desk.open(url, channels=channels, policy=QUIET, directory=directory) as desk:
        declared(desk, 8)
        served = Serving(desk, workers=3)
        until(lambda: len(hanging.begun) == 2)
        for at in range(5):
            desk.declare(f"Down there {at}", assign="eve", **URGENT)
            until(lambda at=at: len(mail.messages) == at + 1)  # type: ignore[misc]
        assert len(hanging.begun) == 2, "a place stays free for the others"
        hanging.free.set()
        until(lambda: len(hanging.begun) == 8)
        served.end()


def hung(desk: Any) -> list[str]:
    return [str(x.subject) for x in desk.audit().problems if x.lack is Lack.HUNG]


def test_a_send_that_hangs_is_told_and_holds_up_nothing(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setattr(attending, "LEASE", timedelta(seconds=0.3))
    hanging, mail, ids = (
        Hanging(),
        world.pager("mail"),
        {"ana": {"sms": "ana"}, "eve": {"mail": "e"}},
    )
    with Desk.open(
        url, channels={"sms": hanging, "mail": mail}, policy=QUIET, directory=ids
    ) as desk:
        desk.declare("Down", assign="ana", **URGENT)
        served = Serving(desk, workers=2)
        until(lambda: bool(hung(desk)))
        message = desk.deliveries("INC-1")[0]
        assert f"delivery/{message.id}" in hung(desk)
        told = " ".join(x.text for x in desk.timeline("INC-1"))
        assert "page to ana on sms is held up: the channel is failing (no answer for 0.3 s" in told
        found = [x.message for x in desk.diagnose() if x.subject == "channel sms"]
        assert "message(s) handed over, and no answer: give it a time limit" in found[-1]
        desk.declare("Down there", assign="eve", **URGENT)
        until(lambda: len(mail.messages) == 1)
        assert hanging.begun.count("ana") == 1, "its task is held from others"
        hanging.free.set()
        until(lambda: all(x.state != "queued" for x in desk.deliveries("INC-1")))
        assert hung(desk) == []
        served.end()


def test_a_hung_send_is_let_go_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attending, "LEASE", timedelta(seconds=0.1))
    monkeypatch.setattr(attending, "HELD_FOR", timedelta(seconds=0.05))
    monkeypatch.setattr(attending, "PUT_OFF", timedelta())
    hanging = Hanging()
    with Desk.open(channels={"sms": hanging}, policy=QUIET) as desk:
        desk.declare("Down", assign="ana", **URGENT)
        served = Serving(desk)
        until(lambda: bool(desk.parked()))
        assert "gave no answer; it may have sent the message" in desk.parked()[0].why
        assert hanging.begun == ["ana"] * 5
        until(lambda: any("failures in a row" in str(x) for x in desk.faults))
        served.stop.set()
        hanging.free.set()
        served.end()


def test_a_lease_lasts_as_long_as_its_send(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attending, "LEASE", timedelta(seconds=0.3))
    sent: list[str] = []

    def slow(message: Any) -> None:
        clock.sleep(0.9)
        sent.append(message.to)

    with Desk.open(channels={"sms": slow}, policy=QUIET) as desk:
        desk.declare("Down", assign="ana", **URGENT)
        served = Serving(desk)
        until(lambda: bool(sent))
        clock.sleep(0.3)
        served.end()
        assert sent == ["ana"], "once, because its task was held"
        assert desk.deliveries("INC-1")[0].state == "sent"


def test_at_the_end_what_was_begun_is_finished_and_the_rest_is_given_back() -> None:
    hanging, store = Hanging(), MemoryStore()
    with Desk.open(store=store, channels={"sms": hanging}, policy=QUIET) as desk:
        declared(desk, 8)
        served = Serving(desk, workers=4)
        until(lambda: len(hanging.begun) == 3)
        served.stop.set()
        clock.sleep(0.1)
        hanging.free.set()
        served.end()
        waiting = desk.tasks(TaskQuery(queue="message"))
        assert {x.state.value for x in waiting} == {"ready"}, "nothing is left under a lease"
        assert len(waiting) == 8 - len(hanging.begun)
        desk.run_due()
        assert len(hanging.begun) == 8
        assert len(set(hanging.begun)) == 8


class Away(Wrapped):
    """A store that is away for some claims."""

    times = 4

    def claim(self, *args: Any) -> Any:
        if self.times:
            self.times -= 1
            raise Retryable("the connection was lost")
        return self.inner.claim(*args)


def test_pauses_grow_while_the_store_is_away() -> None:
    assert [serving.pause(n, 1.0) for n in range(1, 8)] == [1, 2, 4, 8, 16, 30, 30]


def test_a_store_that_is_away_ends_no_worker_of_an_event_loop() -> None:
    sent: list[str] = []

    async def sms(message: Any) -> None:
        sent.append(message.to)

    async def story() -> None:
        stop = asyncio.Event()
        desk = await AsyncDesk.open(store=Away(), channels={"sms": sms}, policy=QUIET)
        await desk.declare("Down", assign="ana", **URGENT)
        worker = asyncio.create_task(desk.serve(stop, workers=2, poll=0.01))
        async with asyncio.timeout(20):
            while sent != ["ana"]:
                await asyncio.sleep(0.005)
            stop.set()
            await worker
        assert [x.hook for x in desk.faults] == ["run_due"] * 4
        await desk.disconnect()

    asyncio.run(story())


def test_a_coroutine_that_hangs_is_ended_with_its_lease(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attending, "LEASE", timedelta(seconds=0.1))
    monkeypatch.setattr(attending, "HELD_FOR", timedelta(seconds=0.05))
    monkeypatch.setattr(attending, "PUT_OFF", timedelta())
    begun, ended = list[str](), list[str]()

    async def sms(message: Any) -> None:
        begun.append(message.to)
        try:
            await asyncio.sleep(60)
        finally:
            ended.append(message.to)

    async def story() -> None:
        stop = asyncio.Event()
        desk = await AsyncDesk.open(channels={"sms": sms}, policy=QUIET)
        await desk.declare("Down", assign="ana", **URGENT)
        worker = asyncio.create_task(desk.serve(stop, workers=2, poll=0.02))
        async with asyncio.timeout(20):
            while len(ended) < 2:
                await asyncio.sleep(0.01)
            stop.set()
            await worker
        told = " ".join(x.text for x in await desk.timeline("INC-1"))
        assert "page to ana on sms is held up" in told
        await desk.disconnect()

    asyncio.run(story())
    assert begun == ended


def test_a_round_tells_its_beat_and_a_store_that_can_wakes_it() -> None:
    beats, woken = list[int](), list[float]()

    class Waking(Wrapped):
        def wait(self, timeout: float) -> bool:
            woken.append(timeout)
            clock.sleep(min(timeout, 0.01))
            return True

    class Watcher:
        @hookimpl
        def incidentkit_on_beat(self, beat: Any) -> None:
            beats.append(beat.done)

    with Desk.open(store=Waking(), plugins=[Watcher()], policy=QUIET) as desk:
        served = Serving(desk)
        until(lambda: len(beats) > 3)
        served.end()
    assert woken
    assert max(woken) <= 0.02


def test_nothing_is_sent_after_the_lease_ran_out(monkeypatch: pytest.MonkeyPatch) -> None:
    class Slow(Wrapped):
        """Loads a delivery so slowly that the lease runs out meanwhile."""

        slow = False

        def load(self, tenant: Any, refs: Any) -> Any:
            if self.slow and refs[0].kind == "delivery":
                clock.sleep(0.3)
            return self.inner.load(tenant, refs)

    monkeypatch.setattr(attending, "LEASE", timedelta(seconds=0.2))
    store, sms = Slow(), world.pager()
    with Desk.open(store=store, channels={"sms": sms}, policy=QUIET, time=ManualTime()) as desk:
        desk.declare("Down", assign="ana", **URGENT)
        store.slow = True
        desk.run_due()
        assert sms.tries == [], "somebody else may be sending it by now"


def test_an_executor_that_was_shut_down_keeps_no_place(url: str) -> None:
    sms = world.pager()
    pool = ThreadPoolExecutor(2)
    pool.shutdown()
    with Desk.open(url, channels={"sms": sms}, policy=QUIET, time=ManualTime()) as desk:
        declared(desk, 1)
        with pytest.raises(RuntimeError, match="shutdown"):
            desk.run_due(pool)
        assert desk.ports.circuits.begin("sms", desk.ports.now(), 1), "its place is free again"


def test_side_by_side_a_dead_channel_is_handed_no_more_than_five() -> None:
    sms, time = world.pager(), ManualTime()
    sms.answer_always(Retry("no route"))
    with (
        Desk.open(channels={"sms": sms}, policy=QUIET, time=time) as desk,
        ThreadPoolExecutor(8) as pool,
    ):
        declared(desk, 40)
        desk.run_due(pool)
        assert len(sms.tries) == 5
        for _ in range(4):
            time.move(seconds=30)
            desk.run_due(pool)
        assert len(sms.tries) == 9
