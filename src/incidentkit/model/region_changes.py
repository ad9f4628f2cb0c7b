"""Regions that a host declares beside the life-cycle: the command, and the event."""

from __future__ import annotations

import attrs

from incidentkit.model import checks
from incidentkit.model.incident_commands import Command
from incidentkit.model.journal import Event


@attrs.frozen(repr=False)
class MoveRegion(Command):
    """Move one region of the policy to another of its states."""

    action = "move_region"
    region: str = attrs.field(validator=checks.name)
    to: str = attrs.field(validator=checks.name)
    reason: str = attrs.field(default="", validator=checks.text())


@attrs.frozen(repr=False)
class RegionMoved(Event):
    """A region stands elsewhere now; `move` is what the policy calls the way there."""

    region: str
    to: str
    was: str
    move: str
    why: str = ""
