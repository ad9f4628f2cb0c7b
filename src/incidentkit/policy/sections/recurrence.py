"""`[[recurrence]]`: which incidents are alike, and how many of them recur."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from incidentkit.policy.facts import Vocabulary
from incidentkit.policy.table import Table
from incidentkit.rules.grouping import FORM, check_key
from incidentkit.rules.problem_terms import RecurrenceRule
from incidentkit.timing.terms import Term

ABOUT = {
    "": "What counts as a recurrence.",
    "*.name": "What explanations call it.",
    "*.keys": "In what the incidents must be alike: service, category, team, priority, code, "
    "source, reporter, assignee, cause, symptom, location, asset or labels.NAME.",
    "*.window": "How far back they count.",
    "*.minimum": "How many there must be; 0: their number does not matter.",
    "*.downtime": "Or how long they must have been down together.",
    "*.when": "And only those of which this is true.",
    "*.propose": "Whether a problem is proposed when an incident of such a group resolves.",
    "*.source": "The law or practice that the rule comes from.",
}
_MONTH = Term.parse("30d")


def read(tables: list[Table], words: Vocabulary) -> tuple[RecurrenceRule, ...]:
    """The rules of recurrence, in the order of the document."""
    return tuple(_rule(each, words) for each in tables)


def _rule(table: Table, words: Vocabulary) -> RecurrenceRule:
    keys = tuple(
        key
        for key in table.texts("keys", form=FORM)
        if table.made("keys", partial(check_key, "keys", key), "")
    )
    if not keys:
        table.wrong("keys", "must name something in which the incidents are alike")
    rule = RecurrenceRule(
        table.text("name", table.path),
        keys,
        table.term("window", _MONTH),
        table.number("minimum", 0, 0),
        table.span("downtime", timedelta()),
        table.condition("when", words.incident),
        table.flag("propose", default=False),
        table.text("source"),
    )
    if not rule.minimum and not rule.downtime:
        table.wrong("minimum", "or a downtime must be given, else everything recurs")
    elif rule.minimum == 1:
        table.wrong("minimum", "must be at least 2: one alone does not recur")
    table.done()
    return rule
