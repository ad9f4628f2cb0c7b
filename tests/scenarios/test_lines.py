"""Every line of the five situations has a scene that exists, or the name of the work to come."""

from __future__ import annotations

import importlib
import inspect
import re
from collections import Counter
from pathlib import Path

import pytest

from tests.meta import source
from tests.scenarios.lines import LINES, WORKS, Line

HERE = Path(__file__).parent
PAGE = source.DOCS / "explanation" / "situations.md"
ID = re.compile(r"[A-E]\d+[a-z]?")


def scenes() -> set[str]:
    """Every scene there is, as lines name it."""
    found: set[str] = set()
    for path in HERE.glob("test_[a-e]_*.py"):
        module = importlib.import_module(f"tests.scenarios.{path.stem}")
        tests = inspect.getmembers(module, inspect.isfunction)
        found |= {f"{path.stem}::{name}" for name, _ in tests if name.startswith("test_")}
    return found


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.id)
def test_a_line_is_proved_or_awaited(line: Line) -> None:
    assert ID.fullmatch(line.id)
    assert bool(line.tests) is not bool(line.work), "one of the two"
    assert line.work in ("", *WORKS)
    assert set(line.tests) <= scenes()


def test_nothing_is_listed_twice() -> None:
    for listed in ([x.id for x in LINES], [x.says for x in LINES]):
        assert [text for text, times in Counter(listed).items() if times > 1] == []
    for line in LINES:
        assert len(set(line.tests)) == len(line.tests)


def test_every_scene_belongs_to_a_line() -> None:
    assert scenes() == {test for line in LINES for test in line.tests}


def test_lines_are_numbered_without_a_gap() -> None:
    for letter in "ABCDE":
        numbers = [int(re.sub(r"\D", "", x.id)) for x in LINES if x.id.startswith(letter)]
        assert sorted(set(numbers)) == list(range(1, max(numbers) + 1))
        assert numbers == sorted(numbers)


def test_of_the_login_story_nothing_is_awaited_but_outward_talk() -> None:
    assert {x.work for x in LINES if x.id.startswith("C")} <= {"", "Communication"}


def test_the_page_tells_every_line_and_who_brings_what_is_awaited() -> None:
    rows: dict[str, str] = {}
    for row in PAGE.read_text(encoding="utf-8").splitlines():
        if row.startswith("| ") and ID.fullmatch(name := row.split("|")[1].strip()):
            assert name not in rows, f"{name} stands there twice"
            rows[name] = row
    assert set(rows) == {line.id for line in LINES}
    for line in LINES:
        _, _, says, state, _ = (cell.strip() for cell in rows[line.id].split("|"))
        assert says == line.says
        if line.work:
            assert state == f"*{line.work}*"
        else:
            assert state.startswith("works, see [")
