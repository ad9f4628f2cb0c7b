"""`[enrol]`: which tickets of the host the library has to do with, and how far it acts on them."""

from __future__ import annotations

from incidentkit.model.words import Mode
from incidentkit.policy.facts import TICKET_FACTS
from incidentkit.policy.table import Table
from incidentkit.rules.enrol import NOBODY_ENROLLED, EnrolTerms

ABOUT = {
    "": "Which tickets of the host's own system are taken in; each answer stands for good.",
    "mode": "How far the library acts on them: none, shadow (it computes and sends nothing), "
    "advise (drafts that a person lets go) or enforce.",
    "when": "Only tickets of which this is true; it may ask whatever the host states of them, "
    "as ticket.NAME.",
    "share": "Of those, so many percent, drawn by their keys.",
    "fresh_for": "How young a ticket must be to count as just opened: its pages and notices "
    "go out then, while those of an older one's past do not.",
}


def read(table: Table) -> EnrolTerms:
    """Which tickets are enrolled, and in which mode."""
    terms = EnrolTerms(
        Mode(table.choice("mode", tuple(Mode), Mode.NONE)),
        table.condition("when", TICKET_FACTS),
        table.number("share", NOBODY_ENROLLED.share, 0, 100),
        table.span("fresh_for", NOBODY_ENROLLED.fresh_for),
    )
    table.done()
    return terms
