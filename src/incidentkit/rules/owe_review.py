"""Whether a resolved incident owes a review: the condition that its policy sets."""

from __future__ import annotations

from collections.abc import Mapping

from incidentkit.lang.conditions import Condition
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.incident import Incident
from incidentkit.model.reason import Plain, Reason
from incidentkit.rules import communicate
from incidentkit.rules.kept import given_all, keep_all

RULE = "review.owed"
VERSION = 1


def owed(
    incident: Incident,
    when: Condition,
    policy: str = "",
    known: Mapping[str, object] | None = None,
) -> Reason | None:
    """Why this incident owes a review; None where it owes none.

    `known` is what is known of the incident and around it; left out, of the incident alone.
    """
    verdict = when.evaluate(known or {"incident": communicate.facts(incident)})
    if not verdict.holds:
        return None
    inputs: FrozenMap[str, Plain] = FrozenMap({"when": str(when), "facts": keep_all(verdict.read)})
    return Reason(RULE, VERSION, inputs, judge(inputs), policy, verdict.unknowns)


def judge(inputs: Mapping[str, Plain]) -> bool:
    """Whether a review is owed, drawn from plain inputs."""
    return Condition.parse(str(inputs["when"])).holds(given_all(inputs["facts"]))
