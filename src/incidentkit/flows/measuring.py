"""Reading incidents and their journals for figures, page by page, within what the actor may see."""

from __future__ import annotations

import attrs

from incidentkit.flows import reading
from incidentkit.flows.effects import Flow
from incidentkit.flows.kinds import INCIDENT
from incidentkit.flows.setting import Setting
from incidentkit.ports.query import Cursor, Query
from incidentkit.rules.measure import Measured, measure

PAGE = 200


def measured(setting: Setting, query: Query) -> Flow[tuple[Measured, ...]]:
    """Every incident of a query; its limit and cursor do not count."""
    found: list[Measured] = []
    after: Cursor | None = None
    while True:
        page = yield from reading.find(
            setting, INCIDENT, attrs.evolve(query, after=after, limit=PAGE)
        )
        for incident in page.items:
            journal = yield from reading.whole(INCIDENT.name, incident.id)
            found.append(measure(incident, journal))
        after = page.next
        if after is None:
            return tuple(found)
