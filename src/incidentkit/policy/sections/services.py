"""`services`: a list of names, or a table of what is known of each."""

from __future__ import annotations

from incidentkit.model.frozen import FrozenMap
from incidentkit.model.service import Criticality, Service
from incidentkit.policy.table import Table

ABOUT = {
    "": "The services there are: a list of names, or a table each.",
    "*": "One service.",
    "*.owner": "The party that answers for it.",
    "*.team": "The party that works on it.",
    "*.criticality": "How much hangs on it.",
    "*.depends_on": "The services that it rests on.",
}
_LEVELS = tuple(each.value for each in Criticality)


def read(top: Table) -> FrozenMap[str, Service]:
    """The services by name."""
    found: dict[str, Service] = {}
    for name, table in top.listed("services"):
        level = table.choice("criticality", ("", *_LEVELS), "")
        found[name] = Service(
            name,
            table.name("owner"),
            table.name("team"),
            Criticality(level) if level else None,
            table.names("depends_on"),
        )
        table.done()
    return FrozenMap(found)
