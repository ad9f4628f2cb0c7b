"""The life of a person's report: told of a resolution, and confirmed or rejected by the reporter.

It goes through this once an episode: when the incident is reopened and resolved again, its
reporters are told and asked again.
"""

from __future__ import annotations

from datetime import datetime

import attrs

from incidentkit.errors import InvalidValue, MissingFields, TransitionNotAllowed
from incidentkit.model import report_changes as r
from incidentkit.model.incident import Incident
from incidentkit.model.incident_commands import Command
from incidentkit.model.journal import Event
from incidentkit.model.report import NEVER, Report, ReportState
from incidentkit.model.words import State
from incidentkit.rules.custody import REDACTED
from incidentkit.rules.table import Elsewhere

_OVER = frozenset((State.RESOLVED, State.CLOSED))


def birth(v: r.ReportReceived, at: datetime) -> Report:
    """The report that came in, at version 1."""
    return Report(
        v.id,
        v.ref,
        1,
        v.reporter,
        v.title,
        v.incident,
        at,
        v.text,
        v.on_behalf_of,
        v.location,
        v.contact,
        v.source,
    )


def evolve(report: Report, event: Event, _at: datetime) -> Report:
    """The report after the event, one version on."""
    nxt = report.version + 1
    if isinstance(event, r.ReportMoved):
        # Whatever was said of the end of the other incident says nothing of this one's.
        state = ReportState.OPEN
        return attrs.evolve(
            report, version=nxt, incident=event.incident, state=state, episode=NEVER, words=""
        )
    if isinstance(event, r.ReportTold):
        state, episode = ReportState.TOLD, event.episode
        return attrs.evolve(report, version=nxt, state=state, episode=episode, words="")
    if isinstance(event, r.ResolutionConfirmed):
        return attrs.evolve(report, version=nxt, state=ReportState.CONFIRMED, words=event.text)
    if isinstance(event, r.ResolutionRejected):
        return attrs.evolve(report, version=nxt, state=ReportState.REJECTED, words=event.reason)
    if isinstance(event, r.ReportRedacted):
        return attrs.evolve(
            report, version=nxt, title=REDACTED, text="", contact="", location=None, words=""
        )
    return attrs.evolve(report, version=nxt)


def asleep(_: Report) -> None:
    """A report has nothing to be woken for."""


def wake(_report: Report, _at: datetime) -> tuple[Event, ...]:
    """Time alone changes nothing about a report."""
    return ()


def elsewhere(_report: Report, _event: Event) -> tuple[Elsewhere, ...]:
    """Nobody hears of it by a reaction: what it means for its incident is in the same commit."""
    return ()


def owes_telling(report: Report, incident: Incident) -> bool:
    """Whether the reporter has not yet heard that the incident is resolved, this time."""
    over = incident.life.state is State.RESOLVED and report.incident == incident.id
    return over and report.episode != incident.life.reopened


def stands(report: Report, incident: Incident) -> ReportState:
    """Where the report stands in this episode: what was said of an earlier one counts no more.

    Whoever was not told yet is as good as told: people see that it works before they read it.
    """
    if report.state is ReportState.REJECTED and report.episode != incident.life.reopened:
        return ReportState.OPEN
    return report.state


def decide(report: Report, command: Command, incident: Incident) -> tuple[Event, ...]:
    """The events of a command on a report.

    Raises TransitionNotAllowed while the incident is not resolved, or where a no was said already;
    MissingFields for a no without a reason.
    """
    if isinstance(command, r.ConfirmResolution):
        _over(report, command, incident)
        if stands(report, incident) is ReportState.CONFIRMED:
            return ()
        return (r.ResolutionConfirmed(command.text),)
    if isinstance(command, r.RejectResolution):
        _over(report, command, incident)
        if not command.reason:
            raise MissingFields(report.ref, command.action, ("reason",))
        if stands(report, incident) is ReportState.REJECTED:
            allowed = ("confirm_resolution",)
            raise TransitionNotAllowed(report.ref, "rejected", command.action, allowed)
        return (r.ResolutionRejected(command.reason),)
    raise InvalidValue("command", f"{command.action} is nothing that can be done to a report")


def _over(report: Report, command: Command, incident: Incident) -> None:
    if incident.life.state not in _OVER:
        state = f"for {incident.ref}, which is {incident.life.state.value}"
        raise TransitionNotAllowed(report.ref, state, command.action, ("note", "reply"))
