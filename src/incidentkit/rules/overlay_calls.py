"""Whom an event beside the life-cycle calls at once: the duty for a major, the doer for a task."""

from __future__ import annotations

from collections.abc import Mapping

from incidentkit.model import incident_task_changes as t
from incidentkit.model import major_changes as m
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.incident import Incident
from incidentkit.model.journal import Event
from incidentkit.model.reason import Plain, Reason
from incidentkit.rules import escalate
from incidentkit.rules.escalate import PagingTerms, Round
from incidentkit.rules.overlay_terms import OverlayTerms
from incidentkit.timing.instants import show_instant

RULE = "major.call"


def called(
    incident: Incident, event: Event, paging: PagingTerms, terms: OverlayTerms, policy: str = ""
) -> tuple[Round, str] | None:
    """The page that an event asks for and what it says; None where it asks for none."""
    if isinstance(event, t.TaskOverdue):
        about = f"task {event.task} was due {show_instant(event.due_at)}: {event.title}"
        to = event.assignee or ""
        found = escalate.call(
            incident, "task_overdue", paging, policy, leads=terms.paged_roles, to=to
        )
        return None if found is None else (found, about)
    said = _major(event)
    if said is None or not incident.active:
        return None
    occasion, about = said
    inputs: FrozenMap[str, Plain] = FrozenMap(
        {
            "occasion": occasion,
            "calls": paging.calls,
            "duty": terms.major.duty,
            "fallback": paging.fallback,
        }
    )
    to_whom = judge(inputs)
    return Round(0, to_whom, None, Reason(RULE, 1, inputs, to_whom, policy)), about


def _major(event: Event) -> tuple[str, str] | None:
    if isinstance(event, m.MajorProposed):
        why = event.why or event.rule
        return "major_proposed", f"proposed as a major incident{f': {why}' if why else ''}"
    if isinstance(event, m.MajorAccepted) and event.rule:
        return "major_proposed", f"a major incident from now on: {event.why or event.rule}"
    if isinstance(event, m.MajorUnanswered):
        return "major_proposed", "nobody has answered whether it is a major incident"
    if isinstance(event, m.MajorUnstaffed):
        return "major_unstaffed", f"a major incident without {', '.join(event.missing)}"
    return None


def judge(inputs: Mapping[str, Plain]) -> tuple[str, ...]:
    """Whom an occasion of a major calls, whatever its priority: the duty, else the fallback."""
    calls = inputs["calls"]
    if not isinstance(calls, tuple) or inputs["occasion"] not in calls:
        return ()
    return (str(inputs["duty"] or inputs["fallback"]),)
