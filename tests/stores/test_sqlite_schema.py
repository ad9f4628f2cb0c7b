"""The file: made at the first write, migrated step by step, never touched by a reader."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from incidentkit.errors import InvalidValue, SchemaTooNew, StoreError
from incidentkit.ports.query import Query
from incidentkit.ports.rows import Ref, TaskQuery
from incidentkit.stores.sqlite import migrations, schema
from incidentkit.stores.sqlite import settings as options
from incidentkit.stores.sqlite.store import SqliteStore
from incidentkit.stores.tables import FIXED_TABLES, GUARD, LAYOUT, kind_of
from tests.stores.factories import ALERT, INCIDENT, KINDS
from tests.stores.shapes import MAIN, add, entry, put, task, write


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "incidents.db"


def opened(path: Path, kinds: Any = KINDS) -> SqliteStore:
    store = SqliteStore(path, synchronous="off")
    store.declare(kinds)
    return store


def at_number(path: Path, number: int) -> None:
    """A file as a release left it that knew so many steps."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA journal_mode = wal")
        for step in migrations.MIGRATIONS[:number]:
            migrations.take(db, step, "file", 1)


def number_of(path: Path) -> int:
    with closing(sqlite3.connect(path)) as db:
        return migrations.schema_number(db, "file")


def test_reading_makes_no_file(path: Path) -> None:
    store = opened(path)
    assert store.load(MAIN, [Ref("incident", "a")]) == (None,)
    assert store.find(MAIN, Query("incident")).rows == ()
    assert store.count(MAIN, Query("incident")) == 0
    assert store.journal(MAIN, "incident/a") == ()
    assert store.owners(MAIN, "ref", ["a", "b"]) == (None, None)
    assert store.tasks(MAIN, TaskQuery()) == ()
    assert [
        finding
        for finding in store.diagnose()
        if not finding.ok and finding.subject != "synchronous"
    ] == []
    store.close()
    assert list(path.parent.iterdir()) == []


def test_an_empty_file_reads_as_nothing(path: Path) -> None:
    path.touch()
    store = opened(path)
    assert store.count(MAIN, Query("incident")) == 0
    assert store.tasks(MAIN, TaskQuery()) == ()
    store.close()
    assert path.stat().st_size == 0


def test_a_reader_sees_kinds_that_come_later(path: Path) -> None:
    reader, writer = opened(path), opened(path, [INCIDENT])
    write(writer, puts=(put("a"),))
    refs = [Ref("alert", "x"), Ref("incident", "a")]
    assert [row is not None for row in reader.load(MAIN, refs)] == [False, True]
    assert reader.load(MAIN, refs[:1]) == (None,)
    assert reader.find(MAIN, Query("alert")).rows == ()
    assert reader.count(MAIN, Query("alert")) == 0
    writer.declare([ALERT])
    write(writer, puts=(put("b"),))
    assert reader.count(MAIN, Query("alert")) == 0
    write(reader, puts=(put("c"),))
    assert writer.count(MAIN, Query("incident")) == 3
    reader.close()
    writer.close()


@pytest.mark.parametrize("number", range(migrations.LATEST + 1))
@pytest.mark.parametrize("first", ["read", "write"])
def test_a_file_of_every_earlier_release_is_migrated(path: Path, number: int, first: str) -> None:
    at_number(path, number)
    store = opened(path)
    if first == "read":
        assert store.count(MAIN, Query("incident")) == 0
    write(store, puts=(put("a"),), entries=(entry("a", 1),), tasks=(task("t"),))
    assert store.numbers(MAIN, "incident", 1) == range(1, 2)
    store.close()
    assert number_of(path) == migrations.LATEST


@pytest.mark.parametrize("step", migrations.MIGRATIONS)
def test_a_step_that_is_cut_short_leaves_nothing(path: Path, step: migrations.Migration) -> None:
    at_number(path, step.number - 1)
    broken = migrations.Migration(step.number, step.name, (*step.statements, "no SQL at all"))
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        before = db.execute("SELECT name FROM sqlite_master ORDER BY name").fetchall()
        with pytest.raises(sqlite3.OperationalError):
            migrations.take(db, broken, "file", 1)
        assert db.execute("SELECT name FROM sqlite_master ORDER BY name").fetchall() == before
        migrations.migrate(db, "file", 1)
        # Somebody else has taken it meanwhile: nothing is done twice.
        migrations.take(db, step, "file", 1)
    assert number_of(path) == migrations.LATEST


def test_a_newer_file_is_refused(path: Path) -> None:
    at_number(path, migrations.LATEST)
    with closing(sqlite3.connect(path)) as db:
        db.execute("INSERT INTO schema_migration VALUES (?, 'later', 1)", (migrations.LATEST + 1,))
        db.commit()
    store = opened(path)
    with pytest.raises(SchemaTooNew, match="upgrade"):
        store.count(MAIN, Query("incident"))
    with pytest.raises(SchemaTooNew):
        write(store, puts=(put("a"),))
    store.close()


def test_the_migrated_tables_are_the_declared_ones(path: Path) -> None:
    at_number(path, migrations.LATEST)
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        for spec in FIXED_TABLES:
            if spec in (GUARD, LAYOUT):
                continue  # writers are alone here and never have to meet; see `filling`
            there = schema.existing(db, spec.name)
            db.execute("DROP TABLE " + f'"{spec.name}"')
            db.execute(schema.creation(spec))
            assert there == schema.existing(db, spec.name), spec.name


def test_a_table_that_is_none_of_a_kind_is_refused(path: Path) -> None:
    store = opened(path)
    write(store, puts=(put("a"),))
    store.close()
    with closing(sqlite3.connect(path)) as db:
        db.execute("ALTER TABLE record_incident RENAME COLUMN head TO tail")
    store = opened(path)
    for call in (lambda: store.count(MAIN, Query("incident")), lambda: add(store, task("t"))):
        with pytest.raises(StoreError) as caught:
            call()
        for word in ("'head' is missing", "'tail' is not declared", "another name"):
            assert word in str(caught.value)
    store.close()


def test_every_record_table_is_strict(path: Path) -> None:
    store = opened(path)
    write(store, puts=(put("a"),))
    store.close()
    with closing(sqlite3.connect(path)) as db:
        found = db.execute(
            "SELECT name, strict FROM pragma_table_list WHERE schema = 'main' "
            "AND type NOT IN ('shadow', 'virtual')"
        )
        lax = [name for name, strict in found if not strict and not name.startswith("sqlite_")]
    assert lax == []


PLANS = [
    ("SELECT max(seq) FROM journal WHERE tenant = 'a' AND stream = 'b'", "journal_1"),
    (
        "SELECT id FROM task WHERE state = 'ready' ORDER BY next_at, tenant, id LIMIT 1",
        "task_time",
    ),
    (
        """SELECT id FROM task WHERE state = 'ready' AND (tenant) > ('a')
        ORDER BY tenant, priority, next_at, id LIMIT 1""",
        "task_urgency",
    ),
    (
        """SELECT id FROM task WHERE state = 'ready' AND tenant = 'a' AND priority = 1
        ORDER BY next_at, id LIMIT 1""",
        "task_urgency",
    ),
    (
        """SELECT id FROM task WHERE tenant = 'a' AND subject = 's' AND state = 'blocked'
        ORDER BY ord, id LIMIT 1""",
        "task_subject",
    ),
]


@pytest.mark.parametrize(("text", "index"), PLANS)
def test_hot_reads_use_an_index_and_never_sort(path: Path, text: str, index: str) -> None:
    at_number(path, migrations.LATEST)
    with closing(sqlite3.connect(path)) as db:
        plan = " ".join(line[3] for line in db.execute("EXPLAIN QUERY PLAN " + text))
    assert index in plan
    assert "TEMP B-TREE" not in plan
    assert "SCAN" not in plan


# --- settings -------------------------------------------------------------------------------------


def test_urls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    full = options.from_url("sqlite:///a%20b.db?synchronous=normal&processes=one")
    assert full == options.Settings(tmp_path.resolve() / "a b.db", "normal", "one")
    assert options.from_url("sqlite:///a.db?cache=2").cache == 2
    assert options.from_url("sqlite:///a.db?mmap=512").mmap == 512
    assert options.from_url(f"sqlite:///{tmp_path}/x.db").path == tmp_path.resolve() / "x.db"
    assert options.from_url("sqlite:///:memory:").path is None
    assert options.from_url("sqlite:///:memory:").writer_file is None
    assert options.from_url("sqlite:///:memory:").shown == ":memory:"
    store = SqliteStore.from_url("sqlite:///y.db?synchronous=off")
    assert store.numbers(MAIN, "x", 1) == range(1, 2)
    store.close()
    assert Path("y.db").exists()
    SqliteStore.from_url("sqlite:///:memory:").close()


@pytest.mark.parametrize(
    ("url", "hint"),
    [
        ("sqlite:///a.db?sync=full", "'synchronous'"),
        ("sqlite:///a.db?synchronous=ful", "'full'"),
        ("sqlite:///a.db?synchronous=", "full"),
        ("sqlite:///a.db?processes=any", "'many'"),
        ("sqlite:///a.db?processes=one&processes=one", "twice"),
        ("sqlite:///a.db?cache=0", "no number of MiB from 1 to 4096"),
        ("sqlite:///a.db?cache=much", "no number of MiB"),
        ("sqlite:///a.db?mmap=-1", "no number of MiB from 0 to 1048576"),
        ("sqlite://a.db", "sqlite:///"),
        ("postgresql://x", "sqlite:///"),
        ("sqlite:///", "empty"),
    ],
)
def test_bad_urls_are_refused_with_the_nearest_good_one(url: str, hint: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        SqliteStore.from_url(url)
    assert hint in str(caught.value)


def test_tables_of_a_kind_are_named_after_it() -> None:
    kind = kind_of(ALERT)
    assert kind.tally is not None
    assert (kind.record.name, kind.tally.name) == ("record_alert", "tally_alert")
    assert kind_of(INCIDENT).tally is None
