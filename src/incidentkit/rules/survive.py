"""What an incident takes over when another turns out to be the same one.

The survivor keeps what it is, and takes the earliest of the instants at which it all began, whoever
watched, and the wider of what was reached: a merge must never make a legal clock start later or a
label weaker.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

import attrs

from incidentkit.model.aspects import Aspect
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.incident import Incident
from incidentkit.model.labels import highest
from incidentkit.model.scope import NO_SCOPE, Scope
from incidentkit.model.words import Moment

T = TypeVar("T")

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
    """What both reach together: the union, and the higher label.

    Where both say something of the same field, dimension or thing, the survivor's word stands. The
    other's impact intervals get ids of their own here.
    """
    if NO_SCOPE in (survivor, other):
        return other if survivor == NO_SCOPE else survivor
    return Scope(
        _aspects(survivor, other),
        _with_others(survivor.impacts, other.impacts, lambda x: x.dimension),
        (
            *survivor.intervals,
            *(
                attrs.evolve(x, id=f"I{number}")
                for number, x in enumerate(other.intervals, len(survivor.intervals) + 1)
            ),
        ),
        _with_others(survivor.affected, other.affected, lambda x: (x.kind, x.name)),
        _with_others(survivor.organisations, other.organisations, lambda x: (x.name, x.role)),
        _with_others(survivor.references, other.references, lambda x: (x.system, x.key)),
        highest(survivor.label, other.label),
    )


def _aspects(survivor: Scope, other: Scope) -> tuple[Aspect, ...]:
    """The aspects of both, each with the fields of both; the survivor's primary one stays first."""
    mine: list[Aspect] = []
    for aspect in survivor.aspects:
        theirs = other.aspect(aspect.name)
        fields = aspect.fields if theirs is None else FrozenMap({**theirs.fields, **aspect.fields})
        mine.append(Aspect(aspect.name, fields))
    return _with_others(tuple(mine), other.aspects, lambda x: x.name)


def _with_others(
    mine: tuple[T, ...], others: tuple[T, ...], key: Callable[[T], object]
) -> tuple[T, ...]:
    known = {key(each) for each in mine}
    return (*mine, *(each for each in others if key(each) not in known))
