"""Exactly four dependencies; every extra is used, and every import is declared."""

from __future__ import annotations

import ast
import re
import sys
from itertools import chain

from tests.meta import source

CORE = {"attrs", "pluggy", "python-dateutil", "typing-extensions"}
# Extras of the project's own work, which the library never imports.
WORK = {"dev", "hosts", "checks"}
# Distribution -> module, where the names differ.
MODULES = {"attrs": "attrs", "python-dateutil": "dateutil", "psycopg": "psycopg"}
# `attrs` is imported as `attrs`; the old name `attr` is refused.
TESTING = {"hypothesis", "pytest"}  # incidentkit.testing works without, but has a face for each


def distribution(requirement: str) -> str:
    found = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert found
    return found[0].lower().replace("_", "-")


def module(distribution: str) -> str:
    return MODULES.get(distribution, distribution.replace("-", "_"))


def imported() -> dict[str, list[str]]:
    """Third-party modules that the library imports, each with where."""
    found: dict[str, list[str]] = {}
    for path in source.files():
        for node in ast.walk(source.tree(path)):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                names = [node.module or ""]
            else:
                continue
            for name in names:
                top = name.partition(".")[0]
                if top != "incidentkit" and top not in sys.stdlib_module_names:
                    found.setdefault(top, []).append(f"{source.name(path)}:{node.lineno}")
    return found


def extras() -> dict[str, list[str]]:
    declared: dict[str, list[str]] = source.pyproject()["project"]["optional-dependencies"]
    return {extra: needs for extra, needs in declared.items() if extra not in WORK}


def test_core_dependencies_are_exactly_four() -> None:
    declared = source.pyproject()["project"]["dependencies"]
    assert {distribution(each) for each in declared} == CORE


def test_no_dependency_has_an_upper_bound() -> None:
    declared = [*source.pyproject()["project"]["dependencies"], *chain(*extras().values())]
    assert not [each for each in declared if "<" in each or "==" in each or "~=" in each]


def test_every_core_dependency_is_used() -> None:
    used = imported()
    assert not {each for each in CORE if module(each) not in used}


def test_every_extra_is_used() -> None:
    used = imported()
    unused = {
        extra: needs
        for extra, needs in extras().items()
        if not any(module(distribution(each)) in used for each in needs)
    }
    assert not unused, f"declare an extra when something imports it: {unused}"


def test_every_import_is_declared() -> None:
    declared = {module(each) for each in CORE}
    declared |= {module(distribution(each)) for needs in extras().values() for each in needs}
    undeclared = {
        name: [place for place in places if name not in TESTING or "/testing/" not in place]
        for name, places in imported().items()
        if name not in declared
    }
    undeclared = {name: places for name, places in undeclared.items() if places}
    assert not undeclared, f"imported, but neither a dependency nor an extra: {undeclared}"
