"""How urgent is the work: impact times urgency through a matrix that is data.

The default matrix is the three-by-three one of ITIL practice (as ServiceNow ships it): high impact
and high urgency is P1, low and low is P5. An unknown level is assumed at the matrix's `assume`
level, and the priority drawn from it is provisional. Overrides of the policy then raise or lower
what the matrix gave (`incidentkit.rules.override`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import attrs

from incidentkit.errors import InvalidValue
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.reason import Plain, Reason
from incidentkit.model.words import UNKNOWN, Priority
from incidentkit.rules.override import Overridden, Override, again, as_inputs, override

RULE = "prioritise.matrix"
VERSION = 1
MOST_LEVELS = 20
"""Of one scale; every reason of a priority keeps all cells."""
OVERRIDDEN = 2
"""The version of a reason that also keeps the overrides and the facts they read."""
_NO_FACTS: FrozenMap[str, object] = FrozenMap()


@attrs.frozen
class Matrix:
    """A priority for every pair of levels; `cells` maps `impact/urgency` to a priority.

    The levels of both scales stand with the worst first.
    `assume` stands for what is unknown: a level of both scales, or `impact/urgency`, one of each.

    Raises InvalidValue naming all that is wrong: levels that are no names, holes, cells outside
    the scales or without a priority, an `assume` outside them; more than 20 levels.
    """

    name: str
    impacts: tuple[str, ...]
    urgencies: tuple[str, ...]
    cells: FrozenMap[str, str]
    assume: str = "medium"

    def __attrs_post_init__(self) -> None:
        if max(len(self.impacts), len(self.urgencies)) > MOST_LEVELS:
            raise InvalidValue(f"matrix {self.name}", f"has more than {MOST_LEVELS} levels")
        wanted = {f"{i}/{u}" for i in self.impacts for u in self.urgencies}
        wrong = [
            f"{level!r} cannot name a level"
            for level in dict.fromkeys((*self.impacts, *self.urgencies))
            if not level or level != level.strip() or "/" in level or level == UNKNOWN
        ]
        if holes := sorted(wanted - set(self.cells)):
            wrong.append(f"has no priority for {', '.join(holes)}")
        if extra := sorted(set(self.cells) - wanted):
            wrong.append(f"outside its scales: {', '.join(extra)}")
        wrong += [
            f"{cell}: {priority!r} is none of P1..P5"
            for cell, priority in self.cells.items()
            if priority not in Priority.__members__
        ]
        if "/".join(pair(self.assume)) not in wanted:
            wrong.append(f"assume {self.assume!r} is no level of both scales, nor impact/urgency")
        if wrong:
            raise InvalidValue(f"matrix {self.name}", "; ".join(wrong))

    def has(self, impact: str, urgency: str) -> bool:
        """Whether both levels are on the scales, or unknown."""
        return all(
            level == UNKNOWN or level in scale
            for level, scale in ((impact, self.impacts), (urgency, self.urgencies))
        )

    def check(self, field: str, level: str) -> str:
        """The level itself, refused when it is neither on the scale nor `unknown`."""
        scale = self.impacts if field == "impact" else self.urgencies
        if level != UNKNOWN and level not in scale:
            choices = ", ".join((*scale, UNKNOWN))
            raise InvalidValue(field, f"{level!r} is none of {choices}")
        return level


@attrs.frozen
class Drawn:
    """A priority and why."""

    priority: Priority
    provisional: bool
    reason: Reason


def prioritise(
    impact: str,
    urgency: str,
    matrix: Matrix,
    policy: str = "",
    overrides: tuple[Override, ...] = (),
    facts: Mapping[str, object] = _NO_FACTS,
) -> Drawn:
    """The priority of this impact and urgency, as the overrides leave it on these facts.

    Raises InvalidValue for a level that the matrix does not know.
    """
    priority, unknowns = draw(
        matrix.check("impact", impact),
        matrix.check("urgency", urgency),
        matrix.cells,
        matrix.assume,
    )
    inputs: FrozenMap[str, Plain] = FrozenMap(
        {
            "impact": impact,
            "urgency": urgency,
            "matrix": matrix.name,
            "cells": cast("Plain", matrix.cells),
            "assume": matrix.assume,
        }
    )
    if not overrides:
        reason = Reason(RULE, VERSION, inputs, priority.value, policy, unknowns)
        return Drawn(priority, bool(unknowns), reason)
    last = override(priority, overrides, facts)
    kept = inputs.with_("overrides", as_inputs(overrides)).with_("facts", last.read)
    missing = (*unknowns, *last.unknowns)
    reason = Reason(RULE, OVERRIDDEN, kept, last.priority.value, policy, missing)
    return Drawn(last.priority, bool(unknowns), reason)


def judge(inputs: Mapping[str, Plain]) -> str:
    """The priority drawn from plain inputs, through the overrides where there are any."""
    drawn, _ = _drawn(inputs)
    return overridden(inputs).priority.value if "overrides" in inputs else drawn.value


def overridden(inputs: Mapping[str, Plain]) -> Overridden:
    """What the overrides of a reason made of what its matrix gave."""
    drawn, _ = _drawn(inputs)
    return again(drawn, inputs)


def _drawn(inputs: Mapping[str, Plain]) -> tuple[Priority, tuple[str, ...]]:
    cells = inputs["cells"]
    table = FrozenMap({k: str(v) for k, v in cells.items()}) if isinstance(cells, dict) else None
    given = str(inputs["impact"]), str(inputs["urgency"])
    return draw(*given, table or FrozenMap(), str(inputs["assume"]))


def pair(written: str) -> tuple[str, str]:
    """Impact and urgency as policies write them: `impact/urgency`, or one level for both.

    >>> pair("site/today"), pair("high")
    (('site', 'today'), ('high', 'high'))
    """
    impact, slash, urgency = written.partition("/")
    return (impact, urgency) if slash else (written, written)


def draw(
    impact: str, urgency: str, cells: FrozenMap[str, str], assume: str
) -> tuple[Priority, tuple[str, ...]]:
    """The cell, and the inputs that were unknown."""
    unknowns = tuple(
        field for field, level in (("impact", impact), ("urgency", urgency)) if level == UNKNOWN
    )
    assumed = pair(assume)
    row = assumed[0] if impact == UNKNOWN else impact
    column = assumed[1] if urgency == UNKNOWN else urgency
    return Priority(cells[f"{row}/{column}"]), unknowns
