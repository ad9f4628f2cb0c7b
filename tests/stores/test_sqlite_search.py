"""Search on SQLite: its files, its shortlist of ranks, and that it finds what memory finds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incidentkit.errors import InvalidValue, LimitExceeded
from incidentkit.lang.words import needles
from incidentkit.ports.query import Compare, Op
from incidentkit.ports.rows import KindSpec
from incidentkit.ports.search import Among, TextQuery
from incidentkit.stores.memory import MemoryStore
from incidentkit.stores.sqlite import searching
from incidentkit.stores.sqlite.store import SqliteStore
from incidentkit.testing.records import SEARCHED_KINDS
from incidentkit.testing.store.searching import hits, keep
from tests.stores.factories import INCIDENT, MAKERS, Moving
from tests.stores.shapes import MAIN, put, write

KINDS = SEARCHED_KINDS
SEARCHED = SEARCHED_KINDS[0]


@pytest.fixture
def store(tmp_path: Path, now: Moving) -> Iterator[Any]:
    made = MAKERS["sqlite"](tmp_path, now)
    made.declare(KINDS)
    yield made
    made.close()


def test_a_narrow_filter_finds_what_ranks_low(store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "FIRST", 3)
    for number in range(12):
        keep(store, f"n{number:02}", "Login " * (12 - number), rank=number)
    last = Compare("rank", Op.GE, 10)
    assert hits(store, "login", (Among("incident", last),)) == ["n10", "n11"]


def test_reading_makes_no_file(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "i.db")
    store.declare(KINDS)
    assert hits(store, "login") == []
    assert store.stale() == ()
    store.close()
    assert list(tmp_path.iterdir()) == []


def test_kinds_that_are_not_there_yet_are_empty(tmp_path: Path) -> None:
    first = SqliteStore(tmp_path / "i.db", synchronous="off")
    first.declare([SEARCHED])
    keep(first, "a", "Login")
    second = SqliteStore(tmp_path / "i.db", synchronous="off")
    second.declare(KINDS)
    assert hits(second, "login", (Among("bare"),)) == []
    assert hits(second, "login", (Among("incident"), Among("bare"))) == ["a"]
    first.close()
    second.close()


def test_an_sqlite_without_fts5_says_so_and_a_later_one_catches_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as without:
        without.setattr(searching, "able", lambda _db: False)
        store = SqliteStore(tmp_path / "i.db", synchronous="off")
        store.declare(KINDS)
        keep(store, "a", "Login")
        query = TextQuery(needles("login"), (Among("incident"),))
        assert store.search(MAIN, query) is None
        assert store.stale() == ()
        store.redact(MAIN, "incident/a", [1])
        store.close()
    store = SqliteStore(tmp_path / "i.db", synchronous="off")
    store.declare(KINDS)
    write(store, puts=(put("b"),))
    assert [each.kind for each in store.stale()] == ["bare", "incident"]
    store.close()


@pytest.mark.parametrize(
    "shortlist", [("none",), ("state",), ("open", "none")], ids=["unknown", "no bool", "partly"]
)
def test_a_shortlist_needs_a_bool_column_and_others(shortlist: tuple[str, ...]) -> None:
    store = MemoryStore()
    with pytest.raises(InvalidValue, match="shortlist"):
        store.declare([KindSpec("incident", INCIDENT.columns, shortlist=shortlist)])


# --- two stores, one answer -----------------------------------------------------------------------

WORDS = st.sampled_from(
    ("login", "logins", "slow", "slowness", "slowly", "vpn", "Zürich", "zurich", "12", "x", "full")
)
TEXTS = st.lists(WORDS, max_size=6).map(" ".join)


@settings(max_examples=60)
@given(
    st.lists(st.tuples(TEXTS, TEXTS, st.lists(TEXTS, max_size=3)), min_size=1, max_size=8),
    st.one_of(
        TEXTS, st.text(max_size=30), TEXTS.map(lambda x: f'"{x}"'), WORDS.map(lambda x: x[:2] + "*")
    ),
    st.booleans(),
)
def test_memory_and_sqlite_find_the_same(
    records: list[tuple[str, str, list[str]]], asked: str, either: bool
) -> None:
    stores: list[Any] = [MemoryStore(now=Moving()), SqliteStore(":memory:", now=Moving())]
    try:
        wanted = needles(asked)
    except (InvalidValue, LimitExceeded):
        return
    answers: list[Any] = []
    for store in stores:
        store.declare(KINDS)
        for number, (title, body, notes) in enumerate(records):
            counted = tuple(enumerate(notes, start=1))
            keep(store, f"n{number}", title or "-", body=body, notes=counted)
        query = TextQuery(wanted, (Among("incident"),), limit=50, either=either)
        answers.append([(hit.id, hit.score, hit.texts) for hit in store.search(MAIN, query).hits])
        store.close()
    memory, sqlite = answers
    assert {each[0] for each in memory} == {each[0] for each in sqlite}
    assert {(each[0], each[2]) for each in memory} == {(each[0], each[2]) for each in sqlite}
    for one, other in zip(sorted(memory), sorted(sqlite), strict=True):
        assert one[1] == pytest.approx(other[1], rel=1e-6, abs=2)
