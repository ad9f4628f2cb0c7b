"""Redaction: said in the journal first, then carried out, and certain to be carried out.

A store cannot drop content inside a commit, so the commit that says so also writes a task which
drops it. Whoever is in a hurry drops it at once as well; twice is harmless.
"""

from __future__ import annotations

from incidentkit.flows.draft import Draft, Workbook
from incidentkit.flows.effects import Drop, Flow
from incidentkit.model.custody_changes import Redacted
from incidentkit.model.journal import Event

KIND = "redaction"
"""Stands where a reaction names the kind of record that reacts."""


def promise(book: Workbook, draft: Draft) -> None:
    """Have what was just redacted dropped by whoever works on the queue."""
    incident = draft.incident
    first = incident.version - len(draft.recorded) + 1
    for seq, each in enumerate(draft.recorded, first):
        if isinstance(each.event, Redacted):
            book.react_elsewhere(KIND, incident.id, f"incident/{incident.id}", seq)


def carry_out(incident_id: str, event: Event) -> Flow[None]:
    """Drop what an entry said was redacted."""
    if isinstance(event, Redacted):
        yield from now(incident_id, event.seqs)


def now(incident_id: str, seqs: tuple[int, ...]) -> Flow[None]:
    """Drop the content of these entries of an incident's journal."""
    _ = yield from Drop(f"incident/{incident_id}", seqs)
