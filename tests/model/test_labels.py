"""TLP levels and compartments: an order, a union, and nothing that is lost by merging."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentkit.errors import InvalidValue, LimitExceeded
from incidentkit.model.labels import Label, Tlp, highest, label_of, optional_label

labels = st.builds(
    Label, st.sampled_from(Tlp), st.lists(st.sampled_from(["legal", "board", "x"])).map(tuple)
)
maybe = st.none() | labels


def covers(a: Label | None, b: Label | None) -> bool:
    return b is None if a is None else a.covers(b)


def test_the_order_is_that_of_tlp_2() -> None:
    assert [x.value for x in sorted(Tlp, key=lambda x: x.rank)] == [
        "clear",
        "green",
        "amber",
        "amber+strict",
        "red",
    ]


@given(maybe, maybe, maybe)
def test_highest_is_a_least_upper_bound(a: Label | None, b: Label | None, c: Label | None) -> None:
    top = highest(a, b)
    assert top == highest(b, a)
    assert highest(top, c) == highest(a, highest(b, c))
    assert highest(a, a) == a
    assert covers(top, a)
    assert covers(top, b)
    if covers(c, a) and covers(c, b):
        assert covers(c, top)


@given(labels, labels)
def test_each_covers_the_other_only_when_equal(a: Label, b: Label) -> None:
    assert (a.covers(b) and b.covers(a)) is (a == b)


def test_compartments_are_a_set() -> None:
    assert Label(Tlp.RED, ("b", "a", "b")) == Label(Tlp.RED, ("a", "b"))
    assert str(Label(Tlp.GREEN)) == "TLP:GREEN"


def test_what_is_no_label() -> None:
    with pytest.raises(InvalidValue, match="names in a tuple, not 'legal'"):
        Label(Tlp.RED, "legal")
    with pytest.raises(InvalidValue, match="is no name"):
        Label(Tlp.RED, ("",))
    with pytest.raises(LimitExceeded, match="at most 32"):
        Label(Tlp.RED, tuple(f"c{x}" for x in range(33)))
    with pytest.raises(InvalidValue, match="label: 'pink' is none of clear"):
        label_of("pink")


def test_a_word_is_enough() -> None:
    red = Label(Tlp.RED)
    assert label_of("red") == label_of(Tlp.RED) == label_of(red) == optional_label("red") == red
    assert optional_label(None) is None
