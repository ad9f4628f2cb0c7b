"""What was said to whom and why, and which alerts belong to an incident."""

from __future__ import annotations

from collections.abc import Sequence

from incidentkit.model import incident_events as e
from incidentkit.model.alert import AlertJudged
from incidentkit.model.incident import Incident
from incidentkit.model.journal import Event, JournalEntry
from incidentkit.model.reason import Reason
from incidentkit.model.words import MessageKind
from incidentkit.rules import communicate, suppress_alerts
from incidentkit.timing.instants import show_instant
from incidentkit.views.explanation import Explanation, found, listed, reasons, redacted, told
from incidentkit.views.text import many, name, plain, reason_of, suffix, who

_ALERTS: tuple[type[Event], ...] = (e.AlertJoined, e.AlertCleared, e.AlertRefired)


def explain_notices(
    incident: Incident, entries: Sequence[JournalEntry], topic: str = "notice"
) -> Explanation:
    """Every notice and reply, by which rule of the policy, and what became of the messages."""
    sent = found(entries, e.NoticeQueued)
    if not sent:
        gone = redacted(entries, "notice_queued")
        return Explanation(topic, f"nobody was told anything about {plain(incident.ref)}{gone}")
    audiences = ", ".join(dict.fromkeys(name(event.audience) for _, event in sent))
    lines: list[str] = []
    for entry in entries:
        event = None if entry.recorded is None else entry.recorded.event
        reason = reason_of(entry)
        if isinstance(event, e.NoticeQueued):
            why = _by(entry) if reason is None else f" because {why_told(reason)}"
            count = many(event.recipients, "message")
            text = f"{name(event.audience)} ({count}){why}: {plain(event.text)}"
            lines.append(f"{show_instant(entry.at)}  {text}{suffix(reason) if reason else ''}")
        elif isinstance(event, e.DeliverySettled) and event.kind is MessageKind.NOTICE:
            lines.append(told(entry))
    answer = f"{many(len(sent), 'notice')} to {audiences}"
    return Explanation(topic, answer, reasons(entry for entry, _ in sent), tuple(lines))


def _by(entry: JournalEntry) -> str:
    """Whose command it came with; it may have been about something else, as a resolution is."""
    return "" if entry.recorded is None else f" by {who(entry.recorded)}"


def why_told(reason: Reason) -> str:
    """Why a notice was owed, from the inputs of the rule alone."""
    inputs = reason.inputs
    if reason.rule != communicate.RULE:
        return plain(str(reason))
    when = listed(inputs.get("when", ""))
    rule = listed(inputs.get("notice", ""))
    return f"it was {listed(inputs.get('event', ''))} and {when} (notice '{rule}')"


def explain_alerts(
    incident: Incident, entries: Sequence[JournalEntry], topic: str = "alerts"
) -> Explanation:
    """The alerts that joined, cleared and fired again.

    Why each of them was joined stands in the journals of the alerts; entries of theirs that are
    handed in as well are told too.
    """
    ties = incident.ties
    steps = tuple(entry for entry, _ in found(entries, (*_ALERTS, AlertJudged)))
    if not steps and not ties.alerts:
        gone = redacted(entries, "alert_joined")
        return Explanation(topic, f"no alert belongs to {plain(incident.ref)}{gone}")
    firing = f"{ties.firing} still firing" if ties.firing else "none firing"
    answer = f"{many(ties.alerts, 'alert')} joined, {firing}"
    rated = tuple(
        entry
        for entry, _ in found(entries, e.Rated)
        if (reason := reason_of(entry)) is not None and reason.rule == "rate.by_severity"
    )
    lines = tuple(_told(entry) for entry in sorted((*steps, *rated), key=lambda x: x.at))
    return Explanation(topic, answer, reasons((*steps, *rated)), lines)


def why_held(reason: Reason) -> str:
    """Why an alert was held back, from the inputs of the rule alone."""
    inputs = reason.inputs
    by, until = listed(inputs.get("by")), listed(inputs.get("until"))
    return f"{by} holds back alerts of which {listed(inputs.get('when'))}, until {until}"


def _told(entry: JournalEntry) -> str:
    recorded = entry.recorded
    if recorded is not None and isinstance(recorded.event, AlertJudged):
        to = f" {plain(recorded.event.incident)}" if recorded.event.incident else ""
        reason = recorded.reason
        why = ""
        if reason is not None and reason.rule == suppress_alerts.RULE:
            why = f" ({why_held(reason)}){suffix(reason)}"
        elif reason is not None:
            rule = listed(reason.inputs.get("matched", ""))
            by = f"by alert rule '{rule}'" if rule else "by default"
            why = f" ({listed(reason.inputs.get('severity', ''))}, {by}){suffix(reason)}"
        return f"{show_instant(entry.at)}  an alert was judged: {recorded.event.verdict}{to}{why}"
    return told(entry)
