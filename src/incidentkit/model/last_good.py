"""What a host's directory last said of somebody, kept for the night when it does not answer.

It is a record, so that a process that has just been started knows it too.
"""

from __future__ import annotations

from datetime import datetime

import attrs

from incidentkit.model import checks
from incidentkit.model.journal import Event
from incidentkit.model.people import Contact


@attrs.frozen
class LastGood:
    """How a party was reached when the directory last answered, and when that was.

    `at` is renewed at most once an hour while the answer is the same.
    """

    id: str
    version: int
    party: str
    contacts: tuple[Contact, ...]
    members: tuple[str, ...]
    revision: str
    at: datetime = attrs.field(validator=checks.utc)


@attrs.frozen(repr=False)
class DirectoryAnswered(Event):
    """The directory said something new of a party, or the same again after a while."""

    party: str
    revision: str
    contacts: int
    members: int
