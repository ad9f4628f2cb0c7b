"""The form of the source: sizes, documentation, what may not be written."""

from __future__ import annotations

import ast
import io
import re
import statistics
import tokenize
from collections.abc import Iterator
from pathlib import Path

from tests.meta import source

LONGEST_FILE = 500
MEDIAN_FILE = 150
MOST_PRAGMAS = 10
PRAGMA = re.compile(r"#\s*pragma:\s*no\s*(?:cover|branch)\b(?P<rest>.*)")


def lines(path: Path) -> int:
    return len(source.text(path).splitlines())


def test_no_file_is_long() -> None:
    found = {source.name(path): lines(path) for path in source.files()}
    found = {path: count for path, count in found.items() if count > LONGEST_FILE}
    assert not found, f"split by meaning what has more than {LONGEST_FILE} lines: {found}"


def test_files_are_short_in_the_median() -> None:
    # Bare package markers would only flatter the figure.
    counts = [count for count in map(lines, source.files()) if count > 5]
    assert statistics.median(counts) < MEDIAN_FILE


def test_every_module_has_a_docstring() -> None:
    found = [
        source.name(path) for path in source.files() if not ast.get_docstring(source.tree(path))
    ]
    assert not found, f"modules without a docstring: {found}"


def test_the_package_is_typed() -> None:
    assert (source.PACKAGE / "py.typed").is_file(), "py.typed is missing from the package"


def comments(path: Path) -> Iterator[tuple[int, str]]:
    for token in tokenize.generate_tokens(io.StringIO(source.text(path)).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def test_pragmas_are_few_and_reasoned() -> None:
    found: list[str] = []
    bare: list[str] = []
    for path in source.files():
        for line, comment in comments(path):
            if pragma := PRAGMA.search(comment):
                found.append(f"{source.name(path)}:{line}")
                if len(pragma["rest"].strip(" :-–(").split()) < 3:
                    bare.append(f"{source.name(path)}:{line}")
    assert len(found) <= MOST_PRAGMAS, f"at most {MOST_PRAGMAS} lines may go uncovered: {found}"
    assert not bare, f"write `# pragma: no cover: why it cannot be reached`: {bare}"


def test_nothing_is_left_unimplemented() -> None:
    found = [
        f"{source.name(path)}:{node.lineno}"
        for path in source.files()
        for node in ast.walk(source.tree(path))
        if isinstance(node, ast.Name) and node.id == "NotImplementedError"
    ]
    assert not found, f"NotImplementedError: {found}"


# --- flows ----------------------------------------------------------------------------------------


class Yields(ast.NodeVisitor):
    """Finds each bare `yield`, but not those of class Effect where that is permitted."""

    def __init__(self, *, effect_may: bool) -> None:
        self.effect_may = effect_may
        self.found: list[int] = []

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        for item in node.body:
            if not (
                self.effect_may
                and node.name == "Effect"
                and isinstance(item, ast.FunctionDef)
                and item.name == "__iter__"
            ):
                self.visit(item)

    def visit_Yield(self, node: ast.Yield) -> None:
        self.found.append(node.lineno)
        self.generic_visit(node)


def bare_yields(tree: ast.AST, *, effect_may: bool) -> list[int]:
    finder = Yields(effect_may=effect_may)
    finder.visit(tree)
    return finder.found


def test_flows_take_values_by_helpers_only() -> None:
    flows = source.PACKAGE / "flows"
    paths = [path for path in source.files() if source.room(path) == "flows"]
    assert paths, "there are no flows"
    found = [
        f"{source.name(path)}:{line}"
        for path in paths
        for line in bare_yields(source.tree(path), effect_may=path == flows / "effects.py")
    ]
    assert not found, f"a flow takes a value by `yield from helper(...)`, typed: {found}"


def test_the_check_finds_bare_yields() -> None:
    code = (
        "class Effect:\n"
        "    def __iter__(self):\n"
        "        answer = yield self\n"
        "        return answer\n"
        "def flow():\n"
        "    record = yield from load()\n"
        "    other = yield load()\n"
    )
    assert bare_yields(ast.parse(code), effect_may=True) == [7]
    assert bare_yields(ast.parse(code), effect_may=False) == [3, 7]


# --- purity ---------------------------------------------------------------------------------------


def clock_readings(tree: ast.AST) -> list[int]:
    """Lines that read the time: `datetime.now`, `date.today`, `time.time` and their like."""
    readings = {
        "datetime": {"now", "today", "utcnow"},
        "date": {"today"},
        "dt": {"now", "today", "utcnow"},
        "time": {"time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "localtime"},
    }
    found: list[int] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            owner = node.value
            of = owner.id if isinstance(owner, ast.Name) else getattr(owner, "attr", "")
            if node.attr in readings.get(of, ()):
                found.append(node.lineno)
        if isinstance(node, ast.ImportFrom) and node.module == "time":
            found.append(node.lineno)
    return found


def test_pure_rooms_never_read_the_time() -> None:
    found = [
        f"{source.name(path)}:{line}"
        for path in source.files()
        if source.room(path) in source.PURE
        for line in clock_readings(source.tree(path))
    ]
    assert not found, f"a pure room takes the time as a value: {found}"


def test_the_check_finds_clock_readings() -> None:
    code = (
        "import datetime as dt, time\n"
        "dt.datetime.now(dt.UTC)\n"
        "datetime.utcnow()\n"
        "time.time()\n"
        "from time import monotonic\n"
        "clock.now()\n"
        "datetime.fromisoformat('2024-01-01')\n"
    )
    assert sorted(clock_readings(ast.parse(code))) == [2, 3, 4, 5]
