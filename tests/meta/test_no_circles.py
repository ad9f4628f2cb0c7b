"""No two modules import each other in a circle; imports for type checking count as well."""

from __future__ import annotations

import graphlib

import grimp
import pytest

ROOT_MODULE = "incidentkit"
# Both doors stand outside the house: they import, nobody imports them.
DOORS = {ROOT_MODULE, f"{ROOT_MODULE}.__main__"}


def circles(imports: dict[str, set[str]]) -> list[list[str]]:
    """One circle for each import that has to go to be rid of all of them."""
    imports = {module: set(imported) for module, imported in imports.items()}
    found: list[list[str]] = []
    while True:
        try:
            graphlib.TopologicalSorter(imports).prepare()
        except graphlib.CycleError as error:
            # Predecessors first: each module of the list is imported by the one after it.
            circle = error.args[1][::-1]
            found.append(circle)
            imports[circle[0]].discard(circle[1])
        else:
            return found


@pytest.fixture(scope="module")
def imports() -> dict[str, set[str]]:
    graph = grimp.build_graph(ROOT_MODULE, cache_dir=None, exclude_type_checking_imports=False)
    return {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}


def test_no_circles(imports: dict[str, set[str]]) -> None:
    inside = {
        module: imported - DOORS for module, imported in imports.items() if module not in DOORS
    }
    found = [" imports ".join(circle) for circle in circles(inside)]
    assert not found, "modules import each other in a circle:\n" + "\n".join(found)


def test_no_room_imports_the_front_door(imports: dict[str, set[str]]) -> None:
    found = sorted(
        module for module, imported in imports.items() if module not in DOORS and imported & DOORS
    )
    assert not found, f"import the module that has the name, not the package: {found}"


def test_the_check_finds_circles() -> None:
    found = circles({"a": {"b"}, "b": {"c"}, "c": {"a", "d"}, "d": {"c"}, "e": {"a"}})
    assert {frozenset(circle) for circle in found} == {frozenset("abc"), frozenset("cd")}
    assert circles({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == []
