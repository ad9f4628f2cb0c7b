"""`[major]`: which incidents are proposed as major, who decides, and what is watched then."""

from __future__ import annotations

from incidentkit.lang.conditions import Declared
from incidentkit.policy.table import Table
from incidentkit.rules.overlay_terms import MajorRule, MajorTerms

ABOUT = {
    "": "Major incidents: an overlay that is proposed and decided.",
    "duty": "Who decides, and is paged for it. While nobody is named, no rule proposes anything.",
    "answer_within": "How long the duty has to decide.",
    "accept_when_silent": "Whether a proposal that nobody answered is accepted.",
    "staffed_within": "How long a needed role may be without a holder before it is an alarm.",
    "proposes_problem": "Whether resolving a major without a known problem proposes one.",
    "rules": "Asked in order until one is true; only while nothing was said about it yet.",
    "rules.*.name": "What explanations call it.",
    "rules.*.when": "A condition over the incident.",
    "rules.*.action": "Whether it is proposed, or accepted at once.",
}


def read(table: Table, facts: Declared) -> MajorTerms:
    """The terms of major incidents, whose rules may ask for these facts."""
    plain = MajorTerms()
    terms = MajorTerms(
        table.name("duty", plain.duty),
        tuple(_rule(each, facts) for each in table.tables("rules")),
        table.span("answer_within", plain.answer_within),
        table.flag("accept_when_silent", default=plain.accept_when_silent),
        table.span("staffed_within", plain.staffed_within),
        table.flag("proposes_problem", default=plain.proposes_problem),
    )
    table.done()
    return terms


def _rule(table: Table, facts: Declared) -> MajorRule:
    rule = MajorRule(
        table.text("name", table.path),
        table.condition("when", facts),
        table.choice("action", ("propose", "accept"), "propose") == "accept",
    )
    table.done()
    return rule
