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
        "incident.major": "text",
        "incident.labels.*": "text",
    }
)
"""What a rule about incidents may ask."""

TEMPLATE_FIELDS = tuple(INCIDENT_FACTS.facts)
"""What a template may show."""

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
