"""What the host's own rules did to an incident, put off, left or could not do; and why."""

from __future__ import annotations

from collections.abc import Sequence

from incidentkit.model import automation as a
from incidentkit.model.incident import Incident
from incidentkit.model.journal import Event, JournalEntry
from incidentkit.views.explanation import Explanation, found, reasons, told
from incidentkit.views.text import many, plain, quoted

_EVENTS: tuple[type[Event], ...] = (
    a.Automated,
    a.AutomationPutOff,
    a.AutomationSkipped,
    a.AutomationFailed,
)


def explain_automation(
    incident: Incident, entries: Sequence[JournalEntry], topic: str = "automation"
) -> Explanation:
    """Every firing of a rule, with the condition that held."""
    steps = tuple(entry for entry, _ in found(entries, _EVENTS))
    fired = sum(1 for _, event in found(entries, a.Automated) if not event.dry_run)
    answer = f"{many(fired, 'rule')} of automation acted on {plain(incident.ref)}"
    lines: list[str] = []
    for entry in steps:
        lines.append(told(entry))
        reason = None if entry.recorded is None else entry.recorded.reason
        if reason is not None:
            lines.append(f"  because {quoted(str(reason.inputs['when']))} was true")
    return Explanation(topic, answer, reasons(steps), tuple(lines))
