"""Why it is a major incident, who has which role, what is to be done, whether it closes itself."""

from __future__ import annotations

from collections.abc import Sequence

from incidentkit.model import custody_changes as k
from incidentkit.model import handover_changes as h
from incidentkit.model import incident_events as e
from incidentkit.model import incident_task_changes as i
from incidentkit.model import major_changes as m
from incidentkit.model.incident import Incident
from incidentkit.model.journal import Event, JournalEntry
from incidentkit.model.public_changes import PublicStated
from incidentkit.model.words import MajorState
from incidentkit.rules.custody import held
from incidentkit.rules.major import MAJOR_WAYS
from incidentkit.rules.ways import allowed
from incidentkit.timing.instants import show_instant
from incidentkit.views import beside
from incidentkit.views.explanation import Explanation, found, reasons, told
from incidentkit.views.text import listing, name, plain, roles, words

_MAJOR: tuple[type[Event], ...] = (
    m.MajorProposed, m.MajorAccepted, m.MajorRejected, m.MajorStoodDown, m.MajorDemoted,
    m.MajorUnanswered, m.MajorStaffing, m.MajorUnstaffed, e.ProblemProposed,
)  # fmt: skip
_ROLES: tuple[type[Event], ...] = (
    e.Assigned, e.OwnerChanged, e.TeamChanged, e.RoleTaken, e.RoleLeft, h.HandoverOffered,
    h.HandoverBriefed, h.HandoverAccepted, h.HandoverDeclined, h.HandoverWithdrawn,
)  # fmt: skip
_TASKS: tuple[type[Event], ...] = (
    i.ChecklistAttached, i.TaskAdded, i.TaskStarted, i.TaskCompleted, i.TaskCancelled,
    i.TaskAssigned, i.TaskReopened, i.TaskOverdue,
)  # fmt: skip
_CLOSING: tuple[type[Event], ...] = (
    e.Resolved, k.AutoClosePlanned, k.LegalHoldPlaced, k.LegalHoldLifted, e.Closed,
)  # fmt: skip


def _made(
    topic: str,
    answer: str,
    entries: Sequence[JournalEntry],
    kinds: tuple[type[Event], ...],
    *more: str,
) -> Explanation:
    steps = tuple(entry for entry, _ in found(entries, kinds))
    return Explanation(topic, answer, reasons(steps), (*map(told, steps), *more))


def explain_major(
    incident: Incident, entries: Sequence[JournalEntry], topic: str = "major"
) -> Explanation:
    """Whether it is a major incident, how that was decided, and what may be done next."""
    lie = incident.dossier.overlays
    state = "no major incident" if lie.major is MajorState.NONE else f"major: {words(lie.major)}"
    answer = f"{plain(incident.ref)} is {state}"
    if lie.run.answer_by is not None:
        answer += f", to be answered by {show_instant(lie.run.answer_by)}"
    if lie.run.missing:
        answer += f"; nobody holds {roles(lie.run.missing)}"
    ways = (f"allowed next: {each}" for each in allowed(MAJOR_WAYS, lie.major))
    return _made(topic, answer, entries, _MAJOR, *ways)


def explain_roles(
    incident: Incident, entries: Sequence[JournalEntry], topic: str = "roles"
) -> Explanation:
    """Who has which role now, since when, and which is on its way to another."""
    people = incident.people
    roles = (
        f"{plain(x.role)} {name(x.holder)}{' (acting)' if x.acting else ''}"
        for x in people.roles
        if x.until is None
    )
    team = f"team {name(people.team)}" if people.team else ""
    who = (f"assignee {name(people.assignee)}", f"owner {name(people.owner)}", team, *roles)
    under_way = tuple(
        f"{plain(x.role)} is {words(x.state)} to {name(x.to)} since {show_instant(x.since)}"
        for x in incident.dossier.overlays.handovers
        if x.state in ("offered", "briefed")
    )
    return _made(topic, listing(who), entries, _ROLES, *under_way)


def explain_tasks(
    incident: Incident, entries: Sequence[JournalEntry], topic: str = "tasks"
) -> Explanation:
    """What is to be done, by whom and by when, and how each came about."""
    answer = f"{plain(incident.ref)}: {beside.tasks(incident) or 'there are no tasks'}"
    listed = tuple(beside.task(each) for each in incident.dossier.tasks)
    return _made(topic, answer, entries, _TASKS, *listed)


def explain_closing(
    incident: Incident, entries: Sequence[JournalEntry], topic: str = "closing"
) -> Explanation:
    """Whether it closes by itself, and what hinders that."""
    closes_at = incident.dossier.overlays.closes_at
    answer = f"{plain(incident.ref)} is {words(incident.status)}"
    if incident.status == "resolved":
        by_itself = "it does not close by itself"
        if closes_at is not None:
            by_itself = f"it closes by itself at {show_instant(closes_at)}"
        answer += f"; {by_itself}"
    hold = held(incident)
    return _made(topic, answer, entries, _CLOSING, *((plain(hold),) if hold else ()))


def explain_public(
    incident: Incident, entries: Sequence[JournalEntry], topic: str = "public"
) -> Explanation:
    """What the public was told, and why."""
    standing = incident.dossier.overlays.public
    told_them = "the public was told nothing"
    if standing is not None:
        since = show_instant(standing.since)
        told_them = f"the public was told {words(standing.state)} since {since}"
    return _made(topic, told_them, entries, (PublicStated,))
