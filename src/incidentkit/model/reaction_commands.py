"""What one record asks of another because of what happened: never asked by a person.

They stand beside the everyday commands in the table of reactions (`incidentkit.rules.react`).
"""

from __future__ import annotations

from datetime import datetime

import attrs

from incidentkit.model.incident import Link
from incidentkit.model.incident_commands import Command
from incidentkit.model.journal import Event


@attrs.frozen(repr=False)
class Mirror(Command):
    """Have this link, or not: the other end has its inverse, or has it no longer."""

    action = "mirror"
    link: Link
    stands: bool


@attrs.frozen(repr=False)
class Record(Command):
    """Let this event be known on the record; it asks for no decision."""

    action = "record"
    event: Event


@attrs.frozen(repr=False)
class Call(Command):
    """Page whoever works on it for an occasion, where the policy says that it calls."""

    action = "call"
    occasion: str
    text: str


@attrs.frozen(repr=False)
class PageSooner(Command):
    """Make the next round of pages due now."""

    action = "page_sooner"
    at: datetime
