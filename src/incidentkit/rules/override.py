"""Raise or lower a drawn priority: by criticality, for important people, by any fact of the case.

Impact and urgency say how bad it is for those concerned; who is concerned, and what hangs on the
service, comes on top (ServiceNow adds business criticality and VIP callers to its matrix). The
rules are asked in order, each whose condition is true applies to what those before it left, and the
reason names every one that changed the priority.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import cast

import attrs

from incidentkit.errors import InvalidValue
from incidentkit.lang.conditions import Condition
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.reason import Plain
from incidentkit.model.words import Priority
from incidentkit.rules.kept import given_all, keep_all

_ORDER = tuple(Priority)
MOST_STEPS = len(_ORDER) - 1


class Effect(StrEnum):
    """What an override does to the priority drawn so far."""

    SET = "set"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    RAISE_BY = "raise_by"


def _effect(written: Effect | str) -> Effect:
    try:
        return Effect(written)
    except ValueError:
        problem = f"{written!r} is none of {', '.join(Effect)}"
        raise InvalidValue("effect", problem) from None


@attrs.frozen
class Override:
    """While the condition is true: set the priority, bound it, or raise it by so many steps.

    `value` is a priority, or for `raise_by` a number of steps from 1 to 4. Raises InvalidValue for
    any other.
    """

    name: str
    when: Condition
    effect: Effect = attrs.field(converter=_effect)
    value: str

    def __attrs_post_init__(self) -> None:
        if self.effect is Effect.RAISE_BY:
            if self.value not in map(str, range(1, MOST_STEPS + 1)):
                raise InvalidValue("raise_by", f"{self.value!r} is no number from 1 to 4")
        elif self.value not in Priority.__members__:
            raise InvalidValue(self.effect.value, f"{self.value!r} is none of P1..P5")


@attrs.frozen
class Step:
    """One override that changed the priority."""

    name: str
    was: Priority
    priority: Priority


@attrs.frozen
class Overridden:
    """The priority after all overrides, the steps that led there, and what was read for it."""

    priority: Priority
    steps: tuple[Step, ...]
    read: FrozenMap[str, Plain]
    unknowns: tuple[str, ...]


def override(
    drawn: Priority, overrides: tuple[Override, ...], facts: Mapping[str, object]
) -> Overridden:
    """The drawn priority as the overrides leave it."""
    priority = drawn
    steps: list[Step] = []
    read: dict[str, object] = {}
    unknowns: list[str] = []
    for rule in overrides:
        verdict = rule.when.evaluate(facts)
        read.update(verdict.read)
        unknowns += verdict.unknowns
        if verdict.holds:
            after = moved(priority, rule.effect, rule.value)
            if after is not priority:
                steps.append(Step(rule.name, priority, after))
            priority = after
    missing = tuple(dict.fromkeys(unknowns))
    return Overridden(priority, tuple(steps), keep_all(read), missing)


def moved(priority: Priority, effect: Effect, value: str) -> Priority:
    """The priority after one effect.

    >>> moved(Priority.P3, Effect.AT_LEAST, "P2").value, moved(Priority.P1, Effect.AT_LEAST, "P2")
    ('P2', <Priority.P1: 'P1'>)
    """
    if effect is Effect.SET:
        return Priority(value)
    if effect is Effect.AT_LEAST:
        return min(priority, Priority(value))
    if effect is Effect.AT_MOST:
        return max(priority, Priority(value))
    return _ORDER[max(0, _ORDER.index(priority) - int(value))]


def as_inputs(overrides: tuple[Override, ...]) -> Plain:
    """The overrides as a reason keeps them."""
    kept: list[Plain] = []
    for rule in overrides:
        said: FrozenMap[str, Plain] = FrozenMap(
            {
                "name": rule.name,
                "when": str(rule.when),
                "effect": rule.effect.value,
                "value": rule.value,
            }
        )
        kept.append(said)
    return tuple(kept)


def again(drawn: Priority, inputs: Mapping[str, Plain]) -> Overridden:
    """The same decision from what a reason kept."""
    rules = cast("tuple[Mapping[str, str], ...]", inputs["overrides"])
    overrides = tuple(
        Override(x["name"], Condition.parse(x["when"]), Effect(x["effect"]), x["value"])
        for x in rules
    )
    return override(drawn, overrides, given_all(inputs["facts"]))
