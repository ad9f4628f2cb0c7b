"""What lies over an incident's life-cycle, in a few words: for cards, briefs and explanations."""

from __future__ import annotations

from incidentkit.model.incident import Incident
from incidentkit.model.incident_task import IncidentTask
from incidentkit.model.words import MajorState
from incidentkit.timing.instants import show_instant
from incidentkit.views.text import listing, many, name, plain, quoted, words


def overlays(incident: Incident) -> str:
    """Status, major, public state, regions, legal hold; empty where there is nothing to say."""
    lie = incident.dossier.overlays
    status = f"status {quoted(lie.status, 120)}" if lie.status else ""
    major = "" if lie.major is MajorState.NONE else f"major {words(lie.major)}"
    public = "" if lie.public is None else f"public {words(lie.public.state)}"
    regions = (f"{plain(key)} {plain(value)}" for key, value in lie.regions.items())
    hold = lie.legal_hold
    held = "" if hold is None else f"legal hold since {show_instant(hold.since)}"
    return "; ".join(each for each in (status, major, public, *regions, held) if each)


def tasks(incident: Incident) -> str:
    """How many tasks are open, and which is due next; empty where there is none."""
    every = incident.dossier.tasks
    if not every:
        return ""
    pending = [task for task in every if task.pending]
    due = sorted((x.due_at, x.id) for x in pending if x.due_at is not None)
    late = sum(x.overdue_at is not None for x in pending)
    return listing(
        (
            f"{len(pending)} of {many(len(every), 'task')} open",
            f"{late} late" if late else "",
            f"next {plain(due[0][1])} due {show_instant(due[0][0])}" if due else "",
        )
    )


def task(each: IncidentTask) -> str:
    """One task as one line."""
    said = listing(
        (
            name(each.assignee) if each.assignee else "nobody's",
            f"due {show_instant(each.due_at)}" if each.due_at is not None else "",
            f"late since {show_instant(each.overdue_at)}" if each.overdue_at is not None else "",
            f"after {listing(tuple(map(name, each.depends_on)))}" if each.depends_on else "",
            f"done by {name(each.done_by)}" if each.done_by else "",
        )
    )
    return f"{plain(each.id)} {words(each.state)} [{plain(each.phase)}] {plain(each.title)}: {said}"
