"""`[problems]`: known errors, verified fixes, and what problems do to their incidents."""

from __future__ import annotations

from datetime import timedelta

from incidentkit.model.frozen import FrozenMap
from incidentkit.policy.table import Table
from incidentkit.rules.problem_terms import (
    ACTIONS,
    ASK,
    CALLS,
    EFFECTS,
    REANALYSE,
    RESOLVES,
    ProblemTerms,
)

ABOUT = {
    "": "Terms of problems and known errors.",
    "effects": "What a problem does to its incidents, by occasion.",
    "effects.*": "Any of: 'note' (an internal note on each that is active), 'tell' (a reply to its "
    "reporter), and on 'resolved' also 'resolve' (the wait of those on hold for it ends).",
    "calls": "The occasions on which whoever has a problem is called.",
    "fix_not_holding": "What an incident that speaks against a fix does: 'reanalyse', or 'ask'.",
    "verified": "What the end of a verification does that nothing spoke against: 'resolve' or "
    "'ask'.",
    "watch": "Whether incidents are compared with the fixes that are being verified.",
    "audience": "Whom a known error is for that does not say.",
    "review_within": "When a known error is to be reviewed that does not say; '0s' for never.",
    "change_done": "What a change's label 'status' says when the change is done.",
    "symptoms": "How many per mille of the words of its symptoms an incident must have to be "
    "recognised as a known error that has no condition.",
}


def read(table: Table) -> ProblemTerms:
    """The terms of problems."""
    plain = ProblemTerms()
    written = table.table("effects")
    effects = {
        occasion: written.choices(occasion, ACTIONS, EFFECTS[occasion])
        for occasion in written.among(tuple(EFFECTS))
    }
    terms = ProblemTerms(
        FrozenMap({**EFFECTS, **effects}),
        table.choices("calls", CALLS, CALLS),
        table.choice("fix_not_holding", (REANALYSE, ASK), plain.fix_not_holding),
        table.choice("verified", (RESOLVES, ASK), plain.verified),
        table.flag("watch", default=plain.watch),
        table.name("audience", plain.audience),
        _review(table, plain.review_within),
        table.texts("change_done", plain.change_done),
        table.number("symptoms", plain.symptoms, 1, 1_000),
    )
    table.done()
    return terms


def _review(table: Table, default: timedelta) -> timedelta:
    """A span, or `0s` for no review at all."""
    return (
        timedelta() if table.text("review_within") == "0s" else table.span("review_within", default)
    )
