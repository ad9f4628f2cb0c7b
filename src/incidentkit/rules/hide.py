"""Whether an incident is private by the policy: the condition that `[access]` sets."""

from __future__ import annotations

from collections.abc import Mapping

from incidentkit.lang.conditions import Condition
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.reason import Plain, Reason
from incidentkit.rules.kept import given_all, keep_all

RULE = "access.private"
VERSION = 1


def hides(when: Condition, known: Mapping[str, object], policy: str = "") -> Reason | None:
    """Why what is known makes an incident private; None where it does not."""
    verdict = when.evaluate(known)
    if not verdict.holds:
        return None
    inputs: FrozenMap[str, Plain] = FrozenMap({"when": str(when), "facts": keep_all(verdict.read)})
    return Reason(RULE, VERSION, inputs, judge(inputs), policy, verdict.unknowns)


def judge(inputs: Mapping[str, Plain]) -> bool:
    """Whether it is private, drawn from plain inputs."""
    return Condition.parse(str(inputs["when"])).holds(given_all(inputs["facts"]))
