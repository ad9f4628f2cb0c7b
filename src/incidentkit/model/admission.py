"""Who was let in to what few may see, and who read it: two small records beside an incident.

A set of participants is no index column. So whoever becomes one of an incident that is private or
labelled leaves an `Admission`, one row for a party and an incident; a reader's scope starts from
these rows and is checked against the incident itself, so that one too many opens nothing.
"""

from __future__ import annotations

import attrs

from incidentkit.model import checks
from incidentkit.model.journal import Event


@attrs.frozen
class Admission:
    """A party had to do with an incident that few may see. It is never changed.

    It is a place to look, and no right: whether the party still has to do with it, the incident
    says.
    """

    id: str
    version: int
    party: str = attrs.field(validator=checks.name)
    incident: str = attrs.field(validator=checks.name)


@attrs.frozen
class Readings:
    """The journal of who read one record under a strict label; `id` is that of the record."""

    id: str
    version: int
    subject: str


@attrs.frozen(repr=False)
class Admitted(Event):
    """A party became one of those who have to do with an incident."""

    party: str


@attrs.frozen(repr=False)
class RecordRead(Event):
    """What stands under a strict label was read: by which call, and the label it had then."""

    what: str
    label: str
