"""What to do about an alert: join, open, open a candidate, only record, or suppress; and why.

Asked in one order: an incident that the alert already belongs to, one that owns the same group,
the host's rules (the first that is true), and last the default: what fires at critical or error
opens a candidate, because nobody is paged by silence. An unknown severity counts as error.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import cast

import attrs

from incidentkit.lang.conditions import Condition
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.reason import Plain, Reason
from incidentkit.model.signals import Alert
from incidentkit.model.words import UNKNOWN, AlertSeverity, AlertStatus
from incidentkit.rules.prioritise import pair

RULE = "correlate"
VERSION = 1


class Verdict(StrEnum):
    """What becomes of an alert."""

    JOIN = "join"
    OPEN = "open"
    CANDIDATE = "candidate"
    RECORD = "record"
    SUPPRESS = "suppress"


@attrs.frozen
class AlertRule:
    """A host's rule: when the condition is true of an alert, do this."""

    name: str
    when: Condition
    action: Verdict


LEVELS: FrozenMap[str, str] = FrozenMap(
    {"critical": "high", "error": "high", "warning": "medium", "info": "low"}
)
"""Severity -> level, for matrices with the scale high, medium, low."""


@attrs.frozen
class AlertTerms:
    """What a host sets about alerts.

    `levels` maps a severity to the impact and urgency of an incident opened by such an alert: one
    level for both, or `impact/urgency`.
    """

    rules: tuple[AlertRule, ...] = ()
    opens: tuple[AlertSeverity, ...] = (
        AlertSeverity.CRITICAL,
        AlertSeverity.ERROR,
        AlertSeverity.UNKNOWN,
    )
    levels: FrozenMap[str, str] = LEVELS


@attrs.frozen
class Judgement:
    """The verdict on one alert and why."""

    verdict: Verdict
    reason: Reason


def facts(alert: Alert) -> dict[str, object]:
    """What a condition may ask of an alert."""
    return {
        "source": alert.source,
        "status": alert.status.value,
        "severity": alert.severity.value,
        "title": alert.title,
        "group": alert.group,
        "labels": alert.labels,
        "annotations": alert.annotations,
        **({} if alert.service is None else {"service": alert.service}),
    }


def correlate(alert: Alert, incident: str, terms: AlertTerms, policy: str = "") -> Judgement:
    """Judge an alert. `incident` is the reference of the active one it would join, or empty."""
    inputs: dict[str, Plain] = {
        "status": alert.status.value,
        "severity": alert.severity.value,
        "incident": incident,
    }
    unknowns: tuple[str, ...] = ()
    matched, action = "", ""
    if alert.status is AlertStatus.FIRING:
        for rule in terms.rules:
            found = rule.when.evaluate(facts(alert))
            unknowns += found.unknowns
            if found.holds:
                matched, action = rule.name, rule.action.value
                break
    inputs["matched"] = matched
    inputs["action"] = action
    inputs["opens"] = tuple(each.value for each in terms.opens)
    verdict = judge(inputs)
    frozen = FrozenMap(inputs)
    return Judgement(verdict, Reason(RULE, VERSION, frozen, verdict.value, policy, unknowns))


def judge(inputs: Mapping[str, Plain]) -> Verdict:
    """The verdict drawn from plain inputs, and from nothing else."""
    action = Verdict(str(inputs["action"])) if inputs["action"] else None
    if action is Verdict.SUPPRESS:
        return action
    if inputs["status"] != AlertStatus.FIRING.value:
        return Verdict.RECORD
    if inputs["incident"]:
        return Verdict.JOIN
    if action is not None:
        return action
    opens = inputs["opens"]
    loud = isinstance(opens, tuple) and inputs["severity"] in opens
    return Verdict.CANDIDATE if loud else Verdict.RECORD


def levels(alert: Alert, terms: AlertTerms) -> tuple[str, str, Reason]:
    """Impact and urgency of an incident that this alert opens: a named rule, so it triages.

    By default a critical alert is high in both; an error is of medium impact and high urgency; an
    unknown severity leaves both unknown, and the priority provisional.
    """
    inputs: FrozenMap[str, Plain] = FrozenMap(
        {"severity": alert.severity.value, "levels": cast("Plain", terms.levels)}
    )
    impact, urgency = rate(inputs)
    outcome: FrozenMap[str, Plain] = FrozenMap({"impact": impact, "urgency": urgency})
    return impact, urgency, Reason("rate.by_severity", 1, inputs, outcome)


def rate(inputs: Mapping[str, Plain]) -> tuple[str, str]:
    """Impact and urgency drawn from a severity by the host's levels."""
    severity = str(inputs["severity"])
    table = inputs["levels"]
    level = str(table.get(severity, UNKNOWN)) if isinstance(table, dict) else UNKNOWN
    if severity == AlertSeverity.ERROR.value and level == "high":
        return "medium", level
    return pair(level)
