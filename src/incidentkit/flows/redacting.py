"""Redaction: said in the journal first, then carried out, and certain to be carried out.

A store cannot drop content inside a commit, so the commit that says so also writes a task which
drops it. Whoever is in a hurry drops it at once as well; twice is harmless.
"""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from incidentkit.errors import InvalidValue
from incidentkit.flows.draft import Draft, Workbook
from incidentkit.flows.effects import Drop, Find, Flow, History
from incidentkit.flows.kinds import DELIVERY
from incidentkit.flows.setting import recorded
from incidentkit.model.custody_changes import Redacted
from incidentkit.model.delivery import DeliveryRedacted
from incidentkit.model.incident_events import NoticeQueued, Replied
from incidentkit.model.journal import Event, JournalEntry
from incidentkit.model.words import DeliveryState
from incidentkit.ports.query import Compare, Cursor, Op, Query

_UNSENT = frozenset((DeliveryState.QUEUED, DeliveryState.RETRYING))
GONE = "[redacted]"
"""What stands where the text of a message was."""

KIND = "redaction"
"""Stands where a reaction names the kind of record that reacts."""


def promise(book: Workbook, draft: Draft) -> Flow[None]:
    """Have what was just redacted dropped by whoever works on the queue.

    Raises InvalidValue for an entry that says what was redacted: the proof stays.
    """
    incident = draft.incident
    first = incident.version - len(draft.recorded) + 1
    for number, each in enumerate(draft.recorded, first):
        if isinstance(each.event, Redacted):
            for seq in each.event.seqs:
                found = yield from History("incident", incident.id, seq - 1, 1)
                if found and found[0].kind == "redacted":
                    raise InvalidValue("seqs", f"entry {seq} says what was redacted, and stays")
                yield from _sent(book, incident.id, found)
            book.react_elsewhere(KIND, incident.id, f"incident/{incident.id}", number)


def _sent(book: Workbook, incident: str, entries: Iterable[JournalEntry]) -> Flow[None]:
    """Drop what the messages of an entry said: they keep that they went out, to whom and when.

    One that is still to be sent belongs to whoever sends it, and is left.
    """
    said = [x.recorded.event for x in entries if x.recorded is not None]
    texts = [x.text for x in said if isinstance(x, Replied | NoticeQueued) and x.text]
    known = {x.value.id for x in book.changes if x.kind.name == DELIVERY.name}
    if not texts:
        return
    where = Compare("subject", Op.EQ, f"incident/{incident}")
    after: Cursor | None = None
    while True:
        page = yield from Find(DELIVERY, Query(DELIVERY.name, where, after=after, limit=500))
        for each in page.items:
            if each.state in _UNSENT or each.id in known:
                continue
            if any(text in each.text for text in texts):
                gone = attrs.evolve(each, version=each.version + 1, text=GONE)
                book.write(DELIVERY, gone, (recorded(DeliveryRedacted(), book.setting, book.at),))
        after = page.next
        if after is None:
            return


def carry_out(incident_id: str, event: Event) -> Flow[None]:
    """Drop what an entry said was redacted."""
    if isinstance(event, Redacted):
        yield from now(incident_id, event.seqs)


def now(incident_id: str, seqs: tuple[int, ...]) -> Flow[None]:
    """Drop the content of these entries of an incident's journal."""
    _ = yield from Drop(f"incident/{incident_id}", seqs)
