"""Who was involved in an incident and as what, drawn from the record and from who wrote to it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from incidentkit.model import incident_events as e
from incidentkit.model.incident import Incident
from incidentkit.model.journal import JournalEntry
from incidentkit.model.people import RoleAssignment
from incidentkit.timing.instants import show_instant
from incidentkit.views.review_parts import Pairs
from incidentkit.views.text import SYSTEM, many, name, near, plain

_Add: TypeAlias = Callable[[str | None, str], None]


def involved(incident: Incident, entries: Sequence[JournalEntry]) -> Pairs:
    """Everybody who wrote, was named or was paged, in order of appearance."""
    parts: dict[str, list[str]] = {}

    def add(party: str | None, part: str) -> None:
        if party and party != SYSTEM and part not in parts.setdefault(party, []):
            parts[party].append(part)

    add(incident.card.reporter, "reporter")
    for entry in entries:
        _appear(entry, add)
    add(incident.people.owner, "owner at the end")
    add(incident.people.assignee, "assignee at the end")
    for role in incident.people.roles:
        add(role.holder, held(role))
    for party, count in _written(entries).items():
        add(party, many(count, "entry").replace("entrys", "entries"))
    return tuple((name(party), ", ".join(said)) for party, said in parts.items())


def _appear(entry: JournalEntry, add: _Add) -> None:
    recorded = entry.recorded
    if recorded is None:
        return
    event = recorded.event
    if isinstance(event, e.Declared):
        add(recorded.on_behalf_of or recorded.by, "declared it")
    elif isinstance(event, e.Acknowledged):
        add(event.holder, "acknowledged")
    elif isinstance(event, e.Assigned):
        add(event.assignee, "assigned")
    elif isinstance(event, e.PageQueued):
        add(event.to, "paged")
    elif isinstance(event, e.ReportJoined):
        add(event.reporter, "reported")
    elif isinstance(event, e.Resolved):
        add(recorded.on_behalf_of or recorded.by, "resolved it")


def _written(entries: Sequence[JournalEntry]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for entry in entries:
        if entry.recorded is not None:
            party = entry.recorded.on_behalf_of or entry.recorded.by
            counts[party] = counts.get(party, 0) + 1
    return counts


def held(role: RoleAssignment) -> str:
    """A role and how long it was held."""
    since = show_instant(role.since)
    if role.until is None:
        return f"{plain(role.role)} since {since}"
    return f"{plain(role.role)} {since} to {near(role.until, role.since)}"
