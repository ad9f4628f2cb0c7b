"""Adopting a ticket, and hearing of its changes while host and library both work on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import attrs

from incidentkit.errors import CallerError, InvalidValue
from incidentkit.flows.advance import apply, decide, settle
from incidentkit.flows.draft import Draft, Workbook
from incidentkit.flows.effects import Flow, Load, Now, Owners
from incidentkit.flows.enrolling import ticket_id, write
from incidentkit.flows.gate import authorise
from incidentkit.flows.kinds import INCIDENT, TICKET
from incidentkit.flows.reading import whole
from incidentkit.flows.seeing import must_see
from incidentkit.flows.setting import Outcome, Setting, recorded
from incidentkit.model import hosting_changes as h
from incidentkit.model import incident_events as e
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.history import Imported
from incidentkit.model.hosting import (
    Dispute,
    Exchange,
    Fields,
    Hosted,
    Ticket,
    TicketMove,
    TicketNote,
)
from incidentkit.model.incident import Incident
from incidentkit.model.incident_commands import Acknowledge
from incidentkit.model.journal import Event, Recorded
from incidentkit.model.words import Mode, Priority
from incidentkit.rules import adopting, ownership
from incidentkit.rules.adopting import Taken, begun, joined, move_to, past
from incidentkit.rules.enrol import enrol as decided
from incidentkit.rules.importing import Importing, Told, conclude

_TOUCHES: dict[type[Event], tuple[str, ...]] = {
    e.Edited: ("title", "summary", "service", "category"),
    e.Rated: ("impact", "urgency"),
    e.Prioritised: ("priority",),
    e.Assigned: ("assignee",),
    e.OwnerChanged: ("owner",),
    e.TeamChanged: ("team",),
    **dict.fromkeys(
        (
            e.Triaged,
            e.Started,
            e.Held,
            e.Resumed,
            e.Mitigated,
            e.ObservationBegun,
            e.Regressed,
            e.Resolved,
            e.Closed,
            e.Reopened,
            e.Cancelled,
            Imported,
        ),
        ("state",),
    ),
}
"""Which fields an event may have changed."""


def adopt_ticket(
    setting: Setting, taken: Taken, facts: Mapping[str, str], mode: Mode | None
) -> Flow[Outcome[Incident]]:
    """The incident of a ticket, made from its past; the one there is where it has one.

    Raises InvalidValue for a ticket that is not enrolled, for a reference that is taken, and for
    what no record may hold.
    """
    at = yield from Now()
    book = Workbook(setting, at)
    id_ = ticket_id(taken.system, taken.key)
    yield from authorise(book, "adopt_ticket", f"ticket/{taken.system}/{taken.key}", None)
    adopting.checked(taken.fields)
    (ticket,) = yield from Load(TICKET, (id_,))
    (before,) = yield from Load(INCIDENT, (id_,))
    if before is not None:
        yield from must_see(setting, f"incident/{id_}", "ticket", f"{taken.system} {taken.key}")
    if before is not None and before.dossier.hosted is not None and not before.detached:
        return Outcome(before, at)
    mode = _enrolled(book, ticket, taken, facts, mode)
    policy = setting.policy
    drawn = policy.ownership.of("priority") is ownership.Owner.LIBRARY
    taken = attrs.evolve(taken, drawn=drawn)
    hash_ = policy.hash
    importing = Importing(policy.matrix, policy.lifecycle, hash_, policy.targets, hash_)
    if before is None:
        draft = yield from _begin(book, id_, taken, importing, mode)
    else:
        draft = yield from _again(book, before, taken, importing, mode)
    _take(book, ticket, taken, draft.incident, mode)
    yield from book.adopt_first()
    done = yield from book.commit()
    return Outcome(draft.incident, at, done.replayed)


def _enrolled(
    book: Workbook,
    ticket: Ticket | None,
    taken: Taken,
    facts: Mapping[str, str],
    mode: Mode | None,
) -> Mode:
    """How far to act on a ticket that is adopted now; deciding it where nobody asked before."""
    if mode is not None and (ticket is None or ticket.mode is not mode or ticket.detached):
        if mode is Mode.NONE:
            raise InvalidValue("mode", "a ticket is not adopted to have nothing to do with it")
    elif ticket is not None:
        mode = Mode.NONE if ticket.detached else ticket.mode
    if mode is None:
        policy = book.setting.policy
        reason = decided(taken.system, taken.key, facts, policy.enrol, policy.hash)
        mode = Mode(str(reason.outcome))
    if mode is Mode.NONE:
        name = f"{taken.system} {taken.key}"
        gone = "was let go of" if ticket is not None and ticket.detached else "is not enrolled"
        raise InvalidValue("ticket", f"{name} {gone}; enrol it, or give a mode")
    return mode


def _take(
    book: Workbook, ticket: Ticket | None, taken: Taken, incident: Incident, mode: Mode
) -> None:
    """The ticket has an incident now; what was decided about it stands, or is written here."""
    said = h.TicketTaken(incident.id, mode)
    if ticket is not None and ticket.mode is mode and not ticket.detached:
        after = attrs.evolve(ticket, version=ticket.version + 1, incident=incident.id)
        book.write(TICKET, after, (recorded(said, book.setting, book.at),))
        return
    policy = book.setting.policy
    reason = decided(
        taken.system, taken.key, {}, policy.enrol, policy.hash, stated=mode, why="adopted so"
    )
    after = write(book, ticket, taken.system, taken.key, reason, {}, said)
    book.changes[-1] = attrs.evolve(
        book.changes[-1], value=attrs.evolve(after, incident=incident.id)
    )


def _begin(book: Workbook, id_: str, taken: Taken, importing: Importing, mode: Mode) -> Flow[Draft]:
    (owner,) = yield from Owners("ref", (taken.ref,))
    if owner is not None:
        raise InvalidValue(
            "reference", f"{taken.ref!r} belongs to {owner} already; give another reference"
        )
    policy = book.setting.policy
    fresh = policy.enrol.fresh_for
    reason = past(taken, book.at, fresh, policy.hash)
    live = reason.outcome == "live"
    lease = policy.lifecycle.lease_for
    incident, told = begun(id_, taken, importing, book.at, lease, live=live)
    incident, more = joined(incident, taken, mode, reason, book.at)
    draft = Draft(incident, new=True)
    draft.recorded += [*told, *more]
    book.begin(draft)
    if live:
        draft.fresh += [each.event for each in draft.recorded]
        yield from settle(book, draft)
    return draft


def _again(
    book: Workbook, before: Incident, taken: Taken, importing: Importing, mode: Mode
) -> Flow[Draft]:
    """A ticket that was let go of, or whose past was imported: as it stands now, and quietly."""
    draft = yield from book.incident(before.id)
    assert draft is not None
    policy = book.setting.policy
    quiet = past(taken, book.at, policy.enrol.fresh_for, policy.hash)
    reason = attrs.evolve(quiet, inputs=quiet.inputs.with_("acknowledged", True), outcome="silent")
    detached = before.detached
    incident, told = joined(draft.incident, taken, mode, reason, book.at, again=detached)
    _follow(draft, incident, told)
    if taken.moves:
        _ = _moved(book, draft, taken.moves[-1], importing, taken)
    theirs = policy.ownership
    mine = [x for x in taken.fields if theirs.of(x) is ownership.Owner.LIBRARY]
    _stated(book, draft, {x: y for x, y in taken.fields.items() if x not in ("state", *mine)})
    now, said = conclude(draft.incident, book.at, importing)
    _follow(draft, now, said)
    draft.fresh.clear()
    return draft


def _follow(draft: Draft, incident: Incident, told: Sequence[Recorded]) -> None:
    draft.incident = incident
    draft.recorded += told
    draft.fresh += [each.event for each in told]


def _moved(
    book: Workbook, draft: Draft, move: TicketMove, importing: Importing, taken: Taken
) -> str:
    """Where the ticket stands now; the move in words if the life-cycle does not have it."""
    recorded_: list[Recorded] = []
    row = adopting.row_of(taken, book.at, move.by or taken.by)
    told = Told(draft.incident, row, recorded_)
    move_to(told, move, importing, taken)
    outside = ""
    for each in recorded_:
        apply(book, draft, (each.event,), by=each.by, reason=each.reason)
        if isinstance(each.event, Imported):
            outside = each.event.said
    return outside


def _stated(book: Workbook, draft: Draft, fields: Mapping[str, str]) -> None:
    """The fields as the ticket has them; the state has a way of its own."""
    ours = ownership.current(draft.incident)
    new = {x: y for x, y in fields.items() if x in ours and y != ours[x]}
    events: list[Event] = []
    words = ("title", "summary", "service", "category")
    if any(x in new for x in words):
        title, summary, service, category = (new.get(x) for x in words)
        events.append(e.Edited(title or None, summary, service, None, category))
    if "impact" in new or "urgency" in new:
        levels = (new.get("impact") or ours["impact"], new.get("urgency") or ours["urgency"])
        events.append(e.Rated(*levels, draft.incident.rating.severity))
    if new.get("priority"):
        priority, was = Priority(new["priority"]), draft.incident.priority
        events.append(e.Prioritised(priority, was, False, True, "as the ticket states it"))
    people = draft.incident.people
    if "assignee" in new:
        events.append(e.Assigned(new["assignee"] or None, people.assignee))
    if "owner" in new:
        events.append(e.OwnerChanged(new["owner"] or None, people.owner))
    if "team" in new:
        events.append(e.TeamChanged(new["team"] or None, people.team))
    apply(book, draft, events)


def ticket_changed(
    setting: Setting,
    system: str,
    key: str,
    version: int,
    fields: Fields,
    move: TicketMove | None,
    notes: tuple[TicketNote, ...],
    acknowledged_by: str,
    seen: int | None,
) -> Flow[Exchange]:
    """The host tells of a change of its ticket; what it may change here changes.

    The same version again, or an older one, changes nothing. A state is never refused: the record
    stands where the ticket does, unless the state is the library's.
    """
    at = yield from Now()
    book = Workbook(setting, at)
    id_ = ticket_id(system, key)
    (ticket,) = yield from Load(TICKET, (id_,))
    yield from authorise(book, "ticket_changed", f"ticket/{system}/{key}", None)
    adopting.checked(fields)
    if ticket is None or not ticket.incident or ticket.detached:
        return Exchange()
    yield from must_see(setting, f"incident/{ticket.incident}", "ticket", f"{system} {key}")
    draft = yield from book.incident(ticket.incident)
    hosted = None if draft is None else draft.incident.dossier.hosted
    if draft is None or hosted is None or draft.incident.detached:
        return Exchange()
    if version <= hosted.ticket_version:
        return Exchange(draft.incident.id)
    won, disputes = yield from _judged(book, draft, hosted, fields, seen)
    fresh = {x: y for x, y in fields.items() if hosted.stated.get(x) != y or x in hosted.told}
    draft.happened(h.TicketHeard(version, FrozenMap(fresh)), setting, at)
    outside = ""
    taken = Taken(system, key, draft.incident.ref, setting.by, at)
    policy = setting.policy
    _stated(book, draft, {x: fields[x] for x in won if x != "state"})
    if "state" in won and move is not None:
        importing = Importing(policy.matrix, policy.lifecycle, policy.hash)
        outside = _moved(book, draft, move, importing, taken)
    for note in notes:
        draft.happened(e.Noted(note.text), setting, at, by=note.by)
    if acknowledged_by and draft.incident.active:
        _acknowledged(book, draft, acknowledged_by)
    yield from settle(book, draft)
    yield from book.adopt_first()
    _ = yield from book.commit()
    return Exchange(draft.incident.id, True, won, disputes, outside)


def _acknowledged(book: Workbook, draft: Draft, by: str) -> None:
    try:
        events = decide(book, draft, Acknowledge(draft.incident.ref), by)
    except CallerError as error:  # pragma: no cover - an active incident can be acknowledged
        events = (e.Noted(f"not acknowledged: {error}"),)
    apply(book, draft, events, by=by)


def _judged(
    book: Workbook, draft: Draft, hosted: Hosted, fields: Fields, seen: int | None
) -> Flow[tuple[tuple[str, ...], tuple[Dispute, ...]]]:
    """Which of the fields the ticket may change here, and which both sides had a word for."""
    policy = book.setting.policy
    ours = ownership.current(draft.incident)
    changed: Mapping[str, int] = FrozenMap()
    if seen is not None:
        changed = yield from _changed_in(draft.incident)
    won: list[str] = []
    disputes: list[Dispute] = []
    for field, theirs in fields.items():
        reason = ownership.heard(
            field,
            ours[field],
            theirs,
            hosted,
            policy.ownership,
            policy.hash,
            seen=seen,
            changed_in=changed.get(field, 0),
        )
        if reason.outcome == ownership.HOST:
            won.append(field)
        if ownership.disputed(reason):
            winner = str(reason.outcome)
            disputes.append(Dispute(field, ours[field], theirs, winner))
            said = h.FieldDisputed(field, ours[field], theirs, winner)
            draft.happened(said, book.setting, book.at, by="system", reason=reason)
    return tuple(won), tuple(disputes)


def _changed_in(incident: Incident) -> Flow[Mapping[str, int]]:
    """The version in which each field was last changed here.

    Asked only where the host says which version it had seen.
    """
    found: dict[str, int] = {}
    entries = yield from whole("incident", incident.id)
    for entry in entries:
        if entry.recorded is not None:
            event = type(entry.recorded.event)
            for field in _TOUCHES.get(event, ()):
                found[field] = entry.seq
    return found
