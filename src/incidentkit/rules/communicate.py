"""Who must hear what: the notices that an event owes to an audience.

A notice is text from a template of the policy, for one audience at a time. Approval is off here:
what the template says goes out as it is, so its fields are the ones that are always true.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import attrs

from incidentkit.lang.conditions import Condition
from incidentkit.lang.templates import Template
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.incident import Incident
from incidentkit.model.reason import Plain, Reason
from incidentkit.model.words import HandoverState, LinkKind
from incidentkit.rules.fact_values import values
from incidentkit.rules.kept import given_all, keep_all

RULE = "communicate.notice"
VERSION = 1
_ASKED = (HandoverState.OFFERED, HandoverState.BRIEFED)


@attrs.frozen
class Audience:
    """People who hear the same words: its members by name, and the channel (empty: all).

    `lead_time` is how long before planned work they want to hear of it, in elapsed time.
    """

    name: str
    members: tuple[str, ...]
    channel: str = ""
    lead_time: timedelta = timedelta()


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
        "status": incident.dossier.overlays.status,
        "children": _open_children(incident),
    }
    optional = {
        "service": card.service,
        "assignee": incident.people.assignee,
        "owner": incident.people.owner,
        "reporter": card.reporter,
        "team": incident.people.team,
        "category": card.category or None,
        "severity": rating.severity or None,
        "problem": _linked(incident, LinkKind.CAUSED_BY),
        "known_error": _linked(incident, LinkKind.WORKAROUND_FROM),
    }
    known.update({key: value for key, value in optional.items() if value is not None})
    if incident.dossier.findings.facts:
        known["fact"] = values(incident.dossier.findings.facts)
    return known


def _open_children(incident: Incident) -> int:
    """How many of its children are not over, as far as it has heard."""
    children = [x.target for x in incident.ties.links if x.kind is LinkKind.PARENT_OF]
    if not children or incident.more is None:
        return len(children)
    return len(set(children).difference(incident.more.ended))


def _linked(incident: Incident, kind: LinkKind) -> str | None:
    return next((x.ref for x in incident.ties.links if x.kind is kind), None)


DYNAMIC = (
    "$assignee",
    "$owner",
    "$reporter",
    "$team",
    "$watchers",
    "$responders",
    "$offered",
)
"""Names for whoever it is then; they stand for an audience, or for a member of one."""


def members(
    incident: Incident, audiences: Mapping[str, Audience], name: str
) -> tuple[str, ...] | None:
    """Who hears what is said to an audience, each once; None where there is no such audience.

    `$responders` are the assignee and whoever holds a role: those who hear internal reports;
    `$offered` are those to whom a role is offered and who have not answered.
    """
    known = audiences.get(name)
    if known is None and name not in DYNAMIC:
        return None
    found: list[str] = []
    for member in (name,) if known is None else known.members:
        found += _parties(incident, member)
    return tuple(dict.fromkeys(found))


def _parties(incident: Incident, member: str) -> tuple[str, ...]:
    people = incident.people
    if member == "$watchers":
        return people.watchers
    if member == "$responders":
        roles = (x.holder for x in people.roles if x.until is None)
        return tuple(x for x in (people.assignee, *roles) if x)
    if member == "$offered":
        return tuple(x.to for x in incident.dossier.overlays.handovers if x.state in _ASKED)
    one = {
        "$assignee": people.assignee,
        "$owner": people.owner,
        "$reporter": incident.card.reporter,
        "$team": people.team,
    }.get(member, member)
    return () if one is None else (one,)


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
