"""What a host sets about reviews."""

from __future__ import annotations

from datetime import timedelta

import attrs

from incidentkit.lang.conditions import Condition
from incidentkit.model.frozen import FrozenMap
from incidentkit.timing.terms import Term

SECTIONS = (
    "summary",
    "what went well",
    "what did not go well",
    "contributing factors",
    "lessons",
)

FIVE_DAYS = Term(timedelta(days=5))
NEVER = Condition.parse("false")
NO_TERMS: FrozenMap[str, Term] = FrozenMap()


@attrs.frozen
class ReviewTerms:
    """When an incident owes a review, and what a review owes.

    `when`: a resolved incident of which this is true gets a review. `within` and `follow_up_within`
    (by kind) are terms from its opening; a kind without one has no due date. `apart`: whoever owns
    a review does not approve it. `public` names the sections that a public version shows,
    `public_events` the kinds of entry.
    """

    when: Condition = NEVER
    within: Term = FIVE_DAYS
    warn_percent: int = 75
    apart: bool = True
    sections: tuple[str, ...] = SECTIONS
    needs: tuple[str, ...] = ()
    follow_up_within: FrozenMap[str, Term] = NO_TERMS
    public: tuple[str, ...] = ()
    public_events: tuple[str, ...] = ()


REVIEWS = ReviewTerms()
