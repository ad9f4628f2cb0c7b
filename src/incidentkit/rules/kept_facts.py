"""Facts as a Reason keeps them, so that the same condition can be asked of them again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from incidentkit.errors import ConditionError
from incidentkit.lang.conditions import NEVER, Condition, Verdict
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.reason import Plain


def kept(verdict: Verdict) -> FrozenMap[str, Plain]:
    """What a condition read, as plain data."""
    return FrozenMap({name: _plain(value) for name, value in verdict.read.items()})


def _plain(value: object) -> Plain:
    if isinstance(value, str | int | bool):
        return value
    if isinstance(value, tuple | list):
        return tuple(_plain(each) for each in cast("tuple[object, ...]", value))
    return str(value)


def holds_again(text: Plain, facts: Plain) -> bool:
    """Whether the condition is true of facts that were kept; an empty text is never."""
    known: Mapping[str, object] = dict(facts) if isinstance(facts, dict) else {}
    return condition_of(str(text)).holds(known)


def condition_of(text: str) -> Condition:
    """The condition of a stored text; none, or one that cannot be read here, is never true."""
    try:
        return Condition.parse(text) if text else NEVER
    except ConditionError:
        return NEVER
