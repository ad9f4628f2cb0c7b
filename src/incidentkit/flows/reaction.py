"""One record reacts to what happened to another: a task that names the causing entry.

Which commands it owes stands in the table (`rules.reactions`); here they are carried out, in the
system's name. Doubled, such a task does nothing: the table looks at what stands.
"""

from __future__ import annotations

from typing import Any

import attrs

from incidentkit.errors import CallerError
from incidentkit.flows.advance import apply, call, decide, settle
from incidentkit.flows.draft import Draft, Workbook
from incidentkit.flows.effects import Flow, History, Kind, Load, Now
from incidentkit.flows.family import open_children, with_children
from incidentkit.flows.kinds import CHANGE, DELIVERY
from incidentkit.flows.records import happen
from incidentkit.flows.setting import Outcome, Setting, recorded
from incidentkit.model import incident_events as e
from incidentkit.model.delivery import DeliveryReceipted
from incidentkit.model.incident_commands import Command
from incidentkit.model.journal import JournalEntry
from incidentkit.model.reaction_commands import Call
from incidentkit.ports.rows import ClaimedTask, Done, Settle
from incidentkit.rules import reactions
from incidentkit.rules.react import REPORTERS

SYSTEM = reactions.SYSTEM
_LOADED: dict[str, Kind[Any]] = {"delivery": DELIVERY, "change": CHANGE}
"""Records that cause reactions and are never changed by them."""


def reaction(setting: Setting, claimed: ClaimedTask) -> Flow[Outcome[None]]:
    """Let the record that the task names react to the entry that caused it, and settle the task."""
    at = yield from Now()
    book = Workbook(setting, at)
    cause, _, target = claimed.task.body.partition(">")
    entry = yield from _entry(cause)
    kind, _, id_ = target.partition("/")
    if entry is not None and entry.recorded is not None:
        if kind == "delivery" and isinstance(entry.recorded.event, DeliveryReceipted):
            yield from _receipted(book, id_, entry.recorded.event)
        elif kind == REPORTERS:
            from incidentkit.flows.reporters import tell

            yield from tell(book, id_, entry.recorded.event, cause)
        else:
            yield from _react(book, kind, id_, entry, cause)
    book.settles.append(Settle(claimed.task.id, claimed.token, Done()))
    _ = yield from book.commit()
    return Outcome(None, at)


def _entry(cause: str) -> Flow[JournalEntry | None]:
    stream, _, seq = cause.partition("#")
    kind, _, id_ = stream.partition("/")
    entries = yield from History(kind, id_, int(seq) - 1, 1)
    return entries[0] if entries else None


def _receipted(book: Workbook, id_: str, event: DeliveryReceipted) -> Flow[None]:
    """A receipt that came while the message was being sent."""
    (delivery,) = yield from Load(DELIVERY, (id_,))
    if delivery is not None:
        after = attrs.evolve(delivery, version=delivery.version + 1, received=event.delivered)
        book.write(DELIVERY, after, (recorded(event, book.setting, book.at),))
        if not event.delivered:
            book.tell_subject(after)


def _react(book: Workbook, kind: str, id_: str, entry: JournalEntry, name: str) -> Flow[None]:
    if kind == "incident":
        draft = yield from book.incident(id_)
        if draft is not None:
            cause = yield from _cause(book, entry, draft)
            for command in reactions.reactions(kind, draft.incident, cause, _terms(book)):
                yield from _on_incident(book, draft, command, name)
            yield from settle(book, draft)
        return
    record = yield from book.record(kind, id_)
    if record is not None:
        cause = yield from _cause(book, entry, None)
        for command in reactions.reactions(kind, record.value, cause, _terms(book)):
            events = record.of.decide(record.value, command, book.at)
            happen(book, record, events, by=SYSTEM, cause=name)


def _terms(book: Workbook) -> reactions.Terms:
    policy = book.setting.policy
    return reactions.Terms(policy.lifecycle, policy.paging.fallback)


def _cause(book: Workbook, entry: JournalEntry, hears: Draft | None) -> Flow[reactions.Cause]:
    """The entry with its record as it stands now; what a reaction rests on must stand unchanged."""
    kind, _, id_ = entry.stream.partition("/")
    origin: Any = None
    if kind in _LOADED:
        (origin,) = yield from Load(_LOADED[kind], (id_,))
    else:
        book.reads.append((kind, id_))
        found: Any = yield from (
            book.incident(id_) if kind == "incident" else book.record(kind, id_)
        )
        if found is not None:
            origin = found.incident if isinstance(found, Draft) else found.value
    said = entry.recorded
    assert said is not None
    children = () if hears is None else (yield from open_children(book, hears))
    return reactions.Cause(
        said.event,
        entry.stream,
        str(getattr(origin, "ref", entry.stream)),
        said.on_behalf_of or said.by,
        said.cause,
        book.at,
        origin,
        reactions.links_of(origin),
        children,
    )


def _on_incident(book: Workbook, draft: Draft, command: Command, cause: str) -> Flow[None]:
    """One command that the table asks for; one that the life-cycle refuses is written down."""
    if isinstance(command, Call):
        yield from call(book, draft, command.occasion, command.text)
        return
    events = reactions.on_incident(draft.incident, command)
    if events is None:
        try:
            asked = yield from with_children(book, draft, command)
            events = decide(book, draft, asked, SYSTEM)
        except CallerError as error:
            events = (e.Noted(f"not done by itself: {error}"),)
    apply(book, draft, events, by=SYSTEM, cause=cause)
