"""`[autoclose]`: when what was resolved closes by itself."""

from __future__ import annotations

from datetime import timedelta

from incidentkit.model.frozen import FrozenMap
from incidentkit.model.words import Priority
from incidentkit.policy.sections.matrix import PRIORITIES
from incidentkit.policy.table import Table
from incidentkit.rules.overlay_terms import AutoClose

ABOUT = {
    "": "Closing by itself what was resolved; a priority without a time never does.",
    "after": "Priority to how long after.",
    "after.*": "How long after, such as 7d; 0s means never.",
    "basis": "Whether the time begins with the resolution, or anew with every change by a person.",
}
_NEVER = timedelta()


def read(table: Table) -> AutoClose:
    """When each priority closes by itself."""
    rows = table.table("after")
    spans = {Priority(key): rows.span(key, _NEVER) for key in rows.among(PRIORITIES)}
    rows.done()
    basis = table.choice("basis", ("resolved", "updated"), "resolved")
    table.done()
    return AutoClose(FrozenMap({key: x for key, x in spans.items() if x}), basis == "updated")
