"""Who read what stands under a strict label: written down beside it, in a commit of its own.

The lines stand in a journal beside the incident's: a reader must not make a writer's version stale.
One line stands for all that a party reads within the time that the policy names.
"""

from __future__ import annotations

import attrs

from incidentkit.errors import NotAuthorised
from incidentkit.flows.draft import Workbook
from incidentkit.flows.effects import Flow, History, Load, Now
from incidentkit.flows.gate import authorise
from incidentkit.flows.kinds import INCIDENT, READINGS
from incidentkit.flows.reading import whole
from incidentkit.flows.setting import Setting, recorded
from incidentkit.model.admission import Readings, RecordRead
from incidentkit.model.journal import JournalEntry

_LOOKED_BACK = 100
"""Lines that are read to find the reader's last one."""


def note(setting: Setting, read: tuple[tuple[str, tuple[str, str]], ...], what: str) -> Flow[None]:
    """Write down that the actor read these incidents: (id, (reference, label))."""
    at = yield from Now()
    book = Workbook(setting, at)
    for id_, (_, label) in read:
        (before,) = yield from Load(READINGS, (id_,))
        if before is not None:
            last = yield from History("readings", id_, max(0, before.version - _LOOKED_BACK))
            since = at - setting.policy.access.read_audit_every
            if any(_same(each, setting, label) and each.at > since for each in last):
                continue
        record = Readings(id_, 0, f"incident/{id_}") if before is None else before
        after = attrs.evolve(record, version=record.version + 1)
        book.write(READINGS, after, (recorded(RecordRead(what, label), setting, at),))
    if book.changes:
        _ = yield from book.commit()


def _same(entry: JournalEntry, setting: Setting, label: str) -> bool:
    told = entry.recorded
    if told is None or not isinstance(told.event, RecordRead):
        return False
    return (told.by, told.on_behalf_of) == (setting.doer, setting.on_behalf_of) and (
        told.event.label == label
    )


def readings(setting: Setting, id_: str, ref: str) -> Flow[tuple[JournalEntry, ...]]:
    """Who read an incident. Raises NotAuthorised."""
    at = yield from Now()
    book = Workbook(setting, at)
    yield from authorise(book, "read_audit", f"incident/{ref}", (yield from book.incident(id_)))
    return (yield from whole("readings", id_))


def with_readings(
    setting: Setting, entries: tuple[JournalEntry, ...]
) -> Flow[tuple[JournalEntry, ...]]:
    """A journal with the lines of who read it, for whoever may see these."""
    kind, _, id_ = entries[0].stream.partition("/")
    if kind != INCIDENT.name:
        return entries
    (incident,) = yield from Load(INCIDENT, (id_,))
    ref = "" if incident is None else incident.ref
    try:
        read = yield from readings(setting, id_, ref)
    except NotAuthorised:
        return entries
    return tuple(sorted((*entries, *read), key=lambda x: x.at)) if read else entries
