"""Documents written to hurt: many names, long rings, thousands of mistakes. Each ends soon."""

from __future__ import annotations

from typing import Any

import pytest

from incidentkit.errors import PolicyError
from incidentkit.policy.lint import lint
from incidentkit.policy.load import load_policy
from incidentkit.policy.people import load_directory
from incidentkit.policy.reading import MOST_PROBLEMS
from incidentkit.policy.rings import rings

MANY = 5_000


def refused(document: Any) -> PolicyError:
    with pytest.raises(PolicyError) as caught:
        load_policy(document)
    return caught.value


def test_thousands_of_mistakes_are_counted_and_the_first_are_told() -> None:
    error = refused({f"name{n}": 1 for n in range(MANY)})
    assert len(error.problems) == MOST_PROBLEMS + 1
    assert error.problems[-1] == ("(document)", f"there are {MANY - MOST_PROBLEMS} problems more")


def test_thousands_of_names_that_are_nearly_right() -> None:
    audiences = {f"audience {n}": {"members": ["a"]} for n in range(MANY)}
    notice = {"on": ["closed"], "template": "x"}
    notices = [{**notice, "audience": f"audiense {n}"} for n in range(MANY)]
    error = refused({"audiences": audiences, "notices": notices})
    assert len(error.problems) == MOST_PROBLEMS + 1
    assert error.problems[0] == ("notices[0].audience", "'audiense 0' is not known")


def test_a_long_ring_of_teams() -> None:
    teams = {f"t{n}": {"kind": "team", "members": [f"t{(n + 1) % MANY}"]} for n in range(MANY)}
    with pytest.raises(PolicyError) as caught:
        load_directory(teams)
    ((path, problem),) = caught.value.problems
    assert path == "t0"
    assert problem == "is a member of itself: t0 > t1 > t2 > t3 > t4 > t5 > t6 > t7 > t8"


def test_everything_rests_on_everything() -> None:
    names = [f"s{n}" for n in range(100)]
    found = lint(load_policy({"services": {name: {"depends_on": names} for name in names}}))
    assert any("leads back to itself" in x.problem for x in found)


def test_many_overrides_would_stand_in_every_reason() -> None:
    error = refused({"overrides": [{"set": "P1"}] * MANY})
    assert error.problems == (
        ("overrides[0]", f"there are {MANY} overrides; at most 100 are read"),
    )


@pytest.mark.parametrize(
    "document",
    [
        {"overrides": [{"set": "P1", "when": "not " * 20_000 + "true"}]},
        {"overrides": [{"set": "P1", "when": "(" * 60_000}]},
        {"notices": [{"audience": "stakeholders", "template": "${" * 30_000}]},
        {"matrix": {"impacts": [f"i{n}" for n in range(MANY)]}},
        {"directory": {"a": {"contacts": {f"c{n}": [""] * 50 for n in range(100)}}}},
        {"facts": {"x" * 250: {}}, "overrides": [{"set": "P1", "when": "incident.fact.y == 1"}]},
    ],
    ids=["deep", "open", "template", "scale", "contacts", "facts"],
)
def test_refused_soon_and_in_few_words(document: Any) -> None:
    assert len(str(refused(document))) < 100_000


# --- rings ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("graph", "found"),
    [
        ({}, []),
        ({"a": ["a"]}, [("a", "a")]),
        ({"a": ["b", "c"], "b": ["d"], "c": ["d"], "d": []}, []),
        ({"a": ["x"]}, []),
        ({"a": ["b"], "b": ["a"], "c": ["a"]}, [("a", "b", "a")]),
        ({"a": ["b", "b"], "b": ["c"], "c": ["b", "a"]}, [("b", "c", "b"), ("a", "b", "c", "a")]),
    ],
)
def test_rings(graph: dict[str, list[str]], found: list[tuple[str, ...]]) -> None:
    assert list(rings(graph)) == found
