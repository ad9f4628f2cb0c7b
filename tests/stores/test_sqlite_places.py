"""Where records lie on SQLite, and what a change of one writes."""

from __future__ import annotations

import sqlite3
from collections.abc import Generator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from incidentkit.desk.identity import TimeOrderedIds
from incidentkit.errors import Conflict
from incidentkit.ports.rows import Batch, Ref
from incidentkit.stores.sqlite.places import place_of
from incidentkit.stores.sqlite.reading import load_one
from incidentkit.stores.sqlite.store import SqliteStore
from tests.stores.factories import KINDS
from tests.stores.shapes import MAIN, OTHER, put

FIRST, SECOND = "018cc251f4000070123456789abcdef0", "018cc251f4000080123456789abcdef0"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "i.db"


@pytest.fixture
def store(path: Path) -> Generator[SqliteStore]:
    with closing(SqliteStore(path)) as made:
        made.declare(KINDS)
        yield made


def _inside(store: SqliteStore) -> Any:
    """Its file and connections, which are nobody else's business."""
    return vars(store)["_file"]


def _numbers(path: Path) -> dict[str, int]:
    with closing(sqlite3.connect(path)) as db:
        return dict(db.execute("SELECT id, rowid FROM record_incident"))


def _statements(store: SqliteStore, name: str) -> int:
    """How many statements one load takes."""
    said: list[str] = []
    with _inside(store).view() as db:
        assert db is not None
        db.set_trace_callback(said.append)
        try:
            assert load_one(db, _inside(store).sql["incident"], MAIN, name) is not None
        finally:
            db.set_trace_callback(None)
    return len(said)


def test_a_desks_ids_have_places_in_their_order() -> None:
    ids = TimeOrderedIds()
    places = [place for _ in range(1000) if (place := place_of(ids.new_id())) is not None]
    assert len(places) == 1000
    assert places == sorted({*places})


@pytest.mark.parametrize("name", ["a", "x" * 32, "0" * 32, "f" * 32, FIRST[:-1]])
def test_other_ids_have_none(name: str) -> None:
    assert place_of(name) is None


@pytest.mark.parametrize("together", [False, True])
def test_a_record_lies_where_its_id_says(store: SqliteStore, path: Path, together: bool) -> None:
    batches = [Batch(MAIN, puts=(put(name),)) for name in (SECOND, FIRST, "x")]
    if together:
        store.commit_group(batches)
    else:
        for batch in batches:
            store.commit(batch)
    found = _numbers(path)
    assert found[FIRST] == place_of(FIRST)
    assert found[SECOND] == place_of(SECOND)
    assert [_statements(store, name) for name in (FIRST, SECOND, "x")] == [1, 1, 1]


def test_one_whose_place_is_taken_is_found_all_the_same(store: SqliteStore, path: Path) -> None:
    beside = FIRST[:15] + SECOND[::-1][:17]
    assert place_of(beside) == place_of(FIRST)
    store.commit(Batch(MAIN, puts=(put(FIRST, rank=1),)))
    store.commit(Batch(MAIN, puts=(put(beside, rank=2),)))
    store.commit(Batch(OTHER, puts=(put(FIRST, rank=3),)))
    loaded = [
        *store.load(MAIN, [Ref("incident", FIRST)]),
        *store.load(MAIN, [Ref("incident", beside)]),
        *store.load(OTHER, [Ref("incident", FIRST)]),
    ]
    assert [row and row.columns[1] for row in loaded] == [1, 2, 3]
    assert _statements(store, beside) == 2
    with pytest.raises(Conflict):
        store.commit(Batch(MAIN, puts=(put(FIRST),)))


def test_one_from_an_earlier_release_is_found_all_the_same(store: SqliteStore, path: Path) -> None:
    for name in (FIRST, SECOND):
        store.commit(Batch(MAIN, puts=(put(name),)))
    store.commit(Batch(MAIN, puts=(put("x"),)))
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE record_incident SET rowid = 7 WHERE id = ?", (FIRST,))
        # Another one stands where it would be looked for.
        where = (place_of(FIRST), SECOND)
        db.execute("UPDATE record_incident SET rowid = ? WHERE id = ?", where)
    for name in (FIRST, SECOND):
        (row,) = store.load(MAIN, [Ref("incident", name)])
        assert row is not None
        assert row.id == name
        store.commit(Batch(MAIN, puts=(put(name, 1),)))


@pytest.mark.parametrize("remembered", [False, True])
def test_a_change_writes_only_the_columns_that_changed(path: Path, remembered: bool) -> None:
    """Each column that is named costs two pages of an index, which at a million is most of all."""
    with closing(SqliteStore(path)) as store:
        store.declare(KINDS)
        store.commit(Batch(MAIN, puts=(put(FIRST, rank=1),)))
    said: list[str] = []
    with closing(SqliteStore(path)) as store:
        store.declare(KINDS)
        store.numbers(MAIN, "any", 1)
        if remembered:
            store.load(MAIN, [Ref("incident", FIRST)])
        _inside(store).writing().db.set_trace_callback(said.append)
        store.commit(Batch(MAIN, puts=(put(FIRST, 1, rank=2),)))
    (update,) = [text for text in said if text.startswith("UPDATE")]
    assert '"c_rank"' in update
    assert "c_state" not in update


def test_only_readers_map_the_file_and_only_where_that_is_asked_for(path: Path) -> None:
    for mmap in (0, 1):
        with closing(SqliteStore(path, mmap=mmap)) as store:
            store.declare(KINDS)
            name = f"{mmap}{FIRST[1:]}"
            store.commit(Batch(MAIN, puts=(put(name),)))
            assert store.load(MAIN, [Ref("incident", name)])[0] is not None
            asked = "PRAGMA mmap_size"
            assert _inside(store).writing().db.execute(asked).fetchone() == (0,)
            with _inside(store).view() as db:
                assert db is not None
                assert db.execute(asked).fetchone() == (mmap << 20,)
