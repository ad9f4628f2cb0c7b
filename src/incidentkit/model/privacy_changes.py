"""Who may see an incident at all: private incidents, and breaking the glass to reach one.

A private incident is there for its participants and for the parties it names, and for nobody else:
to everybody else it looks as if it did not exist. Breaking the glass is the way round, for a
person who has to get in at once: for a reason, for a while, and never in silence.
"""

from __future__ import annotations

from datetime import datetime

import attrs

from incidentkit.model import checks
from incidentkit.model.incident_commands import Command
from incidentkit.model.journal import Event


@attrs.frozen(repr=False)
class MakePrivate(Command):
    """Only its participants, and the parties in `admits`, may see it from now on: why.

    Said again it replaces who is admitted.
    """

    action = "make_private"
    reason: str = attrs.field(default="", validator=checks.text())
    admits: tuple[str, ...] = attrs.field(default=(), converter=checks.to_names)


@attrs.frozen(repr=False)
class LiftPrivacy(Command):
    """It need no longer be private: why."""

    action = "lift_privacy"
    reason: str = attrs.field(default="", validator=checks.text())


@attrs.frozen(repr=False)
class BreakGlass(Command):
    """Let me in at once, though I may not see it: why. The policy says who may, and for how long.

    It is journaled, its owner is told, and a task to look into it is left behind.
    """

    action = "break_glass"
    reason: str = attrs.field(default="", validator=checks.text())


@attrs.frozen(repr=False)
class PrivacySet(Event):
    """Only participants and those admitted may see it: why."""

    why: str
    admits: tuple[str, ...] = ()


@attrs.frozen(repr=False)
class PrivacyLifted(Event):
    """It is no longer private: why."""

    why: str


@attrs.frozen(repr=False)
class GlassBroken(Event):
    """Somebody let themselves in until then, for a reason."""

    party: str
    until: datetime
    why: str
