"""Regions that a host declares as data: which states there are, and which moves between them.

A security phase, a continuity plan, a customer's approval: the library knows nothing of their
meaning, keeps where they stand, and refuses what the policy does not list.
"""

from __future__ import annotations

from datetime import datetime

from incidentkit.errors import NotFound, TransitionNotAllowed
from incidentkit.model.incident import Incident
from incidentkit.model.journal import Event
from incidentkit.model.region_changes import MoveRegion, RegionMoved
from incidentkit.rules.evolve_parts import overlaid
from incidentkit.rules.overlay_terms import RegionTerm
from incidentkit.rules.table import EVERYWHERE, Move, Part
from incidentkit.rules.terms import LifecycleTerms
from incidentkit.rules.ways import Way


def ways(region: RegionTerm) -> tuple[Way, ...]:
    """The moves of a region as its table."""
    return tuple(Way(name, (source,), to) for source, to, name in region.moves)


def standing(incident: Incident, region: RegionTerm) -> str:
    """Where a region stands: in its first state until it is moved."""
    return incident.dossier.overlays.regions.get(region.name, region.states[0])


def move(
    incident: Incident, command: MoveRegion, _at: datetime, _by: str, terms: LifecycleTerms
) -> tuple[Event, ...]:
    """One of the listed moves; where it stands already, nothing changes."""
    known = terms.overlays.regions
    region = known.get(command.region)
    if region is None:
        raise NotFound("region", command.region, tuple(known))
    if command.to not in region.states:
        raise NotFound(f"state of region {region.name}", command.to, region.states)
    was = standing(incident, region)
    if was == command.to:
        return ()
    for source, to, name in region.moves:
        if (source, to) == (was, command.to):
            return (RegionMoved(region.name, to, was, name, command.reason),)
    listed = tuple(f"{name} ({to})" for source, to, name in region.moves if source == was)
    raise TransitionNotAllowed(
        f"{incident.ref} ({region.name})", was, f"moving to {command.to}", listed
    )


def _moved(i: Incident, v: RegionMoved, _at: datetime) -> Incident:
    return overlaid(i, regions=i.dossier.overlays.regions.with_(v.region, v.to))


PART = Part((Move(MoveRegion, EVERYWHERE, None, ("region", "to"), move),), {RegionMoved: _moved})
