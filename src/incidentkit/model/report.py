"""What one person reported: many reports to one incident, each told and confirmed by itself."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import attrs

from incidentkit.model import checks

NEVER = -1
"""A report whose reporter has not yet heard of any resolution."""


class ReportState(StrEnum):
    """Where a report stands between its reporter and the incident."""

    OPEN = "open"
    TOLD = "told"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"


@attrs.frozen
class Report:
    """One person's report at one version.

    `incident` is the id of the incident it belongs to, which changes when incidents are merged.
    `episode` counts how often that incident had been reopened when the reporter was last told of a
    resolution; `words` are the reporter's on confirming or rejecting it.
    """

    id: str
    ref: str
    version: int
    reporter: str = attrs.field(validator=checks.name)
    title: str = attrs.field(validator=checks.title)
    incident: str
    at: datetime = attrs.field(validator=checks.utc)
    text: str = attrs.field(default="", validator=checks.text())
    on_behalf_of: str | None = attrs.field(default=None, validator=checks.optional_name)
    location: str | None = attrs.field(default=None, validator=checks.optional_name)
    contact: str = attrs.field(default="", validator=checks.text(1_000))
    source: str = attrs.field(default="", validator=checks.text(checks.NAME_LIMIT))
    state: ReportState = ReportState.OPEN
    episode: int = NEVER
    words: str = attrs.field(default="", validator=checks.text())

    @property
    def status(self) -> ReportState:
        """Where it stands; prints as the word."""
        return self.state

    @property
    def hears(self) -> str:
        """Who is told: whoever it was reported for, else who reported it."""
        return self.on_behalf_of or self.reporter
