"""Keeping and taking away: legal hold, redaction, and closing by itself.

A legal hold is the duty to preserve what may be evidence (Fed. R. Civ. P. 37(e); in Europe mostly a
contract's or a regulator's); while it lasts nothing of the incident is taken away, and it does not
close by itself.
"""

from __future__ import annotations

from datetime import datetime

import attrs

from incidentkit.model import checks
from incidentkit.model.incident_commands import Command
from incidentkit.model.journal import Event


@attrs.frozen(repr=False)
class PlaceLegalHold(Command):
    """Nothing of it may be taken away until the hold is lifted: why."""

    action = "place_legal_hold"
    reason: str = attrs.field(default="", validator=checks.text())


@attrs.frozen(repr=False)
class LiftLegalHold(Command):
    """It need no longer be preserved: why."""

    action = "lift_legal_hold"
    reason: str = attrs.field(default="", validator=checks.text())


@attrs.frozen(repr=False)
class Redact(Command):
    """Drop what these entries of its journal say, by number: why. `Desk.redact` carries it out."""

    action = "redact"
    seqs: tuple[int, ...] = attrs.field(default=(), converter=checks.to_seqs)
    reason: str = attrs.field(default="", validator=checks.text())


@attrs.frozen(repr=False)
class LegalHoldPlaced(Event):
    """It must be preserved as it is, and who said so."""

    why: str
    by: str


@attrs.frozen(repr=False)
class LegalHoldLifted(Event):
    """It need no longer be preserved."""

    why: str


@attrs.frozen(repr=False)
class Redacted(Event):
    """The content of these entries was dropped; that they stood there, when and by whom stays.

    `also` are entries of other journals that said the same (`report/ID#1`), `card` the fields of
    the incident that stood as these entries had set them.
    """

    seqs: tuple[int, ...]
    why: str
    also: tuple[str, ...] = ()
    card: tuple[str, ...] = ()


@attrs.frozen(repr=False)
class AutoClosePlanned(Event):
    """When it closes by itself; None means that it does not, and `why` says what hinders it."""

    closes_at: datetime | None
    why: str = ""
