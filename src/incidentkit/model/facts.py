"""Facts: assertions with a value, a source, and the two times that every assertion has.

`occurred_at` is what the fact is about, `known_at` is since when it was known to whoever handles
the incident; the entry in the journal adds when it was written down. So it can be told at any time
what was known at any other.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import attrs

from incidentkit.model import checks
from incidentkit.model.labels import Label
from incidentkit.model.reason import Plain

VALUE_LIMIT = 4_096
"""How many characters the text of a fact may have, or the texts of a list together."""


class Confidence(StrEnum):
    """How much an assertion can be relied on; compare them by `rank`."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"

    @property
    def rank(self) -> int:
        """0 for low, 2 for high."""
        return tuple(Confidence).index(self)


def confidence(value: Confidence | str) -> Confidence:
    """A confidence by its word. Raises InvalidValue."""
    return checks.member(Confidence, "confidence", value)


@attrs.frozen
class Fact:
    """One assertion. A value of None says: this is not known any more.

    `type` is the word of a `FactType`. Decimals, instants and durations are kept as text in their
    written form, a list as a tuple of text.
    """

    key: str = attrs.field(validator=checks.name)
    type: str
    value: Plain
    known_at: datetime = attrs.field(validator=checks.utc)
    occurred_at: datetime | None = attrs.field(default=None, validator=checks.optional_utc)
    source: str = attrs.field(default="", validator=checks.text(checks.NAME_LIMIT))
    confidence: Confidence = Confidence.MEDIUM
    label: Label | None = None
