"""Stores on the bases when a release declares other columns: noticed, filled, never guessed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import attrs
import pytest

from incidentkit import Desk, ManualTime
from incidentkit.errors import IndexStale, InvalidValue
from incidentkit.ports.query import Compare, Op, Query
from incidentkit.ports.rows import Column, ColumnType, KindSpec, Ref
from incidentkit.ports.search import Lag, Reindexed, Stale, SupportsReindex
from incidentkit.stores import layouts
from incidentkit.stores.tables import kind_of
from tests.stores.factories import (
    ALERT,
    INCIDENT,
    DictKeyStore,
    DictStore,
    Moving,
    PlainSqlStore,
    SqliteKeyStore,
)
from tests.stores.shapes import MAIN, OTHER, put, write

COLUMNS = Stale("incident", Lag.COLUMNS)
SITE = KindSpec(
    "incident",
    (
        Column("site", ColumnType.TEXT),
        Column("state", ColumnType.TEXT),
        Column("open", ColumnType.BOOL),
        Column("size", ColumnType.INT64),
        Column("due", ColumnType.INSTANT),
    ),
)


def dict_rows(store: Any, _path: Path) -> Any:
    """The same rows, migrated as a host would do it."""
    later = DictStore(now=Moving())
    later.tables = store.tables
    for row in later.tables["record_incident"].values():
        row.update({"c_site": "", "c_size": 0})
        del row["c_rank"]
    return later


def sql_rows(store: Any, path: Path) -> Any:
    db = store.db
    db.execute("ALTER TABLE record_incident ADD COLUMN c_site TEXT NOT NULL DEFAULT ''")
    db.execute("ALTER TABLE record_incident ADD COLUMN c_size INTEGER NOT NULL DEFAULT 0")
    db.execute("ALTER TABLE record_incident DROP COLUMN c_rank")
    store.close()
    return PlainSqlStore(path / "s.db", now=Moving())


def dict_keys(store: Any, _path: Path) -> Any:
    later = DictKeyStore(now=Moving())
    later.values, later.order, later.stamp = store.values, store.order, store.stamp
    return later


def sql_keys(store: Any, path: Path) -> Any:
    store.close()
    return SqliteKeyStore(path / "s.db", now=Moving())


def postgres(_path: Path) -> Any:
    from tests.stores.postgres_server import lent

    return lent(Moving())


def postgres_again(store: Any, _path: Path) -> Any:
    from tests.stores.postgres_server import LentStore

    url, store.url = store.url, None
    store.close()
    return LentStore(url, now=Moving())


MADE: dict[str, Any] = {
    "postgres": (postgres, postgres_again),
    "rows-dict": (lambda path: DictStore(now=Moving()), dict_rows),
    "rows-sql": (lambda path: PlainSqlStore(path / "s.db", now=Moving()), sql_rows),
    "keys-dict": (lambda path: DictKeyStore(now=Moving()), dict_keys),
    "keys-sqlite": (lambda path: SqliteKeyStore(path / "s.db", now=Moving()), sql_keys),
}


@pytest.fixture(params=list(MADE))
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """A store written by one release, opened by the next."""
    first, next_ = MADE[request.param]
    store = first(tmp_path)
    store.declare([INCIDENT, ALERT])
    write(store, puts=(put("a", due=1), put("b", due=2, state="closed")))
    write(store, OTHER, puts=(put("a", due=3),))
    later = next_(store, tmp_path)
    later.declare([SITE, ALERT])
    yield later
    later.close()


def filled(store: Any, size: int) -> int:
    """Do all that waits, so many rows at a time; how many pages it took."""
    pages = 0
    while True:
        rows = store.stale_rows(COLUMNS, size)
        done = [
            Reindexed(tenant, row.id, row.version, (f"site of {row.id}", *row.columns[1:]))
            for tenant, row in rows
        ]
        store.reindex(COLUMNS, done)
        if not rows:
            return pages
        pages += 1


def test_questions_wait_and_records_do_not(store: Any) -> None:
    able: object = store
    assert isinstance(able, SupportsReindex)
    for ask in (
        lambda: store.find(MAIN, Query("incident")),
        lambda: store.count(MAIN, Query("incident")),
        lambda: store.tally(MAIN, Query("incident"), "site"),
    ):
        with pytest.raises(IndexStale):
            ask()
    (row,) = store.load(MAIN, [Ref("incident", "a")])
    assert row.columns == ("", "new", True, 0, 1)
    assert store.count(MAIN, Query("alert")) == 0
    assert store.stale() == (COLUMNS,)


@pytest.mark.parametrize("size", [1, 2, 9])
def test_all_rows_are_filled_and_found(store: Any, size: int) -> None:
    assert filled(store, size) == -(-3 // size)
    assert store.stale() == ()
    assert store.stale_rows(COLUMNS, 9) == ()
    site = Compare("site", Op.EQ, "site of b")
    assert [row.id for row in store.find(MAIN, Query("incident", site)).rows] == ["b"]
    by_site = Query("incident", order="site", descending=True)
    assert [row.id for row in store.find(MAIN, by_site).rows] == ["b", "a"]
    due = Query("incident", order="due")
    assert [row.columns[4] for row in store.find(MAIN, due).rows] == [1, 2]
    assert store.tally(MAIN, Query("incident"), "state") == {"new": 1, "closed": 1}
    assert store.count(OTHER, Query("incident")) == 1


def test_it_goes_on_where_it_was_cut_short(store: Any) -> None:
    ((tenant, row),) = store.stale_rows(COLUMNS, 1)
    columns = ("first", *row.columns[1:])
    store.reindex(COLUMNS, [Reindexed(tenant, row.id, row.version, columns)])
    assert store.stale() == (COLUMNS,)
    assert filled(store, 9) == 1
    first = Query("incident", Compare("site", Op.EQ, "first"))
    assert store.count(tenant, first) == 1


def test_a_record_that_changed_meanwhile_is_left(store: Any) -> None:
    (before,) = store.load(MAIN, [Ref("incident", "a")])
    new = attrs.evolve(before, version=2, columns=("now", "new", True, 5, 9))
    write(store, puts=(attrs.evolve(put("a", 1), row=new),))
    old = ("then", *before.columns[1:])
    gone = Reindexed(MAIN, "0", 1, old)
    store.reindex(COLUMNS, [gone, Reindexed(MAIN, "a", 1, old)])
    filled(store, 9)
    assert store.load(MAIN, [Ref("incident", "a")]) == (new,)
    assert store.count(MAIN, Query("incident", Compare("site", Op.EQ, "now"))) == 1
    assert store.count(MAIN, Query("incident", Compare("site", Op.EQ, "then"))) == 0


def test_wrong_columns_are_refused(store: Any) -> None:
    with pytest.raises(InvalidValue):
        store.reindex(COLUMNS, [Reindexed(MAIN, "a", 1, ("too few",))])
    with pytest.raises(InvalidValue):
        store.stale_rows(Stale("none", Lag.COLUMNS), 1)


def test_the_same_columns_leave_nothing_to_do(tmp_path: Path) -> None:
    first = DictStore(now=Moving())
    first.declare([INCIDENT])
    assert first.stale() == ()
    write(first, puts=(put("a"),))
    second = DictStore(now=Moving())
    second.tables = first.tables
    second.declare([INCIDENT])
    assert second.count(MAIN, Query("incident")) == 1
    assert second.stale() == ()


def test_a_layout_says_names_and_types() -> None:
    assert layouts.written(kind_of(INCIDENT)) == ("state:text rank:int64 open:bool due:instant")


def test_a_key_store_of_the_first_form_is_read(tmp_path: Path) -> None:
    """Rows were once lists without names, and nothing told with which columns."""
    store = DictKeyStore(now=Moving())
    time = ManualTime()
    with Desk.open(store=store, time=time, entry_points=False) as desk:
        incident = desk.declare("Waits", service="web")
        time.move(minutes=5)
        incident = desk.hold(incident, reason="vendor", court="acme", by="ana")
    older = DictKeyStore(now=Moving())
    for key, (value, version) in store.values.items():
        if key.startswith("i-") or "layout" in key:
            continue
        if value.startswith("{"):
            fields = [v for name, v in json.loads(value).items() if name != "c_court"]
            value = json.dumps(fields)
        older.values[key] = (value, version)
    older.order, older.stamp = sorted(older.values), store.stamp
    with Desk.open(store=older, time=time, entry_points=False) as desk:
        assert desk.get("INC-1") == incident
        (found,) = desk.find(court="acme", service="web").items
        assert found == incident
        assert desk.overview().counted("court").values == (("acme", 1),)
        # When it changed stood in no name, so it is that of the last entry.
        recently = desk.find(order="changed_at")
        assert [each.ref for each in recently.items] == ["INC-1"]
        assert desk.verify().problems == ()
        assert desk.reindex() == 0
