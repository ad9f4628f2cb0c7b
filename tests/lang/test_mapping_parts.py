"""The parts of mappings: conversions and paths."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentkit.errors import InvalidValue, MappingError
from incidentkit.lang.mappings import As, Form, Path, convert

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)

CONVERTED: list[tuple[object, As, object]] = [
    ("x", As.TEXT, "x"),
    ("\x00\ud800", As.TEXT, "\ufffd\ufffd"),
    (5, As.TEXT, "5"),
    (True, As.TEXT, "true"),
    (["a", "b"], As.TEXT, "a, b"),
    (" 42 ", As.INT, 42),
    ("-7", As.INT, -7),
    ("1e3", As.INT, 1000),
    (5.0, As.INT, 5),
    (2**63 - 1, As.INT, 2**63 - 1),
    ("1.50", As.DECIMAL, Decimal("1.50")),
    (0.1, As.DECIMAL, Decimal("0.1")),
    (3, As.DECIMAL, Decimal(3)),
    (Decimal("2.5"), As.DECIMAL, Decimal("2.5")),
    (True, As.BOOL, True),
    (0, As.BOOL, False),
    (" No ", As.BOOL, False),
    ("yes", As.BOOL, True),
    ("1", As.BOOL, True),
    ("2026-03-01T12:00:00Z", As.INSTANT, NOON),
    (NOON.astimezone(timezone(timedelta(hours=5))), As.INSTANT, NOON),
    (1772366400, As.EPOCH, NOON),
    ("1772366400.0000001", As.EPOCH, NOON),
    (1772366400000.0, As.EPOCH_MS, NOON),
    ({"b": 1, "a": "é"}, As.JSON, '{"a": "é", "b": 1}'),
    ("x", As.JSON, '"x"'),
]


@pytest.mark.parametrize(("value", "how", "expected"), CONVERTED)
def test_converts(value: object, how: As, expected: object) -> None:
    made = convert(value, how, Form())
    assert made == expected
    assert type(made) is type(expected)


@pytest.mark.parametrize(
    ("value", "how"),
    [
        (None, As.TEXT),
        ({}, As.TEXT),
        (True, As.INT),
        (2**63, As.INT),
        (10**5000, As.INT),
        ("1.5", As.INT),
        ("1,000", As.INT),
        ("٣", As.INT),
        ("1" * 5000, As.INT),
        ("1e99", As.DECIMAL),
        (float("inf"), As.DECIMAL),
        (Decimal("NaN"), As.DECIMAL),
        ([], As.DECIMAL),
        ("maybe", As.BOOL),
        (1.0, As.BOOL),
        ({}, As.BOOL),
        ("2026-03-01T12:00:00", As.INSTANT),
        ("noon", As.INSTANT),
        (5, As.INSTANT),
        (datetime(2026, 3, 1), As.INSTANT),  # noqa: DTZ001
        (1e30, As.EPOCH),
        ("x", As.EPOCH_MS),
        (object(), As.JSON),
        ({1: 2, "a": 3}, As.JSON),
        (10**5000, As.JSON),
    ],
    ids=lambda value: str(value) if isinstance(value, As) else type(value).__name__,
)
def test_refuses_to_convert(value: object, how: As) -> None:
    with pytest.raises(InvalidValue) as caught:
        convert(value, how, Form())
    assert len(str(caught.value)) < 300


def test_json_too_deep_is_refused() -> None:
    deep: list[Any] = []
    for _ in range(200_000):
        deep = [deep]
    with pytest.raises(InvalidValue, match="no JSON text"):
        convert(deep, As.JSON, Form())


@pytest.mark.parametrize(
    "text",
    [
        "$",
        "$root",
        "$.a.b",
        "$root.a[0]",
        '$["odd key"][12].@at',
        '$["a\\"b\\n"]',
        "$.ñ",
        "$.rooted",
    ],
)
def test_paths_print_as_they_were_written(text: str) -> None:
    assert str(Path.parse(text)) == text


@pytest.mark.parametrize(
    ("text", "position", "problem"),
    [
        ("a.b", 0, "starts with $"),
        ("$a", 1, "here comes"),
        ("$rooted", 1, "here comes"),
        ("$.", 1, "here comes"),
        ("$.a[", 3, "here comes"),
        ("$.a[-1]", 3, "here comes"),
        ("$.a[*]", 3, "here comes"),
        ("$..a", 1, "here comes"),
        ("$['a]", 1, "here comes"),
        (r"$['\q']", 3, "no escape"),
        ("$" + ".a" * 33, 0, "at most 32 steps"),
        ("$." + "a" * 500, 500, "at most 500 characters"),
        ("$.\x00", 2, "U+0000"),
    ],
)
def test_paths_refused(text: str, position: int, problem: str) -> None:
    with pytest.raises(MappingError) as caught:
        Path.parse(text)
    assert problem in caught.value.problem
    assert caught.value.position == position


@given(st.lists(st.text(max_size=5) | st.integers(0, 999), max_size=5))
def test_every_path_is_read_back(steps: list[str | int]) -> None:
    clean = tuple(
        "".join(c for c in step if c != "\x00" and not "\ud800" <= c <= "\udfff")
        if isinstance(step, str)
        else step
        for step in steps
    )
    assert Path.parse(str(Path(False, clean))) == Path(False, clean)


def test_paths_read_tables_and_lists_only() -> None:
    document = {"a": [{"b": "text"}], "0": "key"}
    assert Path.parse("$.a[0].b").read(document) == "text"
    for text in ("$.a[1]", "$.a.b", "$.a[0].b[0]", "$.a[0].b.c", "$[0]", "$.b", "$root.a"):
        assert Path.parse(text).read(document) is None


@pytest.mark.parametrize(
    ("how", "target", "suits"),
    [
        (As.TEXT, As.TEXT, True),
        (As.EPOCH, As.INSTANT, True),
        (As.EPOCH_MS, As.INSTANT, True),
        (As.JSON, As.TEXT, True),
        (As.JSON, As.LABELS, False),
        (As.EPOCH, As.INT, False),
        (As.TEXT, As.INT, False),
    ],
)
def test_what_suits_a_target(how: As, target: As, suits: bool) -> None:
    assert how.suits(target) is suits
