"""The spool: while the store is away requests are kept, somebody is woken, nothing counts twice.

Guarded here: what was acknowledged is in the store afterwards, once, in its order and with its own
instants, whatever dies in between; and what cannot be kept is refused, so that its sender knows.
"""

from __future__ import annotations

import errno
import os
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from incidentkit import Alertmanager, Desk, ManualTime, MemoryStore, Retry, Spool, hookimpl
from incidentkit.desk import emergency, spool
from incidentkit.desk.spool import Spooled, Unreadable, decoded, encoded
from incidentkit.errors import (
    InvalidValue,
    NotFound,
    PluginError,
    Retryable,
    SpoolFull,
    StoreAway,
    StoreClosed,
    StoreError,
)
from incidentkit.flows.kinds import CAPTURE, HEARTBEAT
from incidentkit.ids import MAIN_TENANT
from incidentkit.model.alert import PayloadCaptured
from incidentkit.model.signals import Beat, Signal, SourceRequest
from incidentkit.model.words import Moment
from incidentkit.plugins.store_factory import StoreFactory
from incidentkit.ports.query import Query
from tests.desk.stores import Losing, Wrapped
from tests.flows import world
from tests.flows.world import alert, cleared, payload

Open = Callable[..., Any]


class Leaving(Wrapped):
    """A store that can be taken away, and says so as stores do."""

    def __init__(self, inner: Any = None) -> None:
        super().__init__(inner)
        self.away = False
        self.error: Exception = Retryable("connection refused")

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.inner, name)
        if not callable(found) or name in ("declare", "close"):
            return found

        def call(*args: Any, **given: Any) -> Any:
            if self.away:
                raise self.error
            return found(*args, **given)

        return call


class Pulse:
    name = "pulse"

    def parse(self, request: SourceRequest) -> list[Signal]:
        return [Beat("pulse", request.body.decode(), timedelta(minutes=5))]


@pytest.fixture(autouse=True)
def asked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A store that failed is asked again by the next request: time stands still in these tests."""
    monkeypatch.setattr(spool, "PROBE", 0.0)


class House:
    """A desk with a spool, a store that can leave, a pager and an emergency list."""

    def __init__(self, open_desk: Open, tmp_path: Path, **more: Any) -> None:
        self.time, self.sms = ManualTime(), world.pager()
        self.store = more.pop("store", None) or Leaving()
        self.folder = tmp_path / "spool"
        self.desk = open_desk(
            store=self.store,
            time=self.time,
            channels={"sms": self.sms},
            sources=[Alertmanager("am"), Pulse()],
            spool=more.pop("spool", self.folder),
            emergency=[("duty", "sms", "+49 1"), ("boss", "sms", "+49 2")],
            **more,
        )

    def fires(self, name: str, **more: Any) -> Any:
        return self.desk.receive("am", payload(alert(name, **more), group=name))

    def captures(self) -> int:
        found: int = self.store.count(MAIN_TENANT, Query("capture"))
        return found

    def captured(self) -> list[PayloadCaptured]:
        found: list[PayloadCaptured] = []
        for capture in world.records(self.desk, CAPTURE):
            (first, *_) = world.entries(self.desk, "capture", capture.id)
            assert first.recorded is not None
            assert isinstance(first.recorded.event, PayloadCaptured)
            found.append(first.recorded.event)
        return found


def test_while_the_store_is_there_nothing_is_spooled(open_desk: Open, tmp_path: Path) -> None:
    house = House(open_desk, tmp_path)
    received = house.fires("a")
    assert (received.opened, received.spooled) == (("INC-1",), "")
    assert house.desk.spool().waiting == 0
    assert world.said(house.sms) == []


@pytest.mark.parametrize(
    "error", [Retryable("gone"), StoreError("the disk is full"), OSError("no route to host")]
)
def test_what_comes_in_while_it_is_away_is_taken_in_afterwards(
    open_desk: Open, tmp_path: Path, error: Exception
) -> None:
    house = House(open_desk, tmp_path)
    house.store.away, house.store.error = True, error
    received = house.fires("a")
    assert received.spooled
    assert (received.opened, received.alerts) == ((), 0)
    assert sorted(world.said(house.sms)) == ["+49 1", "+49 2"]
    assert house.desk.spool().waiting == 1
    house.time.move(minutes=10)
    house.store.away = False
    house.desk.run_due()
    assert house.desk.spool().waiting == 0
    (incident,) = house.desk.find().items
    assert incident.title == "a is bad"
    assert house.desk.verify().problems == ()


def test_the_emergency_page_says_what_is_away_and_where(open_desk: Open, tmp_path: Path) -> None:
    house = House(open_desk, tmp_path)
    house.store.away = True
    house.fires("a")
    message = house.sms.messages[0]
    assert (message.party, message.title, message.priority) == ("duty", emergency.TITLE, "P1")
    assert "the store cannot be reached from " in message.text
    assert str(house.folder) in message.text
    assert len({x.key for x in house.sms.messages}) == 2


def test_the_list_is_paged_once_in_a_quarter_of_an_hour_also_after_a_restart(
    open_desk: Open, tmp_path: Path
) -> None:
    house = House(open_desk, tmp_path)
    house.store.away = True
    for _ in range(5):
        house.fires("a")
        house.time.move(minutes=2)
    assert len(house.sms.messages) == 2
    again = House(open_desk, tmp_path)
    again.time.set(house.time.now())
    again.store.away = True
    again.fires("b")
    assert again.sms.messages == []
    again.time.move(minutes=5)
    again.fires("c")
    assert len(again.sms.messages) == 2


def test_one_whose_page_failed_is_paged_with_the_next_request(
    open_desk: Open, tmp_path: Path
) -> None:
    house = House(open_desk, tmp_path)
    house.store.away = True
    house.sms.answer_next(Retry("no signal"))
    house.fires("a")
    house.fires("b")
    assert sorted(world.said(house.sms)) == ["+49 1", "+49 2"]


def test_a_damaged_note_of_who_was_paged_pages_again(open_desk: Open, tmp_path: Path) -> None:
    house = House(open_desk, tmp_path)
    house.store.away = True
    house.fires("a")
    (house.folder / ".paged").write_text("[1")
    house.fires("b")
    assert len(house.sms.messages) == 4


def test_the_order_holds_when_the_store_comes_back(open_desk: Open, tmp_path: Path) -> None:
    """What is new waits behind what is spooled: a firing must not follow its clearing."""
    house = House(open_desk, tmp_path)
    house.store.away = True
    house.fires("a")
    house.store.away = False
    received = house.desk.receive("am", payload(cleared("a"), group="a"))
    assert received.spooled == ""
    assert [x.alert.status for x in world.alerts(house.desk).values()] == ["cleared"]
    assert house.desk.spool().waiting == 0


def test_the_instants_of_the_receipt_are_kept(open_desk: Open, tmp_path: Path) -> None:
    house = House(open_desk, tmp_path)
    house.store.away = True
    received_at = house.time.now()
    unknown = {**alert("a"), "startsAt": ""}
    house.desk.receive("am", payload(unknown))
    house.time.move(hours=1)
    house.store.away = False
    house.desk.run_due()
    (incident,) = house.desk.find().items
    assert incident.moment(Moment.DETECTED) == received_at
    assert incident.moment(Moment.OCCURRED) is None, "nobody said when it began"
    assert [x.received_at for x in house.captured()] == [received_at]
    (record,) = world.alerts(house.desk).values()
    assert record.first_at == received_at
    house.fires("b")
    assert [x.received_at for x in house.captured()][-1] is None


def test_signs_of_life_keep_their_instants(open_desk: Open, tmp_path: Path) -> None:
    house = House(open_desk, tmp_path)
    house.desk.receive("pulse", "nightly")
    house.store.away = True
    for _ in range(20):
        house.time.move(minutes=3)
        house.desk.receive("pulse", "nightly")
    house.store.away = False
    house.time.move(minutes=1)
    house.desk.run_due()
    (heartbeat,) = world.records(house.desk, HEARTBEAT)
    assert not heartbeat.silent
    assert heartbeat.last_at == house.time.now() - timedelta(minutes=1)
    assert house.desk.count() == 0, "it never fell silent, it was only not heard"


@pytest.mark.parametrize(
    ("many", "a_minute"), [(177, 3), pytest.param(1_000, 17, marks=pytest.mark.slow)]
)
def test_an_hour_away_loses_none_of_many(
    open_desk: Open, tmp_path: Path, many: int, a_minute: int
) -> None:
    house = House(open_desk, tmp_path)
    house.fires("before")
    house.store.away = True
    for n in range(many):
        if n % a_minute == 0:
            house.time.move(minutes=1)
        assert house.fires(f"a{n}").spooled
    assert house.desk.spool().waiting == many
    assert house.desk.spool().oldest_at == house.time.now() - timedelta(minutes=58)
    house.store.away = False
    done = house.desk.reconcile()
    assert (done.fed, done.set_aside, done.waiting) == (many, (), 0)
    assert house.captures() == many + 1
    assert house.store.count(MAIN_TENANT, Query("alert")) == many + 1
    assert len(house.sms.messages) == 2 * 4, "two people, once in each quarter"


def test_a_request_whose_answer_was_lost_counts_once(open_desk: Open, tmp_path: Path) -> None:
    losing = Losing(made=True)
    house = House(open_desk, tmp_path, store=losing)
    losing.times = 1
    assert house.fires("a").spooled == "", "it was fed at once"
    assert house.captures() == 1


def test_the_senders_request_id_is_kept(open_desk: Open, tmp_path: Path) -> None:
    house = House(open_desk, tmp_path)
    house.store.away = True
    body = payload(alert("a"))
    assert house.desk.receive("am", body, request="hook-7").spooled
    assert house.desk.receive("am", body, request="hook-7").spooled
    house.store.away = False
    assert house.desk.reconcile().fed == 2
    assert house.captures() == 1
    assert house.desk.receive("am", body, request="hook-7").opened == ("INC-1",)


def test_what_cannot_be_taken_in_is_set_aside_and_the_others_go_on(
    open_desk: Open, tmp_path: Path
) -> None:
    house = House(open_desk, tmp_path)
    house.store.away = True
    names = [house.fires(x).spooled for x in "abc"]
    assert house.desk.receive("am", payload(alert("d")), request="twice").spooled
    reused = house.desk.receive("am", payload(alert("e")), request="twice").spooled
    (house.folder / names[1]).write_bytes(b"rubbish")
    house.store.away = False
    done = house.desk.reconcile()
    assert (done.fed, done.set_aside, done.waiting) == (3, (names[1], reused), 0)
    aside = house.folder / "set-aside"
    assert (aside / names[1]).read_bytes() == b"rubbish"
    assert "RequestReused" in (aside / f"{reused}.why").read_text()
    assert [x.plugin for x in house.desk.faults] == ["spool", "spool"]
    assert house.desk.spool().set_aside == 2


def test_a_request_for_a_source_that_is_open_elsewhere_waits(
    open_desk: Open, tmp_path: Path
) -> None:
    house = House(open_desk, tmp_path)
    house.store.away = True
    house.fires("a")
    house.store.away = False
    other = open_desk(store=house.store, time=house.time, spool=house.folder)
    assert other.reconcile().waiting == 1
    assert house.desk.reconcile().fed == 1


def test_tenant_and_actor_are_kept(open_desk: Open, tmp_path: Path) -> None:
    house = House(open_desk, tmp_path)
    house.store.away = True
    theirs = house.desk.tenant("acme").as_("gateway")
    theirs.receive("am", payload(alert("a")))
    house.store.away = False
    house.desk.run_due()
    assert house.desk.count() == 0
    (incident,) = theirs.find().items
    capture = world.records(theirs, CAPTURE)[0]
    (entry, *_) = world.entries(theirs, "capture", capture.id)
    assert incident.ref == "INC-1"
    assert entry.recorded is not None
    assert entry.recorded.by == "gateway"


def test_wrong_requests_are_refused_also_while_it_is_away(open_desk: Open, tmp_path: Path) -> None:
    house = House(open_desk, tmp_path)
    house.store.away = True
    with pytest.raises(NotFound):
        house.desk.receive("nobody", b"")
    with pytest.raises(InvalidValue):
        house.desk.receive("am", 7)
    assert house.desk.spool().waiting == 0


def test_what_answers_with_a_reference_is_not_spooled(open_desk: Open, tmp_path: Path) -> None:
    house = House(open_desk, tmp_path)
    house.store.away = True
    with pytest.raises(Retryable):
        house.desk.declare("Down")
    with pytest.raises(Retryable):
        house.desk.report("My mail is gone", reporter="cy")
    assert house.desk.spool().waiting == 0


def test_a_store_that_refuses_is_not_away(open_desk: Open, tmp_path: Path) -> None:
    house = House(open_desk, tmp_path)
    house.store.away, house.store.error = True, StoreClosed("closed")
    with pytest.raises(StoreClosed):
        house.fires("a")
    assert house.desk.spool().waiting == 0


def test_a_store_that_goes_while_it_feeds_stops_it(open_desk: Open, tmp_path: Path) -> None:
    class Fragile(Leaving):
        left = 3

        def commit(self, batch: Any) -> Any:
            self.left -= 1
            if self.left < 0 or self.away:
                raise Retryable("gone")
            return self.inner.commit(batch)

    house = House(open_desk, tmp_path, store=Fragile())
    house.store.away = True
    for n in range(6):
        house.fires(f"a{n}")
    house.store.away = False
    done = house.desk.reconcile()
    assert 0 < done.fed < 6
    assert done.waiting == 6 - done.fed
    house.store.left = 100  # type: ignore[union-attr]
    assert house.desk.reconcile().waiting == 0
    assert house.captures() == 6


# --- room -----------------------------------------------------------------------------------------


def test_beyond_its_bounds_it_refuses(open_desk: Open, tmp_path: Path) -> None:
    house = House(open_desk, tmp_path, spool=Spool(tmp_path / "spool", most=2))
    house.store.away = True
    house.fires("a")
    house.fires("b")
    with pytest.raises(SpoolFull, match=r"2 requests wait, and 2 may.*was not kept"):
        house.fires("c")
    house.store.away = False
    assert house.desk.reconcile().fed == 2
    small = House(open_desk, tmp_path, spool=Spool(tmp_path / "small", most_bytes=1_000))
    small.store.away = True
    with pytest.raises(SpoolFull, match="bytes wait"):
        small.fires("x" * 1_000)
    assert small.desk.spool().waiting == 0


@pytest.mark.parametrize(("code", "error"), [(errno.ENOSPC, SpoolFull), (errno.EIO, StoreError)])
@pytest.mark.parametrize("step", ["write", "fsync"])
def test_a_disk_that_fails_keeps_nothing_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, error: type[Exception], step: str
) -> None:
    house = House(Desk.open, tmp_path)
    house.store.away = True

    def fails(*_: Any) -> Any:
        raise OSError(code, os.strerror(code))

    with monkeypatch.context() as patch:
        patch.setattr(os, step, fails)
        with pytest.raises(error):
            house.fires("a")
    assert house.desk.spool().waiting == 0
    assert house.fires("b").spooled
    assert list(house.folder.glob(".*.request")) == []


def test_only_its_owner_may_read_it(open_desk: Open, tmp_path: Path) -> None:
    house = House(open_desk, tmp_path)
    house.store.away = True
    name = house.fires("a").spooled
    assert stat.S_IMODE(house.folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((house.folder / name).stat().st_mode) == 0o600
    assert "+49" not in (house.folder / ".paged").read_text()


def test_a_file_says_what_was_written() -> None:
    kept = Spooled("main", "gw", "am", b"\xff{}", (("x-id", "7"),), "r1", ManualTime().now())
    assert decoded(encoded(kept)) == kept
    assert kept.headed() == {"x-id": "7"}
    data = encoded(kept)
    for broken in (data[:-1], data[1:], data.replace(b"main", b"mine"), b""):
        with pytest.raises(Unreadable):
            decoded(broken)
    for text in (b'{"format":2}', b'{"format":1}', b"[]"):
        with pytest.raises(Unreadable):
            decoded(spool._digest(text) + b" " + text + b"\n")
    assert spool.size_of("1-2-x.request") == 0


# --- opening --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"emergency": [("a", "sms", "1")]}, "needs a spool"),
        ({"spool": 7}, "must be a folder"),
        ({"spool": "{tmp}/s", "emergency": "ana"}, "must be a list"),
        ({"spool": "{tmp}/s", "emergency": [("ana", "sms")]}, "is no"),
        ({"spool": "{tmp}/s", "emergency": [("ana", "carrier pigeon", "1")]}, "no channel"),
        ({"spool": "{tmp}/file/s"}, "cannot be used"),
    ],
)
def test_wrong_options_are_refused(tmp_path: Path, given: dict[str, Any], problem: str) -> None:
    (tmp_path / "file").write_text("")
    if isinstance(given.get("spool"), str):
        given = {**given, "spool": given["spool"].format(tmp=tmp_path)}
    with pytest.raises(InvalidValue, match=problem):
        Desk.open("memory:", **given)
    with pytest.raises(InvalidValue):
        Spool(tmp_path / "t", most=0)


class Elsewhere:
    """A plugin whose stores cannot be reached until they can."""

    def __init__(self, error: Exception | None) -> None:
        self.error = error
        self.store = MemoryStore()

    @hookimpl
    def incidentkit_register_stores(self) -> Any:
        return [StoreFactory("far", self._open)]

    def _open(self, url: str) -> Any:
        if self.error is not None:
            raise self.error
        return self.store


FAR = "far://user:secret@db.example.org/incidents?x=1"


def test_a_desk_with_a_spool_opens_although_its_store_is_away(
    open_desk: Open, tmp_path: Path
) -> None:
    elsewhere = Elsewhere(Retryable("connection refused"))
    sms = world.pager()
    given: dict[str, Any] = {
        "plugins": [elsewhere], "sources": [Alertmanager("am")], "channels": {"sms": sms}
    }  # fmt: skip
    with pytest.raises(Retryable):
        open_desk(FAR, **given)
    desk = open_desk(FAR, **given, spool=tmp_path / "s", emergency=[("ana", "sms", "1")])
    for call in (desk.find, desk.run_due, lambda: desk.declare("Down"), desk.diagnose):
        with pytest.raises(
            StoreAway, match=r"far://user:\*\*\*@db.example.org/incidents\?x=1 cannot be reached"
        ):
            call()
    assert desk.receive("am", payload(alert("a"))).spooled
    assert "far://user:***@db.example.org/incidents?x=1" in sms.messages[0].text
    elsewhere.error = None
    desk.run_due()
    assert [x.ref for x in desk.find().items] == ["INC-1"]
    assert desk.ports.store is elsewhere.store
    assert desk.diagnose()


def test_a_mistake_in_opening_is_no_absence(tmp_path: Path) -> None:
    with pytest.raises(PluginError):
        Desk.open(FAR, plugins=[Elsewhere(PluginError("wrong"))], spool=tmp_path / "s")
    Desk.open(FAR, plugins=[Elsewhere(OSError("x"))], spool=tmp_path / "s").disconnect()


# --- many at once, and killed ---------------------------------------------------------------------


def test_threads_and_desks_share_a_folder(tmp_path: Path) -> None:
    house = House(Desk.open, tmp_path)
    houses = [house] + [House(Desk.open, tmp_path, store=house.store) for _ in range(3)]
    house.store.away = True

    def send(n: int) -> None:
        for k in range(25):
            assert houses[n].fires(f"a{n}-{k}").spooled

    threads = [threading.Thread(target=send, args=(n,)) for n in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    house.store.away = False
    feeding = [threading.Thread(target=x.desk.reconcile) for x in houses]
    for each in feeding:
        each.start()
    for each in feeding:
        each.join()
    house.desk.reconcile()
    assert house.captures() == 100
    assert house.desk.spool().waiting == 0


KILLED = """
import sys
from incidentkit import Alertmanager, Desk
from incidentkit.desk import spool
from incidentkit.errors import Retryable
from tests.desk.test_spooling import Leaving
from tests.flows.world import alert, payload

mode, folder, url, first = sys.argv[1:5]
if mode == "take":
    store = Leaving(); store.away = True
    desk = Desk.open(store=store, sources=[Alertmanager("am")], spool=folder)
    n = int(first)
    while True:
        desk.receive("am", payload(alert(f"a{n}"), group=f"a{n}"))
        print(n, flush=True)
        n += 1
desk = Desk.open(url, sources=[Alertmanager("am")], spool=folder, channels={"sms": print})
print("ready", flush=True)
desk.reconcile()
print("done", flush=True)
"""


def killed(mode: str, folder: Path, url: str, first: int, lines: int) -> list[str]:
    """What a process said before it was killed, after so many lines."""
    root = Path(__file__).parents[2]
    env = {**os.environ, "PYTHONPATH": f"{root / 'src'}{os.pathsep}{root}"}
    command = [sys.executable, "-c", KILLED, mode, str(folder), url, str(first)]
    said: list[str] = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env) as process:
        assert process.stdout is not None
        for line in process.stdout:
            said.append(line.strip())
            if len(said) == lines:
                process.send_signal(signal.SIGKILL)
                break
        said += [line.strip() for line in process.stdout]
    return said


def rounds(tmp_path: Path, many: int) -> None:
    folder, url = tmp_path / "spool", f"sqlite:///{tmp_path}/incidents.db"
    acknowledged: set[str] = set()
    first = 0
    for each in range(many):
        said = killed("take", folder, url, first, 5 + each % 7)
        acknowledged.update(f"fp-a{n}" for n in said)
        first += 1_000
        killed("feed", folder, url, 0, 1)
    with Desk.open(url, sources=[Alertmanager("am")], spool=folder) as desk:
        desk.reconcile()
        kept = [x.alert.key for x in world.alerts(desk).values()]
        captures = world.records(desk, CAPTURE)
        assert acknowledged <= set(kept), "nothing acknowledged is lost"
        assert len(captures) == len(set(kept)) == len(kept), "and nothing is there twice"
        assert len(kept) <= len(acknowledged) + many, "one in flight at each kill, at most"
        assert desk.verify().problems == ()
        assert desk.spool() is not None
        assert desk.audit().problems == ()


def test_two_kills_lose_nothing(tmp_path: Path) -> None:
    rounds(tmp_path, 1)


@pytest.mark.slow
@pytest.mark.timeout(1_800)
def test_a_hundred_kills_lose_nothing(tmp_path: Path) -> None:
    rounds(tmp_path, 50)


def test_a_file_that_comes_back_after_a_crash_changes_nothing(tmp_path: Path) -> None:
    house = House(Desk.open, tmp_path)
    house.store.away = True
    name = house.fires("a").spooled
    data = (house.folder / name).read_bytes()
    house.store.away = False
    house.desk.reconcile()
    before = house.desk.journal("INC-1")
    (house.folder / name).write_bytes(data)
    assert house.desk.reconcile().fed == 1
    assert house.desk.journal("INC-1") == before
    assert house.captures() == 1


class DriverError(Exception):
    """What a driver raises, and a store that leaks it says."""


def test_an_error_of_the_stores_own_is_kept_like_one_that_is_away(
    open_desk: Open, tmp_path: Path
) -> None:
    store = Leaving()
    desk = open_desk(store=store, sources=[Pulse()], spool=str(tmp_path / "spool"))
    store.away, store.error = True, DriverError("server closed the connection")
    received = desk.receive("pulse", b"a")
    assert received.spooled
    assert desk.spool().waiting == 1
    store.away = False
    (told,) = [x.message for x in desk.audit().problems if x.lack == "spool"]
    assert told == "requests are kept there: the store failed with its own DriverError"
    assert any("closed the connection" in str(x) for x in desk.faults)
    desk.reconcile()
    assert desk.spool().waiting == 0
    assert not desk.audit().problems


def test_what_fails_outside_the_store_is_raised(open_desk: Open, tmp_path: Path) -> None:
    class Ids:
        """Makes no ids: a mistake of the caller's, and no trouble of the store."""

        def new_id(self) -> str:
            raise TypeError("no ids here")

    desk = open_desk(sources=[Pulse()], spool=str(tmp_path / "spool"), ids=Ids())
    with pytest.raises(TypeError, match="no ids"):
        desk.receive("pulse", b"a", request="r1")
    with pytest.raises(InvalidValue):
        desk.receive("pulse", 17)
    assert desk.spool().waiting == 0
