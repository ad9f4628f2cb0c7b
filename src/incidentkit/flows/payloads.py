"""What entries say, and the payloads that brought it."""

from __future__ import annotations

import json
from collections.abc import Iterable

from incidentkit.flows.effects import Find, Flow, History
from incidentkit.flows.kinds import CAPTURE
from incidentkit.model import incident_events as e
from incidentkit.model.alert import PayloadCaptured
from incidentkit.model.journal import Event, JournalEntry
from incidentkit.model.relation_changes import ReporterAnswered
from incidentkit.ports.query import Compare, Op, Query
from incidentkit.timing.instants import to_micros

_LEAST = 3
"""Words shorter than this are not looked for elsewhere: they would be found everywhere."""


def words_of(event: Event | None) -> tuple[str, ...]:
    """What an entry says that may stand elsewhere in the same words."""
    found: tuple[str | None, ...] = ()
    match event:
        case e.Replied() | e.NoticeQueued() | ReporterAnswered() | e.Noted():
            found = (event.text,)
        case e.ReportJoined() | e.AlertJoined():
            found = (event.title, getattr(event, "text", ""))
        case e.Resolved():
            found = (event.remedy,)
        case e.Edited():
            found = (event.title, event.summary)
        case e.Declared():
            found = (event.card.title, event.card.summary)
        case _:
            pass
    return tuple([x for x in found if x and len(x) >= _LEAST])


def event_of(entry: JournalEntry) -> Event | None:
    """What happened; None where it was dropped."""
    return None if entry.recorded is None else entry.recorded.event


def captures(said: Iterable[JournalEntry], words: frozenset[str]) -> Flow[list[str]]:
    """The payloads that brought the words: those of the same commit as an entry that said them.

    A payload is dropped whole, with whatever else came in it.
    """
    dropped: dict[str, None] = {}
    for at in dict.fromkeys(entry.at for entry in said) if words else ():
        query = Query(CAPTURE.name, Compare("changed_at", Op.EQ, to_micros(at)), limit=500)
        page = yield from Find(CAPTURE, query)
        for each in page.items:
            for entry in (yield from History(CAPTURE.name, each.id, 0, each.version)):
                event = event_of(entry)
                if isinstance(event, PayloadCaptured) and _holds(event.body, words):
                    dropped[f"{CAPTURE.name}/{each.id}#{entry.seq}"] = None
    return list(dropped)


def _holds(body: str, words: Iterable[str]) -> bool:
    """Whether a payload says one of the words, as they are or as JSON writes them."""
    return any(x in body or json.dumps(x)[1:-1] in body for x in words)
