"""Asserting a fact: the only way by which what is known of an incident changes."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import cast

import attrs

from incidentkit.errors import InvalidValue
from incidentkit.model import checks
from incidentkit.model.facts import VALUE_LIMIT, Confidence, Fact, confidence
from incidentkit.model.incident_commands import Command
from incidentkit.model.journal import Event
from incidentkit.model.labels import Label, optional_label
from incidentkit.model.reason import Plain
from incidentkit.timing.instants import as_utc
from incidentkit.timing.terms import Term


def plain_value(value: object) -> Plain:
    """What a caller hands over as plain data; the fact's type is checked by the rule.

    Raises InvalidValue for floats, which stores disagree about, and for what is no plain value.
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return str.__str__(checks.check_text(value, "value", VALUE_LIMIT))
    if isinstance(value, int):
        if not -(2**63) <= value < 2**63:
            raise InvalidValue("value", "must be a whole number of at most 64 bits")
        return int(value)
    if isinstance(value, Decimal):
        return plain_value(str(value))
    if isinstance(value, datetime):
        return as_utc(value, "value").isoformat()
    if isinstance(value, timedelta):
        return _span(value)
    if isinstance(value, list | tuple):
        return _texts(cast("list[object] | tuple[object, ...]", value))
    hint = "; give a Decimal" if isinstance(value, float) else ""
    raise InvalidValue("value", f"must be plain data, not {type(value).__name__}{hint}")


def _span(value: timedelta) -> str:
    if value < timedelta() or value.microseconds:
        raise InvalidValue("value", f"{value} is no length of time in whole seconds from 0")
    return str(Term(value)) or "0s"


def _texts(values: list[object] | tuple[object, ...]) -> tuple[str, ...]:
    texts = tuple(checks.check_text(x, "value", VALUE_LIMIT) for x in values)
    checks.check_count(len(texts), "value")
    checks.check_count(sum(map(len, texts)), "the characters of value", VALUE_LIMIT)
    return texts


@attrs.frozen(repr=False)
class AssertFact(Command):
    """Something is so. `known_at` is since when it is known (default: now).

    `value` is of the type that the policy declares for the key; a key that it does not declare is
    text. A value of None says: this is not known any more.
    """

    action = "assert_fact"
    key: str = attrs.field(validator=checks.name)
    value: Plain = attrs.field(default=None, converter=plain_value)
    occurred_at: datetime | None = attrs.field(default=None, converter=checks.to_optional_utc)
    known_at: datetime | None = attrs.field(default=None, converter=checks.to_optional_utc)
    source: str = attrs.field(default="", validator=checks.text(checks.NAME_LIMIT))
    confidence: Confidence = attrs.field(default=Confidence.MEDIUM, converter=confidence)
    label: Label | None = attrs.field(default=None, converter=optional_label)


@attrs.frozen(repr=False)
class FactAsserted(Event):
    """Somebody said that something is so. It need not be the assertion that wins."""

    fact: Fact
