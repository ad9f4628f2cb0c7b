"""One record reacts to what happened to another: a task that names the causing entry.

Doubled, such a task does nothing: each reaction first looks whether it has already happened.
"""

from __future__ import annotations

import attrs

from incidentkit.flows.advance import settle
from incidentkit.flows.draft import Draft, Workbook
from incidentkit.flows.effects import Flow, History, Load, Now
from incidentkit.flows.kinds import DELIVERY
from incidentkit.flows.problem_effects import heard
from incidentkit.flows.problem_links import mirrored
from incidentkit.flows.problem_watch import arrived
from incidentkit.flows.setting import Outcome, Setting, recorded
from incidentkit.model import incident_events as e
from incidentkit.model import problem as p
from incidentkit.model import record_events as r
from incidentkit.model.delivery import Delivery, DeliveryReceipted
from incidentkit.model.incident import Link
from incidentkit.model.journal import Event
from incidentkit.model.words import (
    DeliveryState,
    LinkKind,
    MessageKind,
    Response,
)
from incidentkit.ports.rows import ClaimedTask, Done, Settle
from incidentkit.rules import problem_reactions

SYSTEM = "system"


def reaction(setting: Setting, claimed: ClaimedTask) -> Flow[Outcome[None]]:
    """Let the record that the task names react to the entry that caused it, and settle the task."""
    at = yield from Now()
    book = Workbook(setting, at)
    cause, _, target = claimed.task.body.partition(">")
    stream, _, seq = cause.partition("#")
    event = yield from _cause(stream, int(seq))
    kind, _, id_ = target.partition("/")
    if event is not None and kind == "incident":
        draft = yield from book.incident(id_)
        if draft is not None:
            yield from _incident(book, draft, event, stream, cause)
    elif event is not None and kind == "problem":
        yield from _problem(book, id_, event, stream, cause)
    elif event is not None and kind == "redaction":
        from incidentkit.flows.redacting import carry_out

        yield from carry_out(id_, event)
    elif event is not None and kind == "maintenance":
        yield from _record(book, kind, id_, event, stream, cause)
    elif isinstance(event, DeliveryReceipted):
        yield from _receipted(book, id_, event)
    book.settles.append(Settle(claimed.task.id, claimed.token, Done()))
    _ = yield from book.commit()
    return Outcome(None, at)


def _receipted(book: Workbook, id_: str, event: DeliveryReceipted) -> Flow[None]:
    """A receipt that came while the message was being sent."""
    (delivery,) = yield from Load(DELIVERY, (id_,))
    if delivery is not None:
        after = attrs.evolve(delivery, version=delivery.version + 1, received=event.delivered)
        book.write(DELIVERY, after, (recorded(event, book.setting, book.at),))
        if not event.delivered:
            book.tell_subject(after)


def _cause(stream: str, seq: int) -> Flow[Event | None]:
    kind, _, id_ = stream.partition("/")
    entries = yield from History(kind, id_, seq - 1, 1)
    if not entries or entries[0].recorded is None:
        return None
    return entries[0].recorded.event


def _incident(book: Workbook, draft: Draft, event: Event, stream: str, cause: str) -> Flow[None]:
    kind, _, id_ = stream.partition("/")
    if kind == "delivery":
        yield from _delivered(book, draft, id_, event, cause)
    elif isinstance(event, problem_reactions.HEARD):
        yield from heard(book, draft, event, id_, cause)
    elif isinstance(event, p.ProblemLinked | p.ProblemUnlinked):
        yield from _mirror(book, draft, event.link.kind, stream, cause)
    elif isinstance(event, e.Linked | e.Unlinked):
        yield from _mirror(book, draft, event.kind, stream, cause)
    elif isinstance(event, r.RecordLinked | r.RecordUnlinked):
        yield from _mirror(book, draft, event.link.kind, stream, cause)
    yield from settle(book, draft)


def _mirror(book: Workbook, draft: Draft, kind: LinkKind, stream: str, cause: str) -> Flow[None]:
    """This end of a link as the other end has it now.

    Links and unlinks may be heard of late, twice or in another order; what counts is what stands.
    """
    incident = draft.incident
    stands, ref = yield from _far_end(book, stream, kind, f"incident/{incident.id}")
    mine = [x for x in incident.ties.links if x.kind is kind.inverse and x.target == stream]
    if stands and not mine:
        linked = e.Linked(kind.inverse, stream, ref)
        draft.happened(linked, book.setting, book.at, by=SYSTEM, cause=cause)
    elif not stands:
        for link in mine:
            gone = e.Unlinked(link.kind, link.target, link.ref)
            draft.happened(gone, book.setting, book.at, by=SYSTEM, cause=cause)


def _far_end(book: Workbook, stream: str, kind: LinkKind, target: str) -> Flow[tuple[bool, str]]:
    """Whether the record of the stream has this link now, and its reference."""
    of, _, id_ = stream.partition("/")
    book.reads.append((of, id_))
    links: tuple[Link, ...] = ()
    ref = stream
    if of != "incident":
        record = yield from book.record(of, id_)
        if record is not None:
            links, ref = record.value.links, record.value.ref
    else:
        other = yield from book.incident(id_)
        if other is not None:
            links, ref = other.incident.ties.links, other.incident.ref
    return any(x.kind is kind and x.target == target for x in links), ref


def _delivered(
    book: Workbook, draft: Draft, delivery_id: str, event: Event, cause: str
) -> Flow[None]:
    """The incident hears what became of a message.

    A page that was refused, or did not arrive, makes the next round due now.
    """
    (delivery,) = yield from Load(DELIVERY, (delivery_id,))
    if delivery is None:
        return
    lost = isinstance(event, DeliveryReceipted)
    settled = _settled(delivery, event)
    draft.happened(settled, book.setting, book.at, by=SYSTEM, cause=cause)
    attention = draft.incident.attention
    failed = lost or delivery.state is DeliveryState.REFUSED
    refused = failed and delivery.kind is MessageKind.PAGE
    waiting = draft.incident.life.response is not Response.ACKNOWLEDGED
    # Somebody else is asked at once, but once only: a pager that refuses everything must not use
    # up the ladder in one instant.
    other = delivery.party != book.setting.policy.paging.fallback and attention.round == 1
    if refused and waiting and other and attention.next_page_at is not None:
        sooner = e.PagingPlanned(attention.round, book.at)
        draft.happened(sooner, book.setting, book.at, by=SYSTEM, cause=cause)


def _settled(delivery: Delivery, event: Event) -> e.DeliverySettled:
    """What became of a message, for the record that it is about."""
    state, detail = delivery.state.value, delivery.detail
    if isinstance(event, DeliveryReceipted):
        state, detail = "not_received", event.detail
    return e.DeliverySettled(
        delivery.id,
        delivery.kind,
        delivery.party,
        delivery.channel,
        state,
        detail,
    )


def _record(
    book: Workbook, kind: str, id_: str, event: Event, stream: str, cause: str
) -> Flow[None]:
    """Planned work hears of a message about it, or of the other end of a link."""
    draft = yield from book.record(kind, id_)
    if draft is None:
        return
    far, _, far_id = stream.partition("/")
    if far == "delivery":
        (delivery,) = yield from Load(DELIVERY, (far_id,))
        if delivery is not None:
            settled = _settled(delivery, event)
            draft.happened(settled, book.setting, book.at, by=SYSTEM, cause=cause)
    elif isinstance(event, e.Linked | e.Unlinked):
        near = event.kind.inverse
        stands, ref = yield from _far_end(book, stream, event.kind, f"{kind}/{id_}")
        mine = [x for x in draft.value.links if x.kind is near and x.target == stream]
        if stands and not mine:
            linked = r.RecordLinked(Link(near, stream, ref))
            draft.happened(linked, book.setting, book.at, by=SYSTEM, cause=cause)
        elif not stands:
            for link in mine:
                gone = r.RecordUnlinked(link)
                draft.happened(gone, book.setting, book.at, by=SYSTEM, cause=cause)


_ARRIVED = (e.Declared, e.Accepted)


def _problem(book: Workbook, id_: str, event: Event, stream: str, cause: str) -> Flow[None]:
    """The problem's end of a link made or taken away elsewhere; an incident that doubts a fix."""
    draft = yield from book.problem(id_)
    if draft is None:
        return
    if isinstance(event, _ARRIVED):
        incident = yield from book.incident(stream.removeprefix("incident/"))
        if incident is not None:
            book.reads.append(("incident", incident.incident.id))
            yield from arrived(book, draft, incident.incident, cause)
        return
    if isinstance(event, p.ProblemLinked | p.ProblemUnlinked):
        far = event.link.kind
    elif isinstance(event, e.Linked | e.Unlinked):
        far = event.kind
    else:
        return
    kind = far.inverse
    stands, ref = yield from _far_end(book, stream, far, f"problem/{id_}")
    mine = [x for x in draft.value.links if x.kind is kind and x.target == stream]
    if stands and not mine:
        yield from mirrored(book, draft, Link(kind, stream, ref), cause)
    elif not stands:
        for link in mine:
            gone = p.ProblemUnlinked(link)
            draft.happened(gone, book.setting, book.at, by=SYSTEM, cause=cause)
