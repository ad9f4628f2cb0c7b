"""Several at once, and stores that fail: nothing is lost, nothing is done twice.

Guarded here: a conflict is decided again, but a flow that has sent is never made anew; a lost
connection is repeated only where a request id or a task's token makes that harmless.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from incidentkit import AsyncDesk, Desk, ManualTime
from incidentkit.desk import attempts
from incidentkit.errors import Conflict, RequestReused, Retryable, StaleToken, TooBusy
from incidentkit.ports.rows import Batch, Committed
from tests.desk.stores import Conflicting, Losing, Wrapped
from tests.flows import world
from tests.flows.world import URGENT, alert, payload

Open = Callable[..., Any]
MANY = 64


@pytest.fixture
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempts, "LONGEST_WAIT", 0.0)


# --- many at once ---------------------------------------------------------------------------------


def test_64_threads_on_one_incident_lose_nothing(url: str) -> None:
    with Desk.open(url) as desk, ThreadPoolExecutor(MANY) as pool:
        inc = desk.declare("Down")
        notes = list(pool.map(lambda n: desk.note(inc, f"note {n}"), range(MANY)))
        found = [x.text for x in world.events(desk, inc) if type(x).__name__ == "Noted"]  # type: ignore[attr-defined]
        assert sorted(found) == sorted(f"note {n}" for n in range(MANY))
        assert len({note.version for note in notes}) == MANY, "each saw its own version"
        assert desk.incident(inc).version == len(desk.journal(inc))
        assert desk.verify().problems == ()


def test_32_coroutines_on_one_incident_lose_nothing(url: str) -> None:
    async def story() -> list[str]:
        async with await AsyncDesk.open(url) as desk:
            inc = await desk.declare("Down")
            await asyncio.gather(*(desk.note(inc, f"note {n}") for n in range(32)))
            return [x.kind for x in await desk.journal(inc)]

    assert asyncio.run(story()).count("noted") == 32


def test_one_request_from_many_threads_is_done_once(url: str) -> None:
    with Desk.open(url) as desk, ThreadPoolExecutor(16) as pool:
        found = list(pool.map(lambda _: desk.declare("Down", request="r-1").id, range(16)))
        assert len(set(found)) == 1
        assert desk.count() == 1


def test_the_same_payload_from_many_threads_is_counted_exactly(url: str) -> None:
    with Desk.open(url) as desk, ThreadPoolExecutor(16) as pool:
        body = payload(alert("a"), alert("b"))
        list(pool.map(lambda _: desk.receive("alertmanager", body), range(32)))
        assert {x.seen for x in world.alerts(desk).values()} == {32}
        (incident,) = desk.find().items
        assert incident.ties.alerts == 2


def test_first_writes_from_many_threads_adopt_one_policy(url: str) -> None:
    with Desk.open(url) as desk, ThreadPoolExecutor(16) as pool:
        refs = list(pool.map(lambda n: desk.declare(f"Down {n}").ref, range(16)))
        assert len(set(refs)) == 16
        (entry,) = world.entries(desk, "adoption", "adopted")
        assert entry.kind == "policy_adopted"


# --- conflicts ------------------------------------------------------------------------------------


def test_a_conflict_is_decided_again(open_desk: Open, no_waiting: None) -> None:
    store = Conflicting(lambda batch: True, times=5)
    desk = open_desk(store=store)
    desk.declare("Down")
    assert (store.refused, desk.count()) == (5, 1)


def test_in_the_end_it_is_too_busy(open_desk: Open, no_waiting: None) -> None:
    store = Conflicting(lambda batch: True)
    desk = open_desk(store=store)
    with pytest.raises(TooBusy, match="declare met a conflicting change 500 times"):
        desk.declare("Down")
    assert store.refused == attempts.TRIES
    store.times = 0
    assert desk.count() == 0


def test_in_a_crowd_one_call_tries_at_a_time() -> None:
    turn = threading.Lock()
    first, second = (attempts.Attempts("note", 10.0, turn, repeatable=False) for _ in range(2))
    for one in (first, second):
        for _ in range(attempts.CROWD):
            assert not one.waits(), "there is no crowd yet"
            one.wait_for(Conflict((("incident", "x", 1),)))
    assert not first.waits()
    assert second.waits()
    with first:
        assert second.waits()
    assert not second.waits()
    with second:
        pass
    assert turn.acquire(blocking=False)


def test_who_hangs_in_its_turn_keeps_nobody_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempts, "PATIENCE", 0.0)
    turn = threading.Lock()
    turn.acquire()
    one = attempts.Attempts("note", 10.0, turn, repeatable=False)
    for _ in range(attempts.CROWD):
        one.wait_for(Conflict((("incident", "x", 1),)))
    assert not one.waits()
    with one:
        pass
    assert turn.locked(), "it was not its own to give back"


def is_delivery(batch: Batch) -> bool:
    return bool(batch.settles) and any(put.row.kind == "delivery" for put in batch.puts)


def test_what_has_been_sent_is_not_sent_again_for_a_conflict(
    open_desk: Open, no_waiting: None
) -> None:
    store, time, sms = Conflicting(is_delivery), ManualTime(), world.pager()
    policy = {"paging": {"rounds": 1}}
    desk = open_desk(store=store, time=time, channels={"sms": sms}, policy=policy)
    desk.declare("Down", assign="ana", **URGENT)
    desk.run_due()
    assert (store.refused, len(sms.tries)) == (1, 1), "once for each claim"
    (task,) = [x for x in desk.tasks() if x.task.queue == "message"]
    assert "Conflict" in task.why
    store.times = 0
    time.move(seconds=30)
    desk.run_due()
    first, second = sms.tries
    assert first.key == second.key
    assert desk.deliveries("INC-1")[0].state == "sent"


class Stale(Wrapped):
    """Says that somebody else has the task, at the first settle."""

    said = 0

    def commit(self, batch: Batch) -> Committed:
        if batch.settles and not self.said:
            self.said += 1
            raise StaleToken(tuple(settle.task for settle in batch.settles))
        done: Committed = self.inner.commit(batch)
        return done


def test_a_task_that_somebody_else_has_is_left_to_them(open_desk: Open) -> None:
    store, time = Stale(), ManualTime()
    desk = open_desk(store=store, time=time)
    desk.declare("Down", impact="medium", urgency="medium")
    time.move(hours=3)
    desk.run_due()
    assert store.said == 1
    assert "clock_warned" not in world.names(desk, "INC-1")
    assert desk.faults == ()
    time.move(seconds=61)
    desk.run_due()
    assert world.names(desk, "INC-1").count("clock_warned") == 1


# --- lost connections -----------------------------------------------------------------------------


@pytest.mark.parametrize("made", [False, True], ids=["before", "after"])
def test_a_lost_connection_is_repeated_under_the_request_id(
    open_desk: Open, no_waiting: None, made: bool
) -> None:
    store = Losing(made=made)
    desk = open_desk(store=store)
    store.times = 1
    inc = desk.declare("Down", request="r-1")
    assert store.seen == ["r-1", "r-1"]
    store.times = 1
    assert desk.start(inc, request="r-2").status == "in_progress"
    assert store.seen[2:4] == ["r-2", "r-2"]
    assert world.names(desk, inc).count("started") == 1
    assert desk.count() == 1
    with pytest.raises(RequestReused):
        desk.note(inc, "other", request="r-2")


@pytest.mark.parametrize("made", [False, True], ids=["before", "after"])
def test_without_a_request_id_it_is_raised(open_desk: Open, no_waiting: None, made: bool) -> None:
    store = Losing(made=made)
    desk = open_desk(store=store)
    store.times = 1
    with pytest.raises(Retryable, match="lost"):
        desk.declare("Down")
    assert len(store.seen) == 1
    assert desk.count() == int(made), "nobody knows, so nobody repeats it"


def test_a_connection_that_stays_lost_is_raised(open_desk: Open, no_waiting: None) -> None:
    store = Losing(made=False)
    desk = open_desk(store=store)
    store.times = 100
    with pytest.raises(Retryable):
        desk.declare("Down", request="r-1")
    assert len(store.seen) == 1 + attempts.RETRIES_AFTER_LOSS


@pytest.mark.parametrize("made", [False, True], ids=["before", "after"])
def test_a_timer_is_repeated_by_its_token(open_desk: Open, no_waiting: None, made: bool) -> None:
    store, time = Losing(made=made), ManualTime()
    desk = open_desk(store=store, time=time)
    desk.declare("Down", impact="medium", urgency="medium")
    time.move(hours=3)
    store.times = 1
    desk.run_due()
    assert world.names(desk, "INC-1").count("clock_warned") == 1


def test_a_payload_under_a_request_id_survives_a_lost_connection(
    open_desk: Open, no_waiting: None
) -> None:
    store = Losing(made=True)
    desk = open_desk(store=store)
    store.times = 1
    assert desk.receive("alertmanager", payload(alert()), request="p-1").opened == ("INC-1",)
    assert world.alerts(desk)["a is bad"].seen == 1
