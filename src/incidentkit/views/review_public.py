"""The version of a review that everybody may read: nobody is named, and little is told.

Only what somebody marked as public is told of what people wrote, and there every name that is on
record is replaced by what that person was in it. Of the journal only the events that the policy
lists are told, in fixed words: a note, a reason or a remedy never leaves the house by this way.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from incidentkit.model.incident import Incident
from incidentkit.model.journal import JournalEntry
from incidentkit.model.review import Review as Record
from incidentkit.model.review import Section
from incidentkit.model.words import Moment
from incidentkit.timing.instants import show_instant
from incidentkit.views.review_parts import HEADINGS, Pairs, Review
from incidentkit.views.text import SYSTEM, plain, span, words
from incidentkit.views.timeline import Line

_SENTENCES: Mapping[str, str] = {
    "declared": "The incident was declared.",
    "accepted": "It was confirmed to be an incident.",
    "started": "Work on it began.",
    "mitigated": "The service was restored.",
    "observation_begun": "We began to watch whether the repair holds.",
    "regressed": "The repair did not hold.",
    "resolved": "The incident was resolved.",
    "closed": "The incident was closed.",
    "reopened": "The incident was reopened.",
}
_MOMENTS = (Moment.OCCURRED, Moment.DETECTED, Moment.MITIGATED, Moment.RESOLVED)


def public_version(
    record: Record, incident: Incident, entries: Sequence[JournalEntry], events: Sequence[str]
) -> Review:
    """What the public may read of a review.

    `events` are the stored names of the events that may be told, as the policy lists them; one that
    has no words for the public is left out.
    """
    roles = _roles(record, incident, entries)
    found = ((x, record.sections.get(x)) for x in Section)
    return Review(
        plain(incident.ref),
        _unnamed(plain(incident.title, 1_000), roles),
        _facts(incident),
        timeline=tuple(_line(x) for x in entries if x.kind in events and x.kind in _SENTENCES),
        sections=tuple(
            (HEADINGS[x], _unnamed(each.text, roles))
            for x, each in found
            if each is not None and each.public
        ),
        public=True,
    )


def _line(entry: JournalEntry) -> Line:
    return Line(entry.at, "", _SENTENCES[entry.kind], entry.seq, entry.kind)


def _facts(incident: Incident) -> Pairs:
    facts = [("Service", plain(incident.card.service or ""))]
    for moment in _MOMENTS:
        at = incident.moment(moment)
        facts.append((words(moment).capitalize(), "" if at is None else show_instant(at)))
    began = incident.moment(Moment.OCCURRED) or incident.moment(Moment.DECLARED)
    restored = incident.moment(Moment.MITIGATED) or incident.moment(Moment.RESOLVED)
    if began is not None and restored is not None and restored >= began:
        facts.append(("Restored after", span(restored - began)))
    return tuple(fact for fact in facts if fact[1])


def _roles(record: Record, incident: Incident, entries: Sequence[JournalEntry]) -> dict[str, str]:
    """Everybody on record, and what to say instead of the name."""
    people = incident.people
    roles = {each.holder: f"the {words(each.role)}" for each in people.roles}
    roles.setdefault(people.assignee or "", "the responder")
    roles.setdefault(people.owner or "", "the owner")
    roles.setdefault(incident.card.reporter or "", "a reporter")
    roles.setdefault(record.owner or "", "the author of this review")
    others = [record.approver, *people.watchers, *(x.owner for x in record.follow_ups)]
    for entry in entries:
        if entry.recorded is not None:
            others += [entry.recorded.by, entry.recorded.on_behalf_of]
            event = entry.recorded.event
            others += [getattr(event, x, None) for x in ("to", "assignee", "holder", "reporter")]
    for party in others:
        if isinstance(party, str):
            roles.setdefault(party, "a member of staff")
    return {party: role for party, role in roles.items() if party and party != SYSTEM}


def _unnamed(text: str, roles: Mapping[str, str]) -> str:
    """The text with every name replaced, the longest first, in whatever case it is written."""
    if not roles:
        return text
    longest = sorted(roles, key=len, reverse=True)
    found = re.compile(
        "|".join(rf"(?<!\w){re.escape(party)}(?!\w)" for party in longest), re.IGNORECASE
    )
    lower = {party.casefold(): role for party, role in roles.items()}
    return found.sub(lambda x: _said(lower.get(x[0].casefold(), "somebody"), text, x.start()), text)


def _said(role: str, text: str, at: int) -> str:
    """The role, with a capital where a sentence begins."""
    before = text[:at].rstrip(" ")
    return role if before and before[-1] not in ".!?\n" else role[:1].upper() + role[1:]
