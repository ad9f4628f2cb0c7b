"""`[maintenance]`: the scale of planned work, who must agree, and what audiences hear of it."""

from __future__ import annotations

from incidentkit.model.frozen import FrozenMap
from incidentkit.policy.facts import MAINTENANCE_FIELDS
from incidentkit.policy.table import Table
from incidentkit.rules.record_terms import MaintenanceTerms

OCCASIONS = (
    "announced",
    "rescheduled",
    "extended",
    "cancelled",
    "started",
    "overran",
    "completed",
    "rolled_back",
)
ABOUT = {
    "": "Planned work.",
    "priorities": "Its scale, the everyday one first.",
    "approvals": "How many people must agree; 0: a plan is approved as it is made.",
    "own_approval": "Whether its owner may be one of them.",
    "ask_before": "How long before the end its owner is asked whether it will be done in time.",
    "propose": "Whether one that overran opens a candidate that began at its planned end.",
    "says": "What its audiences hear; an occasion that is left out or empty is not told.",
    "says.*": "The words for this occasion.",
}


def read(table: Table) -> MaintenanceTerms:
    """The terms of planned work."""
    plain = MaintenanceTerms()
    priorities = table.names("priorities", plain.priorities)
    if not priorities:
        table.wrong("priorities", "must have at least one")
        priorities = plain.priorities
    says = table.table("says")
    found = {key: says.template(key, MAINTENANCE_FIELDS) for key in says.among(OCCASIONS)}
    terms = MaintenanceTerms(
        priorities,
        table.number("approvals", plain.approvals, 0, 100),
        table.flag("own_approval", default=plain.own_approval),
        table.span("ask_before", plain.ask_before),
        table.flag("propose", default=plain.propose),
        FrozenMap({key: value for key, value in found.items() if value.text}),
    )
    table.done()
    return terms
