"""The PostgreSQL store beyond the contract: what its database itself promises."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from incidentkit import Desk
from incidentkit.errors import (
    Conflict,
    InvalidValue,
    Retryable,
    StoreClosed,
    StoreError,
    StoreFull,
    UnsafeSetting,
)
from incidentkit.ids import TaskId, TenantName
from incidentkit.ports.capabilities import SupportsTurn, SupportsWake
from incidentkit.ports.rows import (
    Again,
    Batch,
    Expect,
    KeyChange,
    Park,
    Put,
    Ref,
    Request,
    Settle,
    TaskQuery,
)
from incidentkit.ports.store import SupportsDiagnosis
from incidentkit.stores.postgres import settings as options
from incidentkit.stores.postgres.faults import translated
from incidentkit.stores.postgres.store import PostgresStore
from tests.stores.factories import INCIDENT, KINDS, START, Moving
from tests.stores.postgres_server import DATABASES, LentStore, lent
from tests.stores.shapes import (
    MAIN,
    MINUTE,
    OTHER,
    SECOND,
    add,
    alert,
    entry,
    incident,
    insist,
    names,
    put,
    settle,
    task,
    together,
    write,
)


@pytest.fixture
def store(now: Moving) -> Iterator[LentStore]:
    made = lent(now)
    made.declare(KINDS)
    made.migrate()
    yield made
    made.close()


def sql(store: LentStore, text: str, *values: Any) -> Any:
    """One statement past the store."""
    assert store.url is not None
    with psycopg.connect(store.url, autocommit=True) as db:
        cursor = db.execute(text, values)
        return cursor.fetchall() if cursor.description else None


# --- how it is opened -----------------------------------------------------------------------------


def test_a_url_opens_it() -> None:
    with Desk.open(DATABASES.fresh()) as desk:
        declared = desk.declare("No shop", service="web")
        assert desk.get(declared.ref) == declared
        assert desk.verify().problems == ()
        (found,) = desk.search("shop").items
        assert found.record == desk.get(declared.ref)


def test_options_of_a_url() -> None:
    url = "postgres://me:secret@host/db?sslmode=require&pooler=transaction&pool=3&partition=month"
    given = options.from_url(url)
    assert given.conninfo == "postgres://me:secret@host/db?sslmode=require"
    assert (given.pooler, given.partition, given.pool) == ("transaction", "month", 3)
    assert given.direct == given.conninfo
    assert given.shown == "postgres://host/db"
    assert not given.prepares


@pytest.mark.parametrize(
    "query", ["pool=0", "pool=x", "pool=1&pool=2", "pooler=session", "partition=day"]
)
def test_impossible_options_are_refused(query: str) -> None:
    with pytest.raises(InvalidValue):
        options.from_url(f"postgresql://host/db?{query}")
    with pytest.raises(InvalidValue):
        options.from_url("mysql://host/db")


def test_a_server_that_is_not_there_is_a_passing_failure() -> None:
    store = PostgresStore("postgresql://127.0.0.1:1/none?connect_timeout=1")
    store.declare(KINDS)
    with pytest.raises(Retryable):
        store.now()
    store.close()
    with pytest.raises(StoreClosed):
        store.now()


def test_a_missing_database_is_named(store: LentStore) -> None:
    assert store.url is not None
    other = PostgresStore(store.url.replace(store.url.split("/")[3].split("?")[0], "absent", 1))
    with pytest.raises(StoreError, match="absent"):
        other.now()
    other.close()


def test_it_says_what_it_can(store: LentStore) -> None:
    assert isinstance(store, SupportsTurn)
    assert isinstance(store, SupportsWake)
    assert isinstance(store, SupportsDiagnosis)
    said = {finding.subject: finding for finding in store.diagnose()}
    assert said["PostgreSQL"].ok
    assert said["schema"].ok
    assert said["parked tasks"].ok


# --- tenants --------------------------------------------------------------------------------------


def test_the_database_refuses_what_would_reach_another_tenant(store: LentStore) -> None:
    write(store, puts=(put("a"), alert("x")), entries=(entry("a", 1),))
    line = "('other', 'incident/a', 2, 0, 'k', '{}', '', '', '')"
    for text in (
        f"INSERT INTO ik_journal VALUES {line}",
        "UPDATE ik_journal SET tenant = 'other'",
        "UPDATE ik_tally_alert SET tenant = 'other'",
        "INSERT INTO ik_tally_alert VALUES ('other', 'x', 1, 1, 1)",
    ):
        with pytest.raises(psycopg.errors.ForeignKeyViolation):
            sql(store, text)


def test_every_key_begins_with_the_tenant(store: LentStore) -> None:
    found = sql(
        store,
        "SELECT c.relname, a.attname FROM pg_index AS i "
        "JOIN pg_class AS c ON c.oid = i.indrelid "
        "JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = i.indkey[0] "
        "WHERE i.indisunique AND starts_with(c.relname, 'ik_')",
    )
    apart = {"ik_schema", "ik_migration", "ik_kind", "ik_indexing"}
    assert {first for table, first in found if table not in apart} == {"tenant"}
    assert len(found) > 10


# --- many at once ---------------------------------------------------------------------------------


def test_64_threads_on_one_record(store: LentStore) -> None:
    write(store, puts=(put("a", rank=0),))

    def work(number: int) -> None:
        for _ in range(20):
            while True:
                (row,) = store.load(MAIN, [Ref("incident", "a")])
                assert row is not None
                rank = row.columns[1]
                assert isinstance(rank, int)
                new = incident("a", row.version + 1, rank=rank + 1)
                try:
                    batch = Batch(MAIN, puts=(Put(new, row.version),))
                    insist(store.commit, batch)
                except Conflict:
                    continue
                break

    together(64, work)
    (row,) = store.load(MAIN, [Ref("incident", "a")])
    assert row is not None
    assert (row.version, row.columns[1]) == (1281, 1280)


def test_opposite_orders_in_every_table(store: LentStore) -> None:
    ids = [f"r{n}" for n in range(6)]
    write(
        store, puts=tuple(put(name) for name in ids),
        keys=tuple(KeyChange("k", name, None, "0") for name in ids),
        entries=tuple(entry(name, 1) for name in ids),
    )  # fmt: skip
    done: list[int] = []

    def work(number: int) -> None:
        order = ids if number % 2 else ids[::-1]
        for _ in range(8):
            while True:
                rows = store.load(MAIN, [Ref("incident", name) for name in order])
                versions = {row.id: row.version for row in rows if row is not None}
                batch = Batch(
                    MAIN,
                    puts=tuple(put(name, versions[name]) for name in order),
                    entries=tuple(entry(name, versions[name] + 1) for name in order),
                    tasks=tuple(task(f"{name}/{number}", subject=name) for name in order),
                )
                try:
                    # No deadlock surfaces: neither as Retryable nor as anything else.
                    store.commit(batch)
                except Conflict:
                    continue
                done.append(number)
                break

    together(6, work)
    assert len(done) == 48
    assert [len(store.journal(MAIN, f"incident/{name}")) for name in ids] == [49] * 6


def test_write_skew_through_expects(store: LentStore) -> None:
    for round_ in range(20):
        pair = [f"{round_}/a", f"{round_}/b"]
        write(store, puts=tuple(put(name) for name in pair))

        def work(number: int, pair: list[str] = pair) -> None:
            batch = Batch(
                MAIN,
                puts=(put(pair[number], 1),),
                expects=(Expect("incident", pair[1 - number], 1),),
            )
            try:
                insist(store.commit, batch)
            except Conflict:
                return

        together(2, work)
        rows = store.load(MAIN, [Ref("incident", name) for name in pair])
        assert sum(row.version for row in rows if row) == 3


def test_eight_writers_draw_numbers_beside_open_commits(store: LentStore) -> None:
    drawn: list[int] = []
    with store.database.transaction(True) as connection:
        connection.execute("SELECT ik_lock('main', '{s}', '{}')")
        # A commit is open all the while, and numbers wait for none.

        def work(number: int) -> None:
            for _ in range(10):
                drawn.extend(store.numbers(MAIN, "incident", 2))

        together(8, work)
    assert sorted(drawn) == list(range(1, 161))


def test_killed_backends_lose_nothing_that_was_acknowledged(store: LentStore) -> None:
    acknowledged: list[str] = []
    over = threading.Event()

    def killer() -> None:
        while not over.wait(0.02):
            sql(
                store,
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND application_name = 'incidentkit' "
                "ORDER BY random() LIMIT 1",
            )

    def work(number: int) -> None:
        for n in range(40):
            name = f"{number}/{n:02}"
            batch = Batch(
                MAIN, request=Request(name, "f", name), puts=(put(name),),
                entries=(entry(name, 1), entry(name, 2)), tasks=(task(name),),
                keys=(KeyChange("ref", name, None, name),),
            )  # fmt: skip
            assert insist(store.commit, batch).result == name
            acknowledged.append(name)

    thread = threading.Thread(target=killer)
    thread.start()
    try:
        together(4, work)
    finally:
        over.set()
        thread.join()
    assert len(acknowledged) == 160
    assert all(insist(store.load, MAIN, [Ref("incident", name) for name in acknowledged]))
    assert store.owners(MAIN, "ref", acknowledged) == tuple(acknowledged)
    for name in acknowledged:
        assert len(store.journal(MAIN, f"incident/{name}")) == 2
    assert len(store.tasks(MAIN, TaskQuery(limit=1000))) == 160


# --- the shapes of statements ---------------------------------------------------------------------


def test_the_number_of_statements_is_bounded(store: LentStore) -> None:
    for n in range(2, 30):
        ids = [f"{n}/{m}" for m in range(n)]
        write(
            store, puts=tuple(put(name) for name in ids),
            entries=tuple(entry(name, 1) for name in ids),
            tasks=tuple(task(name) for name in ids),
        )  # fmt: skip
    assert store.database.operations.writing.shapes == 1


def test_what_no_text_may_hold_is_refused(store: LentStore) -> None:
    for text in ("a\x00b", "\ud800"):
        with pytest.raises(InvalidValue):
            write(store, puts=(put("a", state=text),))
        with pytest.raises(InvalidValue):
            write(store, puts=(put("a", body=text),), expects=(Expect("incident", "n", 0),))
    assert store.load(MAIN, [Ref("incident", "a")]) == (None,)


def test_faults_are_told_apart_by_their_code() -> None:
    def said(state: str | None) -> type:
        error = psycopg.errors.lookup(state)("x") if state else psycopg.OperationalError("x")
        return type(translated(error, "db"))

    assert said("53100") is StoreFull
    assert said("57P01") is Retryable
    assert said("08006") is Retryable
    assert said(None) is Retryable
    assert said("42501") is StoreError
    assert said("22003") is InvalidValue
    assert said("57014") is Retryable


# --- turning and waking ---------------------------------------------------------------------------


def test_a_turn_settles_and_claims(store: LentStore, now: Moving) -> None:
    add(store, *(task(name, subject="s", order=n) for n, name in enumerate("abc")))
    add(store, task("x"), tenant=OTHER)
    first = store.turn((), None, MINUTE, 1)
    assert first.settled == ()
    taken = [(first.claimed.tasks[0].tenant, settle(first.claimed.tasks[0]))]
    second = store.turn(taken, None, MINUTE, 5)
    assert second.settled == (True,)
    assert sorted(names((*first.claimed.tasks, *second.claimed.tasks))) == ["a", "b", "x"]
    # The same again is void, and sets nothing free.
    third = store.turn(taken, None, MINUTE, 5)
    assert third.settled == (False,)
    assert third.claimed.tasks == ()
    outcomes = [(each.tenant, settle(each, Park("no"))) for each in second.claimed.tasks]
    fourth = store.turn(outcomes, None, MINUTE, 5, MAIN, ["sms"])
    assert fourth.settled == (True, True)
    assert names(fourth.claimed.tasks) == ["c"]
    back = [(MAIN, settle(fourth.claimed.tasks[0], Again(START + SECOND, "busy")))]
    assert store.turn(back, None, MINUTE, 5).claimed.next_at == START + SECOND


def test_a_stale_turn_does_not_unblock(store: LentStore, now: Moving) -> None:
    add(store, task("a", subject="s", order=1), task("b", subject="s", order=2))
    (held,) = store.claim(None, MINUTE, 1).tasks
    now.at += 2 * MINUTE
    (again,) = store.claim(None, MINUTE, 1).tasks
    turned = store.turn([(MAIN, settle(held))], None, MINUTE, 5)
    assert (turned.settled, turned.claimed.tasks) == ((False,), ())
    assert store.settle(MAIN, [settle(again)]) == (True,)
    one = Settle(TaskId("a"), "x", Park(""))
    with pytest.raises(InvalidValue):
        store.turn([(MAIN, one), (MAIN, one)], None, MINUTE, 1)


def test_a_commit_wakes_a_waiting_worker(store: LentStore) -> None:
    assert store.url is not None
    other = PostgresStore(store.url)
    assert other.wait(5)  # it has begun to listen
    assert not other.wait(0.2)
    woken: list[bool] = []
    waiting = threading.Thread(target=lambda: woken.append(other.wait(10)))
    waiting.start()
    add(store, task("a"))
    waiting.join()
    assert woken == [True]
    other.close()
    with pytest.raises(StoreClosed):
        other.wait(1)


# --- the partitioned journal ----------------------------------------------------------------------

DAY = 86_400 * SECOND


@pytest.fixture
def divided() -> Iterator[LentStore]:
    url = DATABASES.fresh()
    made = LentStore(url, partition="month")
    made.url = None
    made.declare(KINDS)
    made.migrate()
    made.url = url
    yield made
    made.url = None
    made.close()


def test_a_journal_by_months(divided: LentStore) -> None:
    now = divided.now()
    for seq, at in enumerate((now - 400 * DAY, now, now + 40 * DAY), start=1):
        write(divided, entries=(entry("a", seq, at=at),))
    assert [e.seq for e in divided.journal(MAIN, "incident/a")] == [1, 2, 3]
    with pytest.raises(Conflict):
        write(divided, entries=(entry("a", 3, at=now + 50 * DAY),))
    tables = {name for (name,) in sql(divided, "SELECT DISTINCT tableoid::regclass::text "
                                      "FROM ik_journal")}  # fmt: skip
    assert len(tables) == 3
    assert "ik_journal_other" in tables
    assert divided.redact(MAIN, "incident/a", [2]) == 1
    later = now + 32 * DAY
    assert divided.drop_months(later) == 1
    assert divided.drop_months(later) == 0
    assert [e.seq for e in divided.journal(MAIN, "incident/a")] == [3]
    write(divided, entries=(entry("a", 4, at=later),))
    assert [e.seq for e in divided.journal(MAIN, "incident/a")] == [3, 4]


def test_dropping_never_tears_a_hole(divided: LentStore) -> None:
    now = divided.now()
    write(divided, entries=(entry("a", 1, at=now + 65 * DAY), entry("a", 2, at=now)))
    with pytest.raises(StoreError, match="hole"):
        divided.drop_months(now + 32 * DAY)
    assert len(divided.journal(MAIN, "incident/a")) == 2


def test_partitions_are_chosen_once(store: LentStore) -> None:
    assert store.url is not None
    other = PostgresStore(store.url, partition="month")
    with pytest.raises(UnsafeSetting):
        other.now()
    other.close()
    with pytest.raises(StoreError, match="no partitions"):
        store.drop_months(1)


def test_a_tenant_name_and_a_kind_of_any_length(store: LentStore) -> None:
    from incidentkit.ports.rows import Column, ColumnType, KindSpec

    long = "k" * 48
    columns = tuple(Column(f"{'c' * 46}{n:02}", ColumnType.TEXT) for n in range(12))
    store.declare([KindSpec(long, columns, touchable=True), INCIDENT])
    store.migrate()
    tenant = TenantName("t" * 60)
    write(store, tenant, puts=(put("a"),))
    assert store.load(tenant, [Ref("incident", "a"), Ref(long, "a")])[0] == incident("a")
