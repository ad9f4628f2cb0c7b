"""Who must hear what: the notices that an event owes to an audience.

A notice is text from a template of the policy, for one audience at a time. Approval is off here:
what the template says goes out as it is, so its fields are the ones that are always true.
"""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from incidentkit.lang.conditions import Condition
from incidentkit.lang.templates import Template
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.incident import Incident
from incidentkit.model.reason import Plain, Reason
from incidentkit.rules.fact_values import values
from incidentkit.rules.kept import given_all, keep_all

RULE = "communicate.notice"
VERSION = 1


@attrs.frozen
class Audience:
    """People who hear the same words: its members by name, and the channel (empty: all)."""

    name: str
    members: tuple[str, ...]
    channel: str = ""


@attrs.frozen
class NoticeRule:
    """When an event of these names happens and the condition is true, tell the audience."""

    name: str
    audience: str
    on: tuple[str, ...]
    when: Condition
    template: Template


def facts(incident: Incident) -> dict[str, object]:
    """What conditions and templates may say of an incident."""
    card, rating, life = incident.card, incident.rating, incident.life
    known: dict[str, object] = {
        "ref": incident.ref,
        "title": card.title,
        "summary": card.summary,
        "state": life.state.value,
        "priority": rating.priority.value,
        "impact": rating.impact,
        "urgency": rating.urgency,
        "candidate": life.candidate,
        "reopened": life.reopened,
        "response": life.response.value,
        "labels": card.labels,
        "major": incident.dossier.overlays.major.value,
        "code": incident.course.ending.code,
        "remedy": incident.course.ending.remedy,
    }
    optional = {
        "service": card.service,
        "assignee": incident.people.assignee,
        "owner": incident.people.owner,
        "reporter": card.reporter,
        "team": incident.people.team,
        "category": card.category or None,
        "severity": rating.severity or None,
    }
    known.update({key: value for key, value in optional.items() if value is not None})
    if incident.dossier.findings.facts:
        known["fact"] = values(incident.dossier.findings.facts)
    return known


def owed(
    incident: Incident,
    event: str,
    rules: tuple[NoticeRule, ...],
    policy: str = "",
    known: Mapping[str, object] | None = None,
) -> tuple[tuple[NoticeRule, Reason], ...]:
    """The notices that this event owes, each with its reason.

    `known` is what is known of the incident and around it; left out, of the incident alone.
    """
    due: list[tuple[NoticeRule, Reason]] = []
    for rule in rules:
        if event not in rule.on:
            continue
        verdict = rule.when.evaluate(known or {"incident": facts(incident)})
        if verdict.holds:
            inputs: FrozenMap[str, Plain] = FrozenMap(
                {
                    "event": event,
                    "notice": rule.name,
                    "on": rule.on,
                    "audience": rule.audience,
                    "when": str(rule.when),
                    "facts": keep_all(verdict.read),
                }
            )
            due.append(
                (rule, Reason(RULE, VERSION, inputs, judge(inputs), policy, verdict.unknowns))
            )
    return tuple(due)


def judge(inputs: Mapping[str, Plain]) -> str:
    """The audience that hears of it, drawn from plain inputs; empty when nobody does."""
    on, known = inputs["on"], inputs["facts"]
    if not isinstance(on, tuple) or inputs["event"] not in on:
        return ""
    condition = Condition.parse(str(inputs["when"]))
    return str(inputs["audience"]) if condition.holds(given_all(known)) else ""


def written(incident: Incident, rule: NoticeRule, known: Mapping[str, object] | None = None) -> str:
    """The text of the notice; `known` as in `owed`."""
    return rule.template.render(known or {"incident": facts(incident)})
