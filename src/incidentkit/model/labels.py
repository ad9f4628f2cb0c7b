"""How far a word may travel: a level of the Traffic Light Protocol, and compartments beside it.

Levels are those of TLP 2.0 (FIRST, 2022). A compartment narrows further, whatever the level is:
legal privilege, patient data, an insider list.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

import attrs

from incidentkit.errors import InvalidValue
from incidentkit.model import checks

COMPARTMENTS_LIMIT = 32


class Tlp(StrEnum):
    """The levels of TLP 2.0, the widest first; compare them by `rank`."""

    CLEAR = "clear"
    GREEN = "green"
    AMBER = "amber"
    AMBER_STRICT = "amber+strict"
    RED = "red"

    @property
    def rank(self) -> int:
        """0 for clear up to 4 for red.

        >>> Tlp.AMBER_STRICT.rank > Tlp.AMBER.rank
        True
        """
        return tuple(Tlp).index(self)


def tlp(value: Tlp | str) -> Tlp:
    """A level by its word. Raises InvalidValue."""
    return checks.member(Tlp, "level", value)


def _names(names: Iterable[str]) -> tuple[str, ...]:
    if isinstance(names, str):  # it would become its letters
        raise InvalidValue("compartments", f"must be names in a tuple, not {names[:80]!r}")
    found = tuple(sorted({checks.check_name(name, "compartments") for name in names}))
    checks.check_count(len(found), "compartments", COMPARTMENTS_LIMIT)
    return found


@attrs.frozen
class Label:
    """A level and the compartments; those are kept sorted, each once.

    Raises InvalidValue for a level or compartment that is none, LimitExceeded for more than 32.
    """

    level: Tlp
    compartments: tuple[str, ...] = attrs.field(default=(), converter=_names)

    def __str__(self) -> str:
        """As people write it.

        >>> str(Label(Tlp.AMBER_STRICT, ("patients", "legal")))
        'TLP:AMBER+STRICT (legal, patients)'
        """
        inside = f" ({', '.join(self.compartments)})" if self.compartments else ""
        return f"TLP:{self.level.upper()}{inside}"

    def covers(self, other: Label | None) -> bool:
        """Whether this label is at least as strict as the other: in level and in compartments."""
        return other is None or (
            self.level.rank >= other.level.rank
            and set(other.compartments) <= set(self.compartments)
        )


def highest(a: Label | None, b: Label | None) -> Label | None:
    """The label of two things put together: the stricter level, the compartments of both.

    What has no label adds nothing; None where neither has one. Whoever merges records uses this.

    >>> str(highest(Label(Tlp.RED), Label(Tlp.GREEN, ("legal",))))
    'TLP:RED (legal)'
    """
    if a is None or b is None:
        return b if a is None else a
    level = a.level if a.level.rank >= b.level.rank else b.level
    return Label(level, a.compartments + b.compartments)


def label_of(value: Label | Tlp | str) -> Label:
    """A label from what people write: a label, or the word of a level alone.

    Raises InvalidValue for a word that is no level.
    """
    return value if isinstance(value, Label) else Label(checks.member(Tlp, "label", value))


def optional_label(value: Label | Tlp | str | None) -> Label | None:
    """The same for a label that may be missing."""
    return None if value is None else label_of(value)
