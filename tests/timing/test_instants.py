"""Instants are aware, in UTC, exact to the microsecond, or refused at the edge."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentkit.errors import InvalidValue
from incidentkit.timing.instants import (
    EPOCH,
    as_utc,
    from_micros,
    parse_instant,
    show_instant,
    to_micros,
)

BERLIN = ZoneInfo("Europe/Berlin")
AHEAD = timezone(timedelta(hours=14))
BEHIND = timezone(timedelta(hours=-12))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-01T12:00:00Z", "2026-03-01T12:00:00+00:00"),
        ("2026-03-01t12:00:00z", "2026-03-01T12:00:00+00:00"),
        ("2026-03-01 12:00:00 +00:00", "2026-03-01T12:00:00+00:00"),
        ("  2026-03-01T12:00Z\n", "2026-03-01T12:00:00+00:00"),
        ("2026-03-01T12:00:00+05:30", "2026-03-01T06:30:00+00:00"),
        ("2026-03-01T12:00:00-0800", "2026-03-01T20:00:00+00:00"),
        ("2026-03-01T12:00:00-00:00", "2026-03-01T12:00:00+00:00"),
        ("2026-03-01T23:59:59+23:59", "2026-03-01T00:00:59+00:00"),
        # digits: any number up to eighteen, those beyond microseconds are cut, not rounded
        ("2026-03-01T12:00:00.5Z", "2026-03-01T12:00:00.500000+00:00"),
        ("2026-03-01T12:00:00,25Z", "2026-03-01T12:00:00.250000+00:00"),
        ("2026-03-01T12:00:00.000001Z", "2026-03-01T12:00:00.000001+00:00"),
        ("2026-03-01T12:00:00.999999999Z", "2026-03-01T12:00:00.999999+00:00"),
        ("2026-03-01T12:00:00.123456789012345678Z", "2026-03-01T12:00:00.123456+00:00"),
        # the ends of the calendar
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00+00:00"),
        ("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999+00:00"),
        ("2024-02-29T00:00:00Z", "2024-02-29T00:00:00+00:00"),
    ],
)
def test_read(text: str, expected: str) -> None:
    found = parse_instant(text)
    assert found.tzinfo is UTC
    assert found.isoformat() == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "2026-03-01",
        "2026-03-01T12:00:00",
        "2026-03-01T12Z",
        "2026-03-01T12:00:00.Z",
        "2026-03-01T12:00:00.1234567890123456789Z",
        "2026-3-1T12:00:00Z",
        "20260301T120000Z",
        "2026-02-29T12:00:00Z",
        "2026-13-01T12:00:00Z",
        "2026-03-01T12:60:00Z",
        "2026-03-01T23:59:60Z",
        "0000-01-01T00:00:00Z",
        "12026-03-01T12:00:00Z",
        "-2026-03-01T12:00:00Z",
        "2026-03-01T12:00:00+24:00",
        "2026-03-01T12:00:00 UTC",
        "2026-03-01T12:00:00Z; drop",
        "２０２６-03-01T12:00:00Z",
        "2026-03-01T12:00:0٣Z",
        "0001-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01",
        " " * 60 + "2026-03-01T12:00:00Z",
    ],
)
def test_refused(text: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        parse_instant(text, "started_at")
    assert caught.value.field == "started_at"
    assert len(str(caught.value)) < 250


def test_a_long_text_is_shown_cut() -> None:
    with pytest.raises(InvalidValue) as caught:
        parse_instant("9" * 10_000_000)
    assert len(str(caught.value)) < 200


def test_utc_stays_the_same_object() -> None:
    noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert as_utc(noon) is noon


def test_the_repeated_hour_keeps_its_two_instants() -> None:
    first = datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN)
    second = first.replace(fold=1)
    assert first == second, "this is why: the two compare equal until they are in UTC"
    assert as_utc(second) - as_utc(first) == timedelta(hours=1)
    assert as_utc(second).fold == 0


def test_the_hour_that_there_was_not_is_still_one_instant() -> None:
    lacking = datetime(2026, 3, 29, 2, 30, tzinfo=BERLIN)
    assert as_utc(lacking) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (datetime.fromisoformat("2026-03-01"), "has no time zone; give an aware datetime"),
        (date(2026, 3, 1), "must be an aware datetime, not date"),
        ("2026-03-01T12:00:00Z", "must be an aware datetime, not str"),
        (None, "must be an aware datetime, not NoneType"),
        (datetime(1, 1, 1, tzinfo=AHEAD), "lies outside the calendar in UTC"),
        (datetime(9999, 12, 31, 23, tzinfo=BEHIND), "lies outside the calendar in UTC"),
    ],
)
def test_what_names_no_instant_is_refused(value: Any, told: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        as_utc(value, "until")
    assert caught.value.field == "until"
    assert told in str(caught.value)


safe = st.datetimes(
    datetime.fromisoformat("0002-01-01"),
    datetime.fromisoformat("9998-12-31"),
    timezones=st.sampled_from([UTC, BERLIN, AHEAD]),
)


@given(safe, st.sampled_from([0, 1]))
def test_the_instant_is_the_same_in_utc(value: datetime, fold: int) -> None:
    value = value.replace(fold=fold)
    found = as_utc(value)
    assert found.tzinfo is UTC
    assert found.timestamp() == value.timestamp()
    assert parse_instant(found.isoformat()) == found
    assert from_micros(to_micros(found)) == found


@given(st.integers(-62_135_596_800_000_000, 253_402_300_799_999_999))
def test_microseconds_round_trip_and_keep_order(micros: int) -> None:
    assert to_micros(from_micros(micros)) == micros
    assert (from_micros(micros) < EPOCH) is (micros < 0)


@pytest.mark.parametrize("micros", [-62_135_596_800_000_001, 253_402_300_800_000_000, 10**30])
def test_microseconds_outside_the_calendar_are_refused(micros: int) -> None:
    with pytest.raises(InvalidValue, match="outside the calendar"):
        from_micros(micros)


@given(st.text(max_size=40) | st.text("0123456789-T:.,+Z ", max_size=40))
def test_any_text_is_an_instant_or_refused(text: str) -> None:
    try:
        found = parse_instant(text)
    except InvalidValue:
        return
    assert found.tzinfo is UTC


def test_people_always_see_the_offset() -> None:
    assert show_instant(datetime(2026, 3, 1, 2, 30, 0, 999, tzinfo=UTC)) == (
        "2026-03-01 02:30:00+00:00"
    )
