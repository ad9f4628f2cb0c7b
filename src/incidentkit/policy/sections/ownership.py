"""`[ownership]`: who has the last word on a field that a ticket and its incident both have."""

from __future__ import annotations

from incidentkit.model.frozen import FrozenMap
from incidentkit.model.hosting import FIELDS
from incidentkit.policy.table import Table
from incidentkit.rules.ownership import Owner, Ownership

ABOUT = {
    "": "Who has the last word on each field of an adopted ticket: host, library, or last_writer, "
    "which is also what a field has that is left out.",
    "*": "Whose word counts.",
}


def read(table: Table) -> Ownership:
    """The owner of each field."""
    owners = {
        field: Owner(table.choice(field, tuple(Owner), Owner.LAST_WRITER))
        for field in table.among(FIELDS)
    }
    table.done()
    return Ownership(FrozenMap(owners))
