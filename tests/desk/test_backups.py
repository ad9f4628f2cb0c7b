"""Backups under load, and life after a restore.

Guarded here: a backup is of one instant and its chains hold; nothing that was sent, or may have
been, is sent again because a store was restored; numbers do not repeat; and what was held can be
let go.
"""

from __future__ import annotations

import sqlite3
import stat
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from incidentkit import AsyncDesk, Desk, ManualTime, MemoryStore
from incidentkit.desk import watch
from incidentkit.errors import InvalidValue, NotFound, StoreError, TransitionNotAllowed
from incidentkit.ids import MAIN_TENANT, TenantName
from incidentkit.model.words import DeliveryState
from incidentkit.ports.backup import SupportsBackup, SupportsTenants
from incidentkit.stores.sqlite import backing_up
from incidentkit.timing.instants import to_micros
from tests.desk.stores import Wrapped
from tests.flows import world
from tests.flows.world import URGENT

Open = Callable[..., Any]


class House:
    """A file, its desk, and the desks that are restored from its backups."""

    def __init__(self, open_desk: Open, tmp_path: Path) -> None:
        self.time, self.sms, self.tmp = ManualTime(), world.pager(), tmp_path
        self.open_desk = open_desk
        self.desk = self.opened("incidents.db")

    def opened(self, name: str) -> Any:
        url = f"sqlite:///{self.tmp}/{name}"
        return self.open_desk(url, time=self.time, channels={"sms": self.sms})

    def backed_up(self, name: str = "backup.db") -> Path:
        return Path(self.desk.backup(self.tmp / name).path)


@pytest.fixture
def house(open_desk: Open, tmp_path: Path) -> House:
    return House(open_desk, tmp_path)


def test_a_backup_is_a_whole_desk_and_looking_at_it_changes_nothing(house: House) -> None:
    house.desk.declare("Down", assign="ana", **URGENT)
    path = house.backed_up()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [x.name for x in house.tmp.glob(".*")] == []
    before = path.read_bytes()
    copy = house.opened("backup.db")
    assert copy.incident("INC-1").title == "Down"
    assert copy.verify().problems == ()
    assert copy.held() == ()
    copy.disconnect()
    assert path.read_bytes() == before
    assert sqlite3.connect(path).execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_what_was_queued_before_is_held_and_not_sent(house: House) -> None:
    house.desk.declare("Down", assign="ana", **URGENT)
    house.backed_up()
    house.desk.run_due()
    assert world.said(house.sms) == ["ana"], "the first store sent it after the backup"
    house.time.move(minutes=1)
    copy = house.opened("backup.db")
    copy.run_due()
    assert world.said(house.sms) == ["ana"], "and the restored one does not send it again"
    (held,) = copy.held()
    assert (held.state, held.detail) == (DeliveryState.HELD, "held after a restore")
    assert [x.lack.value for x in copy.audit().problems] == ["held"]
    assert "held" in [x.state for x in copy.deliveries("INC-1")]
    assert copy.verify().problems == ()


def test_what_came_due_in_the_lost_time_is_decided_and_held(house: House) -> None:
    house.desk.declare("Down", assign="ana", **URGENT)
    house.desk.run_due()
    house.backed_up()
    house.time.move(minutes=5)
    house.desk.run_due()
    assert len(house.sms.messages) == 3, "the second round went out after the backup"
    house.time.move(minutes=2)
    copy = house.opened("backup.db")
    again = copy.run_due()
    assert len(house.sms.messages) == 3
    assert {x.round for x in copy.held()} == {2}
    house.time.set(again)
    copy.run_due()
    assert len(house.sms.messages) > 3, "what is still open pages again at its next step"
    keys = [x.key for x in house.sms.messages]
    assert len(set(keys)) == len(keys)


def test_what_is_new_after_the_restore_is_sent(tmp_path: Path) -> None:
    """By the real time, and before any worker has looked at the restored store."""
    sent: list[str] = []
    given: dict[str, Any] = {"channels": {"sms": lambda message: sent.append(message.to)}}
    with Desk.open(f"sqlite:///{tmp_path}/a.db", **given) as desk:
        desk.declare("Down", assign="ana", **URGENT)
        desk.backup(tmp_path / "b.db")
    with Desk.open(f"sqlite:///{tmp_path}/b.db", **given) as copy:
        new = copy.declare("Down again", assign="bo", **URGENT)
        copy.run_due()
        assert sent == ["bo"]
        assert [x.party for x in copy.held()] == ["ana"]
        assert new.ref == "INC-1002", "a thousand numbers are left out"


def test_what_was_held_can_be_released(house: House) -> None:
    house.desk.declare("Down", assign="ana", **URGENT)
    house.backed_up()
    house.time.move(minutes=1)
    copy = house.opened("backup.db")
    copy.run_due()
    (held,) = copy.held()
    house.time.move(seconds=1)
    assert copy.release(held.id, by="bo").state is DeliveryState.QUEUED
    copy.run_due()
    (message,) = house.sms.messages
    assert message.key == held.id
    assert copy.deliveries("INC-1")[0].state is DeliveryState.SENT
    answer = f'{{"type": "acknowledge", "token": "{message.answer_token}"}}'
    assert copy.receive("sms", answer).rejected == ()
    with pytest.raises(TransitionNotAllowed):
        copy.release(held.id)
    with pytest.raises(NotFound):
        copy.release("nobody")
    assert copy.held() == ()


def test_a_request_that_the_backup_knows_is_a_repeat(house: House) -> None:
    first = house.desk.execute(declaring(), request="r1")
    house.backed_up()
    copy = house.opened("backup.db")
    assert copy.execute(declaring(), request="r1").ref == first.ref
    assert copy.execute(declaring(), request="r2").ref > "INC-1001"


def declaring() -> Any:
    from incidentkit import Declare

    return Declare("Down")


def test_another_way_of_restoring_is_told_by_hand(open_desk: Open, url: str) -> None:
    """What a database's own tools restore cannot notice it; `restored` says so."""
    time, sms = ManualTime(), world.pager()
    desk = open_desk(url, time=time, channels={"sms": sms})
    desk.declare("Down", assign="ana", **URGENT)
    time.move(minutes=1)
    desk.restored(by="ana")
    time.move(minutes=1)
    desk.run_due()
    assert world.said(sms) == []
    assert len(desk.held()) == 1
    assert desk.declare("Next").ref == "INC-1002"
    desk.restored()
    assert desk.declare("Next").ref == "INC-2003", "said twice it only leaves out more numbers"


def test_another_process_hears_that_the_store_was_restored(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(watch, "LOOK", 0.0)
    store, time, sms = MemoryStore(), ManualTime(), world.pager()
    desks = [Desk.open(store=store, time=time, channels={"sms": sms}) for _ in range(2)]
    desks[0].run_due()
    desks[1].declare("Down", assign="ana", **URGENT)
    time.move(minutes=1)
    desks[1].restored()
    desks[0].run_due()
    assert world.said(sms) == []


def test_every_tenant_leaves_out_numbers(house: House) -> None:
    house.desk.declare("Down")
    theirs = house.desk.tenant("acme")
    theirs.declare("Down")
    assert list(house.desk.ports.store.tenants()) == ["acme", "main"]
    assert isinstance(house.desk.ports.store, SupportsBackup)
    assert isinstance(house.desk.ports.store, SupportsTenants)
    house.desk.restored()
    assert theirs.declare("Down").ref == "INC-1002"


@pytest.mark.parametrize("place", ["there.db", "no/such/folder.db"])
def test_a_place_that_will_not_do_is_refused(house: House, place: str) -> None:
    house.desk.declare("Down")
    (house.tmp / "there.db").write_text("mine")
    with pytest.raises(InvalidValue):
        house.desk.backup(house.tmp / place)
    assert (house.tmp / "there.db").read_text() == "mine"


def test_nothing_is_left_where_a_copy_fails(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.desk.declare("Down")

    def fails(*_: Any) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(backing_up, "copied", fails)
    with pytest.raises((StoreError, InvalidValue)):
        house.desk.backup(house.tmp / "backup.db")
    assert {x.name for x in house.tmp.iterdir()} <= {
        "incidents.db", "incidents.db-wal", "incidents.db-shm", "incidents.db-writer"
    }  # fmt: skip


def test_a_store_without_backups_says_so(tmp_path: Path) -> None:
    class Plain(Wrapped):
        def __getattr__(self, name: str) -> Any:
            if name in ("backup", "tenants"):
                raise AttributeError(name)
            return super().__getattr__(name)

    with pytest.raises(InvalidValue, match="its database's own tools"):
        Desk.open(store=Plain()).backup(tmp_path / "x.db")
    with (
        Desk.open(f"sqlite:///{tmp_path}/none.db") as desk,
        pytest.raises(InvalidValue, match="nothing to back up"),
    ):
        desk.backup(tmp_path / "x.db")


def test_a_second_writer_finds_the_mark_turned_on() -> None:
    db = sqlite3.connect(":memory:", isolation_level=None)
    db.execute("CREATE TABLE counter (tenant, series, next)")
    db.execute("INSERT INTO counter VALUES ('main', 'INC', 5)")
    db.execute("CREATE TABLE key (tenant, space, key, owner, PRIMARY KEY (tenant, space, key))")
    db.execute(f"PRAGMA user_version = {backing_up.MARK}")
    for _ in range(2):
        backing_up.turn_on(db, 7)
        assert db.execute("SELECT next FROM counter").fetchone() == (5 + backing_up.GAP,)
    assert db.execute("SELECT owner FROM key").fetchone() == ("7",)
    db.execute(f"PRAGMA user_version = {backing_up.MARK}")
    db.execute("DROP TABLE key")
    with pytest.raises(sqlite3.OperationalError):
        backing_up.turn_on(db, 8)
    assert db.execute("SELECT next FROM counter").fetchone() == (5 + backing_up.GAP,)
    db.close()


# --- under load -----------------------------------------------------------------------------------


def under_load(tmp_path: Path, rounds: int) -> None:
    """Backups while three threads write and one sends; each is restored and worked off."""
    sent: list[str] = []
    guard = threading.Lock()

    def sms(message: Any) -> None:
        with guard:
            sent.append(f"{message.ref}>{message.party}>{message.key}")

    desk = Desk.open(f"sqlite:///{tmp_path}/incidents.db", channels={"sms": sms})
    desk.declare("Down before", assign="ana", **URGENT)
    stop = threading.Event()
    failed: list[BaseException] = []

    def busy(name: int) -> None:
        try:
            n = 0
            incident = desk.incident("INC-1")
            while not stop.wait(0.02):
                if n % 20 < 4:
                    incident = desk.declare(f"Down {name}-{n}", assign=f"p{name}", **URGENT)
                desk.note(incident, "looking", by=f"p{name}")
                n += 1
        except BaseException as error:
            failed.append(error)

    def working() -> None:
        try:
            while not stop.wait(0.05):
                desk.run_due()
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=busy, args=(n,)) for n in range(3)]
    threads.append(threading.Thread(target=working))
    for each in threads:
        each.start()
    try:
        for number in range(rounds):
            path = tmp_path / f"backup-{number}.db"
            desk.backup(path)
            again(path, sent, guard)
            path.unlink()
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert failed == []
    assert desk.count() > rounds
    desk.disconnect()


def again(path: Path, sent: list[str], guard: threading.Lock) -> None:
    """Restore a backup, check it, and let it work: it sends nothing that stems from before."""
    mine: list[Any] = []
    with Desk.open(f"sqlite:///{path}", channels={"sms": mine.append}) as copy:
        seen = copy.verify()
        assert seen.problems == ()
        count = copy.count()
        copy.run_due()
        assert mine == [], "no page is sent again because of a restore"
        with guard:
            before = {each.rpartition(">")[2] for each in sent}
        assert len(copy.held()) >= 0
        new = copy.declare("After the restore", assign="bo", **URGENT)
        assert int(new.ref.removeprefix("INC-")) > count + 999
        copy.run_due()
        assert [x.party for x in mine] == ["bo"]
        assert before.isdisjoint(x.key for x in mine)
        assert copy.verify().problems == ()
        assert {x.lack.value for x in copy.audit().problems} <= {"held"}


def test_backups_under_load_are_whole_and_send_nothing_again(
    tmp_path: Path, trials: Callable[[int], None]
) -> None:
    trials(20)
    under_load(tmp_path, 20)


@pytest.mark.slow
@pytest.mark.timeout(1_800)
def test_a_hundred_backups_under_load(tmp_path: Path, trials: Callable[[int], None]) -> None:
    trials(100)
    under_load(tmp_path, 100)


def test_a_mark_in_the_future_is_put_to_now() -> None:
    store, time = MemoryStore(), ManualTime()
    ahead = Desk.open(store=store)
    ahead.restored()
    desk = Desk.open(store=store, time=time)
    desk.run_due()
    (owner,) = store.owners(TenantName(MAIN_TENANT), "store", ("restored",))
    assert owner == str(to_micros(time.now()))


def test_async_desks_have_the_same_safeguards() -> None:
    for name in ("audit", "backup", "restored", "held", "release", "reconcile", "spool"):
        assert hasattr(AsyncDesk, name)
