"""How far it reaches: an assessment for each dimension, and intervals of impaired places.

An assessment says how bad it is in one dimension on that dimension's own scale. An interval says
that one component, location or service was impaired from then until then.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import attrs

from incidentkit.errors import InvalidValue
from incidentkit.model import checks
from incidentkit.model.words import UNKNOWN
from incidentkit.timing.intervals import Interval

DIMENSIONS = ("people", "service", "data", "money", "environment", "reputation")
"""The dimensions that the default policy has; a policy may have others."""


class Certainty(StrEnum):
    """How sure a number is; that nobody knows it is a value too."""

    KNOWN = "known"
    ESTIMATED = "estimated"
    UNKNOWN = "unknown"


def certainty(value: Certainty | str) -> Certainty:
    """A certainty by its word. Raises InvalidValue."""
    return checks.member(Certainty, "certainty", value)


class Place(StrEnum):
    """What is impaired during an impact interval."""

    COMPONENT = "component"
    LOCATION = "location"
    SERVICE = "service"


def place(value: Place | str) -> Place:
    """A kind of place by its word. Raises InvalidValue."""
    return checks.member(Place, "kind", value)


@attrs.frozen
class Count:
    """How many are concerned: people, records, euros; `unit` says of what.

    Raises InvalidValue for a number that is called unknown, a missing one that is called known,
    one below zero, and one beyond 64 bits.
    """

    number: int | None = None
    certainty: Certainty = Certainty.UNKNOWN
    unit: str = attrs.field(default="", validator=checks.text(checks.NAME_LIMIT))

    def __attrs_post_init__(self) -> None:
        if (self.number is None) is not (self.certainty is Certainty.UNKNOWN):
            raise InvalidValue("count", "an unknown count has no number, every other has one")
        if self.number is not None and not 0 <= self.number < 2**63:
            raise InvalidValue("count", "must be a whole number from 0 up to 64 bits")

    def __str__(self) -> str:
        """The number with its unit and how sure it is.

        >>> print(Count(1200, Certainty.ESTIMATED, "customers"))
        about 1200 customers
        """
        if self.number is None:
            return f"an unknown number of {self.unit}" if self.unit else "an unknown number"
        about = "about " if self.certainty is Certainty.ESTIMATED else ""
        return f"{about}{self.number} {self.unit}".rstrip()


UNCOUNTED = Count()


@attrs.frozen
class ImpactAssessment:
    """How bad it is in one dimension, as somebody judged it. The last one of a dimension stands.

    `level` is one of the dimension's scale in the policy, or `unknown`; `scope` says in words whom
    or what it reaches.
    """

    dimension: str = attrs.field(validator=checks.name)
    level: str = attrs.field(default=UNKNOWN, validator=checks.name)
    scope: str = attrs.field(default="", validator=checks.text())
    count: Count = UNCOUNTED
    by: str = ""
    at: datetime | None = attrs.field(default=None, validator=checks.optional_utc)


@attrs.frozen
class ImpactInterval:
    """One place that was impaired, how badly, from when until when; an open one still is.

    `withdrawn` says why it was none after all; it then counts for nothing.
    """

    id: str
    kind: Place
    place: str = attrs.field(validator=checks.name)
    level: str = attrs.field(validator=checks.name)
    interval: Interval
    note: str = attrs.field(default="", validator=checks.text())
    withdrawn: str = attrs.field(default="", validator=checks.text())
