"""`parties`: a list of names, or a table of what is known of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from incidentkit.model.frozen import FrozenMap
from incidentkit.policy.sections import directory
from incidentkit.policy.table import Table

if TYPE_CHECKING:
    from incidentkit.model.party import Party

ABOUT = {
    **directory.ABOUT,
    "": "The parties there are: a list of names, or a table each, as in [directory].",
}


def read(top: Table) -> FrozenMap[str, Party]:
    """The parties by name, those of `[directory]` among them."""
    listed = {name: directory.party(name, table) for name, table in top.listed("parties")}
    own = directory.listed(top.table("directory"))
    every = {**listed, **own}
    for name, problem in directory.circles(every):
        top.refused(f"{'directory' if name in own else 'parties'}.{name}", problem)
    return FrozenMap(every)
