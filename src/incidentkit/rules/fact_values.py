"""What facts are worth to conditions and templates: numbers, instants and spans as such."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal

from incidentkit.lang.conditions import FactType
from incidentkit.model.facts import Fact
from incidentkit.timing.instants import parse_instant
from incidentkit.timing.terms import parse_span


def value_of(fact: Fact) -> object:
    """The value as conditions and templates take it: numbers, instants and spans as such."""
    if not isinstance(fact.value, str):
        return fact.value
    match fact.type:
        case FactType.DECIMAL:
            return Decimal(fact.value)
        case FactType.INSTANT:
            return parse_instant(fact.value)
        case FactType.DURATION:
            return timedelta() if fact.value == "0s" else parse_span(fact.value)
        case _:
            return fact.value


def values(facts: Mapping[str, Fact]) -> dict[str, object]:
    """The values that are known, by key."""
    return {key: value_of(fact) for key, fact in facts.items() if fact.value is not None}
