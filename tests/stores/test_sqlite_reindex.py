"""A file of an earlier release: its index columns and texts are filled by reading it again."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import attrs
import pytest

from incidentkit import Desk, SqliteStore
from incidentkit.codec.kinds import SPECS
from incidentkit.desk import reindexing
from incidentkit.errors import IndexStale, InvalidValue, Retryable, SchemaTooNew
from incidentkit.lang.words import needles
from incidentkit.ports.query import Compare, Op, Query
from incidentkit.ports.rows import Column, ColumnType, KindSpec, Ref, SearchText
from incidentkit.ports.search import Among, Lag, Reindexed, Stale, TextQuery
from incidentkit.stores.sqlite import connections, filling, migrations
from tests.stores.factories import INCIDENT
from tests.stores.shapes import MAIN, OTHER, put, write

OLD = Path(__file__).parent / "old" / "schema-3.sqlite"
"""Written by the release whose last migration was the third; see its README."""

COLUMNS = Stale("incident", Lag.COLUMNS)
TEXTS = Stale("incident", Lag.TEXTS)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return Path(shutil.copy(OLD, tmp_path / "incidents.db"))


def opened(path: Path) -> Desk:
    return Desk.open(f"sqlite:///{path}?synchronous=off", entry_points=False)


def waiting(desk: Desk) -> list[str]:
    return [str(each.message) for each in desk.diagnose() if each.subject.startswith("index")]


def test_a_released_file_is_read_searched_and_written(path: Path) -> None:
    with opened(path) as desk:
        assert len(waiting(desk)) == 4
        assert "0 of 4 records of 'incident'" in waiting(desk)[0]
        before = {x: desk.journal(x) for x in ("INC-1", "INC-2", "INC-3", "PRB-1")}
        assert [each.ref for each in desk.find(court="ACME").items] == ["INC-1"]
        assert len(waiting(desk)) == 3
        assert [hit.ref for hit in desk.search("directory").items] == ["PRB-1", "INC-1"]
        assert "99" in desk.search("directory connections").items[0].excerpt
        assert [hit.ref for hit in desk.search('"bigger disk"').items] == ["INC-2"]
        assert len(desk.search("slow").items) == 1
        assert [hit.title for hit in desk.tenant("other").search("slow").items] == [
            "Login is slow elsewhere"
        ]
        assert waiting(desk) == []
        assert {x: desk.journal(x) for x in before} == before
        assert desk.verify().problems == ()
        assert [each.ref for each in desk.find(order="changed_at").items] == [
            "INC-3", "INC-2", "INC-1",
        ]  # fmt: skip
        assert desk.resume("INC-1").version > len(before["INC-1"])
        assert desk.count(court="ACME") == 0
        assert desk.reindex() == 0
    with opened(path) as desk:
        assert waiting(desk) == []
        assert desk.count(court="") == 3


def test_commands_need_no_index(path: Path) -> None:
    with opened(path) as desk:
        desk.note("INC-1", "the vendor called back")
        desk.edit("INC-3", title="Printer smokes")
        assert len(waiting(desk)) == 4
        assert desk.reindex() == 4 + 4 + 1 + 1
        assert [hit.ref for hit in desk.search("vendor connections").items] == ["INC-1"]
        assert [hit.ref for hit in desk.search("smokes").items] == ["INC-3"]
        assert desk.search("fire").items == ()


def test_what_was_done_stays_done(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reindexing, "PAGE", 1)
    with opened(path) as desk:
        steps = reindexing.reindex(desk.ports)
        call, args = next(steps)
        while call.__name__ != "reindex" or args[0] != TEXTS:
            call, args = steps.send(call(*args))
        call(*args)
    with opened(path) as desk:
        assert "1 of 4 records of 'incident'" in waiting(desk)[0]
        # Three incidents and the problem are left; no column is.
        assert desk.reindex() == 4
        assert [hit.ref for hit in desk.search("slow").items] == ["INC-1"]


def test_two_workers_do_no_harm(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reindexing, "PAGE", 2)
    with opened(path) as desk:
        steps = [reindexing.reindex(desk.ports) for _ in range(2)]
        answers: list[Any] = [None, None]
        running = [0, 1]
        while running:
            for worker in list(running):
                try:
                    call, args = steps[worker].send(answers[worker])
                    answers[worker] = call(*args)
                except StopIteration:
                    running.remove(worker)
        assert waiting(desk) == []
        (hit,) = desk.search("connections").items
        assert hit.ref == "INC-1"
        assert desk.count(court="ACME") == 1


def test_a_record_that_changes_meanwhile_keeps_what_it_says_now(path: Path) -> None:
    with opened(path) as desk:
        steps = reindexing.reindex(desk.ports)
        call, args = next(steps)
        while True:
            if call.__name__ == "reindex" and args[1]:
                desk.note("INC-1", f"said while {args[0].lag} were read")
                desk.resume("INC-1") if args[0] == COLUMNS else None
            try:
                call, args = steps.send(call(*args))
            except StopIteration:
                break
            if call.__name__ == "stale_rows" and args[0] == TEXTS:
                break
        steps.close()
        assert desk.reindex() > 0
        assert desk.count(court="ACME") == 0
        assert [hit.ref for hit in desk.search("said columns connections").items] == ["INC-1"]


def test_a_damaged_record_is_reported_and_left(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("UPDATE record_incident SET body = '{' WHERE tenant = 'other'")
        db.commit()
    with opened(path) as desk:
        assert desk.count(court="ACME") == 1
        assert waiting(desk)[0].startswith("0 of 4 records")
        assert len(desk.faults) == 1
        assert [hit.ref for hit in desk.search("slow").items] == ["INC-1"]
        assert {fault.hook for fault in desk.faults} == {"reindex"}


def test_reading_by_another_process_waits_for_the_writer(path: Path) -> None:
    with opened(path) as writer:
        writer.note("INC-1", "mine")
        script = (
            "import sys; from incidentkit import Desk\n"
            "desk = Desk.open(sys.argv[1])\n"
            "try: desk.count(court='ACME')\n"
            "except Exception as error: print(type(error).__name__)\n"
            "print(desk.get('INC-1').ref)\n"
        )
        run = [sys.executable, "-c", script, f"sqlite:///{path}"]
        done = subprocess.run(run, capture_output=True, text=True, check=True)
        assert done.stdout.split() == ["AnotherProcessWrites", "INC-1"]
        writer.reindex()
        done = subprocess.run(run, capture_output=True, text=True, check=True)
        assert done.stdout.split() == ["INC-1"]


# --- the store by itself --------------------------------------------------------------------------

SITE = KindSpec(
    "incident",
    (
        Column("state", ColumnType.INT64),
        Column("site", ColumnType.TEXT),
        Column("open", ColumnType.BOOL),
        Column("due", ColumnType.INSTANT),
    ),
    searchable=True,
    shortlist=("open", "site"),
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "i.db"
    with closing(make(path, INCIDENT)) as store:
        write(store, puts=(put("a"), put("b")))
        write(store, OTHER, puts=(put("a"),))
    return path


def make(path: Path, spec: KindSpec, **more: Any) -> SqliteStore:
    store = SqliteStore(path, synchronous="off", **more)
    store.declare([spec])
    return store


@pytest.fixture
def store(file: Path) -> Iterator[SqliteStore]:
    made = make(file, SITE)
    yield made
    made.close()


ASKED: list[Callable[[SqliteStore], object]] = [
    lambda store: store.find(MAIN, Query("incident")),
    lambda store: store.count(MAIN, Query("incident")),
    lambda store: store.tally(MAIN, Query("incident"), "site"),
    lambda store: store.search(MAIN, TextQuery(needles("x"), (Among("incident"),))),
]


@pytest.mark.parametrize("ask", ASKED)
def test_what_needs_the_index_is_refused_until_it_is_there(
    store: SqliteStore, ask: Callable[[SqliteStore], object]
) -> None:
    with pytest.raises(IndexStale, match="reindex"):
        ask(store)
    assert store.stale() == (COLUMNS, TEXTS)
    for what in store.stale():
        store.reindex(what, ())
    ask(store)
    assert store.stale() == ()


def test_columns_are_written_and_nothing_else(store: SqliteStore) -> None:
    rows = store.stale_rows(COLUMNS, 2)
    assert [(tenant, row.id) for tenant, row in rows] == [(MAIN, "a"), (MAIN, "b")]
    # What is new holds nothing yet, what stayed holds what it did.
    assert rows[0][1].columns[:3] == (0, "", True)
    due = rows[0][1].columns[3]
    done = [Reindexed(t, row.id, row.version, (7, "north", True, due)) for t, row in rows]
    store.reindex(COLUMNS, done)
    assert [row.id for _, row in store.stale_rows(COLUMNS, 9)] == ["a"]
    store.reindex(COLUMNS, [Reindexed(OTHER, "a", 9, (1, "x", True, 0))])
    store.reindex(COLUMNS, ())
    assert store.stale_rows(COLUMNS, 9) == ()
    north = Query("incident", Compare("site", Op.EQ, "north"))
    assert store.count(MAIN, north) == 2
    assert store.count(OTHER, north) == 0
    (row,) = store.load(MAIN, [Ref("incident", "a")])
    assert row is not None
    assert attrs.evolve(row, columns=()) == attrs.evolve(rows[0][1], columns=())
    with pytest.raises(InvalidValue):
        store.reindex(COLUMNS, [Reindexed(MAIN, "a", 1, ("wrong",))])
    with pytest.raises(InvalidValue):
        store.stale_rows(Stale("none", Lag.COLUMNS), 1)


def test_texts_stop_at_a_record_that_changed(store: SqliteStore) -> None:
    (_, a), (_, b) = store.stale_rows(TEXTS, 2)
    text = SearchText("incident", "a", "Alpha")
    moved = Reindexed(MAIN, "a", a.version + 1, (), text)
    store.reindex(TEXTS, [moved])
    assert [row.id for _, row in store.stale_rows(TEXTS, 2)] == ["a", "b"]
    good = Reindexed(MAIN, "a", a.version, (), text)
    gone = Reindexed(MAIN, "0", 1, ())
    late = Reindexed(MAIN, "b", b.version + 1, (), SearchText("incident", "b", "Beta"))
    store.reindex(TEXTS, [gone, good, late])
    assert [row.id for _, row in store.stale_rows(TEXTS, 2)] == ["b", "a"]


def test_what_is_remembered_of_a_stale_row_is_not_trusted(store: SqliteStore) -> None:
    (row,) = store.load(MAIN, [Ref("incident", "a")])
    assert row is not None
    due = row.columns[3]
    store.reindex(COLUMNS, [Reindexed(MAIN, "a", 1, (7, "north", True, due))])
    new = attrs.evolve(row, version=2, columns=(0, "", True, due))
    write(store, puts=(attrs.evolve(put("a", 1), row=new),))
    store.reindex(COLUMNS, ())
    assert store.count(MAIN, Query("incident", Compare("site", Op.EQ, "north"))) == 0


def test_an_empty_kind_is_never_behind(tmp_path: Path) -> None:
    path = tmp_path / "i.db"
    with closing(make(path, INCIDENT)) as store:
        store.numbers(MAIN, "x", 1)
    with closing(make(path, SITE)) as store:
        assert store.count(MAIN, Query("incident")) == 0
        write(store, puts=())
        assert store.stale() == ()


def test_columns_that_only_go_away_leave_nothing_to_do(file: Path) -> None:
    fewer = attrs.evolve(INCIDENT, columns=INCIDENT.columns[:2])
    with closing(make(file, fewer)) as store:
        assert store.count(MAIN, Query("incident")) == 2
        assert store.stale() == ()


def test_the_first_reader_of_an_older_file_changes_it(file: Path) -> None:
    with closing(make(file, SITE)) as store:
        assert store.stale() == (COLUMNS, TEXTS)
    with closing(sqlite3.connect(file)) as db:
        names = {name for (name,) in db.execute("SELECT name FROM sqlite_master")}
    assert {"record_incident_shortlist", "search"} <= names


def test_processes_learn_that_it_was_done(file: Path) -> None:
    with closing(make(file, SITE)) as one, closing(make(file, SITE)) as two:
        with pytest.raises(IndexStale):
            two.count(MAIN, Query("incident"))
        for what in one.stale():
            one.reindex(what, ())
        assert two.count(MAIN, Query("incident")) == 2
        assert two.stale() == ()


def test_many_processes_are_changed_by_one_alone(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "wal_reset_risk", lambda _version: False)
    monkeypatch.setattr(connections, "BUSY_SECONDS", 0.1)
    older = sqlite3.connect(file)
    older.execute("SELECT count(*) FROM record_incident").fetchone()
    with closing(make(file, SITE, processes="many")) as store:
        with pytest.raises(Retryable, match="stop all processes"):
            write(store, puts=(put("c"),))
        # Nothing was changed, and who has it open goes on.
        columns = {name for _, name, *_ in older.execute("PRAGMA table_info(record_incident)")}
        assert "c_rank" in columns
        older.close()
        with pytest.raises(IndexStale):
            store.count(MAIN, Query("incident"))
    with closing(sqlite3.connect(file)) as db:
        assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_an_earlier_release_refuses_the_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrations, "LATEST", 3)
    with closing(make(file, INCIDENT)) as store, pytest.raises(SchemaTooNew):
        store.count(MAIN, Query("incident"))


def test_every_kind_says_when_it_changed() -> None:
    for spec in SPECS:
        assert "changed_at" in [column.name for column in spec.columns], spec.name


def test_a_file_with_all_in_place_is_left_alone(file: Path) -> None:
    with closing(make(file, SITE)) as store:
        write(store, puts=())
    with closing(sqlite3.connect(file)) as db:
        kinds = [kind for _, kind in store.kinds.items()]
        assert filling.settled(db, kinds)
        assert filling.settled(db, [])
