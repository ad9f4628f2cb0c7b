"""Finding things among many incidents: search, suggestions, the overview, and what texts cost.

The raw side of search is FTS5 by itself, on the same file and with the same words: the ids of the
best twenty. Ours adds the tenant, an order without ties, the records, and a piece of each text.
"""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import attrs

from incidentkit import Desk
from incidentkit.ports.rows import Batch
from incidentkit.stores.search_texts import WEIGHTS
from tests.benchmarks.crowd import fill
from tests.benchmarks.examples import declared
from tests.benchmarks.measuring import (
    Figure,
    Plan,
    Side,
    clocked,
    compared,
    difference,
    in_turns,
)

SIZES = (10_000, 100_000)
QUESTIONS = (("a rare word", "host00042"), ("two frequent words", "login slow"))
RAW = "FTS5 by itself"
_BEST = (
    "SELECT rowid, rank FROM search WHERE search MATCH ? "
    f"AND rank MATCH 'bm25({', '.join(map(str, WEIGHTS))})' ORDER BY rank LIMIT 20"
)


def figures(plan: Plan) -> list[Figure]:
    """Everything, in files of both sizes."""
    found: list[Figure] = []
    with tempfile.TemporaryDirectory() as folder:
        for size in SIZES:
            count = plan.size(size, 60)
            path = Path(folder) / f"{size}.db"
            with Desk.open(f"sqlite:///{path}?synchronous=off", entry_points=False) as desk:
                fill(desk, count)
                found += _asked(desk, path, size, plan)
        found += _written(Path(folder), plan)
    return found


def _asked(desk: Desk, path: Path, size: int, plan: Plan) -> list[Figure]:
    """What people ask, each beside what it rests on."""
    found: list[Figure] = []
    among = f"among {size:,} incidents"
    rounds = min(plan.rounds, 7)
    with closing(sqlite3.connect(path)) as db:
        for name, words in QUESTIONS:
            raw = " AND ".join(f'"{word}"' for word in words.split())
            sides: dict[str, Side] = {
                "search": _side(partial(desk.search, words)),
                RAW: _side(partial(_best, db, raw)),
            }
            measured = in_turns(sides, rounds)
            found.append(compared(f"search for {name} {among}", "ms", measured, "search"))
    asked: dict[str, tuple[Callable[[], object], str, float | None]] = {
        "filtered search": (lambda: desk.search("login slow", service="service-03"), "", None),
        "overview": (lambda: desk.overview("person-03"), "50 ms", 50.0),
        "suggest": (lambda: desk.suggest("INC-10"), "", None),
    }
    for name, (call, goal, most) in asked.items():
        measured = in_turns({name: _side(call)}, rounds)
        made = compared(f"{name} {among}", "ms", measured, name, goal=goal, at_most=most)
        found.append(made)
    return found


def _best(db: sqlite3.Connection, words: str) -> list[Any]:
    return db.execute(_BEST, (words,)).fetchall()


def _side(call: Callable[[], object]) -> Side:
    return lambda: clocked(call)


class Wordless:
    """A store that is never told of texts: what a desk costs without them."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def commit(self, batch: Batch) -> Any:
        return self.inner.commit(attrs.evolve(batch, texts=()))


def _written(folder: Path, plan: Plan) -> list[Figure]:
    """What texts add to commands that change them, and to one that does not."""
    from incidentkit import SqliteStore

    times = plan.size(100)
    desks: dict[str, Desk] = {}
    for name in ("with texts", "without"):
        inner = SqliteStore(folder / f"{name}.db", synchronous="off")
        store = inner if name == "with texts" else Wordless(inner)
        desks[name] = Desk.open(store=store, entry_points=False)
    found: list[Figure] = []
    for what, call in _COMMANDS.items():
        sides = {name: _command(desk, call, times) for name, desk in desks.items()}
        measured = in_turns(sides, plan.rounds)
        title = f"what texts add to a command: {what}"
        found.append(difference(title, measured, "with texts", "without"))
    for desk in desks.values():
        desk.disconnect()
    return found


_COMMANDS: dict[str, Callable[[Desk, str, int], object]] = {
    "declare": lambda desk, _ref, _number: declared(desk, "low"),
    "note": lambda desk, ref, number: desk.note(ref, f"looked at the logs, {number} times"),
    "edit of the title": lambda desk, ref, number: desk.edit(ref, title=f"Checkout {number}"),
    "assign": lambda desk, ref, number: desk.assign(ref, ("ana", "bob")[number % 2]),
}


def _command(desk: Desk, call: Callable[[Desk, str, int], object], times: int) -> Side:
    def side() -> Any:
        refs = [f"incident/{declared(desk, 'low').id}" for _ in range(times)]

        def body() -> None:
            for number, ref in enumerate(refs):
                call(desk, ref, number)

        return clocked(body, times)

    return side
