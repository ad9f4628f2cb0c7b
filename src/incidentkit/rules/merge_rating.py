"""What the survivor of a merge owes to how urgent the other was: its rating, or a question.

The other's rating was stated of the same event, so it counts where it draws a higher priority; what
was only assumed was stated by nobody. Where the other was more urgent for a reason that its rating
does not tell (set by hand, or raised for a service or a reporter), people are asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from incidentkit.model import incident_events as e
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.incident import Incident
from incidentkit.model.reason import Plain, Reason
from incidentkit.model.words import UNKNOWN, Priority
from incidentkit.rules.prioritise import Matrix, draw

RULE = "merge.rating"
VERSION = 1
RATED, QUESTIONED = "rated", "questioned"


def weigh(survivor: Incident, other: Incident, matrix: Matrix, policy: str = "") -> Reason | None:
    """What becomes of the survivor's rating; None where the other was no more urgent.

    The outcome is `rated` or `questioned`.
    """
    mine, theirs = survivor.rating, other.rating
    inputs: FrozenMap[str, Plain] = FrozenMap(
        {
            "priority": mine.priority.value,
            "impact": mine.impact,
            "urgency": mine.urgency,
            "other": other.ref,
            "other_priority": theirs.priority.value,
            "other_impact": theirs.impact,
            "other_urgency": theirs.urgency,
            "other_by_hand": theirs.by_hand,
            "cells": cast("Plain", matrix.cells),
            "assume": matrix.assume,
        }
    )
    outcome = judge(inputs)
    return Reason(RULE, VERSION, inputs, outcome, policy) if outcome else None


def judge(inputs: Mapping[str, Plain]) -> str:
    """`rated`, `questioned` or nothing, from plain inputs."""
    if str(inputs["other_priority"]) >= str(inputs["priority"]):
        return ""
    own = _levels(inputs, "")
    mine, theirs = _draw(inputs, own), _draw(inputs, _levels(inputs, "other_"))
    both = _draw(inputs, _stated(inputs))
    if mine is None or theirs is None or both is None:
        return QUESTIONED  # levels of an older policy's scale: nobody can weigh them
    if both[0] < mine[0]:
        return RATED
    drawn, unknowns = theirs
    said = inputs["other_by_hand"] or not unknowns or str(inputs["other_priority"]) < drawn.value
    return QUESTIONED if said else ""


def rated(survivor: Incident, other: Incident) -> e.Rated:
    """The survivor as the other was rated; what the other does not say stays."""
    mine, theirs = survivor.rating, other.rating
    return e.Rated(
        mine.impact if theirs.impact == UNKNOWN else theirs.impact,
        mine.urgency if theirs.urgency == UNKNOWN else theirs.urgency,
        mine.severity,
    )


def questioned(survivor: Incident, other: Incident) -> e.PriorityQuestioned:
    """Whether the survivor's priority fits, since the other's was higher."""
    theirs = other.rating.priority
    why = f"{other.ref}, which is the same, was {theirs}"
    return e.PriorityQuestioned(survivor.rating.priority, theirs, why)


def _levels(inputs: Mapping[str, Plain], whose: str) -> tuple[str, str]:
    return str(inputs[f"{whose}impact"]), str(inputs[f"{whose}urgency"])


def _stated(inputs: Mapping[str, Plain]) -> tuple[str, str]:
    """The other's levels, the survivor's own where nobody stated them."""
    mine, theirs = _levels(inputs, ""), _levels(inputs, "other_")
    impact, urgency = (a if b == UNKNOWN else b for a, b in zip(mine, theirs, strict=True))
    return impact, urgency


def _draw(
    inputs: Mapping[str, Plain], levels: tuple[str, str]
) -> tuple[Priority, tuple[str, ...]] | None:
    cells = cast("Mapping[str, str]", inputs["cells"])
    try:
        return draw(*levels, FrozenMap(cells), str(inputs["assume"]))
    except KeyError:
        return None
