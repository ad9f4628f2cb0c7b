"""Messages about records other than incidents: calls, reminders, and notices to audiences."""

from __future__ import annotations

from typing import Any

from incidentkit.flows.asking import contacts_of
from incidentkit.flows.draft import Workbook
from incidentkit.flows.effects import Flow
from incidentkit.flows.outgoing import About, full, queue
from incidentkit.flows.record_draft import RecordDraft
from incidentkit.model import incident_events as e
from incidentkit.model.people import Contact
from incidentkit.model.reason import Reason
from incidentkit.model.words import MessageKind
from incidentkit.rules.call_owner import call_owner

SYSTEM = "system"


def call(
    book: Workbook,
    draft: RecordDraft[Any],
    about: About,
    occasion: str,
    owner: str | None,
    text: str,
) -> Flow[None]:
    """Page the owner of a record, or the tenant's fallback where it has none."""
    policy = book.setting.policy
    reason = call_owner(occasion, owner, policy.paging.fallback, policy.hash)
    yield from _to_one(book, draft, about, MessageKind.PAGE, text, reason)


def _to_one(
    book: Workbook,
    draft: RecordDraft[Any],
    about: About,
    kind: MessageKind,
    text: str,
    reason: Reason,
) -> Flow[None]:
    party = str(reason.outcome)
    takers = book.setting.taking(kind)
    bare = takers if kind is MessageKind.PAGE else takers[:1]
    contacts = yield from _contacts(book, party, takers, bare)
    for contact in contacts:
        why = None
        if kind is MessageKind.PAGE:
            why = yield from full(book, about[0], party, contact.channel)
        if why is not None:
            bundled = e.PageBundled(party, contact.channel, 0, int(str(why.inputs["waiting"])))
            draft.happened(bundled, book.setting, book.at, by=SYSTEM, reason=why)
            continue
        delivery = yield from queue(book, about, kind, party, contact, text)
        if kind is MessageKind.PAGE:
            event = e.PageQueued(delivery, party, contact.channel, 0)
            draft.happened(event, book.setting, book.at, by=SYSTEM, reason=reason)
    if kind is MessageKind.NOTICE:
        told = e.NoticeQueued(party, text, len(contacts))
        draft.happened(told, book.setting, book.at, by=SYSTEM, reason=reason)


def _contacts(
    book: Workbook, party: str, takers: tuple[str, ...], bare: tuple[str, ...]
) -> Flow[tuple[Contact, ...]]:
    """Where a party is reached; its bare name on some channels where the directory knows none."""
    found = yield from contacts_of(book, party)
    known = tuple(x for x in found.contacts if x.channel in takers)
    return known or tuple(Contact(channel, party) for channel in bare)


def tell(
    book: Workbook, draft: RecordDraft[Any], about: About, audience: str, text: str, by: str = ""
) -> Flow[None]:
    """A notice to every member of an audience."""
    known = book.setting.policy.audiences[audience]
    takers = book.setting.taking(MessageKind.NOTICE)
    if known.channel:
        takers = tuple(x for x in takers if x == known.channel)
    queued = 0
    for party in known.members:
        for contact in (yield from _contacts(book, party, takers, takers[:1])):
            _ = yield from queue(book, about, MessageKind.NOTICE, party, contact, text)
            queued += 1
    told = e.NoticeQueued(audience, text, queued)
    draft.happened(told, book.setting, book.at, by=by)
