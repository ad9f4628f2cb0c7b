"""Finding: filters, order and pages."""

from __future__ import annotations

from functools import partial

import attrs

from incidentkit.errors import (
    InvalidValue,
    LimitExceeded,
)
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
from incidentkit.testing.case import Case
from incidentkit.testing.expecting import equal, refused
from incidentkit.testing.records import (
    INT64_MAX,
    INT64_MIN,
    MAIN,
    OTHER,
    START,
    put,
    write,
)
from incidentkit.testing.store.asking import found
from incidentkit.testing.store_trial import StoreTrial

PEOPLE = ["a B", "b", "A", "é", "_", "Z", "10", "9", "a", "a\x01", "aa", "ü", "\U0001f600", ""]
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
BAD_QUERIES: dict[str, Query] = {
    "no-limit": Query("incident", limit=0),
    "limit-beyond-64-bits": Query("incident", limit=2**63),
    "order-undeclared": Query("incident", order="version"),
    "column-undeclared": Query("incident", Compare("nothing", Op.EQ, 1)),
    "text-for-a-number": Query("incident", Compare("rank", Op.EQ, "1")),
    "flag-for-a-number": Query("incident", Compare("rank", Op.EQ, True)),
    "number-for-a-flag": Query("incident", Compare("open", Op.EQ, 1)),
    "number-beyond-64-bits": Query("incident", Compare("rank", Op.EQ, 2**63)),
    "mixed-values": Query("incident", OneOf("state", ("a", 1))),
    "undeclared-deep-inside": Query(
        "incident", Not(AllOf((AnyOf((Compare("nothing", Op.EQ, 1),)),)))
    ),
    "cursor-of-another-type": Query("incident", order="rank", after=Cursor("x", "i")),
}


def text_order(trial: StoreTrial) -> None:
    """Text sorts by code point in both directions, whatever the locale."""
    store = trial.store
    write(store, puts=tuple(put(f"i{n}", state=text) for n, text in enumerate(PEOPLE)))
    expected = [f"i{PEOPLE.index(text)}" for text in sorted(PEOPLE, key=lambda t: t.encode())]
    for limit in (1, 3, 100):
        equal(found(store, Query("incident", order="state", limit=limit)), expected)
        backwards = Query("incident", order="state", descending=True, limit=limit)
        equal(found(store, backwards), expected[::-1])


def id_order(trial: StoreTrial) -> None:
    """Ids sort by code point in both directions."""
    store = trial.store
    write(store, puts=tuple(put(name) for name in PEOPLE if name))
    expected = sorted((name for name in PEOPLE if name), key=lambda text: text.encode())
    equal(found(store, Query("incident", limit=2)), expected)
    equal(found(store, Query("incident", descending=True, limit=2)), expected[::-1])


def ties_by_id(trial: StoreTrial) -> None:
    """Equal values are told apart by id, in both directions and for every page size."""
    store = trial.store
    ranks = {"c": 1, "a": 2, "b": 1, "e": 2, "d": INT64_MIN, "f": INT64_MAX}
    write(store, puts=tuple(put(name, rank=rank) for name, rank in ranks.items()))
    expected = ["d", "b", "c", "a", "e", "f"]
    for limit in (1, 2, 5, 6, 7):
        equal(found(store, Query("incident", order="rank", limit=limit)), expected)
        backwards = Query("incident", order="rank", descending=True, limit=limit)
        equal(found(store, backwards), expected[::-1])


def order_by_flag(trial: StoreTrial) -> None:
    """A flag may be the order: false comes first."""
    store = trial.store
    write(store, puts=(put("a", is_open=True), put("b", is_open=False), put("c", is_open=True)))
    equal(found(store, Query("incident", order="open", limit=1)), ["b", "a", "c"])


def filters(order: str, trial: StoreTrial) -> None:
    """Every filter finds and counts what it says, in every order."""
    store = trial.store
    puts = tuple(
        put(f"i{n}", state=f"s{n}", rank=n, is_open=n % 2 == 0, due=START + n) for n in range(10)
    )
    write(store, puts=puts)
    write(store, OTHER, puts=puts)
    for where, expected in FILTERS:
        wanted = [f"i{n}" for n in sorted(expected)]
        equal(found(store, Query("incident", where, order, limit=3)), wanted)
        equal(store.count(MAIN, Query("incident", where)), len(wanted))


def after_changes(trial: StoreTrial) -> None:
    """A query that was asked before the change finds what stands after it."""
    store = trial.store
    # Found before and after: an index that was built by the first must follow.
    by_state = Query("incident", Compare("state", Op.EQ, "new"))
    write(store, puts=(put("a"), put("b"), put("c")))
    equal(found(store, by_state), ["a", "b", "c"])
    write(store, puts=(put("b", 1, state="done"), put("d")))
    equal(found(store, by_state), ["a", "c", "d"])
    write(store, puts=(put("b", 2, state="new"), put("a", 1, state="done")))
    equal(found(store, by_state), ["b", "c", "d"])


def cursor_holds(trial: StoreTrial) -> None:
    """A row that stays put is seen exactly once while others change between two pages."""
    store = trial.store
    write(store, puts=tuple(put(f"i{n:02}", rank=n) for n in range(0, 20, 2)))
    first = store.find(MAIN, Query("incident", order="rank", limit=4))
    equal([row.id for row in first.rows], ["i00", "i02", "i04", "i06"])
    # One comes before the cursor, one behind it, and one that was read goes to the end.
    write(store, puts=(put("i01", rank=1), put("i09", rank=9), put("i02", 1, rank=99)))
    rest = found(store, Query("incident", order="rank", after=first.next, limit=4))
    equal(rest, ["i08", "i09", "i10", "i12", "i14", "i16", "i18", "i02"])


def bad_query(query: Query, trial: StoreTrial) -> None:
    """A query that no column or type fits is the caller's mistake."""
    store = trial.store
    with refused(InvalidValue):
        store.find(MAIN, query)


def huge_filter(trial: StoreTrial) -> None:
    """A filter too deep or too long for any database is refused, and not run."""
    store = trial.store
    deep: Filter = EVERYTHING
    for _ in range(60):
        deep = Not(deep)
    for where in (deep, OneOf("rank", tuple(range(6000)))):
        with refused(LimitExceeded):
            store.count(MAIN, Query("incident", where))


def cursor_is_no_offset(trial: StoreTrial) -> None:
    """Rows that come or go in front of a cursor neither hide a row behind it nor show one again."""
    store = trial.store
    write(store, puts=tuple(put(f"i{n}", rank=n) for n in range(9)))
    query = Query("incident", order="rank", limit=4)
    first = store.find(MAIN, query)
    equal([row.id for row in first.rows], ["i0", "i1", "i2", "i3"])
    write(store, puts=(put("new", rank=-1), put("newer", rank=-2)))
    on = attrs.evolve(query, after=first.next)
    equal(found(store, on), ["i4", "i5", "i6", "i7", "i8"])
    write(store, puts=tuple(put(f"i{n}", 1, rank=90 + n) for n in range(4)))
    equal(found(store, on), ["i4", "i5", "i6", "i7", "i8", "i0", "i1", "i2", "i3"])


CASES: tuple[Case[StoreTrial], ...] = (
    Case("store.find.text-order", text_order),
    Case("store.find.id-order", id_order),
    Case("store.find.ties-by-id", ties_by_id),
    Case("store.find.order-by-flag", order_by_flag),
    *(
        Case(f"store.find.filters.by-{order}", partial(filters, order))
        for order in ("id", "state", "rank")
    ),
    Case("store.find.after-changes", after_changes),
    Case("store.find.cursor-holds", cursor_holds),
    *(
        Case(f"store.find.bad-query.{name}", partial(bad_query, query))
        for name, query in BAD_QUERIES.items()
    ),
    Case("store.find.huge-filter", huge_filter),
    Case("store.find.cursor-is-no-offset", cursor_is_no_offset),
)
"""The cases of this theme."""
