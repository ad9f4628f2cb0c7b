"""`[alerts]`: which alerts open incidents, and at which levels."""

from __future__ import annotations

from functools import partial
from typing import cast

from incidentkit.model.frozen import FrozenMap
from incidentkit.model.reason import Plain
from incidentkit.model.words import AlertSeverity
from incidentkit.policy.facts import ALERT_FACTS
from incidentkit.policy.sections.matrix import SPARE
from incidentkit.policy.table import Table
from incidentkit.rules.correlate import AlertRule, AlertTerms, Verdict, rate
from incidentkit.rules.prioritise import Matrix

ABOUT = {
    "": "What becomes of alerts.",
    "opens": "The severities that open a candidate where no rule matches.",
    "levels": "Severity to the impact and urgency of an incident that such an alert opened: a "
    "level of both scales, or impact/urgency; written as a whole.",
    "levels.*": "The level, or impact/urgency, of this severity.",
    "rules": "Asked in order; the first that is true decides.",
    "rules.*.name": "What explanations call it.",
    "rules.*.when": "A condition over the alert.",
    "rules.*.action": "What becomes of the alert.",
}
_ACTIONS = (Verdict.OPEN.value, Verdict.CANDIDATE.value, Verdict.RECORD.value, "suppress")
_SEVERITIES = tuple(x.value for x in AlertSeverity)


def read(table: Table, matrix: Matrix) -> AlertTerms:
    """The terms of alerts; their levels must fit the matrix."""
    plain = AlertTerms()
    opens = table.choices("opens", _SEVERITIES, tuple(plain.opens))
    written = table.table("levels")
    levels = {key: written.text(key, "medium") for key in written.among(_SEVERITIES)}
    if matrix is not SPARE:
        _on_the_scales(written, FrozenMap(levels), matrix)
    rules = tuple(_rule(each) for each in table.tables("rules"))
    table.done()
    return AlertTerms(rules, tuple(map(AlertSeverity, opens)), FrozenMap(levels))


def _on_the_scales(table: Table, levels: FrozenMap[str, str], matrix: Matrix) -> None:
    """An alert whose levels the matrix does not know could open nothing."""
    for severity in levels:
        impact, urgency = rate({"severity": severity, "levels": cast("Plain", levels)})
        for field, level in (("impact", impact), ("urgency", urgency)):
            _ = table.made(severity, partial(matrix.check, field, level), "")


def _rule(table: Table) -> AlertRule:
    rule = AlertRule(
        table.text("name", table.path),
        table.condition("when", ALERT_FACTS),
        Verdict(table.choice("action", _ACTIONS, "record")),
    )
    table.done()
    return rule
