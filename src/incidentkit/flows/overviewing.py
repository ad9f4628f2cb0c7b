"""What an overview asks of the store: by index columns only.

A store that cannot count by a column is asked once for each word that a closed column may hold.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import attrs

from incidentkit.flows.effects import Count, Find, Flow, Now, Tally
from incidentkit.flows.kinds import INCIDENT
from incidentkit.flows.setting import Setting
from incidentkit.model.incident import Incident
from incidentkit.model.words import MajorState, Priority, Response, State
from incidentkit.ports.query import AllOf, Compare, Cursor, Filter, OneOf, Op, Query
from incidentkit.ports.rows import Scalar


@attrs.frozen
class Section:
    """One list of an overview: how many there are, and the first of them in its order."""

    name: str
    count: int
    items: tuple[Incident, ...]

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of the first ones."""
        return tuple(each.id for each in self.items)


@attrs.frozen
class Counts:
    """How many incidents for each value of something; values that none has are left out."""

    name: str
    values: tuple[tuple[str, int], ...]

    def get(self, value: str) -> int:
        """How many have this value."""
        return dict(self.values).get(value, 0)


def _is(column: str, value: Scalar) -> Filter:
    return Compare(column, Op.EQ, value)


_ACTIVE = _is("active", True)
_ACCEPTED = _is("candidate", False)
_OPEN_MAJORS = (MajorState.PROPOSED.value, MajorState.ACCEPTED.value)

SECTIONS: tuple[tuple[str, tuple[Filter, ...], str], ...] = (
    ("majors", (OneOf("major", _OPEN_MAJORS),), "priority"),
    ("unacknowledged", (_ACCEPTED, _is("response", Response.UNACKNOWLEDGED.value)), "priority"),
    ("late_next", (_ACCEPTED, Compare("due_at", Op.GT, 0)), "due_at"),
    ("unassigned", (_ACCEPTED, _is("assignee", "")), "priority"),
    ("unowned", (_ACCEPTED, _is("owner", "")), "priority"),
    ("candidates", (_is("candidate", True),), "declared_at"),
    ("quiet", (_is("response", Response.CLEARED.value),), "declared_at"),
    ("on_hold", (_is("state", State.ON_HOLD.value),), "priority"),
)
"""The lists of every overview, what belongs on each, and by which column it is ordered."""


def _where(*parts: Filter) -> Filter:
    return AllOf((_ACTIVE, *parts))


@attrs.frozen
class Gathered:
    """What an overview is made of, and the instant it is of."""

    at: datetime
    sections: tuple[Section, ...]
    counts: tuple[Counts, ...]


def gather(
    _setting: Setting, person: str | None, teams: tuple[str, ...], limit: int
) -> Flow[Gathered]:
    """All lists, those of a person and of teams first, and the counts beside them."""
    at = yield from Now()
    wanted = list(SECTIONS)
    if teams:
        wanted.insert(0, ("team", (OneOf("team", teams),), "priority"))
    if person is not None:
        wanted.insert(0, ("mine", (_is("assignee", person),), "priority"))
    sections: list[Section] = []
    for name, parts, order in wanted:
        where = _where(*parts)
        count = yield from Count(Query(INCIDENT.name, where))
        items: tuple[Incident, ...] = ()
        if count:
            page = yield from Find(INCIDENT, Query(INCIDENT.name, where, order, limit=limit))
            items = page.items
        sections.append(Section(name, count, items))
    priorities = yield from _tally(_where(_ACCEPTED), "priority", Priority)
    states = yield from _tally(_where(_ACCEPTED), "state", State)
    courts = yield from _courts(_where(_is("state", State.ON_HOLD.value)))
    return Gathered(at, tuple(sections), (priorities, states, courts))


def _tally(where: Filter, column: str, words: Iterable[str]) -> Flow[Counts]:
    """How many for each word of a closed column, in the order of the words."""
    query = Query(INCIDENT.name, where)
    found = yield from Tally(query, column)
    values: list[tuple[str, int]] = []
    for word in words:
        part = AllOf((where, _is(column, str(word))))
        count = (
            (yield from Count(Query(INCIDENT.name, part)))
            if found is None
            else found.get(str(word), 0)
        )
        if count:
            values.append((str(word), count))
    return Counts(column, tuple(values))


def _courts(where: Filter) -> Flow[Counts]:
    """In whose court the ball is, the most first."""
    found = yield from Tally(Query(INCIDENT.name, where), "court")
    counted: dict[str, int] = {}
    if found is None:
        after: Cursor | None = None
        while True:
            page = yield from Find(INCIDENT, Query(INCIDENT.name, where, after=after, limit=500))
            for incident in page.items:
                court = incident.course.holds[-1].court
                counted[court] = counted.get(court, 0) + 1
            after = page.next
            if after is None:
                break
    else:
        counted = {str(court): number for court, number in found.items()}
    return Counts("court", tuple(sorted(counted.items(), key=lambda each: (-each[1], each[0]))))
