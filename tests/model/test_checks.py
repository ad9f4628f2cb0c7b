"""The edge: what text, names and instants a value accepts, so that every store behaves alike."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentkit.errors import InvalidValue, LimitExceeded
from incidentkit.model import checks
from incidentkit.model import incident_commands as c
from incidentkit.model.incident import Life
from incidentkit.model.words import State

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
NAIVE = datetime.fromisoformat("2026-03-01T12:00:00")


@attrs.frozen
class Sample:
    """A value with every validator there is."""

    short: str = attrs.field(default="", validator=checks.text(5))
    text: str = attrs.field(default="", validator=checks.text())
    title: str = attrs.field(default="x", validator=checks.title)
    name: str = attrs.field(default="x", validator=checks.name)
    other: str | None = attrs.field(default=None, validator=checks.optional_name)
    at: datetime = attrs.field(default=NOON, validator=checks.utc)
    until: datetime | None = attrs.field(default=None, validator=checks.optional_utc)
    given: datetime = attrs.field(default=NOON, converter=checks.to_utc)
    later: datetime | None = attrs.field(default=None, converter=checks.to_optional_utc)


sample: Any = Sample
TEXTS = ("short", "text", "title", "name", "other")
INSTANTS = ("at", "until")


@pytest.mark.parametrize("field", TEXTS)
@pytest.mark.parametrize(
    ("value", "told"),
    [
        (7, "must be text, not int"),
        (b"x", "must be text, not bytes"),
        ("a\0b", "contains a NUL character"),
        ("a\ud800", "contains a lone surrogate: the text is damaged"),
        ("\udfffa", "contains a lone surrogate: the text is damaged"),
    ],
)
def test_no_field_takes_what_a_store_may_not_keep(field: str, value: Any, told: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        sample(**{field: value})
    assert caught.value.field == field
    assert told in caught.value.problem


@pytest.mark.parametrize(
    ("field", "limit"),
    [("short", 5), ("text", 65_536), ("title", 1_000), ("name", 256), ("other", 256)],
)
def test_limits_are_exact_and_named(field: str, limit: int) -> None:
    assert len(getattr(sample(**{field: "é" * limit}), field)) == limit
    with pytest.raises(LimitExceeded, match=f"has {limit + 1} characters; at most {limit}"):
        sample(**{field: "x" * (limit + 1)})


@pytest.mark.parametrize(
    "bad", ["", " ", " a", "a ", "a\nb", "a\tb", "a\x7f", "a\u2028b", "\u00a0b"]
)
def test_a_name_is_one_printable_line(bad: str) -> None:
    for field in ("name", "other"):
        with pytest.raises(InvalidValue, match=f"{field}: .* is no name"):
            sample(**{field: bad})


@pytest.mark.parametrize(
    "good", ["a", "on-call", "Ärzte 2. Stock", "日本", "a/b|c", "👩", "x" * 256]
)
def test_names_are_open(good: str) -> None:
    assert Sample(name=good, other=good).name == good
    assert Sample(other=None).other is None


def test_a_title_is_not_blank() -> None:
    assert Sample(title=" a\nb ").title == " a\nb "
    for bad in ("", "  ", "\n"):
        with pytest.raises(InvalidValue, match="title: must not be empty"):
            Sample(title=bad)


def test_a_subclass_of_text_is_text() -> None:
    assert Sample(name=State.NEW).name == "new"


@given(st.text(max_size=50))
def test_text_is_kept_as_it_is_or_refused(text: str) -> None:
    clean = "\0" not in text and not any(0xD800 <= ord(x) <= 0xDFFF for x in text)
    if clean:
        assert checks.check_text(text, "text") is text
        assert text.encode().decode() == text
    else:
        with pytest.raises(InvalidValue):
            checks.check_text(text, "text")


@pytest.mark.parametrize("field", INSTANTS)
@pytest.mark.parametrize(
    ("value", "told"),
    [
        (NAIVE, "is not in UTC; use value.astimezone"),
        (datetime(2026, 3, 1, tzinfo=timezone(timedelta(hours=1))), "is not in UTC"),
        (date(2026, 3, 1), "must be an aware datetime, not date"),
        ("2026-03-01T12:00:00Z", "must be an aware datetime, not str"),
    ],
)
def test_records_keep_utc_alone(field: str, value: Any, told: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        sample(**{field: value})
    assert caught.value.field == field
    assert told in caught.value.problem
    assert getattr(sample(**{field: NOON}), field) is NOON
    assert Sample(until=None).until is None


@pytest.mark.parametrize("field", ["given", "later"])
def test_commands_turn_instants_into_utc(field: str) -> None:
    local = datetime(2026, 3, 1, 13, tzinfo=timezone(timedelta(hours=1)))
    found = getattr(sample(**{field: local}), field)
    assert found == NOON
    assert found.tzinfo is UTC
    for bad in (NAIVE, "2026-03-01T12:00:00Z"):
        with pytest.raises(InvalidValue):
            sample(**{field: bad})
    assert Sample(later=None).later is None


@pytest.mark.parametrize(
    "make",
    [
        lambda at: c.Mitigate("INC-1", restored_at=at),
        lambda at: c.Observe("INC-1", until=at),
        lambda at: c.Correct("INC-1", "occurred", at),
        lambda at: c.Declare("Checkout fails", occurred_at=at),
        lambda at: Life(State.NEW, at),
    ],
)
def test_no_naive_time_gets_in(make: Any) -> None:
    with pytest.raises(InvalidValue):
        make(NAIVE)
    with pytest.raises(InvalidValue):
        make("2026-03-01")
