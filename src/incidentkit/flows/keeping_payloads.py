"""Payloads that a legal hold keeps: one payload may have brought words to several incidents.

Which incidents share a payload stands nowhere, so a hold marks the payloads that brought what its
incident says, and what comes in for it later marks itself. A mark is a key: the id of the payload,
whose owners are the incidents that keep it. Lifting the hold takes its own mark away.
"""

from __future__ import annotations

from collections.abc import Iterable

from incidentkit.errors import TransitionNotAllowed
from incidentkit.flows.draft import Draft, Workbook
from incidentkit.flows.effects import Flow, Load, Owners
from incidentkit.flows.kinds import CAPTURE, INCIDENT
from incidentkit.flows.payloads import captures, words_of
from incidentkit.flows.reading import whole
from incidentkit.model.journal import JournalEntry
from incidentkit.ports.rows import KeyChange
from incidentkit.rules.custody import held

SPACE = "legal_hold"
"""The space of the marks."""


def brought(entries: Iterable[JournalEntry]) -> Flow[tuple[str, ...]]:
    """The ids of the payloads that brought what the entries say."""
    said = tuple(entries)
    events = [x.recorded.event for x in said if x.recorded is not None]
    names = yield from captures(said, frozenset(x for each in events for x in words_of(each)))
    prefix = f"{CAPTURE.name}/"
    return tuple([x.removeprefix(prefix).partition("#")[0] for x in names])


def mark(book: Workbook, draft: Draft) -> Flow[None]:
    """Mark the payloads of an incident whose hold was just placed, or unmark them."""
    incident = draft.incident
    ids = yield from brought((yield from whole("incident", incident.id)))
    for id_, was in zip(ids, (yield from Owners(SPACE, ids)) if ids else (), strict=True):
        keepers = [x for x in (was or "").split() if x != incident.id]
        if held(incident):
            keepers.append(incident.id)
        becomes = " ".join(keepers) or None
        if becomes != was:
            book.keys.append(KeyChange(SPACE, id_, was, becomes))


def mark_arrived(book: Workbook, capture: str) -> None:
    """Mark a payload that comes in for incidents under a hold."""
    keepers = [x.incident.id for x in book.incidents.values() if x.recorded and held(x.incident)]
    if keepers:
        book.keys.append(KeyChange(SPACE, capture, None, " ".join(keepers)))


def keepers(ids: tuple[str, ...], but: str) -> Flow[tuple[str, ...]]:
    """The references of the incidents that keep one of the payloads, without the one named."""
    owners = (yield from Owners(SPACE, ids)) if ids else ()
    names = tuple(dict.fromkeys(x for each in owners for x in (each or "").split() if x != but))
    found = (yield from Load(INCIDENT, names)) if names else ()
    return tuple([x.ref for x in found if x is not None])


def refuse(draft: Draft, said: Iterable[JournalEntry]) -> Flow[None]:
    """Raise TransitionNotAllowed where a payload that brought the words is kept by another's hold.

    It names that incident; whoever may not see it reads `[withheld]` there.
    """
    refs = yield from keepers((yield from brought(said)), draft.incident.id)
    if refs:
        name = f"a payload that {draft.incident.ref} shares"
        state = f"on legal hold for {', '.join(refs)}"
        raise TransitionNotAllowed(name, state, "redact", ("lift_legal_hold",))
