"""Silences and incidents that are there already: while all that fires is silent, nobody is paged.

A silence stops pages, not state: the incident, its clocks and its syncs go on.
"""

from __future__ import annotations

from datetime import datetime

from incidentkit.flows.draft import Draft, Workbook
from incidentkit.flows.effects import Find, Flow, Load, Owners
from incidentkit.flows.kinds import ALERT, SUPPRESSIONS, SUPPRESSIONS_KEY
from incidentkit.model import incident_events as e
from incidentkit.model.alert import AlertRecord
from incidentkit.model.reason import Reason
from incidentkit.model.silence import Silence
from incidentkit.model.suppressions import Holder, Suppressions
from incidentkit.model.words import AlertStatus
from incidentkit.ports.query import AllOf, Compare, Op, Query
from incidentkit.rules.suppress_alerts import held_back

SYSTEM = "system"
_FIRING = Compare("status", Op.EQ, AlertStatus.FIRING.value)
_MOST = 1000


def silenced(book: Workbook, draft: Draft) -> Flow[bool]:
    """Whether pages of an incident rest because every alert of it that fires is silenced.

    Then the next look is planned for the end of the silence that ends first.
    """
    silences = yield from _silences(book)
    if not silences:
        return False
    fresh: list[AlertRecord] = [x.value for x in book.changes if x.kind is ALERT]
    where = AllOf((Compare("incident", Op.EQ, draft.incident.id), _FIRING))
    found = yield from Find(ALERT, Query("alert", where, limit=_MOST))
    known = {record.id: record for record in (*found.items, *fresh)}
    until: datetime | None = None
    why: Reason | None = None
    for record in known.values():
        if record.incident != draft.incident.id or record.alert.status is AlertStatus.CLEARED:
            continue
        held = held_back(
            record.alert, silences, book.at, raised=True, policy=book.setting.policy.hash
        )
        if held is None:
            return False
        if until is None or held[0].until < until:
            until, why = held[0].until, held[1]
    if until is None or found.next is not None:
        return False
    attention = draft.incident.attention
    if attention.next_page_at != until:
        withheld = e.PageWithheld(attention.round + 1)
        draft.happened(withheld, book.setting, book.at, by=SYSTEM, reason=why)
        planned = e.PagingPlanned(attention.round, until)
        draft.happened(planned, book.setting, book.at, by=SYSTEM, reason=why)
    return True


def _silences(book: Workbook) -> Flow[tuple[Holder, ...]]:
    space, key, id_ = SUPPRESSIONS_KEY
    (guard,) = yield from Owners(space, (key,))
    if guard is None:
        return ()
    found: Suppressions | None
    (found,) = yield from Load(SUPPRESSIONS, (id_,))
    held = () if found is None else found.holders
    return tuple(x for x in held if x.name.startswith("silence/"))


def resting(book: Workbook, silence: Silence) -> Flow[tuple[Draft, ...]]:
    """The incidents whose pages rested for a silence that somebody ended before its time."""
    drafts: dict[str, Draft] = {}
    holder = Holder(
        f"silence/{silence.id}", silence.ref, silence.starts_at, silence.until, silence.when
    )
    query = Query("alert", _FIRING, limit=_MOST)
    while True:
        found = yield from Find(ALERT, query)
        for record in found.items:
            if record.incident is None or record.incident in drafts:
                continue
            at = max(silence.starts_at, min(book.at, silence.until))
            if held_back(record.alert, (holder,), at, raised=True) is None:
                continue
            draft = yield from book.incident(record.incident)
            if draft is not None and draft.incident.attention.next_page_at == silence.until:
                drafts[record.incident] = draft
        if found.next is None:
            return tuple(drafts.values())
        query = Query("alert", _FIRING, after=found.next, limit=_MOST)


def wake_up(book: Workbook, draft: Draft) -> None:
    """Let the ladder of an incident go on now."""
    planned = e.PagingPlanned(draft.incident.attention.round, book.at)
    draft.happened(planned, book.setting, book.at, by=SYSTEM)
