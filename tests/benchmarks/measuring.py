"""How everything is measured: short rounds, taken in turns, and medians of what they gave.

Each side of a comparison runs once a round, one after the other (A B A B ...), and a ratio is the
median of the ratios of the rounds, so that whatever else the machine does meets both sides alike.
The garbage collector is off while a side runs. Both clocks are read: the wall's, and the thread's
own processor time, which other people's work disturbs less.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import attrs


@attrs.frozen
class Plan:
    """How much to measure. `tiny` is for the smoke test: every path once, nothing worth a look."""

    rounds: int = 15
    tiny: bool = False

    def size(self, full: int, tiny: int = 2) -> int:
        """The full number of repetitions, or the few of a smoke test."""
        return tiny if self.tiny else full


@attrs.frozen
class Sample:
    """One round of one side: nanoseconds by the wall and of the processor, for so many times."""

    wall: int
    cpu: int
    times: int

    def value(self, unit: str, clock: str = "wall") -> float:
        """The sample in a unit: `us` or `ms` each, or how many `per second`."""
        each = (self.wall if clock == "wall" else self.cpu) / self.times
        return {"us": each / 1e3, "ms": each / 1e6}.get(unit) or 1e9 / max(each, 1e-3)


def clocked(body: Callable[[], object], times: int = 1) -> Sample:
    """Run the body once; it does its work so many times."""
    wall, cpu = time.perf_counter_ns(), time.thread_time_ns()
    body()
    return Sample(time.perf_counter_ns() - wall, time.thread_time_ns() - cpu, times)


def repeated(body: Callable[[], object], times: int) -> Sample:
    """Run a small body so many times, the loop included."""
    numbers = range(times)

    def loop() -> None:
        for _ in numbers:
            body()

    return clocked(loop, times)


Side = Callable[[], Sample]
"""One round of one side. What it prepares before `clocked` is not counted."""


def in_turns(sides: Mapping[str, Side], rounds: int) -> dict[str, list[Sample]]:
    """Every side once a round, after one round that is not counted."""
    found: dict[str, list[Sample]] = {name: [] for name in sides}
    for number in range(rounds + 1):
        for name, side in sides.items():
            gc.collect()
            gc.disable()
            try:
                sample = side()
            finally:
                gc.enable()
            if number:
                found[name].append(sample)
    return found


@attrs.frozen
class Peer:
    """Somebody to compare with, and the median of ours over theirs, round by round."""

    name: str
    values: tuple[float, ...]
    ratio: float
    ratio_by_cpu: float

    def written(self) -> dict[str, Any]:
        """As JSON takes it."""
        return {
            "name": self.name,
            **spread(self.values),
            "ratio": rounded(self.ratio),
            "ratio by cpu": rounded(self.ratio_by_cpu),
        }


@attrs.define
class Figure:
    """One figure as it is reported. `met` is None where there is no goal, or nothing to judge by.

    `also` has what belongs to the figure but is no goal of it: the other clock, sizes, costs.
    """

    name: str
    unit: str
    values: tuple[float, ...]
    goal: str = ""
    met: bool | None = None
    peers: list[Peer] = attrs.field(factory=list)
    missing: list[str] = attrs.field(factory=list)
    also: dict[str, Any] = attrs.field(factory=dict)

    @property
    def median(self) -> float:
        """What the figure is."""
        return statistics.median(self.values)

    def ratio(self, peer: str) -> float | None:
        """Ours over theirs, or None where the peer is missing."""
        return next((each.ratio for each in self.peers if each.name == peer), None)

    def written(self) -> dict[str, Any]:
        """As JSON takes it."""
        return {
            "name": self.name,
            "unit": self.unit,
            **spread(self.values),
            "rounds": len(self.values),
            "peers": [peer.written() for peer in self.peers],
            "missing": self.missing,
            "goal": self.goal or None,
            "met": self.met,
            "also": self.also,
        }


def rounded(value: float) -> float:
    """Four digits: more would be noise."""
    return float(f"{value:.4g}")


def spread(values: Sequence[float]) -> dict[str, float]:
    """Median and extremes."""
    return {
        "median": rounded(statistics.median(values)),
        "min": rounded(min(values)),
        "max": rounded(max(values)),
    }


def compared(
    name: str,
    unit: str,
    found: Mapping[str, Sequence[Sample]],
    ours: str,
    *,
    clock: str = "wall",
    goal: str = "",
    at_least: float | None = None,
    at_most: float | None = None,
) -> Figure:
    """The figure of one side of a measurement, the other sides being its peers."""
    mine = tuple([sample.value(unit, clock) for sample in found[ours]])
    figure = Figure(name, unit, mine, goal)
    for side in found:
        if side != ours:
            theirs = tuple([sample.value(unit, clock) for sample in found[side]])
            ratios = [_ratio(found[ours], found[side], unit, by) for by in (clock, "cpu")]
            figure.peers.append(Peer(side, theirs, *ratios))
    other = "cpu" if clock == "wall" else "wall"
    figure.also[f"median by {other}"] = rounded(
        statistics.median(sample.value(unit, other) for sample in found[ours])
    )
    if at_least is not None:
        figure.met = figure.median >= at_least
    if at_most is not None:
        figure.met = figure.median <= at_most
    return figure


def _ratio(ours: Sequence[Sample], theirs: Sequence[Sample], unit: str, clock: str) -> float:
    pairs = zip(ours, theirs, strict=True)
    return statistics.median(a.value(unit, clock) / b.value(unit, clock) for a, b in pairs)


def difference(
    name: str,
    found: Mapping[str, Sequence[Sample]],
    ours: str,
    theirs: str,
    *,
    clock: str = "cpu",
    goal: str = "",
    at_most: float | None = None,
) -> Figure:
    """Microseconds that one side takes longer than the other, round by round."""

    def over(by: str) -> tuple[float, ...]:
        pairs = zip(found[ours], found[theirs], strict=True)
        return tuple([a.value("us", by) - b.value("us", by) for a, b in pairs])

    figure = Figure(name, "us", over(clock), goal)
    whole = compared(name, "us", {ours: found[ours], theirs: found[theirs]}, ours, clock=clock)
    figure.peers = whole.peers
    figure.also = {
        "clock": clock,
        f"{ours}, whole": spread(whole.values),
        f"median by {'wall' if clock == 'cpu' else 'cpu'}": rounded(
            statistics.median(over("wall" if clock == "cpu" else "cpu"))
        ),
    }
    if at_most is not None:
        figure.met = figure.median <= at_most
    return figure
