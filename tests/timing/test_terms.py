"""Terms as people write them: read, printed, read again; months follow the calendar."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentkit.errors import InvalidValue
from incidentkit.timing.terms import Term, parse_span

DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("text", "elapsed", "months", "printed"),
    [
        ("90s", timedelta(seconds=90), 0, "1m30s"),
        ("15m", timedelta(minutes=15), 0, "15m"),
        ("1h30m", timedelta(minutes=90), 0, "1h30m"),
        ("30m1h", timedelta(minutes=90), 0, "1h30m"),
        ("3d", 3 * DAY, 0, "3d"),
        ("2w", 14 * DAY, 0, "14d"),
        ("1mo", timedelta(), 1, "1mo"),
        ("1mo3d", 3 * DAY, 1, "1mo3d"),
        ("1mo1m", timedelta(minutes=1), 1, "1mo1m"),
        ("007m", timedelta(minutes=7), 0, "7m"),
        ("0m1s", timedelta(seconds=1), 0, "1s"),
    ],
)
def test_read(text: str, elapsed: timedelta, months: int, printed: str) -> None:
    term = Term.parse(text)
    assert term == Term(elapsed, months)
    assert str(term) == printed
    assert Term.parse(printed) == term


@pytest.mark.parametrize(
    "text",
    ["", "0m", "0mo", "5", "m", "5 m", "-5m", "5y", "1.5h", "5M", "soon", "5m!", "1234567m", "٣m"],
)
def test_refused(text: str) -> None:
    with pytest.raises(InvalidValue, match=r"is no term; write e\.g\. '15m', '4h', '3d', '1mo'"):
        Term.parse(text, "wait")


@pytest.mark.parametrize("text", ["999999w" * 2, "999999w" * 10_000_000, "999999mo"])
def test_longer_than_the_calendar_is_refused_cheaply(text: str) -> None:
    with pytest.raises(InvalidValue, match="is longer than the calendar") as caught:
        Term.parse(text, "wait")
    assert caught.value.field == "wait"
    assert len(str(caught.value)) < 200


@given(st.integers(0, 10**9), st.integers(0, 1_000))
def test_what_is_printed_is_read_back(seconds: int, months: int) -> None:
    term = Term(timedelta(seconds=seconds), months)
    if seconds or months:
        assert Term.parse(str(term)) == term
    else:
        assert not str(term)


@given(st.text("0123456789smhdwo ", max_size=20) | st.text(max_size=10))
def test_any_text_is_a_term_or_refused(text: str) -> None:
    try:
        term = Term.parse(text)
    except InvalidValue:
        return
    assert Term.parse(str(term)) == term


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ((2024, 1, 31), 1, (2024, 2, 29)),
        ((2025, 1, 31), 1, (2025, 2, 28)),
        ((2024, 2, 29), 12, (2025, 2, 28)),
        ((2026, 3, 15), 1, (2026, 4, 15)),
        ((2026, 12, 31), 2, (2027, 2, 28)),
    ],
)
def test_the_last_day_stands_in_for_a_day_that_lacks(
    start: tuple[int, int, int], months: int, end: tuple[int, int, int]
) -> None:
    begun, over = (datetime(*x, 9, 30, tzinfo=UTC) for x in (start, end))
    assert Term(timedelta(), months).after(begun) == over
    assert Term(DAY, months).after(begun) == over + DAY


@pytest.mark.parametrize("text", ["999999w", "120000mo", "1d"])
def test_beyond_the_calendar_is_refused(text: str) -> None:
    with pytest.raises(InvalidValue, match="is beyond the calendar"):
        Term.parse(text).after(datetime(9999, 12, 31, 12, tzinfo=UTC))


def test_a_span_has_no_months() -> None:
    assert parse_span("1h30m") == timedelta(minutes=90)
    with pytest.raises(InvalidValue, match="wait: '1mo' has months"):
        parse_span("1mo", "wait")
