"""What a policy's `[retention]` lets go beside incidents: payloads, messages, who read what.

Each sort is planned by reading and let go a few records at a time, so that a purge of millions is
many small commits. What a legal hold keeps, and what is not sealed yet, is left as it is.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import attrs

from incidentkit.flows.audit import sealed_heads
from incidentkit.flows.draft import Workbook
from incidentkit.flows.effects import Drop, Find, Flow, Kind, Load, Now, Owners
from incidentkit.flows.keeping_payloads import SPACE
from incidentkit.flows.kinds import CAPTURE, DELIVERY, INCIDENT, READINGS
from incidentkit.flows.reading import whole
from incidentkit.flows.redacted import blank
from incidentkit.flows.setting import Outcome, Setting, recorded
from incidentkit.model.alert import PayloadRedacted
from incidentkit.model.delivery import DeliveryRedacted
from incidentkit.model.words import UNSENT, DeliveryState
from incidentkit.ports.query import Compare, Cursor, Op, Query
from incidentkit.rules.custody import REDACTED, held
from incidentkit.rules.retention import past
from incidentkit.timing.instants import to_micros

PAGE = 200
BATCH = 50
"""Records that are let go in one commit."""
SORTS: dict[str, Kind[Any]] = {"payloads": CAPTURE, "messages": DELIVERY, "readings": READINGS}
_WAITING = frozenset((*UNSENT, DeliveryState.HELD, DeliveryState.DRAFTED))


def due(setting: Setting, now: datetime) -> Flow[dict[str, tuple[str, ...]]]:
    """The ids of what is past its term, by sort."""
    sealed = yield from sealed_heads()
    found: dict[str, tuple[str, ...]] = {}
    for sort, kind in SORTS.items():
        before = past(setting.policy.retention, sort, now)
        ids: list[str] = []
        after: Cursor | None = None
        while before is not None:
            where = Compare("changed_at", Op.LT, to_micros(before))
            page = yield from Find(kind, Query(kind.name, where, after=after, limit=PAGE))
            for each in page.items:
                heads = sealed.get(f"{kind.name}/{each.id}", ())
                if any(x.seq >= each.version for x in heads) and (yield from _says(sort, each)):
                    ids.append(str(each.id))
            after = page.next
            if after is None:
                break
        found[sort] = tuple(ids)
    return found


def _says(sort: str, record: Any) -> Flow[bool]:
    """Whether a record still says something, and may be let go."""
    if sort == "messages":
        if record.state in _WAITING or record.text == REDACTED:
            return False
        return not (yield from _held(record.subject))
    if sort == "payloads":
        (keepers,) = yield from Owners(SPACE, (record.id,))
        if keepers:
            return False
    elif (yield from _held(record.subject)):
        return False
    entries = yield from whole("capture" if sort == "payloads" else "readings", record.id)
    return any(x.recorded is not None and not _telling(x.recorded.event) for x in entries)


def _telling(event: object) -> bool:
    return isinstance(event, PayloadRedacted)


def _held(subject: str) -> Flow[bool]:
    """Whether a legal hold keeps what a record is about."""
    kind, _, id_ = subject.partition("/")
    if kind != INCIDENT.name:
        return False
    (incident,) = yield from Load(INCIDENT, (id_,))
    return incident is not None and bool(held(incident))


def let_go(setting: Setting, sort: str, ids: tuple[str, ...], why: str) -> Flow[Outcome[int]]:
    """Write down of each that what it said is dropped; how many. What is held by now stays."""
    at = yield from Now()
    book = Workbook(setting, at)
    kind = SORTS[sort]
    for record in (yield from Load(kind, ids)):
        if record is None or not (yield from _says(sort, record)):
            continue
        version = record.version + 1
        if sort == "messages":
            after = attrs.evolve(blank(record), version=version)
            book.write(kind, after, (recorded(DeliveryRedacted(), setting, at),))
        elif sort == "payloads":
            after = attrs.evolve(record, version=version)
            book.write(kind, after, (recorded(PayloadRedacted(why), setting, at),))
    if book.changes:
        _ = yield from book.commit()
    return Outcome(len(book.changes), at)


def dropped(sort: str, ids: tuple[str, ...]) -> Flow[None]:
    """Drop what the journals of these say; messages say nothing there."""
    if sort == "messages":
        return
    name = SORTS[sort].name
    for record in (yield from Load(SORTS[sort], ids)):
        if record is None or not (yield from _says(sort, record)):
            continue
        entries = yield from whole(name, record.id)
        said = [x.seq for x in entries if x.recorded and not _telling(x.recorded.event)]
        if said:
            _ = yield from Drop(f"{name}/{record.id}", tuple(said))
