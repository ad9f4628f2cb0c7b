"""What goes wrong around a spool: refused callers, failures that pass, folders that break.

Guarded here: one bad caller, file or folder stops neither intake nor paging; what was acknowledged
leaves the folder only when it was taken in or is refused for what it is; and somebody is told.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from incidentkit import (
    Alertmanager,
    AsyncDesk,
    Condition,
    Desk,
    MemoryStore,
    Opinion,
    Permission,
    hookimpl,
)
from incidentkit.cli.main import main
from incidentkit.desk import emergency, spool
from incidentkit.errors import (
    AnotherProcessWrites,
    AsyncPluginError,
    CannotJoin,
    IndexStale,
    InvalidValue,
    NotAuthorised,
    PolicyError,
    Retryable,
    SchemaTooNew,
    StoreClosed,
    StoreFull,
    TooBusy,
)
from incidentkit.plugins.store_factory import StoreFactory
from tests.desk.test_spooling import House, Leaving
from tests.flows.world import URGENT, alert, payload

Open = Callable[..., Any]


@pytest.fixture(autouse=True)
def asked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool, "PROBE", 0.0)


class Gate:
    """Allows everybody but the stranger."""

    name = "gate"
    closed = True

    def may(self, actor: str, action: str, subject: object) -> Permission:
        denied = actor == "stranger" and self.closed
        return Permission(Opinion.DENY if denied else Opinion.ALLOW, "by the gate")

    def scope(self, actor: str, kind: str) -> Condition:
        return Condition.parse("true")


def first_in_line(house: House) -> str:
    """A name that sorts before every request that waits."""
    return f"{0:017d}-000000000-aaaaaaaa-10.request"


# --- whose fault it is ----------------------------------------------------------------------------


def test_a_refused_caller_is_refused_and_stops_nobody(open_desk: Open, tmp_path: Path) -> None:
    house = House(open_desk, tmp_path, authoriser=Gate())
    with pytest.raises(NotAuthorised):
        house.desk.as_("stranger").receive("am", payload(alert("x")))
    assert house.desk.spool().waiting == 0
    assert house.desk.as_("gateway").receive("am", payload(alert("good"))).opened == ("INC-1",)
    assert house.sms.messages == []


def test_what_a_stranger_sent_while_it_was_away_is_set_aside(
    open_desk: Open, tmp_path: Path
) -> None:
    house = House(open_desk, tmp_path, authoriser=Gate())
    house.store.away = True
    name = house.desk.as_("stranger").receive("am", payload(alert("x"))).spooled
    house.desk.as_("gateway").receive("am", payload(alert("good")))
    house.store.away = False
    done = house.desk.as_("gateway").reconcile()
    assert (done.fed, done.set_aside, done.waiting) == (1, (name,), 0)
    assert "NotAuthorised" in (house.folder / "set-aside" / f"{name}.why").read_text()
    assert [x.plugin for x in house.desk.faults] == ["spool"]


def test_an_event_loop_refuses_a_stranger_too(tmp_path: Path) -> None:
    async def run() -> None:
        async with await AsyncDesk.open(
            "memory:", sources=[Alertmanager("am")], authoriser=Gate(), spool=tmp_path / "s"
        ) as desk:
            with pytest.raises(NotAuthorised):
                await desk.as_("stranger").receive("am", payload(alert("x")))
            good = await desk.as_("gateway").receive("am", payload(alert("y")))
            assert (good.opened, good.spooled) == (("INC-1",), "")

    asyncio.run(run())


# --- failures that pass ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "error",
    [
        Retryable("away"),
        StoreFull("disk full"),
        AnotherProcessWrites("a.db", "pid 7"),
        SchemaTooNew("newer"),
        StoreClosed("closed"),
        IndexStale("incident", "columns"),
        PolicyError((("services", "is wrong"),)),
        AsyncPluginError("a coroutine"),
        TooBusy("receive", 9),
    ],
    ids=lambda x: type(x).__name__,
)
def test_what_was_acknowledged_waits_until_a_failure_has_passed(
    open_desk: Open, tmp_path: Path, error: Exception
) -> None:
    house = House(open_desk, tmp_path)
    house.store.away = True
    for name in "abc":
        house.fires(name)
    house.store.error = error
    done = house.desk.reconcile()
    assert (done.fed, done.set_aside, done.waiting) == (0, (), 3)
    house.store.away = False
    assert house.desk.reconcile().fed == 3
    assert house.captures() == 3


def test_a_full_store_is_spooled_around(open_desk: Open, tmp_path: Path) -> None:
    house = House(open_desk, tmp_path)
    house.store.away, house.store.error = True, StoreFull("no room")
    assert house.fires("a").spooled
    assert len(house.sms.messages) == 2
    house.store.away = False
    house.desk.run_due()
    assert [x.ref for x in house.desk.find().items] == ["INC-1"]


def test_one_source_that_fails_leaves_the_others_their_turn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its later requests keep behind its first one; those of another source are taken in."""
    house = House(Desk.open, tmp_path)
    house.store.away = True
    house.fires("a")
    house.fires("b")
    house.desk.receive("pulse", "nightly")
    house.store.away = False
    taken: Any = vars(Desk)["_receive"]
    tries: list[str] = []

    def fails(desk: Any, source: str, *rest: Any) -> Any:
        if source == "am":
            tries.append(source)
            raise RuntimeError("a mistake in the code")
        return taken(desk, source, *rest)

    monkeypatch.setattr(Desk, "_receive", fails)
    done = house.desk.reconcile()
    assert (done.fed, done.set_aside, done.waiting) == (1, (), 2)
    assert tries == ["am"]
    assert "a mistake in the code" in house.desk.faults[0].problem
    house.desk.run_due()
    assert len(house.desk.faults) == 1, "it is told once in a while"
    monkeypatch.undo()
    assert house.desk.reconcile().fed == 2


# --- folders and files that break -----------------------------------------------------------------


def test_a_folder_that_is_gone_stops_neither_pages_nor_intake(
    open_desk: Open, tmp_path: Path
) -> None:
    house = House(open_desk, tmp_path)
    house.desk.declare("Down", assign="ana", **URGENT)
    shutil.rmtree(house.folder)
    house.desk.run_due()
    house.desk.run_due()
    assert len(house.sms.messages) == 1
    assert len([x for x in house.desk.faults if x.plugin == "spool"]) == 1
    assert house.fires("a").opened
    house.store.away = True
    with pytest.raises(Exception, match=r"cannot spool|connection refused"):
        house.fires("b")
    house.store.away = False
    assert [x.ok for x in house.desk.diagnose() if x.subject == "spool"] == [False]


def test_a_folder_that_only_reads_bars_no_request(
    open_desk: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = House(open_desk, tmp_path)
    house.store.away = True
    house.fires("a")
    house.store.away = False

    def refuses(*_: Any) -> Any:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(os, "open", refuses)
    monkeypatch.setattr(spool, "locked", refuses)
    assert house.fires("b").opened == ("INC-1",)
    house.desk.run_due()
    assert {x.plugin for x in house.desk.faults} == {"spool"}
    monkeypatch.undo()
    assert house.desk.reconcile().fed == 1


def test_a_file_that_cannot_be_read_blocks_no_other(open_desk: Open, tmp_path: Path) -> None:
    house = House(open_desk, tmp_path)
    (house.folder / first_in_line(house)).mkdir()
    for name in "abc":
        assert house.fires(name).opened
    house.desk.run_due()
    assert house.captures() == 3
    assert emergency.TITLE not in [x.title for x in house.sms.messages]
    (fault,) = house.desk.faults
    assert "cannot be read" in fault.problem


# --- inside a transaction of the host -------------------------------------------------------------


def test_what_no_rollback_reaches_is_refused_inside_a_transaction(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    house = House(Desk.open, tmp_path, store=Desk.open(f"sqlite:///{path}").ports.store)
    add_one(house)
    connection = sqlite3.connect(path, isolation_level=None)
    with house.desk.using(connection) as joined:
        connection.execute("BEGIN IMMEDIATE")
        with pytest.raises(CannotJoin, match="spool"):
            joined.reconcile()
        with pytest.raises(CannotJoin, match="restore"):
            joined.restored()
        with pytest.raises(CannotJoin):
            joined.run_due()
        connection.execute("ROLLBACK")
    connection.close()
    assert house.desk.spool().waiting == 1
    assert house.desk.reconcile().fed == 1


def add_one(house: House) -> None:
    """One request that waits."""
    body = payload(alert("a")).encode()
    kept = spool.Spooled("main", "gateway", "am", body, (), "r1", house.time.now())
    house.desk.ports.spool.add(kept)


# --- a store that is reached later ----------------------------------------------------------------


class Late:
    """A plugin whose store can be reached at the fourth try."""

    def __init__(self) -> None:
        self.tries, self.store = 0, MemoryStore()

    @hookimpl
    def incidentkit_register_stores(self) -> Any:
        return [StoreFactory("far", self._open)]

    def _open(self, url: str) -> Any:
        self.tries += 1
        if self.tries < 4:
            raise Retryable("connection refused")
        return self.store


def served(desk: Any, enough: Callable[[], bool]) -> None:
    """Serve until it is enough; it must go on until it is stopped."""
    stop = threading.Event()
    worker = threading.Thread(target=lambda: desk.serve(stop, poll=0.01))
    worker.start()
    ends = time.monotonic() + 20
    while worker.is_alive() and not enough() and time.monotonic() < ends:
        time.sleep(0.01)
    alive = worker.is_alive()
    stop.set()
    worker.join(20)
    assert alive
    assert enough()


async def aserved(desk: AsyncDesk, enough: Callable[[], bool]) -> None:
    """The same in an event loop."""
    stop = asyncio.Event()
    worker = asyncio.create_task(desk.serve(stop, poll=0.01))
    ends = time.monotonic() + 20
    while not worker.done() and not enough() and time.monotonic() < ends:
        await asyncio.sleep(0.01)
    alive = not worker.done()
    stop.set()
    await worker
    assert alive
    assert enough()


def test_a_worker_outlives_a_store_that_is_not_there_yet(tmp_path: Path) -> None:
    late = Late()
    with Desk.open("far:x", plugins=[late], spool=tmp_path / "s") as desk:
        served(desk, lambda: desk.ports.store is late.store)
        assert {x.exception_type for x in desk.faults} == {"StoreAway"}


def test_so_does_a_worker_in_an_event_loop(tmp_path: Path) -> None:
    async def run() -> None:
        late = Late()
        async with await AsyncDesk.open("far:x", plugins=[late], spool=tmp_path / "s") as desk:
            await aserved(desk, lambda: desk.ports.store is late.store)

    asyncio.run(run())


def test_a_store_that_fails_to_wait_does_not_end_a_worker() -> None:
    class Deaf(Leaving):
        waits = 0

        def wait(self, seconds: float) -> None:
            Deaf.waits += 1
            raise Retryable("the line is dead")

    with Desk.open(store=Deaf()) as desk:
        served(desk, lambda: Deaf.waits >= 3)


# --- somebody is told -----------------------------------------------------------------------------


class Beats:
    """Keeps how many problems each beat told of."""

    def __init__(self) -> None:
        self.problems: list[int | None] = []

    @hookimpl
    def incidentkit_on_beat(self, beat: Any) -> None:
        self.problems.append(beat.problems)


def said_of(desk: Any) -> tuple[list[str], list[str]]:
    """What the diagnosis and the audit say of the spool."""
    diagnosed = [x.message for x in desk.diagnose() if x.subject == "spool"]
    return diagnosed, [x.message for x in desk.audit().problems if x.lack == "spool"]


def test_what_waits_long_and_what_was_set_aside_is_reported(
    open_desk: Open, tmp_path: Path
) -> None:
    beats = Beats()
    house = House(open_desk, tmp_path, plugins=[beats])
    assert said_of(house.desk) == ([], [])
    house.desk.run_due()
    house.store.away = True
    spoilt = house.fires("a").spooled
    (house.folder / spoilt).write_bytes(b"rubbish")
    house.store.away = False
    house.desk.reconcile()
    add_one(house)
    other = open_desk(store=house.store, time=house.time, spool=house.folder, plugins=[beats])
    assert [x[:1] for x in said_of(other)[0]] == ["1"], "only what was set aside, so soon"
    house.time.move(minutes=2)
    for each in said_of(other):
        assert "1 waiting since" in each[0]
        assert "1 refused and set aside" in each[1]
    other.run_due()
    assert beats.problems == [0, 2]


def test_what_was_set_aside_is_fed_again_once_its_cause_is_mended(
    open_desk: Open, tmp_path: Path
) -> None:
    gate = Gate()
    house = House(open_desk, tmp_path, authoriser=gate)
    house.store.away = True
    house.desk.as_("stranger").receive("am", payload(alert("x")))
    house.store.away = False
    assert len(house.desk.as_("gateway").reconcile().set_aside) == 1
    gate.closed = False
    assert main(["spool", str(house.folder), "--again"]) == 1, "it waits"
    assert list((house.folder / "set-aside").iterdir()) == []
    assert house.desk.reconcile().fed == 1
    assert house.captures() == 1
    assert spool.put_back(house.folder) == 0
    with pytest.raises(InvalidValue, match="no folder"):
        spool.put_back(tmp_path / "nowhere")
