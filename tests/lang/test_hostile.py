"""Whoever writes a template or a condition cannot harm the host: attacks end soon, and typed."""

from __future__ import annotations

import sys
import tracemalloc
from typing import Any

import pytest

from incidentkit.errors import LanguageError
from incidentkit.lang.conditions import Condition
from incidentkit.lang.conditions.globs import matches
from incidentkit.lang.mappings import DocumentMapping, Path
from incidentkit.lang.templates import Template

STEPS = 1_000_000
BYTES = 20_000_000
VALUES: dict[str, Any] = {"x": "A" * 60_000, "title": "$x ${x}", "labels": {"a": "b"}}

TEMPLATES = [
    "{{ ''.__class__.__mro__ }}$",
    "{{ config }}${",
    "${__class__.__init__.__globals__}${",
    "${x.__class__}$ ",
    "${x!r}",
    "${x:>1000000000}",
    "${x[0]}",
    "${x.}",
    "${x..y}",
    "${'a'*10**8}",
    "${x()}",
    "${lambda: 1}",
    "${x|",
    "${x|${y}",
    "${",
    "$",
    "$ {x}",
    "${x" + "|" * 10_000,
    "${" * 5_000,
    "$x" * 8_000,
    "${x}" * 4_000,
    "$" * 15_999,
    "${" + "a." * 7_000 + "a}",
    "${" + "a-" * 7_000 + "!}",
    "${" + "-" * 15_000,
    "${a" + "-" * 15_000,
    '${a["' + "\\" * 15_000,
    '${a["' + "b" * 15_000,
    "${a" + '["b"]' * 3_000 + "}",
    "${a" + "['" * 5_000,
    "${x\u202e}",
    "${\ud83d}",
    "$\x00",
    "$" + "é",
    "${ｘ}",
    "x" * 16_001,
]
CONDITIONS = [
    "__import__('os').system('x')",
    "x.__class__ == y",
    "().__class__",
    "x == 1; drop table",
    "x == 1 -- comment",
    "x == (lambda: 1)()",
    "x == 1 if y else z",
    "x == f'{y}'",
    "x == 10 ** 10 ** 10",
    "x == 1e400",
    "x == 0x10",
    "x == " + "9" * 3_900,
    "x == 1" + "." * 3_900,
    "x == -" + "-" * 3_900,
    "x == " + "9m" * 1_900,
    "x == 999999w999999w999999w",
    "(" * 3_999,
    ")" * 3_999,
    "[" * 3_999,
    "not " * 999,
    "not(" * 999,
    "x in [" * 600,
    "x in [" + "1," * 1_996,
    "x==1 or " * 499 + "x==1",
    "x==1 and(" * 400,
    "has " * 999,
    "'" * 3_999,
    '"' + "\\" * 3_998,
    '"' + "a" * 3_998,
    "x" + "['" * 1_900,
    "x" + ".y" * 1_900,
    "a" + "-" * 3_900,
    "a-" * 1_999,
    "-" * 3_999,
    "=" * 3_999,
    " " * 4_000,
    "\n" * 4_001,
    "x == '\x00'",
    "x == '\udfff'",
    "x matches (a+)+$",
]


@pytest.mark.parametrize("text", TEMPLATES, ids=range(len(TEMPLATES)))
def test_a_hostile_template_is_refused_cheaply(text: str) -> None:
    def attack() -> None:
        with pytest.raises(LanguageError) as caught:
            Template.parse(text).render(VALUES)
        assert len(str(caught.value)) < 1_500

    _bounded(attack)


@pytest.mark.parametrize("text", CONDITIONS, ids=range(len(CONDITIONS)))
def test_a_hostile_condition_is_refused_cheaply(text: str) -> None:
    def attack() -> None:
        with pytest.raises(LanguageError) as caught:
            Condition.parse(text)
        assert len(str(caught.value)) < 1_500

    _bounded(attack)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("*a" * 1_000 + "b", "a" * 60_000),
        ("*" * 1_999, "a" * 60_000),
        ("*" + "?" * 1_900 + "b*", "a" * 60_000),
        ("*?a" * 600 + "*?b*", "a" * 60_000),
        ("*" + "a" * 1_000 + "b" + "a" * 900 + "*", "a" * 60_000),
    ],
    ids=range(5),
)
def test_globs_are_linear(pattern: str, text: str) -> None:
    def attack() -> None:
        matches(pattern, text)

    _bounded(attack)


def test_paths_and_documents_are_bounded() -> None:
    made = DocumentMapping.parse(
        {"each": "a", "fields": {"title": "$.x.y[0]", "raw": "$"}}, {"title": "text", "raw": "json"}
    )
    deep: Any = {}
    for _ in range(100_000):
        deep = {"x": deep}
    wide = {str(number): number for number in range(20_000)}

    def attack() -> None:
        assert len(made.apply({"a": [deep, wide, [wide], "x" * 100_000]})) == 4
        with pytest.raises(LanguageError):
            Path.parse("$" + "['" * 200)

    _bounded(attack)


def _bounded(attack: Any) -> None:
    tracemalloc.start()
    try:
        attack()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < BYTES
    assert _steps(attack) < STEPS


def _steps(attack: Any) -> int:
    """Calls made, Python's and C's: what an attack costs, the same on every machine."""
    count = 0

    def step(*_: object) -> None:
        nonlocal count
        count += 1

    before = sys.getprofile()
    sys.setprofile(step)
    try:
        attack()
    finally:
        sys.setprofile(before)
    return count
