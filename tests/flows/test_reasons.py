"""Every decision explains itself: its rule, run again on its inputs, decides the same.

Guarded here: the reasons as they stand in a real journal, not as a rule's own test makes them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from incidentkit import rerun
from incidentkit.errors import NotFound
from incidentkit.model.reason import Reason
from incidentkit.rules import suggest
from incidentkit.rules.rerun import RULES
from tests.flows import world
from tests.flows.stories import KINDS, beside, varied
from tests.stores.for_desks import fresh

Open = Callable[..., Any]
PLAIN = ("prioritise.matrix", 1)
"""What is kept where the policy has no overrides."""


def all_reasons(desk: Any) -> list[Reason]:
    return [
        reason
        for kind in KINDS
        for record in world.records(desk, kind)
        for reason in world.reasons(world.entries(desk, kind.name, record.id))
    ]


ASKED_FOR = {(suggest.LIKENESS, 1), (suggest.NEARNESS, 1)}
"""Rules whose reasons are given to whoever asks, and never journaled."""


@pytest.fixture
def further(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a second fresh store of the same kind."""
    folder = tmp_path / "further"
    folder.mkdir()
    with fresh(request.node.callspec.params["url"], folder) as made:
        yield made


def test_every_reason_of_a_story_reruns_to_its_outcome(
    open_desk: Open, url: str, further: str
) -> None:
    rules: set[tuple[str, int]] = set()
    for story, place in ((varied, url), (beside, further)):
        desk = story(open_desk, place)
        found = all_reasons(desk)
        rules |= {(reason.rule, reason.version) for reason in found}
        for reason in found:
            assert rerun(reason) == reason.outcome, reason
        hashes = {reason.policy for reason in found if reason.rule != "rate.by_severity"}
        assert hashes == {desk.policy().hash}
    assert rules == set(RULES) - ASKED_FOR


def test_a_policy_without_overrides_keeps_the_plain_reason(open_desk: Open, url: str) -> None:
    desk = open_desk(url)
    desk.declare("Down", impact="high", urgency="high")
    drawn = [x for x in all_reasons(desk) if x.rule == "prioritise.matrix"]
    assert [(x.rule, x.version) for x in drawn] == [PLAIN]
    assert rerun(drawn[0]) == drawn[0].outcome == "P1"


def test_an_input_changed_decides_otherwise(open_desk: Open) -> None:
    desk = varied(open_desk)
    urgent = next(
        x for x in all_reasons(desk) if x.rule == "escalate.round" and x.outcome == ("ana",)
    )
    assert rerun(urgent, priority="P5", candidate=False) == ()
    assert rerun(urgent, assignee="") == (urgent.inputs["fallback"],)


def test_an_unknown_rule_is_not_found(open_desk: Open) -> None:
    from incidentkit import FrozenMap

    with pytest.raises(NotFound, match="rule 'hunch version 1'"):
        rerun(Reason("hunch", 1, FrozenMap(), "x"))
