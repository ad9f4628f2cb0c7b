"""Wherever SQLite is told to begin, it finds what memory finds, in the same order and pages."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incidentkit.ports.query import AllOf, Compare, Filter, OneOf, Op, Query
from incidentkit.ports.rows import Put, Row
from incidentkit.ports.search import Among
from incidentkit.ports.store import Store
from incidentkit.stores.memory import MemoryStore
from incidentkit.stores.sqlite import reading, searching
from incidentkit.stores.sqlite.store import SqliteStore
from incidentkit.testing.commands import a_query
from incidentkit.testing.records import ALERT, BARE, INCIDENT, alert, incident, text
from incidentkit.testing.store.searching import hits
from tests.stores.shapes import MAIN, OTHER, write

SHORT = attrs.evolve(INCIDENT, searchable=True, shortlist=("open", "rank"))
KINDS = {
    "plain": (attrs.evolve(INCIDENT, searchable=True), ALERT, BARE),
    "shortlist": (SHORT, ALERT, BARE),
}
WORDS = ("login", "slow", "mail")


@pytest.fixture(scope="module", params=KINDS)
def both(request: pytest.FixtureRequest) -> Iterator[tuple[Any, Any]]:
    """A store in memory and one of SQLite that hold the same, with thresholds soon reached."""
    patch = pytest.MonkeyPatch()
    patch.setattr(reading, "_FEW", 2)
    patch.setattr(reading, "_SOME", 9)
    patch.setattr(searching, "FIRST", 7)
    r = Random(1)
    stores = MemoryStore(), SqliteStore(":memory:")
    for store in stores:
        store.declare(KINDS[request.param])
    for number in range(60):
        state = r.choice(("new", "new", "new", "open", "open", "held", "closed"))
        name, rank, is_open = f"n{number:02}", r.choice((0, 1, 1, 1, 1, 2, 3)), r.random() < 0.1
        row = incident(name, state=state, rank=rank, is_open=is_open)
        words = text(name, " ".join(r.choices(WORDS, k=3)))
        for store in stores:
            write(store, puts=(Put(row, 0),), texts=(words,))
            write(store, puts=(alert(f"a{number:02}", state=state),))
            write(store, OTHER, puts=(Put(row, 0),))
    yield stores
    stores[1].close()
    patch.undo()


def paged(store: Store, query: Query) -> list[Row]:
    """Every row, page by page."""
    rows: list[Row] = []
    while True:
        page = store.find(MAIN, query)
        rows += page.rows
        if page.next is None:
            return rows
        query = attrs.evolve(query, after=page.next)


def several(r: Random) -> Query:
    """A question about more columns than one, in any order."""
    parts: list[Filter] = [
        r.choice(
            (
                Compare("rank", Op.EQ, r.randint(0, 3)),
                OneOf("rank", tuple(r.choices(range(4), k=r.randint(0, 3)))),
            )
        ),
        r.choice(
            (
                Compare("state", Op.EQ, r.choice(("new", "held", "none"))),
                OneOf("state", tuple(r.sample(("new", "open", "held"), k=2))),
                Compare("open", Op.EQ, r.random() < 0.5),
            )
        ),
        a_query(r).where,
    ]
    r.shuffle(parts)
    order = r.choice(("id", "rank", "state", "open", "due"))
    where = AllOf(tuple(parts[: r.randint(1, 3)]))
    return Query("incident", where, order, r.random() < 0.5, None, r.randint(1, 20))


@given(st.randoms(use_true_random=False))
@settings(max_examples=400)
def test_finds_the_same(both: tuple[Any, Any], r: Random) -> None:
    memory, sqlite = both
    query = several(r)
    assert paged(sqlite, query) == paged(memory, query)
    assert sqlite.count(MAIN, query) == memory.count(MAIN, query)
    assert sqlite.tally(MAIN, query, "state") == memory.tally(MAIN, query, "state")
    words, among = r.choice(WORDS), (Among("incident", query.where),)
    assert hits(sqlite, words, among) == hits(memory, words, among)


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("order", ["id", "state"])
@pytest.mark.parametrize("states", [("held",), ("held", "closed"), ("new", "open")])
def test_records_with_a_tally(
    both: tuple[Any, Any], states: tuple[str, ...], order: str, descending: bool
) -> None:
    query = Query("alert", OneOf("state", states), order, descending, None, 4)
    found = [paged(store, query) for store in both]
    assert found[0] == found[1]
    assert found[0]
