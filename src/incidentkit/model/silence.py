"""The silence: alerts of a kind page nobody for a while, and why."""

from __future__ import annotations

from datetime import datetime

import attrs

from incidentkit.ids import SilenceId
from incidentkit.model import checks
from incidentkit.model.incident_commands import Command
from incidentkit.model.journal import Event
from incidentkit.model.words import SilenceState


@attrs.frozen
class Silence:
    """One silence at one version; `when` is a condition over alerts.

    `release_at` is when the alerts that it held must be decided again, while that is owed. Of the
    alerts that it held, `released` still fired at its end and `cleared` had cleared by then.
    """

    id: SilenceId
    ref: str
    version: int
    when: str = attrs.field(validator=checks.title)
    reason: str = attrs.field(validator=checks.title)
    owner: str = attrs.field(validator=checks.name)
    starts_at: datetime = attrs.field(validator=checks.utc)
    until: datetime = attrs.field(validator=checks.utc)
    state: SilenceState = SilenceState.ACTIVE
    since: datetime | None = attrs.field(default=None, validator=checks.optional_utc)
    release_at: datetime | None = attrs.field(default=None, validator=checks.optional_utc)
    released: int = 0
    cleared: int = 0

    @property
    def held(self) -> int:
        """How many alerts it held back; known once it has ended."""
        return self.released + self.cleared

    @property
    def title(self) -> str:
        """What people call it."""
        return self.reason

    @property
    def status(self) -> SilenceState:
        """Where it stands; prints as the word."""
        return self.state


@attrs.frozen(repr=False)
class SilenceAlerts(Command):
    """Page nobody for alerts of which a condition is true, until then.

    `subject` is the condition; `starts_at` is now unless given.
    """

    action = "silence"
    begins = True
    about = "silence"

    until: datetime | None = attrs.field(default=None, converter=checks.to_optional_utc)
    reason: str = attrs.field(default="", validator=checks.text(checks.TITLE_LIMIT))
    starts_at: datetime | None = attrs.field(default=None, converter=checks.to_optional_utc)


@attrs.frozen(repr=False)
class EndSilence(Command):
    """End it before its time; alerts that still fire are decided again."""

    action = "end_silence"
    about = "silence"

    reason: str = attrs.field(default="", validator=checks.text())


@attrs.frozen(repr=False)
class SilenceBegun(Event):
    """Somebody silenced alerts."""

    id: str
    ref: str
    when: str
    reason: str
    owner: str
    starts_at: datetime
    until: datetime


@attrs.frozen(repr=False)
class SilenceEnded(Event):
    """Its time was over, or somebody ended it before, and why."""

    why: str = ""
