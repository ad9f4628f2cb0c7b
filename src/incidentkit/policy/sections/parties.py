"""`parties`: a list of names, or a table of what is known of each."""

from __future__ import annotations

from incidentkit.model.frozen import FrozenMap
from incidentkit.model.party import Party
from incidentkit.policy.sections import directory
from incidentkit.policy.table import Table

ABOUT = {
    **directory.ABOUT,
    "": "The parties there are: a list of names, or a table each, as in [directory].",
}


def read(top: Table) -> FrozenMap[str, Party]:
    """The parties by name, those of `[directory]` among them."""
    listed = {name: directory.party(name, table) for name, table in top.listed("parties")}
    return FrozenMap({**listed, **directory.read(top.table("directory"))})
