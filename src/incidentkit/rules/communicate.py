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
        "code": incident.course.ending.code,
        "remedy": incident.course.ending.remedy,
    }
    optional = {
        "service": card.service,
        "assignee": incident.people.assignee,
        "owner": incident.people.owner,
        "reporter": card.reporter,
    }
    known.update({key: value for key, value in optional.items() if value is not None})
    if incident.dossier.findings.facts:
        known["fact"] = values(incident.dossier.findings.facts)
    return known


def owed(
    incident: Incident, event: str, rules: tuple[NoticeRule, ...], policy: str = ""
) -> tuple[tuple[NoticeRule, Reason], ...]:
    """The notices that this event owes, each with its reason."""
    due: list[tuple[NoticeRule, Reason]] = []
    for rule in rules:
        if event not in rule.on:
            continue
        verdict = rule.when.evaluate({"incident": facts(incident)})
        if verdict.holds:
            inputs: FrozenMap[str, Plain] = FrozenMap(
                {
                    "event": event,
                    "notice": rule.name,
                    "on": rule.on,
                    "audience": rule.audience,
                    "when": str(rule.when),
                    "facts": FrozenMap({k: _plain(v) for k, v in verdict.read.items()}),
                }
            )
            due.append(
                (rule, Reason(RULE, VERSION, inputs, judge(inputs), policy, verdict.unknowns))
            )
    return tuple(due)


def _plain(value: object) -> Plain:
    return value if isinstance(value, str | int | bool) else str(value)


def judge(inputs: Mapping[str, Plain]) -> str:
    """The audience that hears of it, drawn from plain inputs; empty when nobody does."""
    on, known = inputs["on"], inputs["facts"]
    if not isinstance(on, tuple) or inputs["event"] not in on:
        return ""
    condition = Condition.parse(str(inputs["when"]))
    given = dict(known) if isinstance(known, dict) else {}
    return str(inputs["audience"]) if condition.holds(given) else ""


def written(incident: Incident, rule: NoticeRule) -> str:
    """The text of the notice."""
    return rule.template.render({"incident": facts(incident)})
