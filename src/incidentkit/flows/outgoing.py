"""Queueing what goes out: pages to people, notices to audiences, syncs to other systems.

Nothing is sent here. A message is a record and a task in the same commit as the change that caused
it; only the deliver flow sends, later, on a claimed task.
"""

from __future__ import annotations

from hashlib import blake2b

from incidentkit.flows.draft import (
    PRIORITY_OF_NOTICES,
    PRIORITY_OF_PAGES,
    Draft,
    Workbook,
)
from incidentkit.flows.effects import Ask, Flow, NewId, NewToken
from incidentkit.flows.questions import ContactsOf
from incidentkit.ids import DeliveryId
from incidentkit.model import incident_events as e
from incidentkit.model.delivery import Delivery
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.people import Contact
from incidentkit.model.reason import Plain, Reason
from incidentkit.model.words import MessageKind
from incidentkit.rules.escalate import Round

SYSTEM = "system"


def token_hash(token: str) -> str:
    """What is kept of an answer token once it has been sent."""
    return blake2b(token.encode(), digest_size=16).hexdigest()


def page(book: Workbook, draft: Draft, party: str, round_: Round, about: str = "") -> Flow[None]:
    """A page to one party: on each of its page contacts, or its bare name on every page channel.

    The directory's answer is journaled with the reason, because the decision rests on it.
    """
    found = yield from Ask(ContactsOf(party))
    pagers = book.setting.taking(MessageKind.PAGE)
    reachable = tuple(x for x in found.contacts if x.channel in pagers)
    contacts = reachable or tuple(Contact(channel, party) for channel in pagers)
    reason = _with_contacts(round_.reason, party, contacts, found.revision, found.last_good)
    incident = draft.incident
    text = f"{incident.ref} {incident.priority.value}: {incident.title}"
    if incident.card.service:
        text += f" [{incident.card.service}]"
    if about:
        text += f" - {about}"
    for contact in contacts:
        delivery = yield from _queue(
            book, draft, MessageKind.PAGE, party, contact, text, round_.number, PRIORITY_OF_PAGES
        )
        event = e.PageQueued(delivery, party, contact.channel, round_.number)
        draft.happened(event, book.setting, book.at, by=SYSTEM, reason=reason)


def _with_contacts(
    reason: Reason, party: str, contacts: tuple[Contact, ...], revision: str, last_good: bool
) -> Reason:
    answer: FrozenMap[str, Plain] = FrozenMap(
        {
            "party": party,
            "contacts": tuple(f"{x.channel}:{x.address}" for x in contacts),
            "revision": revision,
            "last_good": last_good,
        }
    )
    inputs = reason.inputs.with_("directory", answer)
    return Reason(
        reason.rule, reason.version, inputs, reason.outcome, reason.policy, reason.unknowns
    )


def notify(
    book: Workbook, draft: Draft, audience: str, text: str, reason: Reason | None
) -> Flow[int]:
    """A notice to every member of an audience, or to one party by name; how many messages."""
    known = book.setting.policy.audiences.get(audience)
    members = known.members if known is not None else (audience,)
    channel = "" if known is None else known.channel
    queued = 0
    for party in members:
        queued += yield from notify_one(book, draft, party, text, channel=channel)
    event = e.NoticeQueued(audience, text, queued)
    draft.happened(event, book.setting, book.at, by=SYSTEM if reason else "", reason=reason)
    return queued


def notify_one(
    book: Workbook, draft: Draft, party: str, text: str, report: str = "", *, channel: str = ""
) -> Flow[int]:
    """A notice to one party, which nothing but its delivery speaks of; how many messages.

    `report` is the id of the report that it is about, `channel` the only one it may take.
    """
    takers = book.setting.taking(MessageKind.NOTICE)
    if channel:
        takers = tuple(x for x in takers if x == channel)
    found = yield from Ask(ContactsOf(party))
    reachable = tuple(x for x in found.contacts if x.channel in takers)
    queued = 0
    for contact in reachable or tuple(Contact(x, party) for x in takers[:1]):
        kind, priority = MessageKind.NOTICE, PRIORITY_OF_NOTICES
        _ = yield from _queue(book, draft, kind, party, contact, text, 0, priority, report)
        queued += 1
    return queued


def sync(book: Workbook, draft: Draft, channel: str, event: str) -> Flow[None]:
    """Tell another system that this happened; the record it keeps follows ours."""
    incident = draft.incident
    text = f"{event}: {incident.ref} is {incident.life.state.value}, {incident.priority.value}"
    contact = Contact(channel, incident.ref)
    _ = yield from _queue(
        book, draft, MessageKind.SYNC, channel, contact, text, 0, PRIORITY_OF_NOTICES
    )


def _queue(
    book: Workbook,
    draft: Draft,
    kind: MessageKind,
    party: str,
    contact: Contact,
    text: str,
    round_: int,
    priority: int,
    report: str = "",
) -> Flow[str]:
    incident = draft.incident
    id_ = yield from NewId()
    token = yield from NewToken()
    delivery = Delivery(
        DeliveryId(id_),
        1,
        kind,
        f"incident/{incident.id}",
        incident.ref,
        party,
        contact.address,
        contact.channel,
        incident.title,
        text,
        incident.priority.value,
        round_,
        token_hash(token),
        report=report,
    )
    book.deliver(delivery, token, priority)
    return id_
