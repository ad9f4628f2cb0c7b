"""Figures about incidents: each with its name, its version, its definition and the ids behind it.

A metric whose definition changes gets a new version; nothing is ever redefined silently. Durations
are given as median, 90th percentile and mean, because a mean alone hides the long tail. The peers'
definitions that were compared: PagerDuty's analytics (seconds to first acknowledgement, to
resolve; interruptions by hour), GoAlert's and Grafana OnCall's response metrics, FireHydrant's
MTTx. Where they differ (a silence counted as an acknowledgement, reopenings ignored, everything
counted from when it started) the definition here says which way it goes.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeAlias

import attrs

from incidentkit.errors import NotFound
from incidentkit.model.frozen import FrozenMap
from incidentkit.timing.instants import show_instant
from incidentkit.views.text import many, plain, span, words

Value: TypeAlias = int | timedelta


NOTHING = "nothing to measure"


class Unit(StrEnum):
    """What the values of a metric are."""

    COUNT = "count"
    DURATION = "duration"
    PER_MILLE = "per_mille"


@attrs.frozen
class Metric:
    """One figure. `n` is how many incidents (or pages, or clocks) it rests on; `ids` names them.

    Where planned work is behind a figure as well, `ids` name it after the incidents.

    `values` are whole numbers, or spans where the unit is `duration`.
    """

    name: str
    version: int
    definition: str
    unit: Unit
    values: FrozenMap[str, Value]
    n: int
    ids: tuple[str, ...]

    def value(self, name: str) -> Value | None:
        """One value; None where there is none."""
        return self.values.get(name)

    def __str__(self) -> str:
        """One line."""
        return f"{words(self.name)}: {shown(self)}"


@attrs.frozen
class Metrics:
    """All figures about the incidents declared from `since` up to, not including, `until`."""

    since: datetime
    until: datetime
    metrics: tuple[Metric, ...]

    def __getitem__(self, name: str) -> Metric:
        """A metric by its name. Raises NotFound."""
        for each in self.metrics:
            if each.name == name:
                return each
        raise NotFound("metric", name, tuple(each.name for each in self.metrics))

    @property
    def measured(self) -> tuple[Metric, ...]:
        """Those that have something to say; none where there was no incident at all."""
        if not any(each.n for each in self.metrics):
            return ()
        return tuple([each for each in self.metrics if each.values])

    @property
    def silent(self) -> str:
        """Which have nothing to measure, in one line; empty where all have."""
        told = self.measured
        if not told:
            return f"{NOTHING}: there are no incidents"
        left = [words(each.name) for each in self.metrics if each not in told]
        return f"{NOTHING}: {', '.join(left)}" if left else ""

    def __str__(self) -> str:
        """All of them, a line each; what has nothing to measure in the last."""
        head = f"declared from {show_instant(self.since)} up to {show_instant(self.until)}"
        lines = [head, *(str(each) for each in self.measured), self.silent]
        return "\n".join(line for line in lines if line)


def amount(metric: Metric, value: Value) -> str:
    """One value of a metric for people."""
    if isinstance(value, timedelta):
        return span(value - timedelta(microseconds=value.microseconds))
    return f"{value // 10}.{value % 10} %" if metric.unit is Unit.PER_MILLE else str(value)


MOST_SHOWN = 8


def shown(metric: Metric) -> str:
    """The values of a metric in one line; of many, the first."""
    if not metric.values:
        return NOTHING
    said = [
        f"{plain(words(name), 60)} {amount(metric, value)}"
        for name, value in list(metric.values.items())[:MOST_SHOWN]
    ]
    left = len(metric.values) - MOST_SHOWN
    return ", ".join([*said, *([f"and {many(left, 'other')}"] if left > 0 else [])])


def values(given: Mapping[str, Value]) -> FrozenMap[str, Value]:
    """Values frozen in their order."""
    return FrozenMap(dict(given))
