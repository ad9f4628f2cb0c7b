"""Decide again from a Reason alone: same rule, same inputs, same outcome, on any machine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from incidentkit.errors import NotFound
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.reason import Plain, Reason
from incidentkit.rules import (
    assess,
    automate,
    clocks,
    communicate,
    correlate,
    escalate,
    owe_review,
    prioritise,
    question,
    suppress,
)

Rule: TypeAlias = Callable[[Mapping[str, Plain]], Plain]


def _rate(inputs: Mapping[str, Plain]) -> Plain:
    impact, urgency = correlate.rate(inputs)
    return FrozenMap({"impact": impact, "urgency": urgency})


RULES: dict[tuple[str, int], Rule] = {
    (prioritise.RULE, 1): prioritise.judge,
    (prioritise.RULE, 2): prioritise.judge,
    (question.RULE, 1): question.judge,
    ("rate.by_severity", 1): _rate,
    (correlate.RULE, 1): lambda inputs: correlate.judge(inputs).value,
    (suppress.RULE, 1): suppress.judge,
    (clocks.RULE, 1): clocks.judge,
    (escalate.RULE, 1): escalate.judge,
    (escalate.CALL, 1): escalate.judge_call,
    (communicate.RULE, 1): communicate.judge,
    (automate.RULE, 1): automate.judge,
    (owe_review.RULE, 1): owe_review.judge,
    (assess.RULE, 1): assess.judge,
}
"""Every rule that gives a Reason, by name and version; old versions stay."""


def rerun(reason: Reason, **changed: Plain) -> Plain:
    """The outcome of the reason's rule on its inputs, some of them changed if you like.

    Raises NotFound for a rule or a version that this release does not have.
    """
    rule = RULES.get((reason.rule, reason.version))
    if rule is None:
        raise NotFound("rule", f"{reason.rule} version {reason.version}")
    return rule({**reason.inputs, **changed})
