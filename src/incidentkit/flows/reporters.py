"""Telling the reporters of an incident: one after the other, page by page, each once an episode.

A reaction of its own, so that resolving an incident that a thousand people reported is one small
commit. Doubled it does nothing: whoever was told of this resolution is not told again.
"""

from __future__ import annotations

from incidentkit.flows.contents import drafted
from incidentkit.flows.draft import Draft, Workbook
from incidentkit.flows.effects import Find, Flow
from incidentkit.flows.kinds import REPORT
from incidentkit.flows.outgoing import notify_one
from incidentkit.flows.reaching import known_of
from incidentkit.model import incident_events as e
from incidentkit.model.journal import Event
from incidentkit.model.report import Report
from incidentkit.model.report_changes import ReportTold
from incidentkit.model.words import MessageKind
from incidentkit.ports.query import Compare, Cursor, Op, Query
from incidentkit.rules import report_lifecycle
from incidentkit.rules.react import REPORTERS

PAGE = 100
SYSTEM = "system"


def tell(book: Workbook, name: str, event: Event, cause: str) -> Flow[None]:
    """Tell one page of reporters what the event means for them; the rest is another task.

    `name` is the incident's id, and after a `?` the report behind which this page begins.
    """
    id_, _, after = name.partition("?")
    draft = yield from book.incident(id_)
    if draft is None or not book.setting.taking(MessageKind.NOTICE):
        return
    replied = isinstance(event, e.Replied)
    terms = book.setting.policy.reports
    if not replied and not terms.tell:
        return
    where = Compare("incident", Op.EQ, id_)
    cursor = Cursor(after, after) if after else None
    page = yield from Find(REPORT, Query("report", where, after=cursor, limit=PAGE))
    if isinstance(event, e.Replied):
        yield from _reply(book, draft, page.items, event.text, cause)
    else:
        known = yield from known_of(book, draft.incident, terms.told.names())
        text = terms.told.render(known)
        yield from _resolved(book, draft, page.items, text, cause)
    if page.next is not None:
        stream, _, seq = cause.partition("#")
        book.react_elsewhere(REPORTERS, f"{id_}?{page.items[-1].id}", stream, int(seq))


def _resolved(
    book: Workbook, draft: Draft, reports: tuple[Report, ...], text: str, cause: str
) -> Flow[None]:
    """Whoever has not heard of this resolution yet is told, and asked whether it is one.

    One who reported it twice gets one message, which answers for the first of both reports.
    """
    incident = draft.incident
    queued = 0
    heard: set[str] = set()
    for report in reports:
        if report_lifecycle.owes_telling(report, incident):
            if report.hears not in heard:
                queued += yield from notify_one(book, draft, report.hears, text, report.id)
            heard.add(report.hears)
            told = ReportTold(report.hears, incident.life.reopened)
            drafted(book, report).happened(told, book.setting, book.at, by=SYSTEM, cause=cause)
    _said(book, draft, text, queued, cause)


def _reply(
    book: Workbook, draft: Draft, reports: tuple[Report, ...], text: str, cause: str
) -> Flow[None]:
    """Everybody who reported it hears the reply, once however often they did."""
    queued = 0
    first: dict[str, str] = {}
    for report in reports:
        _ = first.setdefault(report.hears, report.id)
    for party, id_ in first.items():
        queued += yield from notify_one(book, draft, party, text, id_)
    _said(book, draft, text, queued, cause)


def _said(book: Workbook, draft: Draft, text: str, queued: int, cause: str) -> None:
    if queued:
        event = e.NoticeQueued(REPORTERS, text, queued)
        draft.happened(event, book.setting, book.at, by=SYSTEM, cause=cause)
