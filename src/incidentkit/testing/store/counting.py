"""Counting by a column, for stores that can; and what a store says of its index columns."""

from __future__ import annotations

from typing import Any

from incidentkit.errors import InvalidValue
from incidentkit.ports.query import NOTHING, Compare, Op, Query
from incidentkit.testing.case import Case
from incidentkit.testing.expecting import equal, refused
from incidentkit.testing.records import MAIN, OTHER, put, write
from incidentkit.testing.store_trial import StoreTrial


def by_value(trial: StoreTrial) -> None:
    """A tally counts the rows of a query by the values of a column, and names no other value."""
    store: Any = trial.store
    some = (put("a", rank=1), put("b", rank=2, state="done"), put("c", rank=2), put("d", rank=3))
    write(store, puts=some)
    write(store, OTHER, puts=(put("a", rank=9),))
    new = Query("incident", Compare("state", Op.EQ, "new"))
    equal(store.tally(MAIN, Query("incident"), "rank"), {1: 1, 2: 2, 3: 1})
    equal(store.tally(MAIN, new, "rank"), {1: 1, 2: 1, 3: 1})
    equal(store.tally(MAIN, Query("incident"), "state"), {"new": 3, "done": 1})
    equal(store.tally(MAIN, Query("incident"), "open"), {True: 4})
    equal(store.tally(MAIN, Query("incident", NOTHING), "rank"), {})
    equal(store.tally(OTHER, Query("incident"), "rank"), {9: 1})
    write(store, puts=(put("a", 1, rank=3),))
    equal(store.tally(MAIN, Query("incident"), "rank"), {2: 2, 3: 2})


def refuses(trial: StoreTrial) -> None:
    """A tally of a column or a kind that was not declared is the caller's mistake."""
    store: Any = trial.store
    for kind, column in (("incident", "nothing"), ("nothing", "rank")):
        with refused(InvalidValue):
            store.tally(MAIN, Query(kind), column)


def answer_is_the_callers(trial: StoreTrial) -> None:
    """What a tally answers is the caller's own; changing it changes nothing in the store."""
    store: Any = trial.store
    write(store, puts=(put("a"), put("b")))
    answer: Any = store.tally(MAIN, Query("incident"), "state")
    if isinstance(answer, dict):
        answer["new"] = 99
    equal(store.tally(MAIN, Query("incident"), "state"), {"new": 2})


def nothing_stale(trial: StoreTrial) -> None:
    """Where columns are those that rows were written with, nothing waits to be indexed."""
    store: Any = trial.store
    equal(tuple(store.stale()), ())
    write(store, puts=(put("a"),))
    store.declare([])
    equal(tuple(store.stale()), ())
    equal(store.count(MAIN, Query("incident")), 1)


CASES: tuple[Case[StoreTrial], ...] = (
    Case("store.tally.by-value", by_value, ("tally",)),
    Case("store.tally.refuses", refuses, ("tally",)),
    Case("store.tally.answer-is-the-callers", answer_is_the_callers, ("tally",)),
    Case("store.reindex.nothing-stale", nothing_stale, ("reindex",)),
)
"""The cases of this theme."""
