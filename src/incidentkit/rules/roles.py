"""Roles of an incident: taken, laid down, and taken over by whoever acknowledged first.

A role has one holder unless the policy lets many hold it. Whoever acknowledges a major first is its
acting commander, so that somebody leads from the first minute (Google's and PagerDuty's guides to
incident command); naming one later replaces them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from incidentkit.errors import InvalidValue, NotFound
from incidentkit.model import incident_commands as c
from incidentkit.model import incident_events as e
from incidentkit.model.incident import Incident
from incidentkit.model.journal import Event
from incidentkit.model.people import COMMANDER
from incidentkit.model.reason import Plain
from incidentkit.model.words import MajorState
from incidentkit.rules.terms import LifecycleTerms

ACTING = "roles.acting"


def take_role(
    incident: Incident, command: c.TakeRole, _at: datetime, by: str, terms: LifecycleTerms
) -> tuple[Event, ...]:
    """One more holder where many may hold it, else another; taking one's own changes nothing."""
    role, holder = command.role, command.holder or by
    if terms.overlays.role(role).many:
        if holder in incident.people.holders(role):
            return ()
        return (e.RoleTaken(role, holder, None, many=True),)
    was = incident.people.holder(role)
    return () if was == holder else (e.RoleTaken(role, holder, was),)


def leave_role(
    incident: Incident, command: c.LeaveRole, _at: datetime, by: str, _terms: LifecycleTerms
) -> tuple[Event, ...]:
    """Only a role that is held can be laid down; where several hold it, by whom must be clear."""
    have = incident.people.holders(command.role)
    if not have or (command.holder is not None and command.holder not in have):
        raise NotFound("holder of role", command.holder or command.role, have)
    holder = command.holder or (have[0] if len(have) == 1 else by)
    if holder not in have:
        raise InvalidValue("holder", f"say whose: {command.role} is held by {', '.join(have)}")
    return (e.RoleLeft(command.role, holder),)


def acting(incident: Incident, *, always: bool) -> dict[str, Plain]:
    """What decides who is acting commander, as plain inputs of `judge_acting`."""
    roles = incident.people.roles
    leases = incident.attention.leases
    return {
        "role": COMMANDER,
        "first": leases[0].holder if leases else "",
        "held_before": any(x.role == COMMANDER for x in roles),
        "major": incident.dossier.overlays.major.value,
        "always": always,
    }


def judge_acting(inputs: Mapping[str, Plain]) -> str:
    """Who becomes acting commander; nobody where one was ever named, or nobody acknowledged."""
    led = inputs["always"] or inputs["major"] in (MajorState.PROPOSED, MajorState.ACCEPTED)
    return str(inputs["first"]) if led and not inputs["held_before"] else ""
