"""From one command, or one thing that happened, to everything that follows on the same record.

The order is always the same: decide, react (at most eight deep), then prioritise, run the clocks,
ring what is due, page, tell. Each step is a rule's decision; this file only keeps their order and
asks the directory whom a page would reach.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from incidentkit.flows import assessing
from incidentkit.flows.draft import Draft, Workbook
from incidentkit.flows.effects import Flow
from incidentkit.flows.outgoing import notify, page, sync
from incidentkit.model import incident_events as e
from incidentkit.model.incident_commands import Command
from incidentkit.model.journal import Event
from incidentkit.model.words import MessageKind, Response, State
from incidentkit.rules import clocks, communicate, escalate, lifecycle, prioritise, react
from incidentkit.timing.instants import show_instant as near

SYSTEM = "system"


def apply(
    book: Workbook,
    draft: Draft,
    events: Iterable[Event],
    *,
    by: str = "",
    cause: str = "",
    depth: int = 0,
) -> None:
    """Let events happen, and whatever the record itself owes to them."""
    setting = book.setting
    for event in events:
        draft.happened(event, setting, book.at, by=by, cause=cause)
        stream, seq = f"incident/{draft.incident.id}", draft.incident.version
        for command in react.react(draft.incident, event, setting.policy.lifecycle):
            if depth < react.DEPTH:
                here = f"{stream}#{seq}"
                followed = decide(book, draft, command, SYSTEM)
                apply(book, draft, followed, by=SYSTEM, cause=here, depth=depth + 1)
        for other in react.elsewhere(event):
            book.react_elsewhere(other.kind, other.id, stream, seq)


def decide(book: Workbook, draft: Draft, command: Command, by: str) -> tuple[Event, ...]:
    """The events of a command on a draft, by the policy's terms."""
    return lifecycle.decide(draft.incident, command, book.at, by, book.setting.policy.lifecycle)


def settle(book: Workbook, draft: Draft) -> Flow[None]:
    """Draw every conclusion that the record owes to what happened to it in this flow."""
    policy = book.setting.policy
    assessed = assessing.reassessed(draft)
    if assessed:
        assessing.rate(book, draft)
    happened = tuple(draft.fresh)
    draft.fresh.clear()
    if happened and draft.only_words_changed() and not assessed:
        # Nothing that a clock, a page or a priority rests on; what time alone has made due is
        # concluded when the timer rings.
        for event in happened:
            yield from _tell(book, draft, event)
        draft.fresh.clear()
        return
    _prioritise(book, draft, happened)
    for moved, reason in clocks.follow(draft.incident, policy.targets, policy.hash):
        draft.happened(moved, book.setting, book.at, by=SYSTEM, reason=reason)
    for said in clocks.ring(draft.incident, book.at):
        draft.happened(said, book.setting, book.at, by=SYSTEM)
    for holder in escalate.lapsed(draft.incident, book.at):
        draft.happened(e.LeaseLapsed(holder), book.setting, book.at, by=SYSTEM)
    yield from _page(book, draft)
    happened += tuple(draft.fresh)
    draft.fresh.clear()
    for event in happened:
        yield from _call(book, draft, event)
        yield from _tell(book, draft, event)


_FIRED = (e.AlertRefired, e.AlertJoined)
_RATED = (e.Rated, e.Declared)


def _call(book: Workbook, draft: Draft, event: Event) -> Flow[None]:
    """Page whoever works on it for what they must hear at once, acknowledged or not."""
    if isinstance(event, e.ClockWarned):
        yield from call(book, draft, "clock_warned", f"{event.target} is due {near(event.due_at)}")
    elif isinstance(event, e.ClockBreached):
        about = f"{event.target} was due {near(event.due_at)} and is missed"
        yield from call(book, draft, "clock_breached", about)
    elif isinstance(event, _FIRED) and draft.incident.life.state in (
        State.MITIGATED,
        State.OBSERVING,
    ):
        yield from call(book, draft, "fix_in_doubt", f"is the fix holding? {event.title}")


def call(book: Workbook, draft: Draft, occasion: str, about: str) -> Flow[None]:
    """One page beside the ladder, where the policy says that this occasion calls."""
    policy = book.setting.policy
    round_ = escalate.call(draft.incident, occasion, policy.paging, policy.hash)
    if round_ is not None:
        for party in round_.to:
            yield from page(book, draft, party, round_, about)


def _prioritise(book: Workbook, draft: Draft, happened: tuple[Event, ...]) -> None:
    """Draw the priority anew when impact or urgency were stated, unless a person set it."""
    rated = any(isinstance(event, _RATED) for event in happened)
    if not rated and not assessing.reassessed(draft):
        return
    rating, policy = draft.incident.rating, book.setting.policy
    if rating.by_hand:
        return
    drawn = prioritise.prioritise(rating.impact, rating.urgency, policy.matrix, policy.hash)
    drawn = assessing.doubted(drawn, book, draft)
    first = draft.new and not any(isinstance(event, e.Prioritised) for event in happened)
    if first or (drawn.priority, drawn.provisional) != (rating.priority, rating.provisional):
        was = None if first else rating.priority
        event = e.Prioritised(drawn.priority, was, drawn.provisional, False)
        draft.happened(event, book.setting, book.at, by=SYSTEM, reason=drawn.reason)


def _page(book: Workbook, draft: Draft) -> Flow[None]:
    """One round of pages when one is due; a decision not to page is recorded once."""
    policy = book.setting.policy
    round_ = escalate.escalate(draft.incident, policy.paging, book.at, policy.hash)
    if round_ is None:
        return
    if not round_.to:
        planned = draft.incident.attention.next_page_at is not None
        drawn = any(isinstance(x.event, e.Prioritised) for x in draft.recorded)
        if draft.new or drawn or planned:
            event = e.PageWithheld(round_.number)
            draft.happened(event, book.setting, book.at, by=SYSTEM, reason=round_.reason)
        return
    for party in round_.to:
        yield from page(book, draft, party, round_)
    after = e.PagingPlanned(round_.number, round_.next_at)
    draft.happened(after, book.setting, book.at, by=SYSTEM, reason=round_.reason)


_SILENT = (e.PageQueued, e.PageWithheld, e.PagingPlanned, e.NoticeQueued, e.DeliverySettled)


def _tell(book: Workbook, draft: Draft, event: Event) -> Flow[None]:
    """The notices and the sync that an event owes."""
    if isinstance(event, _SILENT):
        return
    policy = book.setting.policy
    name = event_name(event)
    for rule, reason in communicate.owed(draft.incident, name, policy.notices, policy.hash):
        if not policy.audiences[rule.audience].members:
            continue
        text = communicate.written(draft.incident, rule)
        yield from notify(book, draft, rule.audience, text, reason)
    if isinstance(event, e.Replied):
        yield from notify(book, draft, event.to, event.text, None)
    if policy.sync and policy.sync in book.setting.taking(MessageKind.SYNC):
        yield from sync(book, draft, policy.sync, name)


def event_name(event: Event) -> str:
    """The stored name of an event: its class name in snake case."""
    return _snake_case(type(event).__name__)


@cache
def _snake_case(name: str) -> str:
    return "".join(f"_{x.lower()}" if x.isupper() else x for x in name).lstrip("_")


def quieten(draft: Draft, book: Workbook) -> None:
    """Alerts that cleared before anybody acknowledged pause the ladder; a re-fire resumes it."""
    incident = draft.incident
    if not incident.active or not incident.ties.alerts:
        return
    response = incident.life.response
    if not incident.ties.firing and response is Response.UNACKNOWLEDGED:
        draft.happened(e.ResponseCleared(), book.setting, book.at, by=SYSTEM)
    elif incident.ties.firing and response is Response.CLEARED:
        draft.happened(e.ResponseRefired(), book.setting, book.at, by=SYSTEM)
