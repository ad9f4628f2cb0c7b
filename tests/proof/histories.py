"""A checker of histories of list-append transactions: what no serial order could have given.

A transaction reads whole lists and appends values that nobody else appends. From the longest list
that anybody read of a key, the order of its versions is known, and with it who followed whom:
write-write (`ww`), write-read (`wr`) and read-write (`rw`, an anti-dependency). Anomalies are named
after Adya: G0 is a cycle of `ww`; G1a a read of what was given up; G1b a read of the middle of a
transaction; G1c a cycle of `ww` and `wr`; a lost update two transactions that read one version and
both wrote; G2 a cycle that needs `rw`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

import attrs

Value = str
Edges = dict[int, set[int]]


@attrs.frozen
class Done:
    """One transaction: what it read (whole lists) and appended, in order, and whether it held.

    `held` is False for one that was refused and None for one whose answer was lost.
    """

    number: int
    reads: tuple[tuple[str, tuple[Value, ...]], ...] = ()
    appends: tuple[tuple[str, Value], ...] = ()
    held: bool | None = True


@attrs.frozen
class Anomaly:
    """What was found, and between which transactions."""

    name: str
    transactions: tuple[int, ...]
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.name} {self.transactions} {self.detail}".strip()


def orders_of(
    history: Sequence[Done], last: dict[str, tuple[Value, ...]], found: list[Anomaly]
) -> dict[str, tuple[Value, ...]]:
    """The order of each key's values: what was read at last; every read must be a prefix of it."""
    orders = dict(last)
    for one in history:
        for key, values in one.reads:
            if len(values) > len(orders.get(key, ())):
                orders[key] = values
    for one in history:
        if one.held is False:
            continue
        for key, values in one.reads:
            if orders.get(key, ())[: len(values)] != values:
                found.append(Anomaly("incompatible order", (one.number,), f"{key}: {values}"))
    return orders


def check(
    history: Sequence[Done], last: dict[str, tuple[Value, ...]] | None = None
) -> tuple[Anomaly, ...]:
    """Everything that is wrong with a history. `last` is how the lists stand at the end."""
    found: list[Anomaly] = []
    end = last or {}
    orders = orders_of(history, end, found)
    writers = {(key, value): one for one in history for key, value in one.appends}
    for key, values in orders.items():
        if len(set(values)) < len(values):
            found.append(Anomaly("duplicate", (), f"{key}: {values}"))
        for value in values:
            writer = writers.get((key, value))
            if writer is None:
                found.append(Anomaly("garbage", (), f"{key}: {value}"))
            elif writer.held is False:
                found.append(Anomaly("G1a", (writer.number,), f"{key}: {value} was given up"))
    for one in history if last is not None else ():
        for key, value in one.appends:
            there = value in end.get(key, ())
            if one.held and not there:
                found.append(Anomaly("lost", (one.number,), f"{key}: {value}"))
        if one.held is None and one.appends:
            there_ = {value in end.get(key, ()) for key, value in one.appends}
            if len(there_) > 1:
                found.append(Anomaly("half-written", (one.number,), str(one.appends)))
    found += middles(history, writers)
    found += lost_updates(history)
    found += cycles(history, orders, writers)
    return tuple(found)


def middles(history: Sequence[Done], writers: dict[tuple[str, Value], Done]) -> Iterable[Anomaly]:
    """Reads that end in the middle of what another transaction appended to the key (G1b)."""
    for one in history:
        if one.held is False:
            continue
        for key, values in one.reads:
            writer = writers.get((key, values[-1])) if values else None
            if writer is None or writer is one:
                continue
            mine = [value for where, value in writer.appends if where == key]
            if values[-1] != mine[-1]:
                yield Anomaly("G1b", (one.number, writer.number), f"{key}: {values[-1]}")


def lost_updates(history: Sequence[Done]) -> Iterable[Anomaly]:
    """Two that read the same version of a key and both appended to it."""
    seen: dict[tuple[str, tuple[Value, ...]], int] = {}
    for one in history:
        if not one.held:
            continue
        written = {key for key, _ in one.appends}
        for key, values in dict(one.reads).items():
            if key not in written:
                continue
            other = seen.setdefault((key, values), one.number)
            if other != one.number:
                yield Anomaly("lost update", (other, one.number), key)


def cycles(
    history: Sequence[Done],
    orders: dict[str, tuple[Value, ...]],
    writers: dict[tuple[str, Value], Done],
) -> Iterable[Anomaly]:
    """Cycles of dependencies, the gravest name first."""
    ww: Edges = {}
    wr: Edges = {}
    rw: Edges = {}

    def edge(edges: Edges, first: Done | None, second: Done | None) -> None:
        if first is not None and second is not None and first.number != second.number:
            edges.setdefault(first.number, set()).add(second.number)

    after: dict[tuple[str, Value | None], Value] = {}
    for key, values in orders.items():
        for value in values[:1]:
            after[key, None] = value
        for before, value in pairwise(values):
            after[key, before] = value
            edge(ww, writers.get((key, before)), writers.get((key, value)))
    for one in history:
        if one.held is False:
            continue
        for key, values in one.reads:
            at = values[-1] if values else None
            if at is not None:
                edge(wr, writers.get((key, at)), one)
            if (key, at) in after:
                edge(rw, one, writers.get((key, after[key, at])))
    for name, kinds in (("G0", (ww,)), ("G1c", (ww, wr)), ("G2", (ww, wr, rw))):
        circle = circle_in(kinds)
        if circle:
            yield Anomaly(name, circle)
            return


def circle_in(kinds: Sequence[Edges]) -> tuple[int, ...]:
    """A circle of the edges, or nothing; without recursion, since histories are long."""
    edges: Edges = {}
    for kind in kinds:
        for first, seconds in kind.items():
            edges.setdefault(first, set()).update(seconds)
    state: dict[int, int] = {}
    for start in edges:
        if start in state:
            continue
        path: list[int] = []
        stack = [(start, iter(sorted(edges.get(start, ()))))]
        state[start] = 1
        path.append(start)
        while stack:
            node, following = stack[-1]
            step = next(following, None)
            if step is None:
                state[node] = 2
                path.pop()
                _ = stack.pop()
            elif state.get(step) == 1:
                return tuple(path[path.index(step) :])
            elif step not in state:
                state[step] = 1
                path.append(step)
                stack.append((step, iter(sorted(edges.get(step, ())))))
    return ()
