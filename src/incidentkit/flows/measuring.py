"""Reading incidents and their journals for figures, page by page, within what the actor may see."""

from __future__ import annotations

import attrs

from incidentkit.errors import InvalidValue
from incidentkit.flows import reading
from incidentkit.flows.effects import Flow
from incidentkit.flows.kinds import INCIDENT, MAINTENANCE
from incidentkit.flows.setting import Setting
from incidentkit.model.maintenance import STARTED, Maintenance
from incidentkit.ports.query import AnyOf, Compare, Cursor, OneOf, Op, Query
from incidentkit.rules.measure import Measured, measure
from incidentkit.timing.instants import to_micros

PAGE = 200


@attrs.frozen
class Ground:
    """What figures are made of: the incidents, and the planned work that may have impaired them."""

    measured: tuple[Measured, ...]
    works: tuple[Maintenance, ...]


def measured(setting: Setting, query: Query) -> Flow[Ground]:
    """Every incident of a query, and planned work; the query's limit and cursor do not count."""
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
            return Ground(tuple(found), (yield from _works(setting, found)))


def _works(setting: Setting, found: list[Measured]) -> Flow[tuple[Maintenance, ...]]:
    """The work that goes on or ended after the first impairment began; none where none did.

    An actor's scope that names a column of incidents alone lets him see no planned work.
    """
    began = [span.start for each in found for _, _, span in each.impaired]
    if not began:
        return ()
    goes_on = OneOf("state", tuple(sorted(STARTED)))
    ended_since = Compare("changed_at", Op.GE, to_micros(min(began)))
    query = Query(MAINTENANCE.name, AnyOf((goes_on, ended_since)), "changed_at", limit=PAGE)
    works: list[Maintenance] = []
    after: Cursor | None = None
    while True:
        try:
            page = yield from reading.find(setting, MAINTENANCE, attrs.evolve(query, after=after))
        except InvalidValue:
            return ()
        works += page.items
        after = page.next
        if after is None:
            return tuple(works)
