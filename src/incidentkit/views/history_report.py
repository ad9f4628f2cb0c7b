"""What an imported history comes to: counts, times to resolve, moves; from records alone.

Everything is drawn from the incidents as they stand in the store, so the file may be gone. Times to
resolve are what the source states: its last word on when a case was resolved, less when it was
opened, in hours of elapsed time.
"""

from __future__ import annotations

import statistics
from array import array
from collections.abc import Iterable, Mapping

import attrs

from incidentkit.model.frozen import FrozenMap
from incidentkit.model.incident import Incident
from incidentkit.model.words import Moment, Priority
from incidentkit.views.text import many

_HOUR = 3_600.0


@attrs.frozen
class Hours:
    """Times in hours: how many, their mean and their median (None where there are none)."""

    n: int
    mean: float | None = None
    median: float | None = None


@attrs.frozen
class HistoryReport:
    """The report on one source. `moves` are in the source's words, `From -> To`.

    `met_sla` counts incidents whose flag says so at the end; `reopened` those whose counter was
    ever above zero; `reassignments` adds up the final counters.
    """

    source: str
    incidents: int
    entries: int
    by_priority: FrozenMap[str, int]
    reopened: int
    reassignments: int
    resolve_hours: Hours
    resolve_hours_by_priority: FrozenMap[str, Hours]
    met_sla: int
    moves: FrozenMap[str, int]
    moves_outside: FrozenMap[str, int]

    @property
    def met_sla_share(self) -> float:
        """The share of incidents that met their SLA, of all."""
        return self.met_sla / self.incidents if self.incidents else 0.0

    def written(self) -> dict[str, object]:
        """The report as JSON takes it."""
        times = {
            **attrs.asdict(self.resolve_hours),
            "by_priority": {k: attrs.asdict(v) for k, v in self.resolve_hours_by_priority.items()},
        }
        return {
            "incidents": self.incidents,
            "entries": self.entries,
            "by_priority": dict(self.by_priority),
            "reopened": self.reopened,
            "reassignments": self.reassignments,
            "resolved": self.resolve_hours.n,
            "mttr_hours": times,
            "met_sla_share": self.met_sla_share,
            "moves": dict(self.moves),
            "moves_outside_table": dict(self.moves_outside),
        }


def history_report(incidents: Iterable[Incident], source: str) -> HistoryReport:
    """The report on the incidents that came from a source; others are passed over."""
    counts = dict.fromkeys(Priority, 0)
    hours = {priority: array("d") for priority in Priority}
    moves: dict[str, int] = {}
    outside: dict[str, int] = {}
    n = entries = reopened = reassigned = met = 0
    for incident in incidents:
        replayed = incident.dossier.replayed
        if replayed is None or replayed.source != source:
            continue
        n += 1
        entries += incident.version
        counts[incident.priority] += 1
        figures = replayed.figures
        reopened += replayed.ever_reopened
        reassigned += figures.reassigned
        met += figures.met_sla is True
        opened = incident.moment(Moment.DECLARED)
        if figures.resolved_at is not None and opened is not None:
            took = (figures.resolved_at - opened).total_seconds() / _HOUR
            hours[incident.priority].append(took)
        _add(moves, replayed.moves)
        _add(outside, replayed.outside)
    every = array("d", (took for each in hours.values() for took in each))
    return HistoryReport(
        source,
        n,
        entries,
        FrozenMap({priority.value: count for priority, count in counts.items()}),
        reopened,
        reassigned,
        _hours(every),
        FrozenMap({priority.value: _hours(x) for priority, x in hours.items()}),
        met,
        _sorted(moves),
        _sorted(outside),
    )


def _add(to: dict[str, int], more: Mapping[str, int]) -> None:
    for key, count in more.items():
        to[key] = to.get(key, 0) + count


def _sorted(counts: dict[str, int]) -> FrozenMap[str, int]:
    """The most frequent first, then by name: the same for every order of the records."""
    return FrozenMap(sorted(counts.items(), key=lambda each: (-each[1], each[0])))


def _hours(values: array[float]) -> Hours:
    if not values:
        return Hours(0)
    return Hours(len(values), statistics.fmean(values), statistics.median(values))


def lines(report: HistoryReport) -> tuple[str, ...]:
    """The report in words, one line a subject."""
    priorities = ", ".join(f"{k} {v}" for k, v in report.by_priority.items() if v) or "none"
    said = [
        f"{many(report.incidents, 'incident')}, {report.entries} journal entries",
        f"priorities at the end: {priorities}",
        f"reopened: {report.reopened}; reassignments: {report.reassignments}",
        f"met their SLA: {report.met_sla_share:.1%}",
        _resolve("time to resolve", report.resolve_hours),
    ]
    said += [
        _resolve(f"  {priority}", each)
        for priority, each in report.resolve_hours_by_priority.items()
        if each.n
    ]
    changes = ", ".join(f"{k} {v}" for k, v in report.moves.items())
    said.append(f"moves: {changes or 'none'}")
    strange = ", ".join(f"{k} {v}" for k, v in report.moves_outside.items())
    said.append(f"moves outside the life-cycle: {strange or 'none'}")
    return tuple(said)


def _resolve(what: str, hours: Hours) -> str:
    if hours.mean is None or hours.median is None:
        return f"{what}: nothing was resolved"
    return f"{what}: mean {hours.mean:.1f} h, median {hours.median:.1f} h of {hours.n}"
