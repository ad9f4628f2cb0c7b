"""What a host may set about the life-cycle, apart from the table that reads it."""

from __future__ import annotations

from datetime import timedelta

import attrs

from incidentkit.model.frozen import FrozenMap
from incidentkit.rules.dossier_terms import DEFAULT_TERMS, DossierTerms
from incidentkit.rules.overlay_terms import NO_OVERLAY_TERMS, OverlayTerms
from incidentkit.rules.relation_terms import HOLDS, PARENTS, HoldTerms, ParentTerms

COPIED = (
    "title",
    "summary",
    "service",
    "category",
    "labels",
    "team",
    "owner",
    "reporter",
    "rating",
)
"""What a successor takes over of the incident that it follows."""


@attrs.frozen
class LifecycleTerms:
    """What a host may set about the life-cycle.

    `reopen_closed`: may a person reopen what is closed, or is a successor opened (ITIL)?
    `refire_reopens_for`: how long after its end a re-fire reopens by itself.
    `reopen_within`: for how long after the end somebody may reopen; None: at any time.
    `reporter_reopens_major`: may a reporter reopen a major incident?
    `glass_for`: how long whoever breaks the glass may see what they may not see otherwise.
    `successor_copies`: the fields that a successor takes over.
    """

    codes: tuple[str, ...] = (
        "fixed",
        "workaround",
        "by_change",
        "by_problem",
        "no_fault_found",
        "cleared",
    )
    reopen_closed: bool = True
    refire_reopens: bool = True
    refire_reopens_for: timedelta = timedelta(days=7)
    lease_for: timedelta = timedelta(minutes=30)
    reopen_within: timedelta | None = None
    reporter_reopens_major: bool = True
    successor_copies: tuple[str, ...] = COPIED
    parent: ParentTerms = PARENTS
    holds: FrozenMap[str, HoldTerms] = HOLDS
    glass_for: timedelta = timedelta(hours=1)
    overlays: OverlayTerms = NO_OVERLAY_TERMS
    dossier: DossierTerms = DEFAULT_TERMS
