"""The laws of conditions, against oracles that are too simple to be wrong."""

from __future__ import annotations

import fnmatch
import itertools
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentkit.errors import ConditionError
from incidentkit.lang.conditions import (
    Always,
    And,
    Comparison,
    Condition,
    Membership,
    Name,
    Node,
    Not,
    Operator,
    Or,
    Presence,
    TextOperator,
    TextTest,
    Truth,
)
from incidentkit.lang.conditions.globs import matches

T, F, U = Truth.TRUE, Truth.FALSE, Truth.UNKNOWN
RANK = {F: 0, U: 1, T: 2}
LEAF = {T: "t == 1", F: "t == 2", U: "u == 1"}
FACTS = {"t": 1}


@pytest.mark.parametrize("truth", [T, F, U])
def test_not_is_kleenes(truth: Truth) -> None:
    found = Condition.parse(f"not ({LEAF[truth]})").evaluate(FACTS).truth
    assert RANK[found] == 2 - RANK[truth]


@pytest.mark.parametrize("row", list(itertools.product([T, F, U], repeat=3)), ids=str)
def test_and_or_are_kleenes(row: tuple[Truth, ...]) -> None:
    """`and` is the least of its parts, `or` the greatest, unknown lying between."""
    for joint, pick in (("and", min), ("or", max)):
        found = Condition.parse(f" {joint} ".join(LEAF[each] for each in row)).evaluate(FACTS)
        assert found.truth is pick(row, key=RANK.__getitem__)
        assert bool(found.unknowns) is (found.truth is U)


clean_text = st.text(
    st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=8
)
plain_words = st.sampled_from(["a", "b", "count", "labels", "has-hyphen", "x_1"])
names = st.builds(
    lambda first, rest: Name((first, *rest)),
    plain_words,
    st.lists(plain_words | st.just("in") | st.just("5xx") | clean_text, max_size=3),
)
numbers = st.integers(-(2**63) + 1, 2**63 - 1) | st.decimals(
    -1000, 1000, places=2, allow_nan=False
).map(lambda number: number + 0)
spans = st.integers(1, 10**8).map(lambda seconds: timedelta(seconds=seconds))
literals = clean_text | numbers | st.booleans() | spans
ordered = numbers | spans | st.just("2026-03-01T12:00:00Z")
orderings = st.sampled_from([each for each in Operator if each.orders])
leaves: st.SearchStrategy[Node] = st.one_of(
    st.builds(Always, st.booleans()),
    st.builds(Presence, names),
    st.builds(Comparison, names, st.sampled_from([Operator.EQ, Operator.NE]), literals),
    st.builds(Comparison, names, orderings, ordered),
    st.builds(Membership, names, st.lists(literals, max_size=4).map(tuple)),
    st.builds(TextTest, names, st.sampled_from(TextOperator), clean_text),
)


def _joined(parts: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    several = st.lists(parts, min_size=2, max_size=3).map(tuple)
    return st.builds(Not, parts) | st.builds(And, several) | st.builds(Or, several)


nodes = st.recursive(leaves, _joined, max_leaves=12)
values: st.SearchStrategy[Any] = st.one_of(
    literals,
    st.none(),
    st.floats(),
    st.datetimes(),
    st.lists(clean_text, max_size=3),
    st.dictionaries(clean_text, clean_text, max_size=3),
)
facts = st.dictionaries(
    plain_words | names.map(lambda name: name.dotted),
    values | st.dictionaries(plain_words, values, max_size=3),
    max_size=6,
)


@given(nodes)
def test_what_is_printed_is_read_back(root: Node) -> None:
    made = Condition.of(root)
    again = Condition.parse(str(made))
    assert again == made
    assert again.root == made.root == root
    assert str(again) == str(made)


@given(nodes, facts)
def test_negation_turns_true_and_false_and_leaves_unknown(root: Node, known: Any) -> None:
    plain = Condition.of(root).evaluate(known)
    turned = Condition.of(Not(root)).evaluate(known)
    assert RANK[turned.truth] == 2 - RANK[plain.truth]
    assert turned.unknowns == plain.unknowns
    assert turned.read == plain.read
    assert Condition.of(Not(Not(root))).evaluate(known) == plain


@given(nodes, nodes, facts)
def test_de_morgan(left: Node, right: Node, known: Any) -> None:
    one = Condition.of(Not(And((left, right)))).evaluate(known)
    other = Condition.of(Or((Not(left), Not(right)))).evaluate(known)
    assert one == other


@given(nodes, facts)
def test_the_values_read_give_the_same_verdict(root: Node, known: Any) -> None:
    rule = Condition.of(root)
    verdict = rule.evaluate(known)
    assert rule.evaluate(verdict.read) == verdict
    assert bool(verdict.unknowns) is (verdict.truth is U)
    assert set(verdict.unknowns) | set(verdict.read) <= set(rule.names())


@given(st.text(max_size=60) | st.text("()[]\"'\\=<>!., aorndti1m", max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    refused: ConditionError | None = None
    try:
        made = Condition.parse(text)
        assert Condition.parse(str(made)) == made
    except ConditionError as error:
        refused = error
    assert refused is None or 0 <= refused.position <= len(text)


@given(st.text("ab*?", max_size=10), st.text("ab", max_size=14))
def test_globs_agree_with_the_standard_library(pattern: str, text: str) -> None:
    assert matches(pattern, text) is fnmatch.fnmatchcase(text, pattern)


def test_decimals_keep_their_digits() -> None:
    assert str(Condition.of(Comparison(Name(("a",)), Operator.EQ, Decimal("1.50")))) == "a == 1.50"
