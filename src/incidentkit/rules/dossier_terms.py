"""What a host may set about the reach of incidents and about what is found out of them."""

from __future__ import annotations

import attrs

from incidentkit.errors import InvalidValue
from incidentkit.model.causes import CAUSE_CATEGORIES
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.impact import DIMENSIONS

NONE = "none"
"""The level that says: not impaired in this dimension. It folds into the least impact."""
LEVELS = ("severe", "major", "moderate", "minor", NONE)
"""The scale that a dimension has unless a policy gives it another, the worst first."""
IMPACTS = ("high", "medium", "low")


def spread(levels: tuple[str, ...], impacts: tuple[str, ...]) -> FrozenMap[str, str]:
    """A fold where none is written: the levels spread evenly over the impacts, `none` the least.

    >>> dict(spread(("severe", "major", "moderate", "minor", "none"), ("high", "medium", "low")))
    {'severe': 'high', 'major': 'high', 'moderate': 'medium', 'minor': 'low', 'none': 'low'}
    """
    some = [level for level in levels if level != NONE]
    fold = {level: impacts[at * len(impacts) // len(some)] for at, level in enumerate(some)}
    return FrozenMap({level: fold.get(level, impacts[-1]) for level in levels})


FOLD = spread(LEVELS, IMPACTS)


@attrs.frozen
class Dimension:
    """One dimension of impact: its scale, the worst level first, and the impact of each level."""

    name: str
    levels: tuple[str, ...] = LEVELS
    fold: FrozenMap[str, str] = FOLD
    description: str = ""

    def __attrs_post_init__(self) -> None:
        if missing := [level for level in self.levels if level not in self.fold]:
            raise InvalidValue("fold", f"has no impact for {', '.join(missing)}")


_DIMENSIONS: FrozenMap[str, Dimension] = FrozenMap({x: Dimension(x) for x in DIMENSIONS})
_NO_FACTS: FrozenMap[str, str] = FrozenMap()


@attrs.frozen
class DossierTerms:
    """What a host may set about an incident's dossier.

    `impacts` are the levels of impact of the matrix, the worst first. `facts` maps each declared
    key to the word of its `FactType`. In a `closed` world only declared facts, listed services and
    listed categories of causes are accepted.
    """

    impacts: tuple[str, ...] = IMPACTS
    dimensions: FrozenMap[str, Dimension] = _DIMENSIONS
    facts: FrozenMap[str, str] = _NO_FACTS
    cause_categories: tuple[str, ...] = CAUSE_CATEGORIES
    services: tuple[str, ...] = ()
    closed: bool = False


DEFAULT_TERMS = DossierTerms()
