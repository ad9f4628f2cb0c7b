"""Values of facts as a Reason keeps them, and back: what was read must be readable for ever.

A Reason holds plain data. An instant, a length of time and a decimal number are kept with their
type, because a text would be compared as a text when the rule is run again.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import cast

from incidentkit.errors import ConditionError
from incidentkit.lang.conditions import NEVER, Condition
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.reason import Plain
from incidentkit.timing.instants import parse_instant

_SECOND = timedelta(microseconds=1)


def keep(value: object) -> Plain:
    """A value of a fact as plain data."""
    if isinstance(value, str | int | bool):
        return value
    if isinstance(value, datetime):
        return FrozenMap({"instant": value.isoformat()})
    if isinstance(value, timedelta):
        return FrozenMap({"duration": value // _SECOND})
    if isinstance(value, Decimal):
        return FrozenMap({"decimal": str(value)})
    if isinstance(value, list | tuple | set | frozenset):
        members = cast("list[object]", value)
        return tuple(sorted(str(each) for each in members))
    return str(value)


def keep_all(values: Mapping[str, object]) -> FrozenMap[str, Plain]:
    """All that a condition read, as plain data."""
    return FrozenMap({name: keep(value) for name, value in values.items()})


def given(value: Plain) -> object:
    """The value of the fact again."""
    if isinstance(value, dict):
        if "instant" in value:
            return parse_instant(str(value["instant"]))
        if "duration" in value:
            return timedelta(microseconds=int(str(value["duration"])))
        return Decimal(str(value.get("decimal")))
    return value


def given_all(values: Plain) -> dict[str, object]:
    """All kept facts again, by their dotted names."""
    if not isinstance(values, dict):
        return {}
    return {name: given(value) for name, value in values.items()}


def holds_again(text: Plain, facts: Plain) -> bool:
    """Whether the condition is true of facts that were kept; an empty text is never."""
    return condition_of(str(text)).holds(given_all(facts))


def condition_of(text: str) -> Condition:
    """The condition of a stored text; none, or one that cannot be read here, is never true."""
    try:
        return Condition.parse(text) if text else NEVER
    except ConditionError:
        return NEVER
