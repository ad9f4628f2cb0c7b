"""A desk inside a transaction of the host: the ticket and the incident change together, or not."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from incidentkit import (
    AsyncDesk,
    Desk,
    ManualTime,
    MemoryStore,
    SqliteStore,
    hookimpl,
)
from incidentkit.errors import (
    CannotJoin,
    Conflict,
    NotJoined,
    Retryable,
    StoreClosed,
    TransitionNotAllowed,
    VersionMismatch,
)
from incidentkit.ids import TenantName
from incidentkit.model.incident_commands import Start
from incidentkit.ports.join import Joined, SupportsAsyncJoin, SupportsJoin
from incidentkit.ports.rows import (
    Batch,
    Column,
    ColumnType,
    KindSpec,
    Put,
    Ref,
    Row,
)
from incidentkit.stores.row_store import microseconds
from incidentkit.stores.rows import Collision, Rows
from tests.desk.joining import Host, OnSqlite, Place
from tests.desk.stores import Conflicting
from tests.stores.factories import PlainJoined, PlainSqlStore
from tests.stores.for_desks import LASTING

ALERT = json.dumps({"title": "Disk full", "key": "db-1", "severity": "critical"})


class Told:
    def __init__(self) -> None:
        self.kinds: list[str] = []

    @hookimpl
    def incidentkit_on_committed(self, change: Any) -> None:
        self.kinds += [kind for record in change.records for kind in record.events]


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "tickets.db"


@pytest.fixture(params=LASTING)
def place(request: pytest.FixtureRequest, path: Path) -> Iterator[Place]:
    """A database with tickets of a host."""
    if request.param == "sqlite":
        yield OnSqlite(path)
        return
    from tests.desk.joining import on_postgres

    with on_postgres() as there:
        yield there


on_sqlite = pytest.mark.parametrize("place", ["sqlite"], indirect=True)
"""Where the file has one turn to write, and whoever joins takes it."""


@pytest.fixture
def desk(place: Place, told: Told) -> Iterator[Desk]:
    pages = {"sms": lambda message: None}
    with Desk.open(store=place.store(), channels=pages, plugins=[told]) as desk:
        desk.declare("An earlier one")
        told.kinds.clear()
        yield desk


@pytest.fixture
def host(place: Place, desk: Desk) -> Iterator[Host]:
    with place.connect() as host:
        host.execute("CREATE TABLE ticket (number INTEGER, ref TEXT, state TEXT)")
        yield host


def test_ticket_and_incident_are_written_in_one_transaction(
    desk: Desk, host: Host, place: Place, told: Told
) -> None:
    waiting = desk.tasks()
    with desk.using(host.db) as joined:
        host.execute("BEGIN IMMEDIATE")
        inc = joined.as_("ana").declare("No mail", impact="high", urgency="high", assign="ana")
        host.execute("INSERT INTO ticket VALUES (1, ?, 'open')", (inc.ref,))
        joined.start(inc, by="ana")
        assert joined.incident(inc).status == "in_progress"
        assert [x.ref for x in joined.find(state="in_progress").items] == [inc.ref]
        assert [hit.record.id for hit in joined.search("mail").items] == [inc.id]
        # Before the host commits nobody else sees any of it, workers included.
        assert desk.find(ref=inc.ref).items == ()
        assert desk.tasks() == waiting
        assert place.tickets() == []
        assert told.kinds == []
        host.execute("COMMIT")
        joined.committed()
        assert "declared" in told.kinds
        assert "started" in told.kinds
    assert place.tickets() == [(1, "INC-2", "open")]
    assert desk.incident("INC-2").status == "in_progress"
    heard = list(told.kinds)
    joined.committed()
    assert told.kinds == heard
    desk.note("INC-2", "goes on")
    assert [hit.record.ref for hit in desk.search("mail").items] == ["INC-2"]
    desk.run_due()
    assert [x.party for x in desk.deliveries("INC-2")] == ["ana"]
    assert desk.verify().problems == ()


def test_a_rollback_leaves_nothing_and_nobody_hears(
    desk: Desk, host: Host, place: Place, told: Told
) -> None:
    desk.start("INC-1", by="ana")
    told.kinds.clear()
    before = desk.journal("INC-1")
    with desk.using(host.db) as joined:
        host.execute("BEGIN IMMEDIATE")
        host.execute("INSERT INTO ticket VALUES (1, 'INC-1', 'solved')")
        joined.resolve("INC-1", code="fixed", remedy="restarted", by="ana")
        lost = joined.declare("Another")
        assert joined.receive("generic", ALERT).opened
        host.execute("ROLLBACK")
    assert place.tickets() == []
    assert told.kinds == []
    assert desk.journal("INC-1") == before
    assert desk.find(active=True).items == (desk.incident("INC-1"),)
    # What it was to be called was drawn in the transaction, and is drawn again.
    assert lost.ref == "INC-2"
    # The next call decides on what is in the store, not on what was rolled back.
    assert desk.declare("Yet another").ref == "INC-2"
    desk.hold("INC-1", reason="vendor", court="ACME", by="ana")
    assert desk.receive("generic", ALERT).opened
    assert desk.verify().problems == ()


def test_an_alert_that_was_rolled_back_is_news_again(desk: Desk, host: Host, told: Told) -> None:
    with desk.using(host.db) as joined:
        for _ in range(2):
            host.execute("BEGIN IMMEDIATE")
            assert joined.receive("generic", ALERT).opened
            host.execute("ROLLBACK")
    assert told.kinds == []
    assert desk.receive("generic", ALERT).opened


def test_what_is_rolled_back_to_a_savepoint_of_the_host_is_forgotten(
    desk: Desk, host: Host, told: Told
) -> None:
    with desk.using(host.db) as joined:
        host.execute("BEGIN IMMEDIATE")
        host.execute("SAVEPOINT mine")
        joined.note("INC-1", "never said")
        host.execute("ROLLBACK TO mine")
        with pytest.raises(TransitionNotAllowed):
            joined.reopen("INC-1", reason="never ended")
        joined.note("INC-1", "said")
        host.execute("COMMIT")
        joined.committed()
    assert told.kinds == ["noted"]
    notes = [line.text for line in desk.timeline("INC-1") if line.kind == "noted"]
    assert len(notes) == 1
    assert notes[0].endswith(": said")
    assert desk.verify().problems == ()


def test_a_policy_that_was_rolled_back_is_not_in_force(desk: Desk, host: Host) -> None:
    before = desk.policy()
    with desk.using(host.db) as joined:
        host.execute("BEGIN IMMEDIATE")
        joined.adopt("itil")
        assert joined.policy().name == "itil"
        host.execute("ROLLBACK")
    assert desk.policy() == before
    with desk.using(host.db) as joined:
        host.execute("BEGIN IMMEDIATE")
        joined.adopt("itil")
        host.execute("COMMIT")
    assert desk.policy().name == "itil"


def test_a_policy_given_at_opening_is_adopted_inside(path: Path) -> None:
    with (
        Desk.open(f"sqlite:///{path}", policy="itil", time=ManualTime()) as desk,
        closing(sqlite3.connect(path, isolation_level=None)) as db,
    ):
        db.execute("PRAGMA user_version")
        desk.ports.store.numbers(TenantName("main"), "other", 1)
        for end in ("ROLLBACK", "COMMIT"):
            with desk.using(db) as joined:
                db.execute("BEGIN IMMEDIATE")
                joined.declare("No mail")
                db.execute(end)
        assert [x.ref for x in desk.find().items] == ["INC-1"]
        desk.note("INC-1", "decided under the same policy")
        assert desk.policy().name == "itil"
        assert desk.verify().problems == ()


# --- refusals -------------------------------------------------------------------------------------


def raw(name: str, expected: int) -> Batch:
    row = Row("capture", name, expected + 1, 1, "h", ("generic", 0), "{}")
    return Batch(TenantName("main"), puts=(Put(row, expected),))


def test_a_conflict_comes_out_and_leaves_the_transaction_usable(
    desk: Desk, host: Host, place: Place
) -> None:
    with desk.using(host.db) as joined:
        store = joined.ports.store
        host.execute("BEGIN IMMEDIATE")
        host.execute("INSERT INTO ticket VALUES (1, 'INC-1', 'open')")
        store.commit(raw("c", 0))
        with pytest.raises(Conflict) as refused:
            store.commit(raw("c", 7))
        assert refused.value.found == (("capture", "c", 1),)
        with pytest.raises(VersionMismatch):
            joined.execute(Start("INC-1", if_version=99), by="ana")
        joined.start("INC-1", by="ana")
        host.execute("COMMIT")
    assert place.tickets() == [(1, "INC-1", "open")]
    assert desk.incident("INC-1").status == "in_progress"
    assert desk.ports.store.load(TenantName("main"), [Ref("capture", "c")])[0].version == 1


def test_nothing_is_tried_again_inside(desk: Desk, host: Host) -> None:
    with desk.using(host.db) as joined:
        conflicting = Conflicting(lambda batch: bool(batch.puts), inner=joined.ports.store)
        joined.ports.store = conflicting
        host.execute("BEGIN IMMEDIATE")
        with pytest.raises(Conflict):
            joined.note("INC-1", "once")
        assert conflicting.refused == 1
        host.execute("ROLLBACK")


def test_a_desk_that_was_not_told_of_the_transaction_refuses(desk: Desk, host: Host) -> None:
    with desk.using(host.db) as joined:
        host.execute("BEGIN IMMEDIATE")
        joined.note("INC-1", "inside")
        with pytest.raises(NotJoined, match=r"desk\.using"):
            desk.note("INC-1", "outside")
        with pytest.raises(NotJoined):
            desk.run_due()
        # Reading is as it was before the host began.
        assert not [line for line in desk.timeline("INC-1") if line.kind == "noted"]
        host.execute("COMMIT")
    desk.note("INC-1", "outside")


def test_without_a_transaction_nothing_is_written(desk: Desk, host: Host) -> None:
    with desk.using(host.db) as joined, pytest.raises(CannotJoin, match="BEGIN"):
        joined.note("INC-1", "on its own")
    assert not [line for line in desk.timeline("INC-1") if line.kind == "noted"]


@on_sqlite
def test_a_transaction_left_open_is_refused_and_the_turn_is_given_back(
    desk: Desk, host: Host
) -> None:
    joined = desk.using(host.db)

    def half() -> None:
        with joined:
            host.execute("BEGIN IMMEDIATE")
            joined.note("INC-1", "half")

    def failing() -> None:
        with desk.using(host.db):
            host.execute("BEGIN IMMEDIATE")
            raise ZeroDivisionError

    with pytest.raises(CannotJoin, match="inside the block"):
        half()
    with pytest.raises(CannotJoin, match="commit it"):
        joined.committed()
    host.execute("ROLLBACK")
    with pytest.raises(StoreClosed):
        joined.incident("INC-1")
    with pytest.raises(CannotJoin, match="once"), joined:
        pass
    desk.note("INC-1", "after")
    # What fails inside is what comes out.
    with pytest.raises(ZeroDivisionError):
        failing()
    host.execute("ROLLBACK")


@pytest.mark.parametrize(
    "call",
    [
        lambda desk: desk.run_due(),
        lambda desk: desk.seal(),
        lambda desk: desk.reindex(),
        lambda desk: desk.ports.store.purge(TenantName("main"), 0),
        lambda desk: desk.using(None).__enter__(),
    ],
)
def test_what_is_no_part_of_a_transaction_is_refused(desk: Desk, host: Host, call: Any) -> None:
    with desk.using(host.db) as joined:
        host.execute("BEGIN IMMEDIATE")
        with pytest.raises(CannotJoin):
            call(joined)
        host.execute("ROLLBACK")


@on_sqlite
def test_only_the_stores_own_file_is_joined(desk: Desk, path: Path, tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "other.db")
    other.execute("CREATE TABLE t (x)")
    memory = sqlite3.connect(":memory:")
    odd = sqlite3.connect(path)
    odd.text_factory = bytes
    ended = sqlite3.connect(path)
    ended.close()
    for connection in (other, memory, odd, ended, "not one", None):
        with pytest.raises(CannotJoin), desk.using(connection):
            pass
    for each in (other, memory, odd):
        each.close()
    desk.note("INC-1", "the turn is free")


def test_stores_that_cannot_join_say_so() -> None:
    with (
        Desk.open(store=MemoryStore()) as desk,
        pytest.raises(CannotJoin, match="MemoryStore"),
        desk.using(None),
    ):
        pass
    with (
        Desk.open("memory:") as desk,
        pytest.raises(CannotJoin, match="block"),
    ):
        desk.using(None).declare("No block")
    with Desk.open("memory:") as desk, pytest.raises(CannotJoin, match="in no transaction"):
        desk.committed()
    desk.using(None).disconnect()
    with (
        Desk.open(store=SqliteStore(":memory:")) as desk,
        closing(sqlite3.connect(":memory:")) as db,
        pytest.raises(CannotJoin, match="memory"),
        desk.using(db),
    ):
        pass


def test_joining_is_a_capability() -> None:
    assert isinstance(SqliteStore(":memory:"), SupportsJoin)
    assert not isinstance(MemoryStore(), SupportsJoin)


def test_indexes_of_an_earlier_release_are_filled_outside(path: Path) -> None:
    store = SqliteStore(path)
    kind = KindSpec("thing", (Column("a", ColumnType.TEXT),))
    store.declare([kind])
    store.commit(Batch(TenantName("main"), puts=(Put(Row("thing", "t", 1, 1, "", ("x",), ""), 0),)))
    store.close()
    with Desk.open(f"sqlite:///{path}") as desk:
        desk.declare("No mail")
    wider = KindSpec("thing", (*kind.columns, Column("b", ColumnType.TEXT)))
    with closing(SqliteStore(path)) as store, closing(sqlite3.connect(path)) as db:
        store.declare([wider])
        joined: Joined = store.joined(db)
        from incidentkit.errors import IndexStale
        from incidentkit.ports.query import Query

        with pytest.raises(IndexStale):
            joined.find(TenantName("main"), Query("thing"))
        joined.close()
        joined.close()


def test_a_row_store_of_a_host_joins_by_the_base_class(path: Path, told: Told) -> None:
    with (
        Desk.open(store=PlainSqlStore(path, now=microseconds), plugins=[told]) as desk,
        closing(sqlite3.connect(path, isolation_level=None)) as db,
    ):
        for end in ("ROLLBACK", "COMMIT"):
            with desk.using(db) as joined:
                db.execute("BEGIN IMMEDIATE")
                joined.start(joined.declare("No mail"), by="ana")
                with pytest.raises(VersionMismatch):
                    joined.execute(Start("INC-1", if_version=99), by="ana")
                # It need not end inside the block.
            with pytest.raises(CannotJoin):
                joined.committed()
            db.execute(end)
            joined.committed()
        assert told.kinds.count("started") == 1
        assert [x.ref for x in desk.find().items] == ["INC-1"]
        assert desk.verify().problems == ()


def test_a_collision_inside_is_the_hosts_to_repeat(path: Path) -> None:
    with (
        closing(PlainSqlStore(path, now=microseconds)) as store,
        closing(sqlite3.connect(path, isolation_level=None)) as db,
    ):
        tries: list[Rows] = []

        def colliding(rows: Rows) -> None:
            tries.append(rows)
            raise Collision("somebody came between")

        db.execute("BEGIN IMMEDIATE")
        with pytest.raises(Retryable, match="roll back the host's"):
            PlainJoined(store, db).run(True, colliding)
        assert len(tries) == 1
        assert db.in_transaction
        db.execute("ROLLBACK")


# --- threads --------------------------------------------------------------------------------------


@on_sqlite
def test_others_wait_for_the_end_of_the_block(desk: Desk, host: Host) -> None:
    begun, wrote = threading.Event(), threading.Event()

    def other() -> None:
        begun.wait(10)
        desk.note("INC-1", "from another thread")
        wrote.set()

    thread = threading.Thread(target=other)
    thread.start()
    with desk.using(host.db) as joined:
        host.execute("BEGIN IMMEDIATE")
        joined.note("INC-1", "from the host")
        begun.set()
        assert not wrote.wait(0.2)
        host.execute("COMMIT")
    thread.join(10)
    assert wrote.is_set()
    notes = [line.text for line in desk.timeline("INC-1") if line.kind == "noted"]
    assert ["host" in text for text in notes] == [True, False]


@on_sqlite
def test_a_host_that_began_before_its_turn_is_told_so(desk: Desk, host: Host, path: Path) -> None:
    has_turn, done = threading.Event(), threading.Event()

    def other() -> None:
        with closing(sqlite3.connect(path)) as db, desk.using(db):
            has_turn.set()
            done.wait(10)

    thread = threading.Thread(target=other)
    thread.start()
    has_turn.wait(10)
    host.execute("BEGIN")
    with pytest.raises(Retryable, match="inside"), desk.using(host.db):
        pass
    host.execute("ROLLBACK")
    done.set()
    thread.join(10)
    # With the turn free, a transaction that was begun before is joined as well.
    host.execute("BEGIN IMMEDIATE")
    with desk.using(host.db) as joined:
        joined.note("INC-1", "begun before")
        host.execute("COMMIT")


def test_a_file_that_nobody_has_written_is_made_before_the_host_begins(path: Path) -> None:
    with (
        Desk.open(f"sqlite:///{path}") as desk,
        closing(sqlite3.connect(path, isolation_level=None)) as db,
    ):
        db.execute("CREATE TABLE ticket (number INTEGER)")
        db.execute("BEGIN IMMEDIATE")
        with pytest.raises(Retryable, match="inside"), desk.using(db):
            pass
        db.execute("ROLLBACK")
        with desk.using(db) as joined:
            db.execute("BEGIN IMMEDIATE")
            assert joined.declare("The first").ref == "INC-1"
            db.execute("COMMIT")
        assert desk.incident("INC-1").title == "The first"


def test_many_threads_of_a_host_write_both_and_lose_neither(
    desk: Desk, host: Host, place: Place
) -> None:
    def one(mine: Host, number: int, turn: int) -> bool:
        """Whether it came to its end; where writers do not take turns they may meet."""
        with desk.using(mine.db) as joined:
            mine.execute("BEGIN IMMEDIATE")
            values = (number * 10 + turn,)
            mine.execute("INSERT INTO ticket VALUES (?, 'INC-1', 'x')", values)
            try:
                joined.note("INC-1", f"note {number}-{turn}")
            except (Conflict, Retryable):
                mine.execute("ROLLBACK")
                return False
            mine.execute("COMMIT" if turn % 2 else "ROLLBACK")
            return True

    def work(number: int) -> None:
        with place.connect() as mine:
            for turn in range(10):
                while not one(mine, number, turn):
                    pass
                desk.note("INC-1", f"plain {number}-{turn}")

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    notes = [line.text for line in desk.timeline("INC-1") if line.kind == "noted"]
    assert len([text for text in notes if "plain" in text]) == 40
    assert len([text for text in notes if "plain" not in text]) == len(place.tickets()) == 20
    assert desk.verify().problems == ()


# --- in an event loop -----------------------------------------------------------------------------


def test_an_async_desk_does_not_join_a_connection_of_one_thread(path: Path) -> None:
    async def story() -> None:
        async with await AsyncDesk.open(f"sqlite:///{path}") as desk:
            await desk.declare("No mail")
            with closing(sqlite3.connect(path)) as db, pytest.raises(CannotJoin, match="a Desk"):
                await desk.using(db).__aenter__()

    asyncio.run(story())


class LoopJoined:
    """A joined store with coroutines, around a plain one of the same thread."""

    must_end = False

    def __init__(self, inner: Joined) -> None:
        self.inner = inner

    def in_transaction(self) -> bool:
        return self.inner.in_transaction()

    def after_commit(self, call: Any) -> bool:
        return False

    def __getattr__(self, name: str) -> Any:
        method = getattr(self.inner, name)

        async def called(*args: Any) -> Any:
            await asyncio.sleep(0)
            return method(*args)

        return called


class LoopStore:
    """A store with coroutines over SQLite, all in the thread of the loop."""

    is_async = True

    def __init__(self, path: Path) -> None:
        self.inner = SqliteStore(path)
        self.declare = self.inner.declare

    async def joined(self, connection: object) -> Any:
        return LoopJoined(self.inner.joined(connection))

    def __getattr__(self, name: str) -> Any:
        method = getattr(self.inner, name)

        async def called(*args: Any) -> Any:
            await asyncio.sleep(0)
            return method(*args)

        return called


def test_an_async_desk_joins_a_connection_of_the_loop(path: Path, told: Told) -> None:
    async def story() -> None:
        assert isinstance(LoopStore(path), SupportsAsyncJoin)
        async with await AsyncDesk.open(store=LoopStore(path), plugins=[told]) as desk:
            await desk.declare("No mail")
            told.kinds.clear()
            with closing(sqlite3.connect(path, isolation_level=None)) as db:
                async with desk.using(db) as joined:
                    db.execute("BEGIN IMMEDIATE")
                    await joined.start("INC-1", by="ana")
                    db.execute("ROLLBACK")
                    db.execute("BEGIN IMMEDIATE")
                    await joined.note("INC-1", "together")
                    with pytest.raises(CannotJoin):
                        await joined.committed()
                    db.execute("COMMIT")
                assert told.kinds == []
                await joined.committed()
            assert (await desk.incident("INC-1")).status == "new"
            # What was rolled back and what was committed cannot be told apart by the driver here.
            assert told.kinds == ["noted"]

    asyncio.run(story())
