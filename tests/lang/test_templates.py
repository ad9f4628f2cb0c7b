"""Templates: holes are filled once, and from nothing but plain values."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from enum import IntEnum, StrEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentkit.errors import TemplateError
from incidentkit.lang.templates import MAX_OUTPUT_BYTES, Template


class Level(StrEnum):
    HIGH = "high"


class Rank(IntEnum):
    P1 = 1


VALUES = {
    "title": "Checkout fails",
    "incident": {"ref": "INC-1", "labels": {"kubernetes.io/name": "pay", "a}b|c": "odd"}},
    "flat.name": "flat",
    "level": Level.HIGH,
    "rank": Rank.P1,
    "count": 3,
    "ratio": 0.5,
    "price": Decimal("1.50"),
    "open": True,
    "shut": False,
    "at": datetime(2026, 3, 1, 12, tzinfo=UTC),
    "teams": ["db", "web"],
    "levels": (Level.HIGH,),
    "none": None,
    "empty": "",
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("no holes", "no holes"),
        ("$title", "Checkout fails"),
        ("$title.", "Checkout fails."),
        ("${title}", "Checkout fails"),
        ("${title}x", "Checkout failsx"),
        ("$title-$count", "Checkout fails-3"),
        ("$incident.ref: $title!", "INC-1: Checkout fails!"),
        ('${incident.labels["kubernetes.io/name"]}', "pay"),
        ('${incident.labels["a}b|c"]|x}', "odd"),
        ("$flat.name", "flat"),
        ("$$title costs $$5", "$title costs $5"),
        ("$level $rank $count $ratio $price", "high 1 3 0.5 1.50"),
        ("$open $shut", "true false"),
        ("$at", "2026-03-01T12:00:00+00:00"),
        ("$teams; $levels", "db, web; high"),
        ("[$gone] [$none] [$empty]", "[?] [?] []"),
        ("${gone|nobody, {5 | y} ${none|} ${title|x}", "nobody, {5 | y  Checkout fails"),
    ],
)
def test_renders(text: str, expected: str) -> None:
    made = Template.parse(text)
    assert made.render(VALUES, missing="?") == expected
    assert str(made) == text
    assert Template.parse(str(made)) == made


@pytest.mark.parametrize(
    ("text", "position", "problem"),
    [
        ("a $", 2, "write $$"),
        ("$5", 0, "write $$"),
        ("$.a", 0, "write $$"),
        ("${", 0, "a name follows ${"),
        ("${}", 0, "a name follows ${"),
        ("${ a}", 0, "a name follows ${"),
        ("x ${a", 5, "after ${a comes"),
        ("${a.}", 3, "after ${a comes"),
        ("${a!r}", 3, "after ${a comes"),
        ("${a|b", 0, "not closed"),
        ("${a|${b}}", 4, "without $"),
        ("$" + "a" * 257, 1, "at most 256 characters"),
        (r'${a["\q"]}', 5, "no escape"),
        ("$a" + ".a" * 32, 1, "at most 32 segments"),
        ("a\x00", 1, "U+0000"),
        ("x" * 16_001, 16_000, "at most 16,000 characters"),
    ],
)
def test_refuses_with_the_place(text: str, position: int, problem: str) -> None:
    with pytest.raises(TemplateError) as caught:
        Template.parse(text)
    assert problem in caught.value.problem
    assert caught.value.position == position


def test_only_declared_fields() -> None:
    fields = ["incident.title", "labels.*", "labels.deep.*"]
    made = Template.parse("a $incident.title ${labels.x.y}", fields)
    assert made.names() == ("incident.title", "labels.x.y")
    with pytest.raises(TemplateError, match=r"did you mean 'incident.title'") as caught:
        Template.parse("a $incident.titel", fields)
    assert caught.value.position == 2
    with pytest.raises(TemplateError, match=r"no field 'labels'"):
        Template.parse("$labels", fields)


@pytest.mark.parametrize(
    "value",
    [
        {"a": 1},
        object(),
        b"x",
        ["a", 1],
        [["a"]],
        {"a"},
        datetime(2026, 3, 1),  # noqa: DTZ001
        float("nan"),
        Decimal("inf"),
        2**65,
        10**5000,
        len,
    ],
    ids=lambda value: type(value).__name__,
)
def test_other_values_are_refused(value: object) -> None:
    with pytest.raises(TemplateError, match="cannot be shown as text"):
        Template.parse("a $x").render({"x": value})


def test_no_attribute_is_ever_read() -> None:
    class Trap:
        def __getattribute__(self, name: str) -> Any:
            if name == "__class__":
                return Trap
            raise AssertionError(name)

    text = "$x.__class__ ${x.secret|-} $x.y.z ${teams.__len__}"
    assert Template.parse(text).render({"x": Trap(), "teams": []}, missing="?") == "? - ? ?"


def test_one_line() -> None:
    made = Template.parse("[$ref]\n$title")
    values = {"ref": "1", "title": "a\r\nBcc: x\x1b[0m\u2028b\tc\x00d\x85e"}
    assert made.render(values, one_line=True) == "[1] a Bcc: x [0m b c d e"
    assert made.render(values) == f"[1]\n{values['title']}"


def test_a_lone_surrogate_does_not_stop_a_page() -> None:
    assert Template.parse("$x").render({"x": "a\ud800b"}) == "a?b"


def test_output_is_limited() -> None:
    fits = Template.parse("$x")
    assert len(fits.render({"x": "a" * MAX_OUTPUT_BYTES})) == MAX_OUTPUT_BYTES
    for value in ("a" * (MAX_OUTPUT_BYTES + 1), "é" * (MAX_OUTPUT_BYTES // 2 + 1)):
        with pytest.raises(TemplateError, match="65,536 bytes"):
            fits.render({"x": value})
    with pytest.raises(TemplateError, match="65,536 bytes"):
        Template.parse("$x" * 8_000).render({"x": "a" * MAX_OUTPUT_BYTES})


syntax = st.text("$${}|.ab\n", max_size=30) | st.text(
    st.characters(exclude_categories=["Cs"]), max_size=30
)


@given(syntax, syntax)
def test_data_is_never_read_as_a_template(one: str, other: str) -> None:
    made = Template.parse("<$a> ${b|none}")
    assert made.render({"a": one, "b": other}) == f"<{one}> {other}"


@given(syntax)
def test_any_text_is_read_or_refused(text: str) -> None:
    refused: TemplateError | None = None
    try:
        assert len(Template.parse(text).render({})) <= len(text)
    except TemplateError as error:
        refused = error
    assert refused is None or 0 <= refused.position <= len(text)


@given(syntax)
def test_dollars_doubled_are_the_text_itself(text: str) -> None:
    clean = text.replace("\x00", "")
    assert Template.parse(clean.replace("$", "$$")).render({}) == clean
