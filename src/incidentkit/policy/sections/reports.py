"""`[reports]`: what becomes of people's reports, and what reporters hear in the end."""

from __future__ import annotations

from incidentkit.policy.facts import Vocabulary
from incidentkit.policy.table import Table
from incidentkit.rules.relation_terms import JOIN, OFF, SUGGEST, TOLD, ReportTerms

ABOUT = {
    "": "Reports of people.",
    "join": "Whether a report that names no incident joins an open one of the same service, is "
    "proposed to it, or always declares its own.",
    "within": "How old that open incident may be.",
    "rejection_reopens": "Whether a reporter's no to a resolution reopens the incident.",
    "told": "What reporters hear when their incident is resolved.",
    "told.send": "Whether they are told at all.",
    "told.template": "What they are told.",
}


def read(table: Table, words: Vocabulary) -> ReportTerms:
    """The terms of reports."""
    plain = ReportTerms()
    told = table.table("told")
    terms = ReportTerms(
        table.choice("join", (OFF, SUGGEST, JOIN), plain.join),
        table.span("within", plain.within),
        told.flag("send", default=plain.tell),
        table.flag("rejection_reopens", default=plain.rejection_reopens),
        told.template("template", words.fields, TOLD),
    )
    told.done()
    table.done()
    return terms
