"""Is this ticket ours, and how far? Decided once for each ticket, and then for good.

What was answered stands in a record of its own, so that neither a new condition nor another share
changes what people have got used to. Deciding again is a call of its own.
"""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from incidentkit.errors import InvalidValue
from incidentkit.flows.draft import Draft, Workbook
from incidentkit.flows.effects import Flow, History, Load, Now
from incidentkit.flows.gate import authorise
from incidentkit.flows.importing import case_id
from incidentkit.flows.kinds import INCIDENT, TICKET
from incidentkit.flows.seeing import must_see
from incidentkit.flows.setting import Setting, recorded
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.hosting import Enrolment, Ticket
from incidentkit.model.hosting_changes import ModeSet, TicketEnrolled
from incidentkit.model.journal import Event
from incidentkit.model.reason import Reason
from incidentkit.model.words import Mode
from incidentkit.rules.enrol import enrol as decided

SYSTEM = "system"


def ticket_id(system: str, key: str) -> str:
    """The id of a ticket's record, and of its incident; the one that an import would give it."""
    return case_id(system, key)


def enrolled(setting: Setting, system: str, key: str, facts: Mapping[str, str]) -> Flow[Enrolment]:
    """The answer for a ticket: the one that stands, or the first, which then stands."""
    at = yield from Now()
    id_ = ticket_id(system, key)
    (ticket,) = yield from Load(TICKET, (id_,))
    book = Workbook(setting, at)
    yield from authorise(book, "enrol", f"ticket/{system}/{key}", None)
    if ticket is not None:
        yield from _must_see(setting, ticket)
        return (yield from _standing(ticket))
    reason = decided(system, key, facts, setting.policy.enrol, setting.policy.hash)
    ticket = write(book, None, system, key, reason, facts)
    yield from book.adopt_first()
    _ = yield from book.commit()
    return Enrolment(system, key, ticket.mode, reason)


def enrol(
    setting: Setting,
    system: str,
    key: str,
    facts: Mapping[str, str],
    mode: Mode | None,
    why: str,
) -> Flow[Enrolment]:
    """Decide again: by the rules in force, or as a person says, with the reason.

    Where the ticket has an incident, that is acted on in the new mode from now on. Raises
    InvalidValue where nothing is to be done any more with a ticket that has one: detach it.
    """
    at = yield from Now()
    id_ = ticket_id(system, key)
    (ticket,) = yield from Load(TICKET, (id_,))
    book = Workbook(setting, at)
    yield from authorise(book, "enrol", f"ticket/{system}/{key}", None)
    if ticket is not None:
        yield from _must_see(setting, ticket)
    reason = decided(
        system, key, facts, setting.policy.enrol, setting.policy.hash, stated=mode, why=why
    )
    after = Mode(str(reason.outcome))
    draft = (yield from book.incident(id_)) if ticket is not None and ticket.incident else None
    if draft is not None and not draft.incident.detached:
        if after is Mode.NONE:
            problem = f"{draft.incident.ref} stands for it; detach it to let go of the ticket"
            raise InvalidValue("mode", problem)
        _turn(book, draft, after, why or "enrolled again", reason)
    ticket = write(book, ticket, system, key, reason, facts)
    yield from book.adopt_first()
    _ = yield from book.commit()
    return Enrolment(system, key, ticket.mode, reason, ticket.incident)


def _turn(book: Workbook, draft: Draft, mode: Mode, why: str, reason: Reason) -> None:
    was = draft.incident.mode
    if was is not mode:
        draft.happened(ModeSet(mode, was, why), book.setting, book.at, reason=reason)


def write(
    book: Workbook,
    ticket: Ticket | None,
    system: str,
    key: str,
    reason: Reason,
    facts: Mapping[str, str],
    *more: Event,
) -> Ticket:
    """The ticket with what was decided about it, and what else happened to it, in the book."""
    mode = Mode(str(reason.outcome))
    version = 0 if ticket is None else ticket.version
    said = TicketEnrolled(system, key, mode, FrozenMap(facts))
    entries = (
        recorded(said, book.setting, book.at, reason=reason),
        *(recorded(each, book.setting, book.at) for each in more),
    )
    # One that was let go of is adopted anew, and finds its incident again by its id.
    incident = "" if ticket is None or ticket.detached else ticket.incident
    after = Ticket(
        ticket_id(system, key), version + len(entries), system, key, mode, version + 1, incident
    )
    book.write(TICKET, after, entries)
    return after


def _must_see(setting: Setting, ticket: Ticket) -> Flow[None]:
    """Whoever may not see its incident does not find the ticket. Raises NotFound."""
    if ticket.incident:
        name = f"{ticket.system} {ticket.key}"
        yield from must_see(setting, f"incident/{ticket.incident}", "ticket", name)


def _standing(ticket: Ticket) -> Flow[Enrolment]:
    """What stands: the decision, and the mode of the incident that there may be since."""
    mode = ticket.mode
    if ticket.incident and not ticket.detached:
        (incident,) = yield from Load(INCIDENT, (ticket.incident,))
        mode = mode if incident is None else incident.mode
    reason = yield from reason_of(ticket)
    if ticket.detached:
        mode = Mode.NONE
    return Enrolment(ticket.system, ticket.key, mode, reason, ticket.incident, ticket.detached)


def reason_of(ticket: Ticket) -> Flow[Reason]:
    """Why the ticket was enrolled as it was; without its inputs where they were redacted."""
    entries = yield from History("ticket", ticket.id, ticket.decided - 1, 1)
    said = entries[0].recorded if entries else None
    if said is None or said.reason is None:
        return Reason("enrol.decide", 1, FrozenMap(), ticket.mode.value)
    return said.reason


def let_go(ticket: Ticket) -> Ticket:
    """The ticket, one entry on, with which the library has nothing to do any more."""
    return attrs.evolve(ticket, version=ticket.version + 1, detached=True)
