"""Who has the last word on a field that a host's ticket and its incident both have: one table.

Each side tells the other what it changed. Where only one of them did, that one is heard, unless the
field is the other's. Where both did, the owner of the field keeps it; a field of whoever wrote last
is the host's if the host had seen our version when it wrote, and ours otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import attrs

from incidentkit.model.frozen import FrozenMap
from incidentkit.model.hosting import FIELDS, NO_FIELDS, Fields, Hosted
from incidentkit.model.incident import Incident
from incidentkit.model.reason import Plain, Reason

RULE = "ownership.field"
VERSION = 1
HOST, LIBRARY, SAME = "host", "library", "same"


class Owner(StrEnum):
    """Whose word counts."""

    HOST = "host"
    LIBRARY = "library"
    LAST_WRITER = "last_writer"


NO_OWNERS: FrozenMap[str, Owner] = FrozenMap()


@attrs.frozen
class Ownership:
    """The table: field -> owner; what it does not list belongs to whoever wrote last."""

    owners: FrozenMap[str, Owner] = NO_OWNERS

    def of(self, field: str) -> Owner:
        """The owner of a field."""
        return self.owners.get(field, Owner.LAST_WRITER)


SHARED = Ownership()


def current(incident: Incident) -> dict[str, str]:
    """The fields as the incident has them; empty text for what is not known."""
    card, rating, people = incident.card, incident.rating, incident.people
    return {
        "title": card.title,
        "summary": card.summary,
        "service": card.service or "",
        "category": card.category,
        "state": incident.life.state.value,
        "priority": rating.priority.value,
        "impact": rating.impact,
        "urgency": rating.urgency,
        "assignee": people.assignee or "",
        "owner": people.owner or "",
        "team": people.team or "",
    }


def heard(
    field: str,
    ours: str,
    theirs: str,
    hosted: Hosted,
    ownership: Ownership,
    policy: str = "",
    *,
    seen: int | None = None,
    changed_in: int = 0,
) -> Reason:
    """Whose value a field has after the host stated it: `host`, `library`, or both the `same`.

    `seen` is the version of our record that the host knew when it wrote, None: the present one;
    `changed_in` the version in which the field was changed here last.
    """
    inputs: FrozenMap[str, Plain] = FrozenMap(
        {
            "field": field,
            "owner": ownership.of(field).value,
            "ours": ours,
            "theirs": theirs,
            "before": hosted.stated.get(field, ours),
            "told": hosted.told.get(field, hosted.stated.get(field, ours)),
            "seen": -1 if seen is None else seen,
            "changed_in": changed_in,
        }
    )
    return Reason(RULE, VERSION, inputs, judge(inputs), policy)


def judge(inputs: Mapping[str, Plain]) -> str:
    """Whose value it has, drawn from plain inputs."""
    ours, theirs, owner = inputs["ours"], inputs["theirs"], inputs["owner"]
    if theirs == ours:
        return SAME
    if theirs in (inputs["before"], inputs["told"]) or owner == Owner.LIBRARY.value:
        return LIBRARY
    if owner == Owner.HOST.value or ours == inputs["before"]:
        return HOST
    seen, changed = inputs["seen"], inputs["changed_in"]
    knew = isinstance(seen, int) and isinstance(changed, int) and (seen < 0 or seen >= changed)
    return HOST if knew else LIBRARY


def disputed(reason: Reason) -> bool:
    """Whether both sides had a word: the host changed a field that it may not, or that we had."""
    inputs = reason.inputs
    if reason.outcome == SAME or inputs["theirs"] in (inputs["before"], inputs["told"]):
        return False
    return reason.outcome == LIBRARY or inputs["ours"] != inputs["before"]


def outward(incident: Incident, hosted: Hosted, ownership: Ownership) -> Fields:
    """What a sync tells the ticket now; nothing where nothing changed here since it was told.

    Beside what changed here it repeats what is the library's and stands otherwise on the ticket.
    What the host owns is not ours to tell.
    """
    ours = current(incident)
    mine: dict[str, str] = {}
    fresh = False
    for field in FIELDS:
        owner = ownership.of(field)
        if owner is Owner.HOST:
            continue
        stated = hosted.stated.get(field, ours[field])
        changed = ours[field] != hosted.told.get(field, stated)
        fresh = fresh or changed
        if changed or (owner is Owner.LIBRARY and ours[field] != stated):
            mine[field] = ours[field]
    return FrozenMap(mine) if fresh else NO_FIELDS
