"""What would have happened, had the library acted: read out of the journals, nothing is computed.

Only what was decided while it looked on or advised counts; how the host itself did stands beside.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from incidentkit.flows.draft import Workbook
from incidentkit.flows.effects import Find, Flow, Load, Now
from incidentkit.flows.gate import authorise
from incidentkit.flows.kinds import DELIVERY, INCIDENT, TICKET
from incidentkit.flows.reading import whole
from incidentkit.flows.seeing import seen
from incidentkit.flows.setting import Setting
from incidentkit.model.incident import Incident
from incidentkit.model.journal import JournalEntry
from incidentkit.model.words import DeliveryState
from incidentkit.ports.query import AllOf, Compare, Cursor, OneOf, Op, Query
from incidentkit.timing.instants import to_micros

PAGE = 200
KEPT = (DeliveryState.SHADOWED.value, DeliveryState.DRAFTED.value)


def watched(
    setting: Setting, since: datetime, until: datetime
) -> Flow[tuple[tuple[Incident, tuple[JournalEntry, ...]], ...]]:
    """The incidents that the library has looked on in a window, each with its journal.

    Those that the actor may not see are left out, and out of the numbers drawn from this.
    """
    at = yield from Now()
    yield from authorise(Workbook(setting, at), "read_shadow_report", "ticket", None)
    ids = dict.fromkeys((yield from _tickets()))
    ids.update(dict.fromkeys((yield from _kept(since, until))))
    found: list[tuple[Incident, tuple[JournalEntry, ...]]] = []
    shown = yield from seen(setting, [f"incident/{id_}" for id_ in ids])
    names = tuple(id_ for id_ in ids if f"incident/{id_}" in shown)
    for start in range(0, len(names), PAGE):
        loaded = yield from Load(INCIDENT, names[start : start + PAGE])
        for incident in loaded:
            if incident is not None and incident.dossier.hosted is not None:
                journal = yield from whole("incident", incident.id)
                found.append((incident, tuple(journal)))
    return tuple(found)


def _tickets() -> Flow[list[str]]:
    """The incidents of all tickets."""
    ids: list[str] = []
    after: Cursor | None = None
    while True:
        page = yield from Find(TICKET, Query("ticket", after=after, limit=PAGE))
        ids += [each.incident for each in page.items if each.incident]
        if page.next is None:
            return ids
        after = page.next


def _kept(since: datetime, until: datetime) -> Flow[list[str]]:
    """The incidents of messages that were kept, whether a ticket is behind them or not."""
    where = AllOf(
        (
            OneOf("state", KEPT),
            Compare("changed_at", Op.GE, to_micros(since)),
            Compare("changed_at", Op.LT, to_micros(until)),
        )
    )
    ids: list[str] = []
    after: Cursor | None = None
    while True:
        page = yield from Find(DELIVERY, Query("delivery", where, after=after, limit=PAGE))
        ids += _subjects(each.subject for each in page.items)
        if page.next is None:
            return ids
        after = page.next


def _subjects(names: Iterator[str]) -> list[str]:
    return [id_ for kind, _, id_ in (x.partition("/") for x in names) if kind == "incident"]
