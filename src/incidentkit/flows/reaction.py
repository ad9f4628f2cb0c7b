"""One record reacts to what happened to another: a task that names the causing entry.

Doubled, such a task does nothing: each reaction first looks whether it has already happened.
"""

from __future__ import annotations

import attrs

from incidentkit.flows.advance import apply, call, decide, settle
from incidentkit.flows.draft import Draft, Workbook
from incidentkit.flows.effects import Flow, History, Load, Now
from incidentkit.flows.kinds import DELIVERY
from incidentkit.flows.setting import Outcome, Setting, recorded
from incidentkit.model import incident_events as e
from incidentkit.model import problem as p
from incidentkit.model.delivery import DeliveryReceipted
from incidentkit.model.incident import Link
from incidentkit.model.incident_commands import Resume
from incidentkit.model.journal import Event
from incidentkit.model.words import (
    DeliveryState,
    LinkKind,
    MessageKind,
    ProblemState,
    Response,
)
from incidentkit.ports.rows import ClaimedTask, Done, Settle
from incidentkit.rules import problem_reactions

SYSTEM = "system"
_GONE = frozenset((ProblemState.RESOLVED, ProblemState.CLOSED))


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
        yield from _problem(book, id_, event, stream)
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
    elif isinstance(event, p.ProblemResolved):
        yield from _problem_resolved(book, draft, event, id_, cause)
    elif isinstance(event, p.ProblemLinked | p.ProblemUnlinked):
        yield from _mirror(book, draft, event.link.kind, stream, cause)
    elif isinstance(event, e.Linked | e.Unlinked):
        yield from _mirror(book, draft, event.kind, stream, cause)
    yield from settle(book, draft)


def _problem_resolved(
    book: Workbook, draft: Draft, event: p.ProblemResolved, problem_id: str, cause: str
) -> Flow[None]:
    """What waits for the problem goes on, unless the problem is being analysed again by now."""
    found = yield from book.problem(problem_id)
    if found is None or found.value.state not in _GONE:
        return
    book.reads.append(("problem", problem_id))
    ref = found.value.ref
    for command in problem_reactions.on_problem_resolved(draft.incident, event, ref):
        apply(book, draft, decide(book, draft, command, SYSTEM), by=SYSTEM, cause=cause)
        if isinstance(command, Resume):
            about = f"{ref} is resolved, but alerts still fire"
            yield from call(book, draft, "problem_gone", about)


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
    if of == "problem":
        problem = yield from book.problem(id_)
        if problem is not None:
            links, ref = problem.value.links, problem.value.ref
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
    state, detail = delivery.state.value, delivery.detail
    lost = isinstance(event, DeliveryReceipted)
    if isinstance(event, DeliveryReceipted):
        state, detail = "not_received", event.detail
    settled = e.DeliverySettled(
        delivery.id,
        delivery.kind,
        delivery.party,
        delivery.channel,
        state,
        detail,
    )
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


def _problem(book: Workbook, id_: str, event: Event, stream: str) -> Flow[None]:
    """The problem's end of a link that was made or taken away at an incident."""
    draft = yield from book.problem(id_)
    if draft is None or not isinstance(event, e.Linked | e.Unlinked):
        return
    kind = event.kind.inverse
    stands, ref = yield from _far_end(book, stream, event.kind, f"problem/{id_}")
    mine = [x for x in draft.value.links if x.kind is kind and x.target == stream]
    if stands and not mine:
        linked = p.ProblemLinked(Link(kind, stream, ref))
        draft.happened(linked, book.setting, book.at, by=SYSTEM)
    elif not stands:
        for link in mine:
            draft.happened(p.ProblemUnlinked(link), book.setting, book.at, by=SYSTEM)
