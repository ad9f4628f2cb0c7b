"""What might be the cause, and what speaks for and against it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import attrs

from incidentkit.model import checks


class HypothesisState(StrEnum):
    """Where a hypothesis stands."""

    PROPOSED = "proposed"
    SUPPORTED = "supported"
    REFUTED = "refuted"
    CONFIRMED = "confirmed"


def verdict(value: HypothesisState | str) -> HypothesisState:
    """A verdict by its word. Raises InvalidValue."""
    return checks.member(HypothesisState, "verdict", value)


@attrs.frozen
class Evidence:
    """What led to a judgement: the verdict it was given for, what was seen, by whom and when."""

    verdict: HypothesisState
    text: str
    by: str
    at: datetime = attrs.field(validator=checks.utc)


@attrs.frozen
class Hypothesis:
    """A possible explanation. `explains` names the hypothesis or cause that it would explain.

    Such a chain is the "five whys": each link answers why the one before it was so.
    """

    id: str
    text: str = attrs.field(validator=checks.text())
    by: str
    at: datetime = attrs.field(validator=checks.utc)
    explains: str = ""
    state: HypothesisState = HypothesisState.PROPOSED
    evidence: tuple[Evidence, ...] = ()
