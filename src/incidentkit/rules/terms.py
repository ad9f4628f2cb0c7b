"""What a host may set about the life-cycle, apart from the table that reads it."""

from __future__ import annotations

from datetime import timedelta

import attrs

from incidentkit.rules.dossier_terms import DEFAULT_TERMS, DossierTerms


@attrs.frozen
class LifecycleTerms:
    """What a host may set about the life-cycle.

    `reopen_closed`: may a person reopen what is closed, or is a successor opened (ITIL)?
    `refire_reopens_for`: how long after its end a re-fire reopens by itself.
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
    dossier: DossierTerms = DEFAULT_TERMS
