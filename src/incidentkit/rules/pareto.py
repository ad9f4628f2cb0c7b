"""Where most of it comes from: groups of incidents by count and by downtime, with running shares.

Pareto's observation, that few causes make most of the trouble, is the usual first step of
proactive problem management. Shares are whole numbers per mille, rounded down; the last is 1000.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import attrs

from incidentkit.model.incident import Incident
from incidentkit.rules import grouping
from incidentkit.timing.intervals import Interval, total


@attrs.frozen
class ParetoRow:
    """One group: how many, how long, and what it makes with all groups before it."""

    group: str
    count: int
    downtime: timedelta
    share: int
    running: int
    incidents: tuple[str, ...]


@attrs.frozen
class Pareto:
    """Groups of incidents, once in the order of their count and once in that of their downtime.

    They were declared at or after `since` and before `until`, as far as these are given; what is
    not over yet is down until `at`. `count` is how many incidents there are in all. The downtime of
    a group counts overlaps once; `downtime` is the sum over the groups.
    """

    by: str
    since: datetime | None
    until: datetime | None
    at: datetime
    count: int
    downtime: timedelta
    by_count: tuple[ParetoRow, ...]
    by_downtime: tuple[ParetoRow, ...]


class Tally:
    """Incidents as they are counted; handed over one by one."""

    def __init__(
        self, by: str, since: datetime | None, until: datetime | None, at: datetime
    ) -> None:
        self._by = grouping.check_key("by", by)
        self._since, self._until, self._at = since, until, at
        self._groups: dict[str, list[Incident]] = {}

    def asks(self) -> tuple[str, ...]:
        """The facts that it needs around an incident: none."""
        return ()

    def add(self, incident: Incident, _known: object = None) -> None:
        """Count one incident, if it happened and was declared in the time asked for."""
        declared = grouping.declared(incident)
        early = self._since is not None and declared < self._since
        late = self._until is not None and declared >= self._until
        if not early and not late and grouping.real(incident):
            group = grouping.value(incident, self._by)
            self._groups.setdefault(group, []).append(incident)

    def counted(self) -> Pareto:
        """The groups in both orders."""
        found = [self._row(group, members) for group, members in self._groups.items()]
        count = sum(x.count for x in found)
        downtime = sum((x.downtime for x in found), timedelta())
        return Pareto(
            self._by,
            self._since,
            self._until,
            self._at,
            count,
            downtime,
            _shared(found, lambda x: x.count, count),
            _shared(found, lambda x: _micros(x.downtime), _micros(downtime)),
        )

    def _row(self, group: str, members: list[Incident]) -> ParetoRow:
        spans: list[Interval] = []
        for each in members:
            span = grouping.down(each, self._at)
            if span is not None:
                spans.append(span)
        first = min((x.start for x in spans), default=self._at)
        refs = tuple(x.ref for x in sorted(members, key=grouping.declared))
        return ParetoRow(group, len(members), total(spans, first, self._at), 0, 0, refs)


def _micros(span: timedelta) -> int:
    return span // timedelta(microseconds=1)


def _shared(
    rows: list[ParetoRow], size: Callable[[ParetoRow], int], whole: int
) -> tuple[ParetoRow, ...]:
    """The rows in the order of their size, the largest first, each with its shares."""
    made: list[ParetoRow] = []
    sofar = 0
    for row in sorted(rows, key=lambda x: (-size(x), x.group)):
        sofar += size(row)
        share = size(row) * 1_000 // whole if whole else 0
        running = sofar * 1_000 // whole if whole else 0
        made.append(attrs.evolve(row, share=share, running=running))
    return tuple(made)
