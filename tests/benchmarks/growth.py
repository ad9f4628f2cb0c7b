"""Whether a store stays as quick when it is full: 1,000, 100,000 and 1,000,000 incidents.

The same calls are made in turns on stores that hold more and more, so a ratio compares like with
like. What is changed and read is any one of all that exist, which is the goal; and, apart and
without a goal, one of the newest 1,000, which is what people work on. Reading a record back is also
compared with a plain statement that reads the same row, which shows how the database grows itself.
"""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from itertools import count
from pathlib import Path
from random import Random

from incidentkit.ports.query import Compare, Op, Query
from incidentkit.ports.rows import Batch, KeyChange, Put, Ref, Request, Scalar
from incidentkit.ports.store import Store
from incidentkit.stores.postgres.store import PostgresStore
from incidentkit.stores.sqlite.store import SqliteStore
from tests.benchmarks import stored
from tests.benchmarks.measuring import Figure, Plan, Sample, Side, clocked, compared, in_turns
from tests.benchmarks.postgres_side import Raw, Server, durable
from tests.benchmarks.stored import AT, SPEC, TENANT
from tests.stores.postgres_server import DATABASES

SIZES = (1_000, 100_000, 1_000_000)
TINY = (10, 20, 40)
AT_ONCE = 2_000
NEWEST = 1_000
MAPPED = 8_192
"""MiB: all of the largest file, as far as the SQLite at hand goes."""
CALLS = ("declare", "command", "load", "find")
RECENT = ("command_newest", "load_newest")
BEGAN = 1_600_000_000_000
"""Milliseconds since 1970 when the first of them was declared."""
Clock = Callable[[Callable[[], object], int], Sample]


def named(number: int) -> str:
    """The name of one that was there before, a second after the last; later ones sort behind."""
    return f"{BEGAN + number * 1_000 << 12:015x}{number:017x}"


def _service(number: int, size: int) -> str:
    return f"service-{number % max(1, size // 100)}"


def _columns(number: int, size: int) -> tuple[Scalar, ...]:
    """Index columns as unevenly spread as they are: few are active; a service has had a hundred.

    So a page of a service is as long in every store.
    """
    own: dict[str, Scalar] = {
        "ref": f"INC-{number}",
        "active": number % 50 == 0,
        "state": "new" if number % 50 == 0 else "closed",
        "service": _service(number, size),
        "category": f"category-{number % 60}",
        "declared_at": AT + number * 1_000_000,
        "changed_at": AT + number * 1_000_000,
        "resolved_at": AT + number * 1_000_000 if number % 50 else 0,
    }
    nothing: dict[str, Scalar] = {"text": "", "int64": 0, "bool": False, "instant": 0}
    return tuple([own.get(each.name, nothing[each.type.value]) for each in SPEC.columns])


def fill(store: Store, size: int) -> None:
    """Write so many incidents, with a key and a journal entry each."""
    for first in range(0, size, AT_ONCE):
        numbers = range(first, min(first + AT_ONCE, size))
        names = [named(number) for number in numbers]
        store.commit(
            Batch(
                TENANT,
                puts=tuple(
                    [
                        Put(stored.row(name, 1, _columns(number, size)), 0)
                        for name, number in zip(names, numbers, strict=True)
                    ]
                ),
                entries=tuple([stored.entries(name, 1, 1)[0] for name in names]),
                keys=tuple([KeyChange("ref", name, None, name) for name in names]),
            )
        )


class Filled:
    """One store, how many it holds, and what is asked of it."""

    def __init__(self, store: Store, size: int, clock: Clock, times: int) -> None:
        self.store = store
        self.size: int = size
        self._clock, self._times = clock, times
        self._dice = Random(7)
        self._numbers = count(size)
        self._versions: dict[int, int] = {}

    def fill(self) -> Filled:
        """Write all that it holds."""
        self.store.declare([SPEC])
        fill(self.store, self.size)
        return self

    def touch(self) -> Filled:
        """Read everything once, as a process has done that has run for a while."""
        self.store.declare([SPEC])
        refs = [Ref("incident", named(number)) for number in range(self.size)]
        for first in range(0, self.size, AT_ONCE):
            self.store.load(TENANT, refs[first : first + AT_ONCE])
        return self

    def _some(self, newest: bool = False) -> list[int]:
        first = max(0, self.size - NEWEST) if newest else 0
        return [self._dice.randrange(first, self.size) for _ in range(self._times)]

    def declare(self) -> Sample:
        """Incidents of seven events, one commit each."""
        batches = [stored.incident() for _ in range(self._times)]
        return self._clock(lambda: [self.store.commit(each) for each in batches], self._times)

    def command(self, newest: bool = False) -> Sample:
        """Records changed, with an entry and a request each."""
        batches: list[Batch] = []
        for number in self._some(newest):
            name, version = named(number), self._versions.get(number, 1) + 1
            self._versions[number] = version
            changed = stored.row(
                name, version, (*_columns(number, self.size)[:-1], AT * 2 + version)
            )
            batches.append(
                Batch(
                    TENANT,
                    request=Request(stored.named(), "f", "r"),
                    puts=(Put(changed, version - 1),),
                    entries=stored.entries(name, version, 1),
                )
            )
        return self._clock(lambda: [self.store.commit(each) for each in batches], self._times)

    def command_newest(self) -> Sample:
        """The same with the newest."""
        return self.command(newest=True)

    def load(self, newest: bool = False) -> Sample:
        """Records read by their id."""
        refs = [Ref("incident", named(number)) for number in self._some(newest)]

        def body() -> None:
            for ref in refs:
                assert self.store.load(TENANT, (ref,))[0] is not None

        return self._clock(body, self._times)

    def load_newest(self) -> Sample:
        """The same with the newest."""
        return self.load(newest=True)

    def find(self) -> Sample:
        """Pages of 50, newest first, all and of a service."""
        often = max(1, self._times // 5)
        queries = [
            Query("incident", Compare("service", Op.EQ, _service(number, self.size)), limit=50)
            for number in self._some()[:often]
        ]
        newest = Query("incident", order="declared_at", descending=True, limit=50)

        def body() -> None:
            for query in queries:
                self.store.find(TENANT, query)
                self.store.find(TENANT, newest)

        return self._clock(body, 2 * often)


def figures(plan: Plan) -> list[Figure]:
    """PostgreSQL, then SQLite."""
    return [*on_postgres(plan), *on_sqlite(plan)]


def on_postgres(plan: Plan) -> list[Figure]:
    """Three databases of one server."""
    times = plan.size(200, 2)
    with ExitStack() as stack:
        if not plan.tiny:
            stack.enter_context(durable())
        server = stack.enter_context(closing(Server()))
        filled: dict[str, Filled] = {}
        url = ""
        for size in TINY if plan.tiny else SIZES:
            url = DATABASES.fresh()
            store = stack.enter_context(closing(PostgresStore(url)))
            filled[f"{size:,}"] = Filled(store, size, server.clocked, times).fill()
        with closing(Raw(url)) as raw:
            if not plan.tiny:
                # As autovacuum would have done it by the time there are so many.
                raw.run("VACUUM ANALYZE")
            text = "SELECT * FROM ik_record_incident WHERE tenant = %b AND id = %b"

            def read(name: str) -> None:
                raw.run(text, (TENANT, name))

            return _grown(plan, "PostgreSQL", filled, read, server.clocked, times)


def on_sqlite(plan: Plan) -> list[Figure]:
    """Three files; in the end, pages and records are read again by readers that map the files."""
    times = plan.size(200, 2)
    with ExitStack() as stack:
        path = folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        filled: dict[str, Filled] = {}
        for size in TINY if plan.tiny else SIZES:
            path = folder / f"{size}.db"
            store = stack.enter_context(closing(SqliteStore(path)))
            filled[f"{size:,}"] = Filled(store, size, clocked, times).fill()
        db = stack.enter_context(closing(sqlite3.connect(path)))
        text = "SELECT * FROM record_incident WHERE tenant = ? AND id = ?"

        def read(name: str) -> None:
            db.execute(text, (TENANT, name)).fetchall()

        found = _grown(plan, "SQLite", filled, read, clocked, times)
        mapped: dict[str, Filled] = {}
        for name, each in filled.items():
            each.store.close()
            reading = SqliteStore(folder / f"{each.size}.db", mmap=MAPPED)
            store = stack.enter_context(closing(reading))
            mapped[name] = Filled(store, each.size, clocked, times).touch()
            reading.tally(TENANT, Query("incident"), "service")  # the index of services
        return [*found, *_calls(plan, f"SQLite, mmap={MAPPED}", mapped, ("load", "find"))]


def _grown(
    plan: Plan,
    shown: str,
    filled: dict[str, Filled],
    read: Callable[[str], None],
    clock: Clock,
    times: int,
) -> list[Figure]:
    found = _calls(plan, shown, filled, (*CALLS, *RECENT))
    smallest, largest = [[*filled.values()][end] for end in (0, -1)]
    dice = Random(11)

    def plainly(size: int) -> Side:
        def side() -> Sample:
            names = [named(dice.randrange(size)) for _ in range(times)]

            def body() -> None:
                for name in names:
                    read(name)

            return clock(body, times)

        return side

    few = f"the same row by plain SQL, one of the first {smallest.size:,}"
    samples = in_turns(
        {
            "ours": largest.load,
            "the same row by plain SQL": plainly(largest.size),
            few: plainly(smallest.size),
        },
        plan.rounds,
    )
    plain = samples["the same row by plain SQL"]
    own = compared(
        f"{shown}: the same row by plain SQL, any of {largest.size:,}", "per second",
        {"any": plain, few: samples.pop(few)}, "any",
    )  # fmt: skip
    reload = compared(
        f"{shown}: a record read again, {largest.size:,} existing", "per second", samples, "ours"
    )
    if shown == "SQLite":
        reload.goal = "at least 30,000/s"
        reload.met = reload.median >= 30_000
    return [*found, reload, own]


def _calls(plan: Plan, shown: str, filled: dict[str, Filled], calls: Sequence[str]) -> list[Figure]:
    """Each call on every store, compared with the same on the smallest."""
    first, *others = filled
    found: list[Figure] = []
    for call in calls:
        sides: dict[str, Side] = {name: getattr(each, call) for name, each in filled.items()}
        samples = in_turns(sides, plan.rounds)
        for name in others:
            figure = compared(
                f"{shown}: {call.replace('_', ', ')} with {name} existing",
                "per second",
                {name: samples[name], f"with {first}": samples[first]},
                name,
                goal="" if call in RECENT else "within a quarter of the rate with 1,000",
            )
            if figure.goal:
                figure.met = figure.peers[0].ratio_by_cpu >= 0.75
            found.append(figure)
    return found
