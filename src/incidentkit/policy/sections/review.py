"""`[review]`: which incidents owe a review, until when, and what of it may go public."""

from __future__ import annotations

from incidentkit.model.frozen import FrozenMap
from incidentkit.model.review import FollowUpKind
from incidentkit.policy.facts import Vocabulary
from incidentkit.policy.table import Table
from incidentkit.rules.review_terms import ReviewTerms
from incidentkit.timing.terms import Term

ABOUT = {
    "": "Post-incident reviews.",
    "when": "A resolved incident of which this is true owes a review; 'false' for none.",
    "within": "How long after its opening a review is due, such as 5d.",
    "warn_percent": "How much of a due time may pass before the warning.",
    "apart": "Whether somebody else than its owner must approve a review.",
    "sections": "The sections that people write.",
    "needs": "The sections without which a draft cannot be submitted.",
    "follow_up_within": "How long a follow-up of a kind may take, where nobody says otherwise.",
    "follow_up_within.*": "A term such as 14d or 1mo.",
    "public": "The sections that a public version shows.",
    "public_events": "The kinds of journal entry that a public version tells, in neutral words.",
}
_KINDS = tuple(kind.value for kind in FollowUpKind)
_MONTH = Term.parse("1mo")


def read(table: Table, words: Vocabulary) -> ReviewTerms:
    """The terms of reviews."""
    plain = ReviewTerms()
    when = table.condition("when", words.incident, "false")
    within = table.term("within", plain.within)
    percent = table.number("warn_percent", plain.warn_percent, 1, 100)
    apart = table.flag("apart", default=plain.apart)
    sections = table.names("sections", plain.sections)
    needs = table.choices("needs", sections)
    terms = table.table("follow_up_within")
    follow_ups = {kind: terms.term(kind, _MONTH) for kind in terms.among(_KINDS)}
    public = table.choices("public", sections)
    events = table.choices("public_events", PUBLIC_EVENTS)
    table.done()
    return ReviewTerms(
        when, within, percent, apart, sections, needs, FrozenMap(follow_ups), public, events
    )


PUBLIC_EVENTS = (
    "declared",
    "accepted",
    "acknowledged",
    "started",
    "held",
    "resumed",
    "mitigated",
    "observation_begun",
    "regressed",
    "resolved",
    "reopened",
    "closed",
)
"""What a public version may tell: moves of the life-cycle, never a note, a page or a name."""
