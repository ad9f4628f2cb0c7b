"""What is still open when an incident is to end, each in words.

Resolving in spite of it needs a reason. A list of questions, so that each is asked in one place by
the life-cycle, by explanations and by whatever would close an incident by itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from incidentkit.model.incident import Incident
from incidentkit.model.incident_task import REVIEW

Question: TypeAlias = Callable[[Incident], str]


def firing(incident: Incident) -> str:
    """Alerts that still fire."""
    count = incident.ties.firing
    return f"{count} alert(s) still fire" if count else ""


def tasks(incident: Incident) -> str:
    """Tasks that are not done; those of the review may be."""
    if incident.more is None:
        return ""
    return _open([x.id for x in incident.more.tasks if x.pending and x.phase != REVIEW])


def every_task(incident: Incident) -> str:
    """The same, with those of the review."""
    return _open([x.id for x in incident.dossier.tasks if x.pending])


def _open(ids: list[str]) -> str:
    if not ids:
        return ""
    more = ", ..." if len(ids) > 5 else ""
    return f"{len(ids)} task(s) are open ({', '.join(ids[:5])}{more})"


def children(refs: tuple[str, ...]) -> str:
    """Children that are still open, by their references."""
    more = ", ..." if len(refs) > 5 else ""
    return f"{len(refs)} child incident(s) are open ({', '.join(refs[:5])}{more})" if refs else ""


BEFORE_RESOLVING: tuple[Question, ...] = (firing, tasks)
"""What resolving needs an override for."""


def open_ends(incident: Incident, open_children: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Everything that is open before it may be resolved without a reason to override.

    `open_children` are the references of those that would not end with it.
    """
    said = [text for ask in BEFORE_RESOLVING if (text := ask(incident))]
    if open_children:
        more = " ..." if open_children[5:] else ""
        said.append(f"{', '.join(open_children[:5])}{more} stay(s) open")
    return tuple(said)
