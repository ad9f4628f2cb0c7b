"""The journal: everything that happened to a record, append-only; on an incident, its timeline."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

import attrs

from incidentkit.model.reason import Reason
from incidentkit.model.showing import Shown


class Event(Shown):
    """Something that happened, in the past tense. Concrete events are frozen values.

    `RAW` names a field that holds somebody else's text, kept as it is instead of inside JSON.
    """

    __slots__ = ()
    RAW: ClassVar[str] = ""

    def __eq__(self, other: object) -> bool:
        """Events without fields are equal when they are of one kind."""
        return type(self) is type(other)

    def __hash__(self) -> int:
        """Equal events hash alike."""
        return hash(type(self))


@attrs.frozen
class Recorded:
    """An event as it goes into the journal: when, who did it, for whom, and why.

    `cause` names the entry that made this one happen (`stream#seq`), or is empty.
    """

    at: datetime
    by: str
    event: Event
    reason: Reason | None = None
    on_behalf_of: str = ""
    cause: str = ""


@attrs.frozen
class JournalEntry:
    """A recorded event read back from its stream. `recorded` is None once redacted."""

    stream: str
    seq: int
    at: datetime
    kind: str
    recorded: Recorded | None
