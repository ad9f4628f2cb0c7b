"""Events that records other than incidents have in common: links, answers, alerts let go."""

from __future__ import annotations

import attrs

from incidentkit.model.incident import Link
from incidentkit.model.journal import Event


@attrs.frozen(repr=False)
class RecordLinked(Event):
    """Tied to another record; the other end has the inverse."""

    link: Link


@attrs.frozen(repr=False)
class RecordUnlinked(Event):
    """A tie was taken away."""

    link: Link


@attrs.frozen(repr=False)
class MessageAnswered(Event):
    """A recipient answered a message about this record: has seen it, or wrote something."""

    party: str
    text: str = ""


@attrs.frozen(repr=False)
class AlertsReleased(Event):
    """The alerts that it had held back and that still fired were decided again.

    `cleared` had cleared by themselves meanwhile. `more`: the next of them follow at once.
    """

    decided: int
    cleared: int = 0
    more: bool = False
