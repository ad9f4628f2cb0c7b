"""What lies over the life-cycle, put together from its sections.

Each is a section of its own in the document; rules find all of them in one value.
"""

from __future__ import annotations

from incidentkit.lang.conditions import Declared
from incidentkit.policy.sections import (
    autoclose,
    checklists,
    major,
    public,
    regions,
    roles,
    statuses,
)
from incidentkit.policy.table import Table
from incidentkit.rules.overlay_terms import OverlayTerms


def read(top: Table, facts: Declared, *, acting_always: bool) -> OverlayTerms:
    """The terms of everything beside the life-cycle; conditions may ask for these facts."""
    return OverlayTerms(
        major.read(top.table("major"), facts),
        roles.read(top.table("roles")),
        acting_always,
        public.read(top.table("public"), facts),
        statuses.read(top.tables("statuses")),
        regions.read(top.table("regions")),
        checklists.read(top.table("checklists"), facts),
        autoclose.read(top.table("autoclose")),
    )
