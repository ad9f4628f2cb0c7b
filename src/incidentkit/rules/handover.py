"""Handing a role over: the holder stays responsible until the next one has accepted.

The order is that of incident command: offered, briefed, accepted; so nobody takes over unbriefed,
and nobody is left believing that another has it.
"""

from __future__ import annotations

from datetime import datetime

import attrs

from incidentkit.errors import InvalidValue, NotAuthorised, NotFound
from incidentkit.model import handover_changes as h
from incidentkit.model import incident_events as e
from incidentkit.model.incident import Attention, Incident, Lease
from incidentkit.model.incident_commands import Command
from incidentkit.model.journal import Event
from incidentkit.model.overlays import Handover
from incidentkit.model.people import COMMANDER
from incidentkit.model.words import HandoverState
from incidentkit.rules.evolve_parts import part
from incidentkit.rules.moves import need
from incidentkit.rules.table import NOT_OVER, Move, Part
from incidentkit.rules.terms import LifecycleTerms
from incidentkit.rules.ways import Way, check

_OFFERED, _BRIEFED, _ACCEPTED, _DECLINED, _WITHDRAWN = HandoverState
_OPEN = (_OFFERED, _BRIEFED)
ASSIGNEE, OWNER = "assignee", "owner"

HANDOVER_WAYS = (
    Way("offer_handover", ("none", _ACCEPTED, _DECLINED, _WITHDRAWN), _OFFERED),
    Way("brief_handover", _OPEN, _BRIEFED, ("brief",)),
    Way("accept_handover", (_BRIEFED,), _ACCEPTED),
    Way("decline_handover", _OPEN, _DECLINED, ("reason",)),
    Way("withdraw_handover", _OPEN, _WITHDRAWN),
)
"""The way of one role from one holder to the next."""


def _may(incident: Incident, role: str, command: Command) -> None:
    was = incident.dossier.overlays.handover(role)
    state = "none" if was is None else was.state.value
    check(HANDOVER_WAYS, f"{incident.ref} (handover of {role})", state, command.action)


def _open(incident: Incident, role: str, command: Command) -> Handover:
    """The handover under way. Raises TransitionNotAllowed where the command makes no sense."""
    _may(incident, role, command)
    found = incident.dossier.overlays.handover(role)
    if found is None:  # no row leads on from none but an offer's
        raise NotFound("handover of role", role)
    return found


def holders(incident: Incident, role: str) -> tuple[str, ...]:
    """Who has the role now; the assignee and the owner are roles too."""
    people = incident.people
    if role in (ASSIGNEE, OWNER):
        one = people.assignee if role == ASSIGNEE else people.owner
        return () if one is None else (one,)
    return people.holders(role)


def offer(
    incident: Incident, command: h.OfferHandover, _at: datetime, _by: str, _terms: LifecycleTerms
) -> tuple[Event, ...]:
    """Whoever holds the role offers it, or somebody for them; a brief can be given at once."""
    _may(incident, command.role, command)
    have = holders(incident, command.role)
    holder = command.holder or (have[0] if len(have) == 1 else "")
    if not have or (holder and holder not in have):
        raise NotFound("holder of role", command.holder or command.role, have)
    if not holder:
        raise InvalidValue("holder", f"say whose: {command.role} is held by {', '.join(have)}")
    if command.to in have:
        raise InvalidValue("to", f"{command.to} has the role {command.role} already")
    offered = h.HandoverOffered(command.role, holder, command.to)
    if not command.brief:
        return (offered,)
    return (offered, h.HandoverBriefed(command.role, command.to, command.brief))


def brief(
    incident: Incident, command: h.BriefHandover, _at: datetime, _by: str, _terms: LifecycleTerms
) -> tuple[Event, ...]:
    """Whoever takes over is told what they must know; more can be told later."""
    found = _open(incident, command.role, command)
    need(incident, command, brief=command.brief)
    return (h.HandoverBriefed(command.role, found.to, command.brief),)


def accept(
    incident: Incident, command: h.AcceptHandover, _at: datetime, by: str, terms: LifecycleTerms
) -> tuple[Event, ...]:
    """The role passes on, and with an assignment or a command the lease of who had it."""
    found = _open(incident, command.role, command)
    _theirs(incident, found, command, by)
    role, was, to = found.role, found.holder, found.to
    have = holders(incident, role)
    if was not in have:
        now = ", ".join(have) or "nobody"
        raise InvalidValue("role", f"{role} is held by {now} now, not by {was}; withdraw it")
    led = role in (ASSIGNEE, COMMANDER)
    lease = led and any(x.holder == was for x in incident.attention.leases)
    accepted = h.HandoverAccepted(role, was, to, lease)
    if role == ASSIGNEE:
        return (accepted, e.Assigned(to, was))
    if role == OWNER:
        return (accepted, e.OwnerChanged(to, was))
    if terms.overlays.role(role).many:
        return (accepted, e.RoleLeft(role, was), e.RoleTaken(role, to, was, many=True))
    return (accepted, e.RoleTaken(role, to, was))


def _theirs(incident: Incident, found: Handover, command: Command, by: str) -> None:
    if by != found.to:
        why = f"the role {found.role} was offered to {found.to}"
        raise NotAuthorised(by, command.action, f"incident/{incident.ref}", why)


def decline(
    incident: Incident, command: h.DeclineHandover, _at: datetime, by: str, _terms: LifecycleTerms
) -> tuple[Event, ...]:
    """The holder stays; why."""
    found = _open(incident, command.role, command)
    _theirs(incident, found, command, by)
    need(incident, command, reason=command.reason)
    return (h.HandoverDeclined(found.role, found.to, command.reason),)


def withdraw(
    incident: Incident, command: h.WithdrawHandover, _at: datetime, _by: str, _terms: LifecycleTerms
) -> tuple[Event, ...]:
    """The holder stays."""
    found = _open(incident, command.role, command)
    return (h.HandoverWithdrawn(found.role, found.to, command.reason),)


# --- what the events make of it -------------------------------------------------------------------


def _standing(i: Incident, after: Handover, attention: Attention | None = None) -> Incident:
    was = i.dossier.overlays
    others = tuple(x for x in was.handovers if x.role != after.role)
    overlays = attrs.evolve(was, handovers=(*others, after))
    return part(i, dossier=attrs.evolve(i.dossier, overlays=overlays), attention=attention)


def _offered(i: Incident, v: h.HandoverOffered, at: datetime) -> Incident:
    return _standing(i, Handover(v.role, v.holder, v.to, _OFFERED, at))


def _now(i: Incident, role: str, state: HandoverState, at: datetime) -> Incident:
    found = i.dossier.overlays.handover(role)
    if found is None:  # an import may bring the end of what it does not know the beginning of
        return part(i)
    return _standing(i, attrs.evolve(found, state=state, since=at))


def _briefed(i: Incident, v: h.HandoverBriefed, at: datetime) -> Incident:
    return _now(i, v.role, _BRIEFED, at)


def _declined(i: Incident, v: h.HandoverDeclined, at: datetime) -> Incident:
    return _now(i, v.role, _DECLINED, at)


def _withdrawn(i: Incident, v: h.HandoverWithdrawn, at: datetime) -> Incident:
    return _now(i, v.role, _WITHDRAWN, at)


def _accepted(i: Incident, v: h.HandoverAccepted, at: datetime) -> Incident:
    attention = i.attention
    if v.lease:
        kept: list[Lease] = []
        for lease in attention.leases:
            if lease.holder == v.holder:
                kept.append(Lease(v.to, at, at + (lease.until - lease.since)))
            elif lease.holder != v.to:
                kept.append(lease)
        attention = Attention(tuple(kept), attention.round, attention.next_page_at)
    return _standing(i, Handover(v.role, v.holder, v.to, _ACCEPTED, at), attention)


PART = Part(
    (
        Move(h.OfferHandover, NOT_OVER, None, ("role", "to"), offer),
        Move(h.BriefHandover, NOT_OVER, None, ("role", "brief"), brief),
        Move(h.AcceptHandover, NOT_OVER, None, ("role",), accept),
        Move(h.DeclineHandover, NOT_OVER, None, ("role", "reason"), decline),
        Move(h.WithdrawHandover, NOT_OVER, None, ("role",), withdraw),
    ),
    {
        h.HandoverOffered: _offered,
        h.HandoverBriefed: _briefed,
        h.HandoverAccepted: _accepted,
        h.HandoverDeclined: _declined,
        h.HandoverWithdrawn: _withdrawn,
    },
)
