"""When a priority that a person set is put in question: when it worsens, and is set too low."""

from __future__ import annotations

import pytest

from incidentkit.model.incident import Rating
from incidentkit.model.words import Priority
from incidentkit.policy.load import default_policy
from incidentkit.rules.prioritise import prioritise
from incidentkit.rules.question import question
from incidentkit.rules.rerun import rerun

MATRIX = default_policy().matrix
# set by hand | rated before | rated now | in question
TABLE = """
P4  low/low        high/low       yes
P4  low/low        low/high       yes
P4  low/low        high/high      yes
P4  high/high      high/high      no
P4  high/high      low/high       no
P4  high/low       low/high       yes
P1  low/low        high/high      no
P3  low/low        high/low       no
P3  low/medium     medium/medium  no
P5  low/low        unknown/low    yes
P5  unknown/low    medium/low     no
P5  unknown/low    high/low       yes
P4  weird/low      high/low       no
"""
ROWS = [tuple(row.split()) for row in TABLE.strip().splitlines()]


def rating(levels: str, by_hand: str) -> Rating:
    impact, _, urgency = levels.partition("/")
    return Rating(impact, urgency, Priority(by_hand), False, True)


@pytest.mark.parametrize(("by_hand", "before", "now", "asked"), ROWS)
def test_in_question(by_hand: str, before: str, now: str, asked: str) -> None:
    was, after = rating(before, by_hand), rating(now, by_hand)
    drawn = prioritise(after.impact, after.urgency, MATRIX).priority
    reason = question(was, after, drawn, MATRIX, "abc")
    assert (reason is not None) == (asked == "yes")
    if reason is not None:
        assert reason.policy == "abc"
        assert rerun(reason) is reason.outcome is True
        assert rerun(reason, drawn=by_hand) is False
        assert rerun(reason, impacts="", urgencies="") is False
