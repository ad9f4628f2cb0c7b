"""Whom to call about a record that has an owner and no ladder: planned work, reviews."""

from __future__ import annotations

from collections.abc import Mapping

from incidentkit.model.frozen import FrozenMap
from incidentkit.model.reason import Plain, Reason

RULE = "call.owner"
VERSION = 1


def call_owner(occasion: str, owner: str | None, fallback: str, policy: str = "") -> Reason:
    """Who is called on an occasion, and why; the outcome is the party."""
    inputs: FrozenMap[str, Plain] = FrozenMap(
        {"occasion": occasion, "owner": owner or "", "fallback": fallback}
    )
    return Reason(RULE, VERSION, inputs, judge(inputs), policy)


def judge(inputs: Mapping[str, Plain]) -> str:
    """The owner, else the fallback, so that a call always ends at somebody."""
    return str(inputs["owner"] or inputs["fallback"])
