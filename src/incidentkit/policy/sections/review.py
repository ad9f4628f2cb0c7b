"""`[review]`: which incidents are reviewed, until when, and what the public may read of it."""

from __future__ import annotations

from incidentkit.policy.facts import INCIDENT_FACTS, PUBLIC_EVENTS
from incidentkit.policy.table import Table
from incidentkit.rules.record_terms import ReviewTerms

ABOUT = {
    "": "Post-incident reviews.",
    "when": "Of which incidents one is opened when they are resolved.",
    "due_within": "How long writing it may take.",
    "warn_before": "How long before a due date the owner is reminded, of follow-ups as well.",
    "own_approval": "Whether its owner may approve it.",
    "public_events": "The events of the timeline that the public version may tell.",
}


def read(table: Table) -> ReviewTerms:
    """The terms of reviews."""
    plain = ReviewTerms()
    terms = ReviewTerms(
        table.condition("when", INCIDENT_FACTS, "false"),
        table.span("due_within", plain.due_within),
        table.span("warn_before", plain.warn_before),
        table.flag("own_approval", default=plain.own_approval),
        table.choices("public_events", PUBLIC_EVENTS, plain.public_events),
    )
    table.done()
    return terms
