"""What an incident takes over when another turns out to be the same one.

The survivor keeps what it is, and takes the earliest of the instants at which it all began, whoever
watched, and the wider of what was reached: a merge must never make a legal clock start later or a
label weaker.
"""

from __future__ import annotations

from datetime import datetime

from incidentkit.model.frozen import FrozenMap
from incidentkit.model.incident import Incident
from incidentkit.model.scope import NO_SCOPE, Scope
from incidentkit.model.words import Moment

EARLIEST = (Moment.OCCURRED, Moment.DETECTED, Moment.REPORTED, Moment.AWARE)
"""The instants of which the earlier one counts."""


def moments(survivor: Incident, other: Incident) -> FrozenMap[Moment, datetime]:
    """The instants that the survivor takes from the other, because they are earlier."""
    mine, theirs = survivor.course.moments, other.course.moments
    taken: dict[Moment, datetime] = {}
    for moment in EARLIEST:
        then = theirs.get(moment)
        if then is not None and (moment not in mine or then < mine[moment]):
            taken[moment] = then
    return FrozenMap(taken)


def watchers(survivor: Incident, other: Incident) -> tuple[str, ...]:
    """Who watched the other and does not yet watch the survivor."""
    known = frozenset(survivor.people.watchers)
    return tuple(x for x in other.people.watchers if x not in known)


def scope(survivor: Scope, other: Scope) -> Scope:
    """What both reach together: the survivor's, or the other's where it has none of its own."""
    return other if survivor == NO_SCOPE else survivor
