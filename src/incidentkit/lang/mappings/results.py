"""What a mapping makes of an item: fields, a rejection, or nothing because it is not meant.

Nothing is lost on the way. What no rule read is handed back, and what was read is kept as sent
beside what was made of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import attrs


@attrs.frozen
class Mapped:
    """An item that was mapped."""

    path: str
    """Where the item stands in the document: `$root.alerts[3]`."""
    fields: Mapping[str, object] = attrs.field(hash=False)
    """The target fields that have a value."""
    sent: Mapping[str, object] = attrs.field(factory=dict[str, object], hash=False)
    """The value of each field as it was read, before it was made into the field's type."""
    unread: Mapping[str, object] = attrs.field(factory=dict[str, object], hash=False)
    """Everything in the item that is in no field: path (`$.generatorURL`) to value."""
    problems: tuple[tuple[str, str], ...] = ()
    """Fields whose value was refused, and why; a default or nothing took its place."""


@attrs.frozen
class Rejection:
    """An item that cannot be mapped, and why."""

    path: str
    problem: str


@attrs.frozen
class Skipped:
    """An item that the mapping's `when` did not choose; `unknowns` are names that it missed."""

    path: str
    unknowns: tuple[str, ...] = ()


Outcome: TypeAlias = Mapped | Rejection | Skipped
"""What became of one item."""
