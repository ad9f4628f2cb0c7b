"""What belongs to an incident beside itself: its alerts and reports, found and handed over."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

import attrs

from incidentkit.errors import InvalidValue, LimitExceeded
from incidentkit.flows.draft import Draft, Workbook
from incidentkit.flows.effects import Find, Flow, Kind, Owners
from incidentkit.flows.kinds import ALERT, REPORT
from incidentkit.flows.reading import whole
from incidentkit.flows.record_draft import RecordDraft
from incidentkit.flows.setting import recorded
from incidentkit.ids import IncidentId
from incidentkit.model import relation_changes as r
from incidentkit.model.alert import AlertMoved, AlertRecord
from incidentkit.model.incident import Incident
from incidentkit.model.report import Report
from incidentkit.model.report_changes import ReportMoved
from incidentkit.model.signals import Alert
from incidentkit.model.words import CancelReason, LinkKind, State
from incidentkit.ports.query import Compare, Cursor, Op, Query
from incidentkit.ports.rows import KeyChange

T = TypeVar("T")
_PAGE, _EVERY = 500, 1_000_000
_SAME_AS = {
    CancelReason.MERGED: LinkKind.MERGED_INTO,
    CancelReason.DUPLICATE: LinkKind.DUPLICATE_OF,
}


def dedup_key(alert: Alert) -> str:
    """The unique key of an alert: its key within its source."""
    return f"{alert.source}\x1f{alert.key}"


def group_key(alert: Alert) -> str:
    """What alerts of one incident have in common: the source's own group, else the key itself."""
    return f"{alert.source}\x1f{alert.group or alert.key}"


def follow(book: Workbook, draft: Draft) -> Flow[Draft]:
    """The incident that now stands for this one: where it was merged into, or is a duplicate of."""
    seen: set[str] = {draft.incident.id}
    while draft.incident.life.state is State.CANCELLED:
        ended = draft.incident.course.ending.cancelled
        kind = None if ended is None else _SAME_AS.get(ended)
        ids = [x.target.partition("/")[2] for x in draft.incident.ties.links if x.kind is kind]
        found = (yield from book.incident(ids[-1])) if ids and ids[-1] not in seen else None
        if found is None:
            break
        seen.add(ids[-1])
        draft = found
    return draft


def _belonging(kind: Kind[T], incident: str, most: int) -> Flow[tuple[T, ...]]:
    """Every record of a kind that belongs to an incident, up to a limit."""
    found: tuple[T, ...] = ()
    after: Cursor | None = None
    where = Compare("incident", Op.EQ, incident)
    while True:
        page = yield from Find(kind, Query(kind.name, where, after=after, limit=_PAGE))
        found += page.items
        if len(found) > most:
            raise LimitExceeded(
                kind.name, f"more than {most} belong to it; move them in parts before"
            )
        if page.next is None:
            return found
        after = page.next


def alerts_of(incident: str, most: int) -> Flow[tuple[AlertRecord, ...]]:
    """The alerts of an incident. Raises LimitExceeded."""
    return (yield from _belonging(ALERT, incident, most))


def reports_of(book: Workbook, incident: str, most: int) -> Flow[tuple[RecordDraft[Report], ...]]:
    """The reports of an incident, as drafts. Raises LimitExceeded."""
    found = yield from _belonging(REPORT, incident, most)
    return tuple(drafted(book, report) for report in found)


def reported(incident: str) -> Flow[tuple[Report, ...]]:
    """The reports of an incident, oldest first."""
    return (yield from _belonging(REPORT, incident, _EVERY))


def drafted(book: Workbook, report: Report) -> RecordDraft[Report]:
    """The draft of a report that was found; the one in the book where it was met before."""
    from incidentkit.flows.aggregates import aggregate

    name = f"report/{report.id}"
    return book.records.setdefault(name, RecordDraft(aggregate("report"), report))


def hand_over(
    book: Workbook,
    giver: Draft,
    taker: Draft,
    alerts: tuple[AlertRecord, ...],
    reports: Iterable[RecordDraft[Report]],
    why: str,
) -> Flow[None]:
    """The records themselves follow, and a group goes along once none of it is left behind."""
    to, was = taker.incident, giver.incident.ref
    for record in alerts:
        after = attrs.evolve(record, version=record.version + 1, incident=IncidentId(to.id))
        entry = recorded(AlertMoved(to.ref, was, why), book.setting, book.at)
        book.write(ALERT, after, (entry,))
    for report in reports:
        report.happened(ReportMoved(to.id, to.ref, was, why), book.setting, book.at)
    yield from _regroup(book, giver, taker, alerts)


def _regroup(
    book: Workbook, giver: Draft, taker: Draft, alerts: tuple[AlertRecord, ...]
) -> Flow[None]:
    if not alerts:
        return
    moved = {x.id for x in alerts}
    left = yield from _belonging(ALERT, giver.incident.id, _EVERY)
    staying = {group_key(x.alert) for x in left if x.id not in moved}
    groups = tuple(dict.fromkeys(group_key(x.alert) for x in alerts))
    going = tuple(x for x in groups if x not in staying)
    owners = (yield from Owners("group", going)) if going else ()
    for group, owner in zip(going, owners, strict=True):
        if owner == giver.incident.id:
            book.keys.append(KeyChange("group", group, owner, taker.incident.id))


# --- what was moved, by the journal ---------------------------------------------------------------


def gave_up(incident: Incident, how: CancelReason) -> Flow[r.GivenUp | None]:
    """What it gave when it was last merged or cancelled as a duplicate; None where it was nothing.

    Raises InvalidValue where that entry was redacted: nobody knows any more.
    """
    for entry in reversed((yield from whole("incident", incident.id))):
        event = None if entry.recorded is None else entry.recorded.event
        if entry.kind == "given_up" and event is None:
            raise InvalidValue("subject", f"what {incident.ref} gave up was redacted")
        if isinstance(event, r.GivenUp):
            return event if event.how is how else None
    return None


def absorbed_by(survivor: Incident, other: Incident) -> Flow[r.Absorbed | None]:
    """What the survivor took from the other, unless it gave it back since."""
    source = f"incident/{other.id}"
    for entry in reversed((yield from whole("incident", survivor.id))):
        event = None if entry.recorded is None else entry.recorded.event
        if isinstance(event, r.Released) and event.target == source:
            return None
        if isinstance(event, r.Absorbed) and event.source == source:
            return event
    return None
