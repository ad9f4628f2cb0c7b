"""The documentation has its four parts, and its examples are really run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.meta import source

PARTS = ("tutorial", "how-to", "reference", "explanation")
# Python in any other fence would be shown but not tested.
UNTESTED = re.compile(r"^\s*```+\s*(?:\{?py\}?|python3|pycon|ipython|py3)\b", re.MULTILINE)
SKIP = re.compile(r"(?:<!--+|^%)\s*skip:\s*(?P<action>\w+)(?P<rest>.*)", re.MULTILINE)
MOST_SKIPS = 5


def pages() -> Iterator[Path]:
    yield source.ROOT / "README.md"
    yield from sorted(source.DOCS.rglob("*.md"))


@pytest.mark.parametrize("part", PARTS)
def test_part_has_pages(part: str) -> None:
    assert list((source.DOCS / part).rglob("*.md")), f"docs/{part} has no page"


def test_python_stands_in_tested_fences() -> None:
    found = [
        f"{page.relative_to(source.ROOT)}: {fence[0].strip()}"
        for page in pages()
        for fence in UNTESTED.finditer(page.read_text(encoding="utf-8"))
    ]
    assert not found, f"write ```python, which is run: {found}"


def test_skips_are_few_and_reasoned() -> None:
    # A skip with a reason is a skip of the run, which permitted_skips.txt must list.
    found = [
        (page.relative_to(source.ROOT), skip["rest"])
        for page in pages()
        for skip in SKIP.finditer(page.read_text(encoding="utf-8"))
        if skip["action"] != "end"
    ]
    assert len(found) <= MOST_SKIPS, f"examples are to be run: {found}"
    bare = [page for page, rest in found if '"' not in rest and "'" not in rest]
    assert not bare, f'write `<!--- skip: next "why it cannot run here" -->`: {bare}'


def test_commands_of_the_readme_are_one_line_each() -> None:
    text = (source.ROOT / "README.md").read_text(encoding="utf-8")
    for mark in ("demo-command", "test-command"):
        block = re.search(rf"<!-- {mark} -->\s*```sh\n(.*?)```\s*<!-- /{mark} -->", text, re.DOTALL)
        assert block, f"README.md has no block between <!-- {mark} --> and <!-- /{mark} -->"
        assert len(block[1].strip().splitlines()) == 1
        assert "python3 -m venv" in block[1], "it makes an environment of its own"


def test_the_changelog_keeps_its_form() -> None:
    text = (source.ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    versions = re.findall(r"^## (.*)$", text, re.MULTILINE)
    assert versions
    assert versions[0] == "[Unreleased]"
    for version in versions[1:]:
        assert re.fullmatch(r"\[\d+\.\d+\.\d+\S*\] - \d{4}-\d{2}-\d{2}", version), version
    kinds = set(re.findall(r"^### (.*)$", text, re.MULTILINE))
    assert kinds <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
