"""Redaction: said in the journal first, then carried out, and certain to be carried out.

A store cannot drop content inside a commit, so the commit that says so also writes a task which
drops it. Whoever is in a hurry drops it at once as well; twice is harmless.

The same words may stand elsewhere: on the incident, in a report, in messages, in the payload that
brought them. What the redacted entries say leads there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import attrs

from incidentkit.errors import InvalidValue
from incidentkit.flows.draft import Draft, Workbook
from incidentkit.flows.effects import Drop, Find, Flow, History, Owners
from incidentkit.flows.keeping_payloads import refuse
from incidentkit.flows.kinds import DELIVERY
from incidentkit.flows.payloads import captures, event_of, words_of
from incidentkit.flows.redacted import SPACE, blank
from incidentkit.flows.setting import recorded
from incidentkit.model import incident_events as e
from incidentkit.model.custody_changes import Redacted
from incidentkit.model.delivery import Delivery, DeliveryRedacted
from incidentkit.model.journal import Event, JournalEntry
from incidentkit.model.report_changes import ReportRedacted
from incidentkit.model.words import UNSENT
from incidentkit.ports.query import Compare, Cursor, Op, Query
from incidentkit.ports.rows import KeyChange
from incidentkit.rules.custody import blanked

KIND = "redaction"
"""Stands where a reaction names the kind of record that reacts."""
_LATEST = 50
"""Entries that are read to find what was just redacted."""


def promise(book: Workbook, draft: Draft) -> Flow[None]:
    """Have what was just redacted dropped by whoever works on the queue, wherever it stands.

    Raises InvalidValue for an entry that says what was redacted: the proof stays; and
    TransitionNotAllowed where a payload that brought it is kept by the legal hold of another.
    """
    incident = draft.incident
    first = incident.version - len(draft.recorded) + 1
    for number, each in enumerate(tuple(draft.recorded), first):
        if isinstance(each.event, Redacted):
            said = yield from _said(incident.id, each.event.seqs)
            yield from refuse(draft, said)
            words = frozenset(x for entry in said for x in words_of(event_of(entry)))
            also = (*(yield from _reports(book, said)), *(yield from captures(said, words)))
            card = _card(draft, said)
            draft.incident = blanked(draft.incident, card)
            event = attrs.evolve(each.event, also=also, card=card)
            draft.recorded[number - first] = attrs.evolve(each, event=event)
            yield from _messages(book, incident.id, words)
            book.react_elsewhere(KIND, incident.id, f"incident/{incident.id}", number)


def _said(incident: str, seqs: tuple[int, ...]) -> Flow[list[JournalEntry]]:
    said: list[JournalEntry] = []
    for seq in seqs:
        found = yield from History("incident", incident, seq - 1, 1)
        if found and found[0].kind == "redacted":
            raise InvalidValue("seqs", f"entry {seq} says what was redacted, and stays")
        said += found
    return said


def _card(draft: Draft, said: Iterable[JournalEntry]) -> tuple[str, ...]:
    """The fields of the incident that stand as one of the entries set them."""
    title: set[str | None] = set()
    summary: set[str | None] = set()
    for event in map(event_of, said):
        if isinstance(event, e.Declared):
            title.add(event.card.title)
            summary.add(event.card.summary)
        elif isinstance(event, e.Edited):
            title.add(event.title)
            summary.add(event.summary)
        elif isinstance(event, e.ReportJoined):
            title.add(event.title)
            summary.add(event.text)
    card = draft.incident.card
    named: list[str] = ["title"] if card.title in title else []
    if card.summary and card.summary in summary:
        named.append("summary")
    ending = draft.incident.course.ending
    remedies = [x.remedy for x in map(event_of, said) if isinstance(x, e.Resolved)]
    if ending.remedy and ending.remedy in remedies:
        named.append("remedy")
    return tuple(named)


def _reports(book: Workbook, said: Iterable[JournalEntry]) -> Flow[list[str]]:
    """Blank the reports that the entries brought; the entries in which these said the same."""
    dropped: list[str] = []
    for entry in said:
        event = event_of(entry)
        if not isinstance(event, e.ReportJoined) or not event.report:
            continue
        (owner,) = yield from Owners("ref", (event.report,))
        _, _, id_ = (owner or "").partition("/")
        work = (yield from book.record("report", id_)) if id_ else None
        if work is not None:
            work.happened(ReportRedacted(), book.setting, book.at)
            dropped.append(f"report/{work.value.id}#1")
    return dropped


def _messages(book: Workbook, incident: str, words: frozenset[str]) -> Flow[None]:
    """Drop what messages said: they keep that they went out, to whom and when.

    One that waits belongs to whoever sends it, and is marked: a page then goes out without the
    words, any other message not at all.
    """
    if not words:
        return
    known = {x.value.id for x in book.changes if x.kind.name == DELIVERY.name}
    where = Compare("subject", Op.EQ, f"incident/{incident}")
    after: Cursor | None = None
    while True:
        page = yield from Find(DELIVERY, Query(DELIVERY.name, where, after=after, limit=500))
        told = [x for x in page.items if x.id not in known and _tells(x, words)]
        waiting = tuple([str(x.id) for x in told if x.state in UNSENT])
        marked: Sequence[str | None] = (yield from Owners(SPACE, waiting)) if waiting else ()
        book.keys += [
            KeyChange(SPACE, id_, None, id_)
            for id_, owner in zip(waiting, marked, strict=True)
            if owner is None
        ]
        for each in told:
            if each.state not in UNSENT:
                left = attrs.evolve(blank(each), version=each.version + 1)
                book.write(DELIVERY, left, (recorded(DeliveryRedacted(), book.setting, book.at),))
        after = page.next
        if after is None:
            return


def _tells(delivery: Delivery, words: Iterable[str]) -> bool:
    return any(x in delivery.text or x == delivery.title for x in words)


def carry_out(incident_id: str, event: Event) -> Flow[None]:
    """Drop what an entry said was redacted."""
    if isinstance(event, Redacted):
        _ = yield from Drop(f"incident/{incident_id}", event.seqs)
        for name in event.also:
            stream, _, seq = name.rpartition("#")
            _ = yield from Drop(stream, (int(seq),))


def now(incident_id: str, version: int) -> Flow[None]:
    """Drop what the latest entries of an incident's journal say was redacted."""
    start = max(0, version - _LATEST)
    for entry in (yield from History("incident", incident_id, start, _LATEST)):
        event = event_of(entry)
        if event is not None:
            yield from carry_out(incident_id, event)
