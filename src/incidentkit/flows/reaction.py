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
from incidentkit.flows.problem_links import mirrored
from incidentkit.flows.problem_watch import arrived
from incidentkit.flows.reading import whole
from incidentkit.flows.record_draft import RecordDraft
from incidentkit.flows.records import happen
from incidentkit.flows.setting import Outcome, Setting, recorded
from incidentkit.model import incident_events as e
from incidentkit.model.delivery import Delivery, DeliveryReceipted, DeliveryTried
from incidentkit.model.incident_commands import AddNote, Command, Reply
from incidentkit.model.journal import JournalEntry
from incidentkit.model.reaction_commands import Call, Mirror
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
        elif kind == "redaction":
            from incidentkit.flows.redacting import carry_out

            yield from carry_out(id_, entry.recorded.event)
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
            owed = reactions.reactions(kind, draft.incident, cause, _terms(book))
            if any(isinstance(x, _SAID) for x in owed) and (yield from _done(draft, name)):
                return
            for command in owed:
                yield from _on_incident(book, draft, command, name)
            yield from settle(book, draft)
        return
    record = yield from book.record(kind, id_)
    if record is None:
        return
    if kind == "problem" and (yield from _problem(book, record, entry, name)):
        return
    if entry.stream.startswith("delivery/"):
        yield from _delivered(book, record, entry, name)
    else:
        cause = yield from _cause(book, entry, None)
        for command in reactions.reactions(kind, record.value, cause, _terms(book)):
            events = record.of.decide(record.value, command, book.at)
            happen(book, record, events, by=SYSTEM, cause=name)


_SAID = (AddNote, Reply)
"""What would be said twice where a doubled task cannot be told by what stands."""
_ARRIVED = (e.Declared, e.Accepted)


def _done(draft: Draft, cause: str) -> Flow[bool]:
    """Whether the incident has an entry with this cause already."""
    entries = yield from whole("incident", draft.incident.id)
    return any(x.recorded is not None and x.recorded.cause == cause for x in entries)


def _problem(
    book: Workbook, record: RecordDraft[Any], entry: JournalEntry, cause: str
) -> Flow[bool]:
    """What only a problem does: an incident that arrives, or is tied to it, may doubt its fix."""
    said = entry.recorded
    event = None if said is None else said.event
    if isinstance(event, _ARRIVED):
        incident = yield from book.incident(entry.stream.removeprefix("incident/"))
        if incident is not None:
            book.reads.append(("incident", incident.incident.id))
            yield from arrived(book, record, incident.incident, cause)
        return True
    if isinstance(event, e.Linked | e.Unlinked):
        for command in reactions.reactions(
            "problem", record.value, (yield from _cause(book, entry, None)), _terms(book)
        ):
            if isinstance(command, Mirror) and command.stands:
                yield from mirrored(book, record, command.link, cause)
            else:
                events = record.of.decide(record.value, command, book.at)
                happen(book, record, events, by=SYSTEM, cause=cause)
        return True
    return False


def _delivered(
    book: Workbook, record: RecordDraft[Any], entry: JournalEntry, cause: str
) -> Flow[None]:
    """A record other than an incident hears what became of a message about it."""
    (delivery,) = yield from Load(DELIVERY, (entry.stream.partition("/")[2],))
    if delivery is None or entry.recorded is None:
        return
    if not reactions.overtaken(delivery, entry.recorded.event):
        settled = reactions.settled(delivery, entry.recorded.event)
        record.happened(settled, book.setting, book.at, by=SYSTEM, cause=cause)


def hear(book: Workbook, delivery: Delivery, event: DeliveryTried) -> Flow[None]:
    """Let the record that a message is about hear what the message's own journal does not say."""
    kind, _, id_ = delivery.subject.partition("/")
    stream = f"delivery/{delivery.id}"
    name = f"{stream}#{delivery.version}"
    if kind != "incident":
        record = yield from book.record(kind, id_)
        if record is not None:
            said = reactions.settled(delivery, event)
            record.happened(said, book.setting, book.at, by=SYSTEM, cause=name)
        return
    draft = yield from book.incident(id_)
    if draft is not None:
        none = reactions.links_of(delivery)
        cause = reactions.Cause(event, stream, stream, SYSTEM, "", book.at, delivery, none, ())
        for command in reactions.reactions(kind, draft.incident, cause, _terms(book)):
            yield from _on_incident(book, draft, command, name)
        yield from settle(book, draft)


def _terms(book: Workbook) -> reactions.Terms:
    policy = book.setting.policy
    return reactions.Terms(policy.lifecycle, policy.paging.fallback, policy.problems)


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
