"""The schema of a PostgreSQL database: migrated by steps, by anybody, killed anywhere, fenced."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from incidentkit.errors import IndexStale, SchemaTooNew, StoreError
from incidentkit.ports.query import Compare, Op, Query
from incidentkit.ports.rows import Column, ColumnType, Ref
from incidentkit.ports.search import Lag, Reindexed, Stale
from incidentkit.stores.postgres import migrations
from incidentkit.stores.postgres.functions import MIGRATION_LOCK
from incidentkit.stores.postgres.migrations import LATEST, MIGRATIONS
from incidentkit.stores.postgres.store import PostgresStore
from tests.stores.factories import ALERT, INCIDENT, KINDS
from tests.stores.postgres_server import DATABASES
from tests.stores.shapes import MAIN, add, put, task, together, write


def opened(url: str, *kinds: Any) -> PostgresStore:
    store = PostgresStore(url)
    store.declare(kinds or KINDS)
    return store


def asked(url: str, text: str) -> Any:
    with psycopg.connect(url, autocommit=True) as db:
        cursor = db.execute(text)
        return cursor.fetchall() if cursor.description else None


def test_many_processes_may_migrate_at_once() -> None:
    url = DATABASES.fresh()

    def work(number: int) -> None:
        store = opened(url)
        store.migrate()
        store.close()

    together(6, work)
    assert asked(url, "SELECT number FROM ik_schema") == [(LATEST,)]
    assert asked(url, "SELECT number FROM ik_migration ORDER BY 1") == [
        (step.number,) for step in MIGRATIONS
    ]


class Killed(Exception):
    """Where the process died."""


def dying(execute: Callable[..., Any], after: int) -> Callable[..., Any]:
    """Run so many statements, then lose the server process."""
    left = [after]

    def run(*args: Any) -> Any:
        if left[0] == 0:
            raise Killed
        left[0] -= 1
        return execute(*args)

    return run


def test_a_migration_killed_at_every_statement_does_no_harm() -> None:
    url = DATABASES.fresh()
    settings = PostgresStore(url).database.settings
    reached, after, kills = 0, 1, 0
    while reached < LATEST:
        with psycopg.connect(url, autocommit=True) as db:
            try:
                step = MIGRATIONS[reached]
                migrations.take(dying(db.execute, after), step, settings)
            except Killed:
                # As when the process dies: the server ends the transaction.
                db.close()
                kills += 1
        found = asked(url, "SELECT to_regclass('ik_schema')::text") != [(None,)]
        number = asked(url, "SELECT number FROM ik_schema")[0][0] if found else 0
        assert number in (reached, reached + 1)
        after = 1 if number > reached else after + 1
        reached = number
    assert kills > 40
    store = opened(url)
    write(store, puts=(put("a"),))
    store.close()


def test_a_newer_schema_is_refused() -> None:
    url = DATABASES.fresh()
    first = opened(url)
    write(first, puts=(put("a"),))
    asked(url, f"UPDATE ik_schema SET number = {LATEST + 1}")
    # One that is still running reads, and writes nothing any more.
    assert first.load(MAIN, [Ref("incident", "a")]) != (None,)
    for call in (
        lambda: write(first, puts=(put("b"),)),
        lambda: write(first, puts=(put("b"), put("c")), expects=()),
        lambda: first.claim(None, 1, 1),
        lambda: first.numbers(MAIN, "incident", 1),
        lambda: first.redact(MAIN, "incident/a", [1]),
        lambda: first.purge(MAIN, 1),
        lambda: first.settle(MAIN, []) or first.extend(MAIN, [], 1),
    ):
        with pytest.raises(SchemaTooNew):
            call()
    first.close()
    second = opened(url)
    with pytest.raises(SchemaTooNew):
        second.now()
    second.close()
    assert asked(url, "SELECT count(*) FROM ik_record_incident") == [(1,)]


def test_a_write_that_waits_for_a_migration_sees_it() -> None:
    url = DATABASES.fresh()
    store = opened(url)
    write(store, puts=(put("a"),))
    said: list[type] = []

    def writing() -> None:
        try:
            add(store, task("t"))
        except StoreError as error:
            said.append(type(error))

    with psycopg.connect(url) as db:
        db.execute(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")
        thread = threading.Thread(target=writing)
        thread.start()
        # It has begun, and waits: its statement is older than what is committed now.
        while not asked(url, "SELECT 1 FROM pg_locks WHERE NOT granted AND locktype = 'advisory'"):
            pass
        db.execute("UPDATE ik_schema SET number = number + 1")
    thread.join()
    assert said == [SchemaTooNew]
    assert asked(url, "SELECT count(*) FROM ik_task") == [(0,)]
    store.close()


SITE = type(INCIDENT)("incident", (Column("site", ColumnType.TEXT), *INCIDENT.columns))


def test_a_release_with_other_columns_fences_the_one_before() -> None:
    url = DATABASES.fresh()
    old = opened(url, INCIDENT, ALERT)
    write(old, puts=(put("a"),))
    new = opened(url, SITE, ALERT)
    with pytest.raises(IndexStale):
        new.count(MAIN, Query("incident"))
    with pytest.raises(SchemaTooNew, match="restart"):
        write(old, puts=(put("b"),))
    what = Stale("incident", Lag.COLUMNS)
    assert new.stale() == (what,)
    ((tenant, row),) = new.stale_rows(what, 10)
    new.reindex(what, [Reindexed(tenant, row.id, row.version, ("x", *row.columns[1:]))])
    new.reindex(what, [])
    assert new.count(MAIN, Query("incident", Compare("site", Op.EQ, "x"))) == 1
    old.close()
    new.close()


def test_a_kind_more_disturbs_nobody() -> None:
    url = DATABASES.fresh()
    first = opened(url, INCIDENT)
    write(first, puts=(put("a"),))
    second = opened(url, INCIDENT, ALERT)
    second.migrate()
    write(first, puts=(put("b"),))
    assert second.count(MAIN, Query("incident")) == 2
    first.close()
    second.close()


def test_a_kind_of_other_tables_is_refused() -> None:
    url = DATABASES.fresh()
    first = opened(url, INCIDENT)
    first.migrate()
    other = opened(url, type(INCIDENT)("incident", INCIDENT.columns, touchable=True))
    with pytest.raises(StoreError, match="other tables"):
        other.migrate()
    first.close()
    other.close()


def test_a_worker_needs_no_right_to_make_tables() -> None:
    url = DATABASES.fresh()
    owner = opened(url)
    owner.migrate()
    name = url.split("/")[3].split("?")[0]
    role = f"worker_{name}"
    asked(url, f"CREATE ROLE {role} LOGIN")
    asked(url, f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}")
    asked(url, f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {role}")
    worker = opened(url.replace("//postgres:@", f"//{role}@").replace("//postgres@", f"//{role}@"))
    assert role in worker.database.settings.conninfo
    write(worker, puts=(put("a"),), tasks=(task("t"),))
    assert len(worker.claim(None, 1_000_000, 1).tasks) == 1
    worker.close()
    fresh = opened(worker.database.settings.conninfo, SITE)
    with pytest.raises(StoreError, match="42501"):
        fresh.migrate()
    fresh.close()
    owner.close()
