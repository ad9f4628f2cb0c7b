"""The pure helpers the stores are made of."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentkit.errors import InvalidValue
from incidentkit.ports.query import AllOf, AnyOf, Compare, Filter, Not, OneOf, Op
from incidentkit.stores import key_text, sql_text
from incidentkit.stores.filters import check_int, equalities, matches, predicate, renamed
from incidentkit.stores.tables import JOURNAL, TASK, Stored, choose_order
from tests.stores.strategies import filters

TEXTS = st.text(st.characters(codec="utf-8"), max_size=6) | st.text("\x00\x01\x02\x03a", max_size=4)
INTS = st.integers(-(2**63), 2**63 - 1)


@given(TEXTS, TEXTS)
def test_keys_of_text_sort_as_text(one: str, two: str) -> None:
    first, second = key_text.part(Stored.TEXT, one), key_text.part(Stored.TEXT, two)
    assert (first < second) == (one < two)
    assert (first.encode() < second.encode()) == (one < two)


@given(INTS, INTS)
def test_keys_of_integers_sort_as_integers(one: int, two: int) -> None:
    first, second = key_text.part(Stored.INT64, one), key_text.part(Stored.INT64, two)
    assert (first < second) == (one < two)
    backwards = [key_text.part(Stored.INT64, number, True) for number in (one, two)]
    assert (backwards[0] < backwards[1]) == (one > two)


@given(TEXTS, TEXTS, TEXTS)
def test_no_value_leaks_into_the_next(one: str, two: str, three: str) -> None:
    def joined(*values: str) -> str:
        return "".join(key_text.part(Stored.TEXT, value) for value in values)

    assert (joined(one, three) < joined(two, three)) == (one < two)
    assert joined(one) <= joined(one, three) < key_text.above(joined(one))
    if one < two:
        assert key_text.above(joined(one)) <= joined(two)


def test_keys_of_flags() -> None:
    assert key_text.part(Stored.BOOL, False) < key_text.part(Stored.BOOL, True)
    with pytest.raises(TypeError, match="text and integers"):
        key_text.part(Stored.TEXT, None)


ROWS = [
    {"state": state, "rank": rank, "open": flag}
    for state in ("new", "done", "x") for rank in range(5) for flag in (True, False)
]  # fmt: skip
PLACES = {"state": 0, "rank": 1, "open": 2}


@given(filters)
def test_a_compiled_filter_says_the_same(where: Filter) -> None:
    holds = predicate(where, PLACES)
    for row in ROWS:
        assert holds(tuple(row.values())) == matches(where, row)
        prefixed = {f"c_{name}": value for name, value in row.items()}
        assert matches(renamed(where, lambda name: f"c_{name}"), prefixed) == matches(where, row)


@given(filters)
def test_equalities_hold_for_whatever_matches(where: Filter) -> None:
    for row in ROWS:
        if matches(where, row):
            for column, values in equalities(where):
                assert row[column] in values


@given(filters)
def test_conditions_have_as_many_marks_as_values(where: Filter) -> None:
    values: list[object] = []
    assert sql_text.condition(where, "?", values).count("?") == len(values)


def test_conditions() -> None:
    values: list[object] = []
    where = AllOf(
        (
            Compare("a", Op.NE, 1),
            AnyOf((OneOf("b", (2, 3)), OneOf("c", ()))),
            Not(AllOf(())),
        )
    )
    text = sql_text.condition(where, "%s", values)
    assert text == ('("a" <> %s AND (("b" IN (%s, %s) OR 1 = 0) AND NOT (1 = 1)))')
    assert values == [1, 2, 3]


@pytest.mark.parametrize("number", [2**63, -(2**63) - 1, 10**30])
def test_integers_of_64_bits(number: int) -> None:
    with pytest.raises(InvalidValue):
        check_int("x", number)
    check_int("x", 2**63 - 1)
    check_int("x", -(2**63))


def test_orders_are_chosen() -> None:
    subject, by_time, by_urgency = TASK.indexes
    assert choose_order(TASK, {"tenant"}, ("id",)) == ("tenant", "id")
    assert choose_order(TASK, {"tenant", "subject", "state"}, ("ord", "id")) == subject
    assert choose_order(TASK, {"state"}, ("next_at", "tenant", "id")) == by_time
    assert choose_order(TASK, {"state", "tenant"}, ("priority", "next_at", "id")) == by_urgency
    # A fixed column in the middle of an order changes nothing.
    assert choose_order(TASK, {"state", "tenant"}, ("next_at", "id")) == by_time
    assert choose_order(TASK, {"tenant"}, ("body",)) is None
    assert choose_order(JOURNAL, {"tenant", "stream"}, ("seq",)) == JOURNAL.key
