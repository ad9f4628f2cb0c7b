"""`services`: a list of names, or a table of what is known of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from incidentkit.model.frozen import FrozenMap
from incidentkit.policy.table import Table

if TYPE_CHECKING:
    from incidentkit.model.service import Service

ABOUT = {
    "": "The services there are: a list of names, or a table each.",
    "*": "One service.",
    "*.owner": "The party that answers for it.",
    "*.team": "The party that works on it.",
    "*.criticality": "How much hangs on it.",
    "*.depends_on": "The services that it rests on.",
}


def read(top: Table) -> FrozenMap[str, Service]:
    """The services by name."""
    return FrozenMap({name: _service(name, table) for name, table in top.listed("services")})


def _service(name: str, table: Table) -> Service:
    from incidentkit.model.service import Criticality, Service  # many policies list none

    level = table.choice("criticality", ("", *(each.value for each in Criticality)), "")
    made = Service(
        name,
        table.name("owner"),
        table.name("team"),
        Criticality(level) if level else None,
        table.names("depends_on"),
    )
    table.done()
    return made
