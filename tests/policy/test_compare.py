"""What `policy diff` tells: every key, cells as pairs of levels, and incidents drawn otherwise."""

from __future__ import annotations

from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentkit.model.incident import Card, Incident, Rating
from incidentkit.model.words import Priority
from incidentkit.policy.compare import BackTest, Redrawn, back_test, differences, direction
from incidentkit.policy.load import default_policy, load_policy
from incidentkit.policy.merging import PROFILES
from tests.rules.builders import declared

CELLS = {
    "high": {"high": "P1", "medium": "P1", "low": "P3"},
    "medium": {"high": "P2", "medium": "P3", "low": "P4"},
    "low": {"high": "P3", "medium": "P4", "low": "P5"},
}
RULES: list[dict[str, Any]] = [
    {"name": "a", "when": "true", "raise_by": 1},
    {"name": "b", "when": "true", "at_most": "P2"},
]


def told(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    return [str(x) for x in differences(load_policy(before), load_policy(after))]


@pytest.mark.parametrize(
    ("before", "after", "lines"),
    [
        ({}, {}, []),
        ({}, {"matrix": {"cells": CELLS}}, ["impact high x urgency medium: P2 -> P1"]),
        ({}, {"matrix": {"assume": "high"}}, ["matrix.assume: medium -> high"]),
        ({}, {"paging": {"wait": "3m"}}, ["paging.wait: 5m -> 3m"]),
        ({}, {"closed": True}, ["closed: false -> true"]),
        ({}, {"sync": "jira"}, ["sync: nothing -> jira"]),
        (
            {},
            {"paging": {"priorities": ["P1", "P3"]}},
            [
                "paging.priorities: removed P2",
                "paging.priorities: added P3",
            ],
        ),
        ({}, {"paging": {"priorities": ["P2", "P1"]}}, ["paging.priorities: P1, P2 -> P2, P1"]),
        ({}, {"targets": {"resolve": False}}, None),
        ({}, {"services": ["a"]}, ["services: added a"]),
        ({"services": ["a"]}, {"services": {"a": {}}}, ['services: a -> {"a": {}}']),
        ({}, {"overrides": RULES}, None),
        (
            {"overrides": RULES},
            {"overrides": RULES[:1]},
            [
                'overrides.b: removed {"at_most": "P2", "name": "b", "when": "true"}',
            ],
        ),
        (
            {"overrides": RULES},
            {"overrides": RULES[::-1]},
            [
                "overrides, in this order: a, b -> b, a",
            ],
        ),
        (
            {"overrides": RULES},
            {"overrides": [RULES[0], {**RULES[1], "at_most": "P3"}]},
            ["overrides.b.at_most: P2 -> P3"],
        ),
        (
            {"overrides": [{"set": "P1"}]},
            {"overrides": [{"set": "P2"}]},
            ['overrides: removed {"set": "P1"}', 'overrides: added {"set": "P2"}'],
        ),
    ],
)
def test_each_difference(
    before: dict[str, Any], after: dict[str, Any], lines: list[str] | None
) -> None:
    found = told(before, after)
    if lines is None:
        assert found
    else:
        assert found == lines


def test_other_scales() -> None:
    found = told({}, {"profile": "sre"})
    assert "matrix.impacts, the worst first: high, medium, low -> " in found[2]
    assert "impact high x urgency high: removed P1" in found
    assert "impact sev1 x urgency high: added P1" in found


def test_a_long_value_is_cut() -> None:
    found = told({}, {"services": [f"service-{n}" for n in range(99)]})
    assert len(found[0]) < 250
    assert found[0].endswith("...")


@given(st.sampled_from(PROFILES), st.sampled_from(PROFILES))
def test_the_other_way_round_tells_the_opposite(one: str, other: str) -> None:
    there = differences(load_policy({"profile": one}), load_policy({"profile": other}))
    back = differences(load_policy({"profile": other}), load_policy({"profile": one}))
    assert {(x.path, x.before, x.after) for x in there} == {
        (x.path, x.after, x.before) for x in back
    }
    assert bool(there) == (one != other)


# --- the back-test --------------------------------------------------------------------------------


def incident(ref: str, impact: str, urgency: str, *, by_hand: bool = False) -> Incident:
    rating = Rating(impact, urgency, Priority.P3, False, by_hand)
    return attrs.evolve(declared(), ref=ref, rating=rating, card=Card("x", service="shop"))


def test_how_many_would_be_drawn_otherwise() -> None:
    after = load_policy(
        {
            "matrix": {"cells": CELLS},
            "services": {"shop": {"criticality": "low"}},
            "overrides": [
                {
                    "when": 'service.criticality == "low" and incident.urgency == "low"',
                    "at_most": "P4",
                }
            ],
        }
    )
    found = back_test(
        [
            incident("INC-1", "high", "medium"),
            incident("INC-2", "high", "low"),
            incident("INC-3", "low", "low"),
            incident("INC-4", "high", "medium", by_hand=True),
        ],
        default_policy(),
        after,
    )
    redrawn = (Redrawn("INC-1", "P2", "P1"), Redrawn("INC-2", "P3", "P4"))
    assert found == BackTest(4, 1, redrawn)
    assert [direction(x) for x in redrawn] == ["higher", "lower"]


def test_a_level_that_a_policy_does_not_know_is_said() -> None:
    sre = load_policy({"profile": "sre"})
    (one,) = back_test([incident("INC-1", "high", "low")], default_policy(), sre).redrawn
    assert (one.was, one.now) == ("P3", "")
    assert "'high' is none of sev1" in one.why
    assert direction(one) == "none"
