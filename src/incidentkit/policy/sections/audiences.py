"""`[audiences.NAME]`: people who hear the same words."""

from __future__ import annotations

from datetime import timedelta

from incidentkit.model.frozen import FrozenMap
from incidentkit.policy.table import Table
from incidentkit.rules.communicate import Audience

ABOUT = {
    "": "Who hears notices; written as a whole.",
    "*": "People who hear the same words.",
    "*.members": "The parties who hear it; $watchers, $assignee and the like are whoever that is "
    "then.",
    "*.channel": "The channel by which; left out: any that takes notices.",
    "*.lead_time": "How long before planned work they want to hear of it, in elapsed time.",
}


def read(tables: Table) -> FrozenMap[str, Audience]:
    """The audiences by name."""
    found: dict[str, Audience] = {}
    for name, table in tables.named():
        found[name] = Audience(
            name,
            table.texts("members"),
            table.text("channel"),
            table.span("lead_time", timedelta()),
        )
        table.done()
    return FrozenMap(found)
