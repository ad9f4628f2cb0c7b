"""`[silences]`: how long alerts may be silent."""

from __future__ import annotations

from incidentkit.policy.table import Table
from incidentkit.rules.record_terms import SilenceTerms

ABOUT = {
    "": "Silences of alerts.",
    "longest": "How long one may last at most.",
}


def read(table: Table) -> SilenceTerms:
    """The terms of silences."""
    terms = SilenceTerms(table.span("longest", SilenceTerms().longest))
    table.done()
    return terms
