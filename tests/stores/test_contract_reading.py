"""Reading: what comes back, in what order, and what is refused."""

from __future__ import annotations

import pytest

from incidentkit.errors import InvalidValue, LimitExceeded
from incidentkit.ports.query import (
    EVERYTHING,
    NOTHING,
    AllOf,
    AnyOf,
    Compare,
    Cursor,
    Filter,
    Not,
    OneOf,
    Op,
    Query,
)
from incidentkit.ports.rows import (
    Column,
    ColumnType,
    KeyChange,
    KindSpec,
    Put,
    Ref,
    Row,
    Tally,
)
from incidentkit.ports.store import Store
from tests.stores.factories import START
from tests.stores.shapes import MAIN, OTHER, alert, entry, incident, put, write

INT64_MAX = 2**63 - 1
INT64_MIN = -(2**63)


def found(store: Store, query: Query) -> list[str]:
    """All pages of a query."""
    ids: list[str] = []
    while True:
        page = store.find(MAIN, query)
        assert len(page.rows) <= query.limit
        ids += [row.id for row in page.rows]
        if page.next is None:
            return ids
        query = Query(
            query.kind, query.where, query.order, query.descending, page.next, query.limit
        )


def test_load_keeps_order_and_repeats(store: Store) -> None:
    write(store, puts=(put("b"), put("a"), alert("x")))
    refs = [Ref("incident", n) for n in ("b", "none", "a", "b")] + [Ref("alert", "x")]
    rows = store.load(MAIN, refs)
    assert [None if row is None else row.id for row in rows] == ["b", None, "a", "b", "x"]
    assert rows[0] == incident("b")
    assert store.load(MAIN, []) == ()
    assert store.load(OTHER, refs) == (None,) * 5


def test_a_row_comes_back_as_it_was(store: Store) -> None:
    body = '{"é":  1e2,\n"☃": "\\u0041 \U0001f600"}'
    row = Row("incident", "r", 7, 3, "h", ("naïve", INT64_MIN, False, INT64_MAX), body)
    write(store, puts=(Put(row, 0),))
    (back,) = store.load(MAIN, [Ref("incident", "r")])
    assert back == row
    assert back is not None
    assert [type(value) for value in back.columns] == [str, int, bool, int]


def test_a_kind_without_columns(store: Store) -> None:
    row = Row("bare", "r", 1, 1, "h", (), "[]")
    write(store, puts=(Put(row, 0),))
    assert store.load(MAIN, [Ref("bare", "r")]) == (row,)
    assert store.find(MAIN, Query("bare")).rows == (row,)


def test_a_touchable_row_shows_its_tally(store: Store) -> None:
    write(store, puts=(alert("a", tally=Tally(INT64_MIN, 2, 5)),))
    (row,) = store.load(MAIN, [Ref("alert", "a")])
    assert row is not None
    assert row.tally == Tally(INT64_MIN, 2, 5)
    assert store.find(MAIN, Query("alert")).rows == (row,)


def test_an_undeclared_kind_is_refused(store: Store) -> None:
    with pytest.raises(InvalidValue):
        store.load(MAIN, [Ref("nothing", "r")])
    with pytest.raises(InvalidValue):
        store.find(MAIN, Query("nothing"))
    with pytest.raises(InvalidValue):
        store.count(MAIN, Query("nothing"))


def test_declaring_again_is_free_and_otherwise_refused(store: Store) -> None:
    store.declare([KindSpec("bare", ())])
    for name in ("Bad", "with space", "", "9", "a.b"):
        with pytest.raises(InvalidValue):
            store.declare([KindSpec(name, ())])
    with pytest.raises(InvalidValue):
        store.declare([KindSpec("odd", (Column("id", ColumnType.TEXT),))])
    twice = (Column("a", ColumnType.TEXT), Column("a", ColumnType.TEXT))
    with pytest.raises(InvalidValue):
        store.declare([KindSpec("odd", twice)])


def test_a_kind_declared_later_works(store: Store) -> None:
    write(store, puts=(put("a"),))
    store.declare([KindSpec("later", (Column("version", ColumnType.INT64),))])
    assert store.load(MAIN, [Ref("later", "x")]) == (None,)
    assert store.find(MAIN, Query("later")).rows == ()
    row = Row("later", "x", 1, 1, "h", (5,), "{}")
    write(store, puts=(Put(row, 0),))
    assert store.load(MAIN, [Ref("later", "x"), Ref("incident", "a")])[0] == row


# --- the journal ----------------------------------------------------------------------------------


def test_the_journal_pages_without_gaps(store: Store) -> None:
    write(store, entries=tuple(entry("a", seq) for seq in range(1, 8)))
    write(store, entries=tuple(entry("b", seq) for seq in range(1, 3)))
    stream = "incident/a"
    assert [e.seq for e in store.journal(MAIN, stream)] == [1, 2, 3, 4, 5, 6, 7]
    assert [e.seq for e in store.journal(MAIN, stream, 2, 3)] == [3, 4, 5]
    assert [e.seq for e in store.journal(MAIN, stream, 7)] == []
    assert [e.seq for e in store.journal(MAIN, stream, 99)] == []
    assert store.journal(MAIN, "incident/none") == ()
    assert store.journal(OTHER, stream) == ()
    with pytest.raises(InvalidValue):
        store.journal(MAIN, stream, 0, 0)


def test_journal_bodies_come_back_byte_for_byte(store: Store) -> None:
    body = '{ "b":1e2 , "a":-0.0,\t"a": [1,  2], "n": 1E-400 }\n'
    kept = entry("a", 1, body)
    write(store, entries=(kept,))
    assert store.journal(MAIN, "incident/a") == (kept,)


def test_redaction_keeps_the_chain(store: Store) -> None:
    write(store, entries=tuple(entry("a", seq) for seq in range(1, 5)))
    assert store.redact(MAIN, "incident/a", [2, 3, 3, 9]) == 2
    assert store.redact(MAIN, "incident/a", [2]) == 0
    assert store.redact(MAIN, "incident/none", [1]) == 0
    entries = store.journal(MAIN, "incident/a")
    assert [e.body for e in entries] == ["{}", None, None, "{}"]
    assert [e.salt for e in entries] == ["salt", None, None, "salt"]
    assert [e.hash for e in entries] == [f"hash {n}" for n in range(1, 5)]
    assert [e.digest for e in entries] == [f"digest {n}" for n in range(1, 5)]


# --- finding --------------------------------------------------------------------------------------

PEOPLE = ["a B", "b", "A", "é", "_", "Z", "10", "9", "a", "a\x01", "aa", "ü", "\U0001f600", ""]


def test_text_sorts_byte_wise(store: Store) -> None:
    write(store, puts=tuple(put(f"i{n}", state=text) for n, text in enumerate(PEOPLE)))
    expected = [f"i{PEOPLE.index(text)}" for text in sorted(PEOPLE, key=lambda t: t.encode())]
    for limit in (1, 3, 100):
        assert found(store, Query("incident", order="state", limit=limit)) == expected
        backwards = Query("incident", order="state", descending=True, limit=limit)
        assert found(store, backwards) == expected[::-1]


def test_ids_sort_byte_wise(store: Store) -> None:
    write(store, puts=tuple(put(name) for name in PEOPLE if name))
    expected = sorted((name for name in PEOPLE if name), key=lambda text: text.encode())
    assert found(store, Query("incident", limit=2)) == expected
    assert found(store, Query("incident", descending=True, limit=2)) == expected[::-1]


def test_ties_go_by_id_both_ways(store: Store) -> None:
    ranks = {"c": 1, "a": 2, "b": 1, "e": 2, "d": INT64_MIN, "f": INT64_MAX}
    write(store, puts=tuple(put(name, rank=rank) for name, rank in ranks.items()))
    expected = ["d", "b", "c", "a", "e", "f"]
    for limit in (1, 2, 5, 6, 7):
        assert found(store, Query("incident", order="rank", limit=limit)) == expected
        backwards = Query("incident", order="rank", descending=True, limit=limit)
        assert found(store, backwards) == expected[::-1]


def test_order_by_a_flag(store: Store) -> None:
    write(store, puts=(put("a", is_open=True), put("b", is_open=False), put("c", is_open=True)))
    assert found(store, Query("incident", order="open", limit=1)) == ["b", "a", "c"]


R = Compare
FILTERS: list[tuple[Filter, set[int]]] = [
    (EVERYTHING, set(range(10))),
    (NOTHING, set()),
    (Compare("rank", Op.EQ, 3), {3}),
    (Compare("rank", Op.NE, 3), set(range(10)) - {3}),
    (Compare("rank", Op.LT, 3), {0, 1, 2}),
    (Compare("rank", Op.LE, 3), {0, 1, 2, 3}),
    (Compare("rank", Op.GT, 7), {8, 9}),
    (Compare("rank", Op.GE, 7), {7, 8, 9}),
    (Compare("open", Op.EQ, True), {0, 2, 4, 6, 8}),
    (Not(Compare("open", Op.EQ, True)), {1, 3, 5, 7, 9}),
    (Compare("state", Op.GE, "s5"), {5, 6, 7, 8, 9}),
    (Compare("due", Op.GT, START + 8), {9}),
    (OneOf("rank", (1, 5, 77)), {1, 5}),
    (OneOf("state", ("s1", "s9")), {1, 9}),
    (OneOf("rank", ()), set()),
    (Not(OneOf("rank", ())), set(range(10))),
    (AllOf((Compare("rank", Op.GT, 2), Compare("rank", Op.LT, 6), OneOf("rank", (3, 9)))), {3}),
    (AnyOf((Compare("rank", Op.EQ, 2), Compare("state", Op.EQ, "s6"))), {2, 6}),
    (AllOf((OneOf("rank", (1, 2, 3)), Compare("open", Op.EQ, True))), {2}),
    (Not(AnyOf((Compare("rank", Op.LT, 9), NOTHING))), {9}),
    (AnyOf(tuple(Compare("rank", Op.EQ, n % 4) for n in range(1500))), {0, 1, 2, 3}),
]


@pytest.mark.parametrize("order", ["id", "state", "rank"])
def test_filters(store: Store, order: str) -> None:
    puts = tuple(
        put(f"i{n}", state=f"s{n}", rank=n, is_open=n % 2 == 0, due=START + n) for n in range(10)
    )
    write(store, puts=puts)
    write(store, OTHER, puts=puts)
    for where, expected in FILTERS:
        wanted = [f"i{n}" for n in sorted(expected)]
        assert found(store, Query("incident", where, order, limit=3)) == wanted
        assert store.count(MAIN, Query("incident", where)) == len(wanted)


def test_finding_after_changes(store: Store) -> None:
    # Found before and after: an index that was built by the first must follow.
    by_state = Query("incident", Compare("state", Op.EQ, "new"))
    write(store, puts=(put("a"), put("b"), put("c")))
    assert found(store, by_state) == ["a", "b", "c"]
    write(store, puts=(put("b", 1, state="done"), put("d")))
    assert found(store, by_state) == ["a", "c", "d"]
    write(store, puts=(put("b", 2, state="new"), put("a", 1, state="done")))
    assert found(store, by_state) == ["b", "c", "d"]


def test_cursors_hold_while_others_change(store: Store) -> None:
    write(store, puts=tuple(put(f"i{n:02}", rank=n) for n in range(0, 20, 2)))
    first = store.find(MAIN, Query("incident", order="rank", limit=4))
    assert [row.id for row in first.rows] == ["i00", "i02", "i04", "i06"]
    # One comes before the cursor, one behind it, and one that was read goes to the end.
    write(store, puts=(put("i01", rank=1), put("i09", rank=9), put("i02", 1, rank=99)))
    rest = found(store, Query("incident", order="rank", after=first.next, limit=4))
    assert rest == ["i08", "i09", "i10", "i12", "i14", "i16", "i18", "i02"]


BAD_QUERIES = [
    Query("incident", limit=0),
    Query("incident", limit=2**63),
    Query("incident", order="version"),
    Query("incident", Compare("nothing", Op.EQ, 1)),
    Query("incident", Compare("rank", Op.EQ, "1")),
    Query("incident", Compare("rank", Op.EQ, True)),
    Query("incident", Compare("open", Op.EQ, 1)),
    Query("incident", Compare("rank", Op.EQ, 2**63)),
    Query("incident", OneOf("state", ("a", 1))),
    Query("incident", Not(AllOf((AnyOf((Compare("nothing", Op.EQ, 1),)),)))),
    Query("incident", order="rank", after=Cursor("x", "i")),
]


@pytest.mark.parametrize("query", BAD_QUERIES)
def test_bad_queries_are_refused(store: Store, query: Query) -> None:
    with pytest.raises(InvalidValue):
        store.find(MAIN, query)


def test_huge_filters_are_refused(store: Store) -> None:
    deep: Filter = EVERYTHING
    for _ in range(60):
        deep = Not(deep)
    for where in (deep, OneOf("rank", tuple(range(6000)))):
        with pytest.raises(LimitExceeded):
            store.count(MAIN, Query("incident", where))


def test_owners_in_the_order_asked(store: Store) -> None:
    keys = tuple(KeyChange("ref", f"INC-{n}", None, f"i{n}") for n in range(3))
    write(store, keys=keys)
    assert store.owners(MAIN, "ref", ["INC-2", "none", "INC-0", "INC-2"]) == (
        "i2", None, "i0", "i2",
    )  # fmt: skip
    assert store.owners(MAIN, "ref", ["INC-1"]) == ("i1",)
    assert store.owners(MAIN, "other", ["INC-1"]) == (None,)
    assert store.owners(OTHER, "ref", ["INC-1"]) == (None,)
    assert store.owners(MAIN, "ref", []) == ()
