"""What can be asked of a report, and what happened to it."""

from __future__ import annotations

import attrs

from incidentkit.model import checks
from incidentkit.model.incident_commands import Command
from incidentkit.model.journal import Event


@attrs.frozen(repr=False)
class ReportCommand(Command):
    """The base of commands on a report."""

    about = "report"


@attrs.frozen(repr=False)
class ConfirmResolution(ReportCommand):
    """The reporter says that it is solved."""

    action = "confirm_resolution"
    text: str = attrs.field(default="", validator=checks.text())


@attrs.frozen(repr=False)
class RejectResolution(ReportCommand):
    """The reporter says that it is not: the incident is reopened with this reason."""

    action = "reject_resolution"
    reason: str = attrs.field(default="", validator=checks.text())


@attrs.frozen(repr=False)
class ReportReceived(Event):
    """Somebody reported something; it belongs to that incident."""

    id: str
    ref: str
    reporter: str
    title: str
    incident: str
    incident_ref: str
    text: str = ""
    on_behalf_of: str | None = None
    location: str | None = None
    contact: str = ""
    source: str = ""


@attrs.frozen(repr=False)
class JoinSuggested(Event):
    """It looks like a report of an incident that is open already; a person may join them."""

    incident: str
    ref: str


@attrs.frozen(repr=False)
class ReportMoved(Event):
    """It belongs to another incident from now on."""

    incident: str
    ref: str
    was: str
    why: str = ""


@attrs.frozen(repr=False)
class ReportTold(Event):
    """Its reporter was told that the incident is resolved, and asked whether it is."""

    to: str
    episode: int


@attrs.frozen(repr=False)
class ResolutionConfirmed(Event):
    """The reporter says that it is solved."""

    text: str = ""


@attrs.frozen(repr=False)
class ResolutionRejected(Event):
    """The reporter says that it is not solved."""

    reason: str


class ReportRedacted(Event):
    """What the report said was dropped; that it came in, when and from whom stays."""
