"""When a merge rates the survivor as the other was, and when it asks."""

from __future__ import annotations

import attrs
import pytest

from incidentkit.model.incident import Incident, Rating
from incidentkit.model.words import Priority
from incidentkit.policy.load import default_policy
from incidentkit.rules import merge_rating
from incidentkit.rules.rerun import rerun
from tests.rules.builders import declared

MATRIX = default_policy().matrix
# The survivor's priority and rating, the other's; h: set by hand. What follows, and the new rating.
TABLE = """
P3 unknown/unknown  P1  high/high        rated       high/high
P3 medium/medium    P1  high/high        rated       high/high
P5 low/low          P2  high/unknown     rated       high/low
P5 low/low          P3  unknown/unknown  -           -
P5 low/low          P3h unknown/unknown  questioned  -
P3 medium/medium    P1h medium/medium    questioned  -
P3 medium/medium    P2  medium/medium    questioned  -
P3 medium/medium    P1  unknown/unknown  questioned  -
P1 high/high        P3  medium/medium    -           -
P3 medium/medium    P4h high/high        -           -
P3 weird/low        P1  high/high        questioned  -
P3 low/low          P1  weird/low        questioned  -
P3 low/low          P1  unknown/weird    questioned  -
"""
ROWS = [tuple(row.split()) for row in TABLE.strip().splitlines()]


def made(ref: str, priority: str, levels: str) -> Incident:
    impact, urgency = levels.split("/")
    by_hand = priority.endswith("h")
    rating = Rating(impact, urgency, Priority(priority[:2]), False, by_hand, "s1")
    return attrs.evolve(declared(), ref=ref, rating=rating)


@pytest.mark.parametrize(("priority", "levels", "theirs", "other", "outcome", "after"), ROWS)
def test_what_follows(
    priority: str, levels: str, theirs: str, other: str, outcome: str, after: str
) -> None:
    one, two = made("INC-1", priority, levels), made("INC-2", theirs, other)
    reason = merge_rating.weigh(one, two, MATRIX, "abc")
    assert (reason.outcome if reason is not None else "-") == outcome
    if reason is None:
        return
    assert reason.policy == "abc"
    assert rerun(reason) == outcome
    assert rerun(reason, other_priority="P5") == ""
    if outcome == "rated":
        now = merge_rating.rated(one, two)
        assert (f"{now.impact}/{now.urgency}", now.severity) == (after, "s1")
    else:
        asked = merge_rating.questioned(one, two)
        assert (asked.priority, asked.drawn) == (priority, theirs[:2])
        assert asked.why == f"INC-2, which is the same, was {theirs[:2]}"
