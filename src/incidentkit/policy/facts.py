"""The typed registry of facts: what conditions and templates in a policy may name."""

from __future__ import annotations

from incidentkit.lang.conditions import Declared

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
        "incident.code": "text",
        "incident.remedy": "text",
        "incident.labels.*": "text",
    }
)
"""What a rule about incidents may ask."""

MATCH_FACTS = Declared(
    {
        **INCIDENT_FACTS.facts,
        "incident.category": "text",
        "incident.team": "text",
        "incident.severity": "text",
    }
)
"""What a known error, a verification or a rule of recurrence may ask of an incident."""

TEMPLATE_FIELDS = tuple(INCIDENT_FACTS.facts)
"""What a template may show."""

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
)
"""The events that may owe a notice."""
