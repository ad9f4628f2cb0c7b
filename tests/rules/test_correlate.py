"""What becomes of an alert: the order in which it is asked, and what nobody may be silent about."""

from __future__ import annotations

import attrs
import pytest

from incidentkit.lang.conditions import Condition
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.signals import Alert
from incidentkit.model.words import AlertSeverity, AlertStatus
from incidentkit.policy.facts import ALERT_FACTS
from incidentkit.rules.correlate import AlertRule, AlertTerms, Verdict, correlate, facts, levels
from incidentkit.rules.rerun import rerun

PLAIN = AlertTerms()
ALERT = Alert(
    "prometheus",
    "k1",
    AlertStatus.FIRING,
    "CPU is hot",
    AlertSeverity.CRITICAL,
    "page",
    "checkout",
    "g1",
    FrozenMap({"team": "db"}),
    FrozenMap(),
)
CLEARED = attrs.evolve(ALERT, status=AlertStatus.CLEARED)


def rule(action: Verdict, when: str = 'labels.team == "db"', name: str = "r") -> AlertRule:
    return AlertRule(name, Condition.parse(when, ALERT_FACTS), action)


def terms(*rules: AlertRule) -> AlertTerms:
    return AlertTerms(rules)


@pytest.mark.parametrize(
    ("alert", "incident", "given", "verdict"),
    [
        (ALERT, "", PLAIN, Verdict.CANDIDATE),
        (ALERT, "INC-1", PLAIN, Verdict.JOIN),
        (CLEARED, "", PLAIN, Verdict.RECORD),
        (CLEARED, "INC-1", PLAIN, Verdict.RECORD),
        # a rule comes before the default, and after the incident that is there already
        (ALERT, "", terms(rule(Verdict.OPEN)), Verdict.OPEN),
        (ALERT, "", terms(rule(Verdict.RECORD)), Verdict.RECORD),
        (ALERT, "INC-1", terms(rule(Verdict.OPEN)), Verdict.JOIN),
        (ALERT, "INC-1", terms(rule(Verdict.RECORD)), Verdict.JOIN),
        # but what is suppressed joins nothing
        (ALERT, "", terms(rule(Verdict.SUPPRESS)), Verdict.SUPPRESS),
        (ALERT, "INC-1", terms(rule(Verdict.SUPPRESS)), Verdict.SUPPRESS),
        # no rule is asked of what cleared
        (CLEARED, "", terms(rule(Verdict.OPEN)), Verdict.RECORD),
        (CLEARED, "", terms(rule(Verdict.SUPPRESS)), Verdict.RECORD),
        # the first that is true decides; unknown is not true
        (ALERT, "", terms(rule(Verdict.OPEN), rule(Verdict.SUPPRESS)), Verdict.OPEN),
        (ALERT, "", terms(rule(Verdict.RECORD, "false"), rule(Verdict.OPEN)), Verdict.OPEN),
        (ALERT, "", terms(rule(Verdict.RECORD, 'labels.x == "y"')), Verdict.CANDIDATE),
    ],
)
def test_verdict(alert: Alert, incident: str, given: AlertTerms, verdict: Verdict) -> None:
    judged = correlate(alert, incident, given, "abc")
    assert judged.verdict is verdict
    assert judged.reason.outcome == verdict.value == rerun(judged.reason)
    assert judged.reason.policy == "abc"


@pytest.mark.parametrize(
    ("severity", "verdict"),
    [
        (AlertSeverity.CRITICAL, Verdict.CANDIDATE),
        (AlertSeverity.ERROR, Verdict.CANDIDATE),
        (AlertSeverity.UNKNOWN, Verdict.CANDIDATE),
        (AlertSeverity.WARNING, Verdict.RECORD),
        (AlertSeverity.INFO, Verdict.RECORD),
    ],
)
def test_nobody_is_paged_by_silence(severity: AlertSeverity, verdict: Verdict) -> None:
    assert correlate(attrs.evolve(ALERT, severity=severity), "", PLAIN).verdict is verdict


def test_the_reason_names_the_rule_and_what_was_unknown() -> None:
    given = terms(rule(Verdict.RECORD, 'labels.env == "prod"'), rule(Verdict.OPEN, name="db opens"))
    reason = correlate(ALERT, "", given).reason
    assert reason.inputs["matched"] == "db opens"
    assert reason.unknowns == ("labels.env",)
    assert correlate(CLEARED, "", given).reason.unknowns == ()


def test_the_first_true_rule_ends_the_asking() -> None:
    given = terms(rule(Verdict.OPEN), rule(Verdict.RECORD, 'labels.env == "prod"'))
    assert correlate(ALERT, "", given).reason.unknowns == ()


def test_the_facts_are_the_declared_ones() -> None:
    declared = {name.split(".")[0] for name in ALERT_FACTS.facts}
    assert set(facts(ALERT)) == declared
    assert set(facts(attrs.evolve(ALERT, service=None))) == declared - {"service"}


@pytest.mark.parametrize(
    ("severity", "impact", "urgency"),
    [
        (AlertSeverity.CRITICAL, "high", "high"),
        (AlertSeverity.ERROR, "medium", "high"),
        (AlertSeverity.WARNING, "medium", "medium"),
        (AlertSeverity.INFO, "low", "low"),
        (AlertSeverity.UNKNOWN, "unknown", "unknown"),
    ],
)
def test_levels_by_severity(severity: AlertSeverity, impact: str, urgency: str) -> None:
    found = levels(attrs.evolve(ALERT, severity=severity), PLAIN)
    assert found[:2] == (impact, urgency)
    assert rerun(found[2]) == found[2].outcome == {"impact": impact, "urgency": urgency}


def test_levels_of_a_host_may_differ_in_impact_and_urgency() -> None:
    own = AlertTerms(levels=FrozenMap({"critical": "patients/now", "error": "high/high"}))
    assert levels(ALERT, own)[:2] == ("patients", "now")
    error = attrs.evolve(ALERT, severity=AlertSeverity.ERROR)
    assert levels(error, own)[:2] == ("high", "high")
