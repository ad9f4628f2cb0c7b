"""What happens between a ticket and its incident: the mode, the exchange of fields, the way out."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import attrs

from incidentkit.errors import InvalidValue
from incidentkit.model import hosting_changes as h
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.hosting import FIELDS, Hosted
from incidentkit.model.incident import UNATTENDED, Course, Incident
from incidentkit.model.incident_events import ClockMoved
from incidentkit.model.journal import Event
from incidentkit.model.reason import Reason
from incidentkit.model.words import ClockState, Mode
from incidentkit.rules.evolve_parts import part
from incidentkit.rules.moves import need
from incidentkit.rules.ownership import current
from incidentkit.rules.sends import let_go
from incidentkit.rules.table import EVERYWHERE, Move, Part
from incidentkit.rules.terms import LifecycleTerms

UNHOSTED = Hosted()
_TICKING = (ClockState.DORMANT, ClockState.RUNNING, ClockState.PAUSED)


def set_mode(
    incident: Incident, command: h.SetMode, _at: datetime, _by: str, _terms: LifecycleTerms
) -> tuple[Event, ...]:
    """Another mode needs a reason; none at all is the way out, which detaching is for."""
    if command.mode is Mode.NONE:
        raise InvalidValue("mode", "detach the ticket to have nothing to do with it any more")
    if incident.detached:
        raise InvalidValue("mode", f"{incident.ref} was detached; enrol and adopt its ticket again")
    if command.mode is incident.mode:
        return ()
    need(incident, command, reason=command.reason)
    return (h.ModeSet(command.mode, incident.mode, command.reason),)


def detach(
    incident: Incident, reason: str, at: datetime, policy: str = ""
) -> tuple[tuple[Event, Reason | None], ...]:
    """What letting go of an incident comes to: its clocks are cancelled, each with the reason."""
    said: list[tuple[Event, Reason | None]] = []
    for clock in incident.clocks:
        if clock.state in _TICKING:
            over = attrs.evolve(clock, state=ClockState.CANCELLED, stopped_at=at)
            said.append((ClockMoved(over), let_go(clock.target, reason, policy)))
    names = tuple(x.clock.target for x, _ in said if isinstance(x, ClockMoved))
    said.append((h.TicketDetached(reason, names), None))
    return tuple(said)


def with_hosted(i: Incident, hosted: Hosted, **parts: Any) -> Incident:
    """The incident, one version on, with its ticket as it stands now."""
    return part(i, dossier=attrs.evolve(i.dossier, hosted=hosted), **parts)


def hosted_of(i: Incident) -> Hosted:
    """The ticket of an incident; one that has none acts all the way."""
    return i.dossier.hosted or UNHOSTED


def adopted(i: Incident, v: h.TicketAdopted, _at: datetime) -> Incident:
    """It stands for the ticket; what the host did not state stands as it does here."""
    was = hosted_of(i)
    turn = was.turn + 1 if v.again else was.turn
    stated = FrozenMap({**{x: y for x, y in current(i).items() if x in FIELDS}, **v.stated})
    return with_hosted(
        i,
        Hosted(
            v.system, v.key, v.mode, turn, stated, ticket_version=v.ticket_version,
            outside=was.outside,
        ),
    )  # fmt: skip


def mode_set(i: Incident, v: h.ModeSet, _at: datetime) -> Incident:
    """Another turn begins: what was decided in the last one stays where it is."""
    was = hosted_of(i)
    return with_hosted(i, attrs.evolve(was, mode=v.mode, turn=was.turn + 1))


def ticket_heard(i: Incident, v: h.TicketHeard, _at: datetime) -> Incident:
    """What the ticket says now; a field that it says anew was not told it since."""
    was = hosted_of(i)
    told = {
        field: text
        for field, text in was.told.items()
        if field not in v.stated or v.stated[field] == was.stated.get(field)
    }
    stated = FrozenMap({**was.stated, **v.stated})
    after = attrs.evolve(was, stated=stated, told=FrozenMap(told), ticket_version=v.ticket_version)
    return with_hosted(i, after)


def field_disputed(i: Incident, _: h.FieldDisputed, _at: datetime) -> Incident:
    """It only stands in the journal."""
    return part(i)


def fields_sent(i: Incident, v: h.FieldsSent, _at: datetime) -> Incident:
    """The ticket was told these."""
    was = hosted_of(i)
    return with_hosted(i, attrs.evolve(was, told=FrozenMap({**was.told, **v.fields})))


def detached(i: Incident, _: h.TicketDetached, at: datetime) -> Incident:
    """Nothing is due any more: no page, no lease, no reminder."""
    was, course = hosted_of(i), i.course
    holds = tuple(attrs.evolve(x, remind_at=None) for x in course.holds)
    return with_hosted(
        i,
        attrs.evolve(was, detached_at=at),
        attention=UNATTENDED,
        course=Course(course.moments, holds, course.ending, course.outcome),
    )


PART = Part(
    moves=(Move(h.SetMode, EVERYWHERE, None, ("reason",), set_mode, keeps_candidate=True),),
    evolve={
        h.TicketAdopted: adopted,
        h.ModeSet: mode_set,
        h.TicketHeard: ticket_heard,
        h.FieldDisputed: field_disputed,
        h.FieldsSent: fields_sent,
        h.TicketDetached: detached,
    },
)
"""What a host's ticket brings to the tables of an incident."""
