"""The version of a review that strangers may read: neutral words, no names, nothing unapproved.

It is not the page with parts blacked out but a page of its own, made only of what the policy says
may go public: named sections that people wrote for it, and moves of the life-cycle in words that
are the same for every incident. Titles, notes, names, alerts and reasons never enter it.
"""

from __future__ import annotations

from collections.abc import Sequence

from incidentkit.model.incident import Incident
from incidentkit.model.journal import JournalEntry
from incidentkit.model.review import NO_SECTIONS, Review, ReviewState
from incidentkit.model.words import Moment
from incidentkit.rules.review_terms import ReviewTerms
from incidentkit.timing.instants import show_instant
from incidentkit.views.review_parts import ReviewPage
from incidentkit.views.text import plain, span
from incidentkit.views.timeline import Line

NEUTRAL = {
    "declared": "We began to treat this as an incident.",
    "accepted": "We confirmed the incident.",
    "acknowledged": "Somebody took it on.",
    "started": "We began to work on it.",
    "held": "We were waiting for somebody else.",
    "resumed": "We went on with the work.",
    "mitigated": "The service was restored.",
    "observation_begun": "We watched whether it held.",
    "regressed": "The fix did not hold; we went on.",
    "resolved": "The incident was over.",
    "reopened": "It came back; we went on.",
    "closed": "Nothing was left to do.",
}
"""Event -> what the public is told of it, the same for every incident."""

_CLEARED = frozenset((ReviewState.APPROVED, ReviewState.PUBLISHED))
"""What people wrote goes out once somebody has approved it, and no earlier."""
_SPANS = (
    (Moment.OCCURRED, Moment.MITIGATED, "Until the service was restored"),
    (Moment.DECLARED, Moment.MITIGATED, "From its declaration until the service was restored"),
)


def public_version(
    incident: Incident, entries: Sequence[JournalEntry], record: Review | None, terms: ReviewTerms
) -> ReviewPage:
    """The page that strangers may read."""
    told = tuple(
        Line(entry.at, "", NEUTRAL[entry.kind], entry.seq, entry.kind)
        for entry in entries
        if entry.kind in terms.public_events and entry.recorded is not None
    )
    cleared = record is not None and record.state in _CLEARED
    sections = record.sections if record is not None and cleared else NO_SECTIONS
    written = tuple((x, sections[x].text) for x in terms.public if x in sections)
    return ReviewPage(
        plain(incident.ref),
        "What happened",
        _facts(incident),
        timeline=told,
        sections=written,
        public=True,
    )


def _facts(incident: Incident) -> tuple[tuple[str, str], ...]:
    facts = [("Reference", plain(incident.ref))]
    for moment, told in (
        (Moment.OCCURRED, "Began"),
        (Moment.MITIGATED, "Service restored"),
        (Moment.RESOLVED, "Over"),
    ):
        at = incident.moment(moment)
        if at is not None:
            facts.append((told, show_instant(at)))
    for first, last, told in _SPANS:
        start, end = incident.moment(first), incident.moment(last)
        if start is not None and end is not None and end >= start:
            facts.append((told, span(end - start)))
            break
    return tuple(facts)
