"""The typed registry of facts: what conditions and templates in a policy may name.

A host declares facts of its own under `[facts.NAME]`; they are then known as `incident.fact.NAME`
with their type, and a rule that misspells one is refused when it is written.
"""

from __future__ import annotations

import attrs

from incidentkit.lang.conditions import Declared, FactType
from incidentkit.model.frozen import FrozenMap

ALERT_FACTS = Declared(
    {
        "source": "text",
        "status": "text",
        "severity": "text",
        "title": "text",
        "group": "text",
        "service": "text",
        "labels.*": "text",
        "annotations.*": "text",
    }
)
"""What a rule about alerts may ask."""

TICKET_FACTS = Declared({"ticket.*": "text"})
"""What a rule about a host's tickets may ask: whatever the host states of them, as text."""

INCIDENT_FACTS = Declared(
    {
        "incident.ref": "text",
        "incident.title": "text",
        "incident.summary": "text",
        "incident.state": "text",
        "incident.priority": "text",
        "incident.impact": "text",
        "incident.urgency": "text",
        "incident.candidate": "bool",
        "incident.reopened": "int",
        "incident.response": "text",
        "incident.service": "text",
        "incident.assignee": "text",
        "incident.owner": "text",
        "incident.reporter": "text",
        "incident.team": "text",
        "incident.category": "text",
        "incident.severity": "text",
        "incident.code": "text",
        "incident.remedy": "text",
        "incident.major": "text",
        "incident.labels.*": "text",
        "service.owner": "text",
        "service.team": "text",
        "service.criticality": "text",
        "reporter.kind": "text",
        "reporter.vip": "bool",
        "incident.status": "text",
        "incident.children": "int",
        "incident.problem": "text",
        "incident.known_error": "text",
    }
)
"""What a rule about incidents may ask."""

TEMPLATE_FIELDS = tuple(INCIDENT_FACTS.facts)
"""What a template may show."""

HOST_FACT = "incident.fact."
"""What the name of a fact that the host declared begins with."""


@attrs.frozen
class FactDeclaration:
    """A fact that the host declared: its name, its type, and what it means."""

    name: str
    type: FactType
    description: str = ""


@attrs.frozen
class Vocabulary:
    """What one policy's rules about incidents may name: the library's facts and its own."""

    incident: Declared
    fields: tuple[str, ...]


PLAIN_VOCABULARY = Vocabulary(INCIDENT_FACTS, TEMPLATE_FIELDS)
"""The vocabulary of a policy that declares no facts."""


def vocabulary(own: FrozenMap[str, FactDeclaration]) -> Vocabulary:
    """The library's facts, and the host's."""
    if not own:
        return PLAIN_VOCABULARY
    facts = {f"{HOST_FACT}{name}": fact.type for name, fact in own.items()}
    declared = Declared({**INCIDENT_FACTS.facts, **facts})
    return Vocabulary(declared, tuple(declared.facts))


MAINTENANCE_FIELDS = (
    "maintenance.ref",
    "maintenance.title",
    "maintenance.summary",
    "maintenance.state",
    "maintenance.priority",
    "maintenance.services",
    "maintenance.components",
    "maintenance.start",
    "maintenance.end",
    "maintenance.owner",
    "maintenance.reason",
)
"""What a template about planned work may show."""

EVENT_NAMES = (
    "declared",
    "accepted",
    "triaged",
    "started",
    "held",
    "resumed",
    "mitigated",
    "observation_begun",
    "regressed",
    "resolved",
    "closed",
    "reopened",
    "cancelled",
    "prioritised",
    "major_proposed",
    "major_accepted",
    "major_rejected",
    "major_stood_down",
    "major_demoted",
    "major_unstaffed",
    "problem_proposed",
    "public_stated",
    "task_overdue",
    "handover_offered",
    "handover_accepted",
)
"""The events that may owe a notice."""

PUBLIC_EVENTS = (
    "declared",
    "accepted",
    "started",
    "mitigated",
    "observation_begun",
    "regressed",
    "resolved",
    "closed",
    "reopened",
)
"""The events that the public version of a review may tell; notes and names never are."""
