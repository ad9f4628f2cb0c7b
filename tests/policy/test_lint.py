"""What is allowed and yet unwise: each finding alone, and none where a host has decided."""

from __future__ import annotations

from typing import Any

import pytest

from incidentkit.policy.lint import lint
from incidentkit.policy.load import default_policy, load_policy

WISE: dict[str, Any] = {
    "paging": {"fallback": "duty"},
    "audiences": {"stakeholders": {"members": ["ana"]}},
}


def test_a_wise_policy_has_no_finding() -> None:
    assert lint(load_policy(WISE)) == ()


def test_the_default_says_what_to_set_first() -> None:
    assert lint(default_policy())[0].path == "paging.fallback"


@pytest.mark.parametrize(
    ("change", "path", "told"),
    [
        ({"paging": {"fallback": "on-call"}}, "paging.fallback", "bare name 'on-call'"),
        (
            {"audiences": {"stakeholders": {"members": []}}},
            "audiences.stakeholders",
            "its notices reach nobody",
        ),
        ({"targets": {"resolve": {"within": {}}}}, "targets.resolve", "it never runs"),
        ({"targets": {"visit": {}}}, "targets.visit", "it never runs"),
    ],
)
def test_each_finding(change: dict[str, Any], path: str, told: str) -> None:
    (finding,) = lint(load_policy({**WISE, **change}))
    assert finding.path == path
    assert told in finding.problem
