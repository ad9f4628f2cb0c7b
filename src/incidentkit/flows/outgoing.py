"""Queueing what goes out: pages to people, notices to audiences, syncs to other systems.

Nothing is sent here. A message is a record and a task in the same commit as the change that caused
it; only the deliver flow sends, later, on a claimed task.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import blake2b
from typing import TypeAlias

from incidentkit.flows.draft import (
    PRIORITY_OF_NOTICES,
    PRIORITY_OF_PAGES,
    Draft,
    Workbook,
)
from incidentkit.flows.effects import Find, Flow, NewId, NewToken
from incidentkit.flows.keeping import keep, kept_as, ticket_of
from incidentkit.flows.kinds import DELIVERY
from incidentkit.flows.reaching import Reached, reach
from incidentkit.ids import DeliveryId
from incidentkit.model import incident_events as e
from incidentkit.model.delivery import NO_FIELDS, Delivery
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.people import Contact
from incidentkit.model.reason import Plain, Reason
from incidentkit.model.words import UNSENT, MessageKind
from incidentkit.ports.query import AllOf, Compare, OneOf, Op, Query
from incidentkit.rules import sending
from incidentkit.rules.escalate import Round
from incidentkit.timing.instants import show_instant

SYSTEM = "system"
_MOST = 1_000
"""Unsent messages of one person about one incident that are looked at."""


def token_hash(token: str) -> str:
    """What is kept of an answer token once it has been sent."""
    return blake2b(token.encode(), digest_size=16).hexdigest()


def page(book: Workbook, draft: Draft, party: str, round_: Round, about: str = "") -> Flow[None]:
    """A page to one party: on each of its page contacts, or its bare name on every page channel.

    A page to a team without contacts reaches its members. The directory's answer is journaled with
    the reason, because the decision rests on it.
    """
    pagers = book.setting.taking(MessageKind.PAGE)
    incident = draft.incident
    text = f"{incident.ref} {incident.priority.value}: {incident.title}"
    if incident.card.service:
        text += f" [{incident.card.service}]"
    if about:
        text += f" - {about}"
    kept = kept_as(incident, MessageKind.PAGE)
    for reached in (yield from reach(book, party, pagers)):
        to = reached.party
        contacts = reached.contacts or tuple(Contact(channel, to) for channel in pagers)
        reason = with_contacts(round_.reason, reached, contacts, book.at)
        for contact in contacts:
            full = yield from bundle(book, draft, to, contact.channel)
            if full is not None:
                waiting = int(str(full.inputs["waiting"]))
                bundled = e.PageBundled(to, contact.channel, round_.number, waiting)
                draft.happened(bundled, book.setting, book.at, by=SYSTEM, reason=full)
                continue
            delivery = yield from queue(
                book, of(draft), MessageKind.PAGE, to, contact, text, round_.number, drawn=True
            )
            event = e.PageQueued(delivery, to, contact.channel, round_.number, kept)
            draft.happened(event, book.setting, book.at, by=SYSTEM, reason=reason)


def bundle(book: Workbook, draft: Draft, party: str, channel: str) -> Flow[Reason | None]:
    """Why one more page does not wait beside those that do; None where it may."""
    if draft.new:
        return None  # nothing was ever said about it
    return (yield from full(book, f"incident/{draft.incident.id}", party, channel))


def full(book: Workbook, subject: str, party: str, channel: str) -> Flow[Reason | None]:
    """The same for a page about any record."""
    policy = book.setting.policy
    where = AllOf(
        (
            Compare("subject", Op.EQ, subject),
            Compare("party", Op.EQ, party),
            Compare("channel", Op.EQ, channel),
            OneOf("state", tuple(state.value for state in UNSENT)),
        )
    )
    found = yield from Find(DELIVERY, Query("delivery", where, limit=_MOST))
    waiting = sum(each.kind is MessageKind.PAGE for each in found.items)
    reason = sending.bundled(waiting, party, channel, policy.delivery, policy.hash)
    return reason if reason.outcome == sending.WITH_OTHERS else None


def with_contacts(
    reason: Reason, reached: Reached, contacts: tuple[Contact, ...], at: datetime
) -> Reason:
    """The reason of a page with where it goes, and how old that is where it is a last answer."""
    answer: FrozenMap[str, Plain] = FrozenMap(
        {
            "party": reached.party,
            "contacts": tuple(f"{x.channel}:{x.address}" for x in contacts),
            "revision": reached.revision,
            "last_good": reached.last_good,
        }
    )
    if reached.last_good and reached.as_of is not None:
        answer = answer.with_("as_of", reached.as_of.isoformat())
        answer = answer.with_("age", max(0, int((at - reached.as_of).total_seconds())))
    if reached.of:
        answer = answer.with_("of", reached.of)
    inputs = reason.inputs.with_("directory", answer)
    return Reason(
        reason.rule, reason.version, inputs, reason.outcome, reason.policy, reason.unknowns
    )


def notify(
    book: Workbook,
    draft: Draft,
    audience: str,
    members: tuple[str, ...],
    text: str,
    reason: Reason | None,
    again_in: timedelta | None = None,
) -> Flow[int]:
    """A notice to the members of an audience, or to one party by name; how many messages.

    Its audience has heard, which keeps what it was promised; `again_in` promises the next word.
    """
    again_at = None if again_in is None else book.at + again_in
    if again_at is not None:
        text = f"{text}\nNext update by {show_instant(again_at)}"
    known = book.setting.policy.audiences.get(audience)
    channel = "" if known is None else known.channel
    queued = 0
    told: set[str] = set()
    for party in members:
        queued += yield from notify_one(
            book, draft, party, text, channel=channel, told=told, drawn=reason is not None
        )
    kept = kept_as(draft.incident, MessageKind.NOTICE)
    event = e.NoticeQueued(audience, text, queued, again_at, kept)
    draft.happened(event, book.setting, book.at, by=SYSTEM if reason else "", reason=reason)
    if again_in is not None or draft.incident.clocks:
        from incidentkit.rules.promises import notified

        policy = book.setting.policy.hash
        for said, why in notified(draft.incident, audience, again_in, book.at, policy):
            draft.happened(said, book.setting, book.at, by=SYSTEM, reason=why)
    return queued


def notify_one(
    book: Workbook,
    draft: Draft,
    party: str,
    text: str,
    report: str = "",
    *,
    channel: str = "",
    told: set[str] | None = None,
    drawn: bool = False,
    always: bool = False,
) -> Flow[int]:
    """A notice to one party, which nothing but its delivery speaks of; how many messages.

    `report` is the id of the report that it is about, `channel` the only one it may take; whoever
    is among `told` was told already. `always`: whatever the mode, and however late.
    """
    takers = book.setting.taking(MessageKind.NOTICE)
    if channel:
        takers = tuple(x for x in takers if x == channel)
    heard = set[str]() if told is None else told
    queued = 0
    for reached in (yield from reach(book, party, takers)):
        to = reached.party
        if to in heard:
            continue
        heard.add(to)
        for contact in reached.contacts or tuple(Contact(x, to) for x in takers[:1]):
            _ = yield from queue(
                book,
                of(draft),
                MessageKind.NOTICE,
                to,
                contact,
                text,
                report=report,
                drawn=drawn,
                always=always,
            )
            queued += 1
    return queued


def sync(book: Workbook, draft: Draft, channel: str, event: str) -> Flow[None]:
    """Tell another system that this happened; the record it keeps follows ours.

    A ticket that was adopted is told the fields that changed here or are the library's, and
    nothing where there is none: so our own change that it sends back goes no further.
    """
    incident = draft.incident
    text = f"{event}: {incident.ref} is {incident.life.state.value}, {incident.priority.value}"
    contact = Contact(channel, incident.ref)
    hosted = None if incident.more is None else incident.more.hosted
    if hosted is None or not hosted.system:
        _ = yield from queue(book, of(draft), MessageKind.SYNC, channel, contact, text)
        return
    from incidentkit.model.hosting_changes import FieldsSent
    from incidentkit.rules.ownership import outward

    fields = outward(incident, hosted, book.setting.policy.ownership)
    if fields:
        to = Contact(channel, hosted.key)
        about = of(draft)
        sync_, version = MessageKind.SYNC, incident.version
        id_ = yield from queue(
            book, about, sync_, channel, to, text, fields=fields, version=version
        )
        draft.happened(FieldsSent(fields, id_), book.setting, book.at, by=SYSTEM)


About: TypeAlias = tuple[str, str, str, str]
"""What a message is about: `kind/id`, reference, title and priority of the record."""


def of(draft: Draft) -> About:
    """A message about an incident."""
    incident = draft.incident
    name = f"incident/{incident.id}"
    return name, incident.ref, incident.title, incident.rating.priority.value


def queue(
    book: Workbook,
    about: About,
    kind: MessageKind,
    party: str,
    contact: Contact,
    text: str,
    round_: int = 0,
    report: str = "",
    fields: FrozenMap[str, str] = NO_FIELDS,
    version: int = 0,
    *,
    drawn: bool = False,
    always: bool = False,
) -> Flow[str]:
    """One message to one party at one address: its record and the task that sends it; its id.

    About a ticket on which the library does not act it is only the record, unless it is `always`
    sent.
    """
    subject, ref, title, priority = about
    ticket = yield from ticket_of(book, subject)
    id_ = yield from NewId()
    token = yield from NewToken()
    delivery = Delivery(
        DeliveryId(id_),
        1,
        kind,
        subject,
        ref,
        party,
        contact.address,
        contact.channel,
        title,
        text,
        priority,
        round_,
        token_hash(token),
        report=report,
        queued_at=book.at,
        fields=fields,
        subject_version=version,
        turn=0 if ticket is None else ticket.turn,
        drawn=drawn,
        always=always,
    )
    if ticket is not None and not always and keep(book, delivery, ticket):
        return id_
    urgent = kind is MessageKind.PAGE
    book.deliver(delivery, token, PRIORITY_OF_PAGES if urgent else PRIORITY_OF_NOTICES)
    return id_
