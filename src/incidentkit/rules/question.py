"""Whether a priority that a person set still fits: it stands, but it may be put in question.

A person may know better than the matrix, so a priority set by hand is never changed by a rule. But
it was set for the impact and urgency known then; when these worsen and the rules would now draw a
higher priority, whoever works on it is asked, once for each time it worsens.
"""

from __future__ import annotations

from collections.abc import Mapping

from incidentkit.model.frozen import FrozenMap
from incidentkit.model.incident import Rating
from incidentkit.model.reason import Plain, Reason
from incidentkit.model.words import UNKNOWN, Priority
from incidentkit.rules.prioritise import Matrix, pair

RULE = "prioritise.question"
VERSION = 1


def question(
    before: Rating, now: Rating, drawn: Priority, matrix: Matrix, policy: str = ""
) -> Reason | None:
    """Why the priority set by hand is in question after its rating changed; None where it is not.

    `drawn` is what the rules would draw now. What was unknown counts as what the matrix assumes.
    """
    row, column = pair(matrix.assume)
    inputs: FrozenMap[str, Plain] = FrozenMap(
        {
            "set": now.priority.value,
            "drawn": drawn.value,
            "was_impact": row if before.impact == UNKNOWN else before.impact,
            "impact": row if now.impact == UNKNOWN else now.impact,
            "was_urgency": column if before.urgency == UNKNOWN else before.urgency,
            "urgency": column if now.urgency == UNKNOWN else now.urgency,
            "impacts": matrix.impacts,
            "urgencies": matrix.urgencies,
        }
    )
    outcome = judge(inputs)
    return Reason(RULE, VERSION, inputs, outcome, policy) if outcome else None


def judge(inputs: Mapping[str, Plain]) -> bool:
    """Whether it is in question, from plain inputs: worse than before, and set lower than drawn."""
    worse = _worse(inputs, "impact", "impacts") or _worse(inputs, "urgency", "urgencies")
    return worse and str(inputs["drawn"]) < str(inputs["set"])


def _worse(inputs: Mapping[str, Plain], field: str, scale: str) -> bool:
    """Whether the level is now nearer to the worst end of its scale; a level off it is no news."""
    levels = inputs[scale]
    now, was = inputs[field], inputs[f"was_{field}"]
    if not isinstance(levels, tuple) or now not in levels or was not in levels:
        return False
    return levels.index(now) < levels.index(was)
