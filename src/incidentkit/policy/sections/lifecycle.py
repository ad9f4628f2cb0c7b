"""`[lifecycle]`: codes, reopening, and how long an acknowledgement lasts."""

from __future__ import annotations

from datetime import timedelta

import attrs

from incidentkit.policy.facts import Vocabulary
from incidentkit.policy.sections import holds, overlays, parent
from incidentkit.policy.table import Table
from incidentkit.rules.react import BY_PROBLEM
from incidentkit.rules.terms import COPIED, LifecycleTerms

ABOUT = {
    "": "Terms of the life-cycle.",
    "codes": "What an incident may be resolved by; 'by_problem' must be among them.",
    "reopen_closed": "Whether what is closed may be reopened; where not, open a successor.",
    "refire_reopens": "Whether an alert that fires again reopens or regresses by itself.",
    "refire_reopens_for": "For how long after the end.",
    "lease_for": "How long an acknowledgement lasts unless renewed.",
    "acting_commander": "Where the first to acknowledge is acting commander: in a major, or "
    "always.",
    "reopen_within": "For how long after the end people may reopen; left out: at any time.",
    "reporter_reopens_major": "Whether a reporter may reopen a major incident.",
    "successor_copies": "What a successor takes over of the incident that it follows.",
}


def read(table: Table, top: Table, words: Vocabulary) -> LifecycleTerms:
    """The terms of the life-cycle, and of all that lies over it in sections of the document."""
    plain = LifecycleTerms()
    acting = table.choice("acting_commander", ("major", "always"), "major")
    terms = LifecycleTerms(
        table.texts("codes", plain.codes),
        table.flag("reopen_closed", default=plain.reopen_closed),
        table.flag("refire_reopens", default=plain.refire_reopens),
        table.span("refire_reopens_for", plain.refire_reopens_for),
        table.span("lease_for", plain.lease_for),
        table.span("reopen_within", timedelta()) or None,
        table.flag("reporter_reopens_major", default=plain.reporter_reopens_major),
        table.choices("successor_copies", COPIED, COPIED),
        overlays=overlays.read(top, words.incident, acting_always=acting == "always"),
    )
    if BY_PROBLEM not in terms.codes:
        table.wrong("codes", f"must have {BY_PROBLEM!r}: what waits for a problem resolves by it")
    table.done()
    return terms


def with_relations(
    terms: LifecycleTerms, parents: Table, waits: Table, words: Vocabulary
) -> LifecycleTerms:
    """The terms with `[parent]` and `[holds]`, which the same decisions rest on."""
    known = holds.read(waits, terms.codes, words)
    return attrs.evolve(terms, parent=parent.read(parents), holds=known)
