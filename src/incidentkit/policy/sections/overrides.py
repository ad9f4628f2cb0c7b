"""`[[overrides]]`: what raises or lowers the priority that the matrix gives."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from incidentkit.lang.conditions import Declared
from incidentkit.model.words import Priority
from incidentkit.policy.sections.matrix import PRIORITIES
from incidentkit.policy.table import Table

if TYPE_CHECKING:
    from incidentkit.rules.override import Override

ABOUT = {
    "": "Asked in order after the matrix; each that is true applies to what those before it left.",
    "*.name": "What explanations call it.",
    "*.when": "A condition over the incident, its service and its reporter.",
    "*.set": "The priority, whatever was drawn.",
    "*.at_least": "Raise to this priority where it is lower.",
    "*.at_most": "Lower to this priority where it is higher.",
    "*.raise_by": "Raise by so many steps.",
}

MOST = 100
"""Every reason of a priority keeps all of them, so that it can be drawn again."""


def read(tables: list[Table], facts: Declared) -> tuple[Override, ...]:
    """The overrides, in the order of the document; each has exactly one effect."""
    if len(tables) > MOST:
        tables[0].wrong("", f"there are {len(tables)} overrides; at most {MOST} are read")
    if not tables:
        return ()
    from incidentkit.rules.override import MOST_STEPS, Effect, Override

    found: list[Override] = []
    for table in tables[:MOST]:
        effects: dict[Effect, str] = {}
        before = len(table.problems)
        for effect in (Effect.SET, Effect.AT_LEAST, Effect.AT_MOST):
            value = table.choice(effect.value, ("", *PRIORITIES), "")
            if value:
                effects[effect] = value
        steps = table.number(Effect.RAISE_BY.value, 0, 0, MOST_STEPS)
        if steps:
            effects[Effect.RAISE_BY] = str(steps)
        told = len(table.problems) > before
        name = table.text("name", table.path)
        when = table.condition("when", facts)
        if len(effects) == 1:
            ((effect, value),) = effects.items()
            spare = Override(name, when, Effect.AT_MOST, Priority.P5.value)
            made = partial(Override, name, when, effect, value)
            found.append(table.made(effect.value, made, spare))
        elif not told:  # an effect that cannot be read is one all the same
            table.wrong("", f"needs exactly one of {', '.join(Effect)}; it has {len(effects)}")
        table.done()
    return tuple(found)
