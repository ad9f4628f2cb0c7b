"""Whether a resolved incident owes a review: the condition that its policy sets."""

from __future__ import annotations

from collections.abc import Mapping

from incidentkit.lang.conditions import Condition
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.incident import Incident
from incidentkit.model.reason import Plain, Reason
from incidentkit.rules import communicate

RULE = "review.owed"
VERSION = 1


def owed(incident: Incident, when: Condition, policy: str = "") -> Reason | None:
    """Why this incident owes a review; None where it owes none."""
    verdict = when.evaluate({"incident": communicate.facts(incident)})
    if not verdict.holds:
        return None
    known = {k: v if isinstance(v, str | int) else str(v) for k, v in verdict.read.items()}
    inputs: FrozenMap[str, Plain] = FrozenMap({"when": str(when), "facts": FrozenMap(known)})
    return Reason(RULE, VERSION, inputs, judge(inputs), policy, verdict.unknowns)


def judge(inputs: Mapping[str, Plain]) -> bool:
    """Whether a review is owed, drawn from plain inputs."""
    known = inputs["facts"]
    given = dict(known) if isinstance(known, dict) else {}
    return Condition.parse(str(inputs["when"])).holds(given)
