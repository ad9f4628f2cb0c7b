"""The laws of the one algebra of intervals, against an oracle that counts single minutes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentkit.errors import InvalidValue
from incidentkit.timing.intervals import ZERO, Interval, after_running, total, union, without

START = datetime(2026, 3, 1, tzinfo=UTC)
LONGEST = 60


def at(minute: int) -> datetime:
    return START + timedelta(minutes=minute)


closed = st.tuples(st.integers(0, LONGEST), st.integers(0, 20)).map(
    lambda x: Interval(at(x[0]), at(x[0] + x[1]))
)
running = st.integers(0, LONGEST).map(lambda x: Interval(at(x)))
several = st.lists(closed | running, max_size=8)


def covered(intervals: list[Interval] | tuple[Interval, ...]) -> set[int]:
    return {x for x in range(LONGEST + 30) if any(one.contains(at(x)) for one in intervals)}


def test_the_start_belongs_to_it_and_the_end_does_not() -> None:
    one = Interval(at(1), at(3))
    assert [one.contains(at(x)) for x in range(5)] == [False, True, True, False, False]
    assert Interval(at(1)).contains(at(10**6))
    assert not Interval(at(1)).contains(at(0))
    assert not Interval(at(1), at(1)).contains(at(1))


def test_an_end_before_the_start_is_refused() -> None:
    with pytest.raises(InvalidValue, match="before it starts"):
        Interval(at(1), at(0))


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (Interval(at(0), at(9)), Interval(at(2), at(5))),
        (Interval(at(3), at(4)), Interval(at(3), at(4))),
        (Interval(at(3)), Interval(at(3), at(5))),
        (Interval(at(0), at(2)), None),
        (Interval(at(5), at(9)), None),
        (Interval(at(3), at(3)), None),
    ],
)
def test_clipped(one: Interval, expected: Interval | None) -> None:
    assert one.clipped(at(2), at(5)) == expected


@given(several)
def test_union_has_the_same_moments_disjoint_and_in_order(intervals: list[Interval]) -> None:
    merged = union(intervals)
    assert covered(merged) == covered(intervals)
    for before, later in pairwise(merged):
        assert before.end is not None
        assert before.end < later.start
    assert all(one.end is not None for one in merged[:-1])


@given(several)
def test_union_is_idempotent(intervals: list[Interval]) -> None:
    assert union(union(intervals)) == union(intervals)


@given(several)
def test_order_does_not_matter(intervals: list[Interval]) -> None:
    assert union(reversed(intervals)) == union(intervals)
    assert union([*intervals, *intervals]) == union(intervals)


@given(several, st.integers(0, 40), st.integers(0, 20), st.integers(0, 20))
def test_total_is_additive(intervals: list[Interval], a: int, b: int, c: int) -> None:
    low, middle, high = at(a), at(a + b), at(a + b + c)
    parts = total(intervals, low, middle) + total(intervals, middle, high)
    assert total(intervals, low, high) == parts


@given(several, st.integers(0, 40), st.integers(0, 40))
def test_total_counts_overlaps_once(intervals: list[Interval], a: int, b: int) -> None:
    expected = len(covered(intervals) & set(range(a, a + b)))
    assert total(intervals, at(a), at(a + b)) == timedelta(minutes=expected)


def test_total_of_nothing() -> None:
    assert total([], at(0), at(9)) == ZERO
    assert total([Interval(at(0))], at(9), at(3)) == ZERO


@given(several, st.integers(0, 60), st.integers(0, 60))
def test_running_ends_when_that_much_was_free(
    pauses: list[Interval], start: int, span: int
) -> None:
    """Between the start and the end exactly `span` lies outside the pauses, and no sooner end."""
    wanted = timedelta(minutes=span)
    end = after_running(at(start), wanted, pauses)
    if end is None:
        first = min(x.start for x in pauses if x.end is None)
        free = first - at(start) - total(pauses, at(start), first)
        assert first <= at(start) or free < wanted
        return
    assert end - at(start) - total(pauses, at(start), end) == wanted
    if span:
        sooner = end - timedelta(minutes=1)
        assert sooner - at(start) - total(pauses, at(start), sooner) < wanted


def test_no_span_is_over_at_once() -> None:
    assert after_running(at(5), ZERO, [Interval(at(0), at(9))]) == at(5)


@given(several, several)
def test_without_leaves_exactly_the_moments_that_are_not_taken_away(
    given_: list[Interval], away: list[Interval]
) -> None:
    left = without(given_, away)
    assert covered(left) == covered(given_) - covered(away)
    assert left == union(left)
    assert all(x.end is None or x.start < x.end for x in left)
