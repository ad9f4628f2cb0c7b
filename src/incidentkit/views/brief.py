"""The brief of a handover: what whoever takes over must know, drawn from the record alone.

The order is that of common handover guides (situation, what was done, who has what, what is due,
what comes next); nothing is left to the memory of somebody who has been up all night.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from incidentkit.model import incident_events as e
from incidentkit.model.incident import Incident
from incidentkit.model.journal import JournalEntry
from incidentkit.views import beside
from incidentkit.views.summary import card
from incidentkit.views.text import plain
from incidentkit.views.timeline import line

LATEST = 10
"""How many of the last entries a brief tells; the whole timeline stands in the record."""
_QUIET = (
    e.PageQueued, e.PageBundled, e.PageWithheld, e.PagingPlanned, e.DeliverySettled,
    e.NoticeQueued, e.ClockMoved,
)  # fmt: skip
"""What machines did for themselves; who takes over needs what happened."""


def brief(incident: Incident, entries: Sequence[JournalEntry]) -> str:
    """The brief as text, as of the record's version."""
    return "\n".join(_lines(incident, entries))


def _lines(incident: Incident, entries: Sequence[JournalEntry]) -> Iterator[str]:
    yield card(incident)
    if incident.card.summary:
        yield f"summary: {plain(incident.card.summary)}"
    pending = [x for x in incident.dossier.tasks if x.pending]
    if pending:
        yield "to do:"
        yield from (f"  {beside.task(each)}" for each in pending)
    notes = [x for x in entries if x.recorded is not None and isinstance(x.recorded.event, e.Noted)]
    if notes:
        yield f"last note: {line(notes[-1])}"
    told = [x for x in entries if x.recorded is None or not isinstance(x.recorded.event, _QUIET)]
    yield f"the last of {len(entries)} entries:"
    yield from (f"  {line(each)}" for each in told[-LATEST:])
