"""What one durable command costs, over the same SQL without the library.

The command is an `edit` that changes a title: nothing else is cheaper, and everything every command
has is in it: the record is read, decided on under the default policy, looked at by two clocks, and
written with a chained journal entry in one commit. The raw side sends the very same statements.
"""

from __future__ import annotations

import sqlite3
import statistics
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from itertools import cycle
from pathlib import Path
from typing import Any

import attrs

from incidentkit import Desk, FrozenMap, Incident, Opinion, Permission, Reason
from incidentkit.codec.chain import GENESIS, digest, link
from incidentkit.desk.identity import TimeOrderedIds
from incidentkit.lang.conditions import Condition
from incidentkit.model.reason import Plain
from incidentkit.rules import clocks
from incidentkit.rules.wake import wakes_at
from tests.benchmarks import peers
from tests.benchmarks.examples import LABELS, TITLES, declared
from tests.benchmarks.machine import fsyncs
from tests.benchmarks.measuring import (
    Figure,
    Plan,
    Sample,
    Side,
    clocked,
    compared,
    difference,
    in_turns,
    repeated,
    spread,
)
from tests.benchmarks.recording import Replay, recorded

EDIT, RAW = "desk.edit", "the same SQL"
CODECS = {"json": 45, "msgspec": 25}
"""Codec -> microseconds of the library that a command may take."""
SHARES = {"json": 0.65, "msgspec": 0.75}
"""Codec -> share of the raw rate to be reached where every commit waits for the disk."""

ALL = Condition.parse("true")

SLOW_DISK = 300
"""Microseconds of an fsync above which the disk hides what the library costs: nothing is judged."""


@attrs.frozen(eq=False)
class Allowing:
    """An authoriser that says yes."""

    name: str = "allowing"

    def may(self, actor: str, action: str, subject: str) -> Permission:
        """Yes."""
        return Permission(Opinion.ALLOW, "for the benchmark")

    def scope(self, actor: str, kind: str) -> Condition:
        """Everything."""
        return ALL


class Bench:
    """A folder of stores and desks that are let go of together."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        self._made = 0

    def path(self) -> Path:
        """A file that is not there yet."""
        self._made += 1
        return self._folder / f"{self._made}.db"

    def desk(self, path: Path, codec: Any, synchronous: str = "off", **more: Any) -> Desk:
        """A desk on the file."""
        url = f"sqlite:///{path}?synchronous={synchronous}"
        return self._stack.enter_context(Desk.open(url, codec=codec, entry_points=False, **more))

    def replay(self, codec: str, synchronous: str) -> Replay:
        """The raw side: two edits recorded, and a copy of the file they were made on."""
        path, copy = self.path(), self.path()
        with recorded() as recorder:
            desk = self.desk(path, codec, synchronous)
            incident = declared(desk)
            setups = [
                text
                for number, text in recorder.taken()
                if number == 0 and text.startswith("PRAGMA") and "(" not in text
            ]
            for title in (*TITLES, *TITLES):  # the readers are set up at the first
                desk.edit(incident, title=title + ".")
            recorder.taken()
            pair: list[list[tuple[int, str]]] = []
            for title in TITLES:
                desk.edit(incident, title=title)
                pair.append(recorder.taken())
            desk.disconnect()
        source, target = sqlite3.connect(path), sqlite3.connect(copy)
        source.backup(target)
        source.close()
        target.close()
        replay = Replay(copy, setups, pair)
        self._stack.callback(replay.close)
        return replay


def edits(desk: Desk, times: int, *, by_reference: bool = False, level: str = "high") -> Side:
    """Alternating titles on one incident."""
    incident = declared(desk, level)
    of: Incident | str = incident.ref if by_reference else incident
    return commanded(lambda title: desk.edit(of, title=title, by="ana"), times, TITLES[::-1])


def commanded(command: Callable[[str], object], times: int, words: tuple[str, ...]) -> Side:
    """A command with one word after the other."""
    turns = cycle(words)

    def body() -> None:
        for _ in range(times):
            command(next(turns))

    return lambda: clocked(body, times)


def turned(desk: Desk, times: int) -> Side:
    """Impact down and up; ten times an incident, since a clock keeps every due date it ever had."""

    def side() -> Sample:
        incidents = [declared(desk) for _ in range(1 + times // 10)]

        def body() -> None:
            for number in range(times):
                impact = "high" if number % 2 else "medium"
                desk.prioritise(incidents[number // 10], impact=impact, by="ana")

        return clocked(body, times)

    return side


def raw(replay: Replay, times: int) -> Side:
    """The recorded statements, as often."""

    def side() -> Sample:
        before = replay.rows()
        sample = clocked(replay.prepared(times), times)
        assert replay.rows() == before + times, "the raw side did not write what the desk writes"
        return sample

    return side


def figures(plan: Plan) -> list[Figure]:
    """Without the disk, part by part, with the disk, and beside eventsourcing."""
    codecs, missing = ["json"], list[str]()
    try:
        _ = peers.need("msgspec")
        codecs.append("msgspec")
    except peers.Missing as reason:
        missing.append(str(reason))
    found = [
        *(_over_raw(plan, codec) for codec in codecs),
        _parts(plan),
        *(_at_full(plan, codec) for codec in codecs),
        *(_beside_eventsourcing(plan, codec) for codec in codecs),
    ]
    found[0].missing += missing
    return found


def _over_raw(plan: Plan, codec: str) -> Figure:
    times = plan.size(300)
    with ExitStack() as stack:
        bench = Bench(stack)
        sides = {
            EDIT: edits(bench.desk(bench.path(), codec), times),
            RAW: raw(bench.replay(codec, "off"), times),
        }
        found = in_turns(sides, plan.rounds)
    return difference(
        f"durable: library time of one command, codec {codec}, synchronous=off",
        found,
        EDIT,
        RAW,
        goal=f"at most {CODECS[codec]} us",
        at_most=CODECS[codec],
    )


def _parts(plan: Plan) -> Figure:
    """What single parts add, by leaving them out or putting them in; each timed alone as well."""
    times, alone = plan.size(200), plan.size(2000)
    with ExitStack() as stack:
        bench = Bench(stack)

        def desk(**more: Any) -> Desk:
            return bench.desk(bench.path(), "json", **more)

        rated = desk()
        severe = declared(rated)
        example = bench.desk(bench.path(), "json")
        incident = declared(example)
        policy = example.policy()
        sides: dict[str, Side] = {
            EDIT: edits(desk(), times),
            "by reference, not record": edits(desk(), times, by_reference=True),
            "an authoriser": edits(desk(authoriser=Allowing()), times),
            "P5, so no clocks and no pages": edits(desk(), times, level="low"),
            "severity, priority drawn anew": commanded(
                lambda word: rated.prioritise(severe, severity=word, by="ana"), times, ("a", "b")
            ),
            "P1 to P2 and back: 4 entries, 3 reasons": turned(desk(), times),
            "alone: clocks follow": lambda: repeated(
                lambda: clocks.follow(incident, policy.targets, policy.hash), alone
            ),
            "alone: clocks ring": lambda: repeated(
                lambda: clocks.ring(incident, incident.life.since), alone
            ),
            "alone: when to wake": lambda: repeated(lambda: wakes_at(incident), alone),
            "alone: a reason made": lambda: repeated(_reason, alone),
            "alone: a salt": lambda: repeated(TimeOrderedIds().new_salt, alone),
            "alone: a chained entry": lambda: repeated(chained, alone),
        }
        found = in_turns(sides, plan.rounds)
    whole = compared("durable: parts of a command, codec json", "us", found, EDIT, clock="cpu")
    for name in sides:
        if name.startswith("alone: "):
            values = [sample.value("us", "cpu") for sample in found[name]]
            whole.also[name] = spread(values)
        elif name != EDIT:
            whole.also[f"adds: {name}"] = spread(difference("", found, name, EDIT).values)
    whole.peers = []
    return whole


def _reason() -> Reason:
    inputs: FrozenMap[str, Plain] = FrozenMap(
        {"impact": "high", "urgency": "high", "matrix": "default"}
    )
    return Reason("prioritise.matrix", 1, inputs, "P1", "0123456789abcdef")


_BODY = '{"by":"ana","event":{"title":"Checkout is down","summary":null,"service":null}}'


def chained() -> str:
    """A digest and a link: what the chain adds to an entry."""
    content = digest("0123456789abcdef0123456789abcdef", _BODY)
    return link(GENESIS, "incident/0123456789abcdef0123456789abcdef", 7, 10**15, "edited", content)


def _at_full(plan: Plan, codec: str) -> Figure:
    times = plan.size(100)
    with ExitStack() as stack:
        bench = Bench(stack)
        sides = {
            EDIT: edits(bench.desk(bench.path(), codec, "full"), times),
            RAW: raw(bench.replay(codec, "full"), times),
        }
        disk: list[float] = []

        def fsync() -> Sample:
            disk.extend(fsyncs(20))
            return Sample(0, 0, 1)

        found = in_turns({**sides, "fsync": fsync}, plan.rounds)
        del found["fsync"]
    share = SHARES[codec]
    figure = compared(
        f"durable: commands, codec {codec}, synchronous=full",
        "per second",
        found,
        EDIT,
        goal=f"at least {share} of the raw rate, at an fsync of about 150 us",
    )
    figure.also["fsync_us"] = spread(disk)
    if statistics.median(disk) < SLOW_DISK:
        figure.met = (figure.ratio(RAW) or 0) >= share
    return figure


def _beside_eventsourcing(plan: Plan, codec: str) -> Figure:
    times, kept, read = plan.size(100), "eventsourcing, kept in memory", "eventsourcing, read first"
    missing: list[str] = []
    with ExitStack() as stack:
        bench = Bench(stack)
        sides = {EDIT: edits(bench.desk(bench.path(), codec, "full"), times)}
        peers.add(sides, missing, kept, lambda: _saved(bench, times))
        peers.add(sides, missing, read, lambda: _read_and_saved(bench, times))
        found = in_turns(sides, plan.rounds)
    figure = compared(
        f"durable: commands beside eventsourcing, codec {codec}, synchronous=full",
        "per second",
        found,
        EDIT,
        goal="ahead of eventsourcing where it, too, reads what it changes",
    )
    ratio = figure.ratio(read)
    figure.met = None if ratio is None else ratio > 1
    figure.missing = missing
    return figure


def _saved(bench: Bench, times: int) -> Side:
    """One aggregate held in memory, saved after each command: less than a desk does."""
    from tests.benchmarks.eventsourced import Ticket, opened

    app = opened(bench.path())
    ticket = Ticket(TITLES[0], LABELS)
    app.save(ticket)

    def command(title: str) -> None:
        ticket.edit(title)
        app.save(ticket)

    return commanded(command, times, TITLES[::-1])


def _read_and_saved(bench: Bench, times: int) -> Side:
    """Aggregates read, changed and saved; five commands each, so that few events are replayed."""
    from tests.benchmarks.eventsourced import Ticket, opened

    app = opened(bench.path())

    def side() -> Sample:
        tickets = [Ticket(TITLES[0], LABELS) for _ in range(1 + times // 5)]
        app.save(*tickets)
        ids = [ticket.id for ticket in tickets]

        def body() -> None:
            for number in range(times):
                ticket = app.repository.get(ids[number // 5])
                ticket.edit(TITLES[number % 2])
                app.save(ticket)

        return clocked(body, times)

    return side
