"""PostgreSQL: commits, deliveries and claims of the store alone, beside bare journal rows.

Server and client share this machine. Batches are built before the clock starts, so neither rules
nor the codec are in these figures; `core` has a desk's own work on top.
"""

from __future__ import annotations

import itertools
import os
import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from typing import Any

import psycopg

from incidentkit import Desk
from incidentkit.codec.kinds import KINDS
from incidentkit.ids import TaskId, TenantName
from incidentkit.ports.rows import (
    Batch,
    Done,
    Entry,
    KeyChange,
    Put,
    Request,
    Row,
    Settle,
    Task,
)
from incidentkit.stores.postgres.sending import adapt, execute
from incidentkit.stores.postgres.store import PostgresStore
from tests.benchmarks.measuring import Figure, Plan, Sample, Side, clocked, compared, in_turns
from tests.stores.postgres_server import DATABASES, server_url

TENANT = TenantName("main")
SPEC = KINDS["incident"].spec
AT = 1_700_000_000_000_000
LEASE = 60_000_000
_VALUES: dict[str, Any] = {"text": "web", "int64": 1, "bool": True, "instant": AT}
COLUMNS = tuple(_VALUES[column.type.value] for column in SPEC.columns)
_BARE = (
    "INSERT INTO bare SELECT * FROM unnest(%b::text[], %b::text[], %b::bigint[], %b::bigint[], "
    "%b::text[], %b::text[], %b::text[], %b::text[], %b::text[])"
)
_NUMBERS = itertools.count()
ROWS = "the same journal rows alone"


def _name() -> str:
    return f"{os.getpid():08x}{next(_NUMBERS):024x}"


def _entries(name: str, first: int, count: int) -> tuple[Entry, ...]:
    return tuple(
        Entry(
            f"incident/{name}", seq, AT, "Noted", '{"a": "' + "b" * 150 + '"}', "s" * 32, "d" * 64,
            "h" * 64,
        )
        for seq in range(first, first + count)
    )  # fmt: skip


def _row(name: str, version: int) -> Row:
    return Row("incident", name, version, 7, "h" * 64, COLUMNS, '{"x": "' + "x" * 800 + '"}')


def incident() -> Batch:
    """An incident of seven events: one record, two tasks, two unique keys, a request."""
    name = _name()
    tasks = tuple(
        Task(TaskId(f"{each}:{name}"), "timer", f"{each}:{name}", 0, 2, AT, "mail", "{}")
        for each in ("wake", "send")
    )
    return Batch(
        TENANT,
        request=Request(name, "f", "r"),
        puts=(Put(_row(name, 7), 0),),
        entries=_entries(name, 1, 7),
        tasks=tasks,
        keys=(KeyChange("ref", name, None, name), KeyChange("alert", name, None, name)),
    )


def commands() -> tuple[Batch, ...]:
    """The same incident, a commit for each of its events."""
    name = _name()
    return tuple(
        Batch(
            TENANT,
            request=Request(f"{name}/{version}", "f", "r"),
            puts=(Put(_row(name, version), version - 1),),
            entries=_entries(name, version, 1),
        )
        for version in range(1, 8)
    )


def messages(count: int) -> list[Batch]:
    """Tasks that may all be claimed."""
    tasks = [
        Task(TaskId(_name()), "message", _name(), 0, 0, AT, "mail", "{}") for _ in range(count)
    ]
    return [Batch(TENANT, tasks=tuple(tasks[n : n + 500])) for n in range(0, count, 500)]


def in_threads(threads: int, calls: Sequence[Callable[[], object]]) -> Sample:
    """Make all calls, shared out among threads."""

    def run(mine: Sequence[Callable[[], object]]) -> None:
        for call in mine:
            call()

    started = [
        threading.Thread(target=run, args=(calls[number::threads],)) for number in range(threads)
    ]

    def all_() -> None:
        for thread in started:
            thread.start()
        for thread in started:
            thread.join()

    return clocked(all_, len(calls))


class Bare:
    """Journal rows, written by one statement a batch and nothing else."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._local = threading.local()
        self._open: list[psycopg.Connection[Any]] = []
        text = 'text COLLATE "C" NOT NULL'
        self._connection().execute(
            f"CREATE TABLE bare (tenant {text}, stream {text}, seq bigint, at bigint, kind text, "
            "body text, salt text, digest text, hash text, PRIMARY KEY (tenant, stream, seq))"
        )

    def _connection(self) -> psycopg.Connection[Any]:
        found: psycopg.Connection[Any] | None = getattr(self._local, "db", None)
        if found is None:
            found = psycopg.connect(self._url, autocommit=True, prepare_threshold=1)
            adapt(found.adapters)
            self._local.db = found
            self._open.append(found)
        return found

    def write(self, batch: Batch) -> None:
        rows = batch.entries
        lists: list[Any] = [[batch.tenant] * len(rows)]
        names = ("stream", "seq", "at", "kind", "body", "salt", "digest", "hash")
        lists += [[getattr(row, name) for row in rows] for name in names]
        execute(self._connection(), _BARE, lists)

    def close(self) -> None:
        for each in self._open:
            each.close()


@contextmanager
def durable() -> Any:
    """The server as it should be run, for as long as this lasts."""
    names = ("fsync", "full_page_writes")
    with psycopg.connect(server_url(), autocommit=True) as db:
        before = {name: db.execute(f"SHOW {name}").fetchone() for name in names}
        _set(db, dict.fromkeys(names, "on"))
        try:
            yield
        finally:
            _set(db, {name: str(value and value[0]) for name, value in before.items()})


def _set(db: psycopg.Connection[Any], values: dict[str, str]) -> None:
    for name, value in values.items():
        db.execute(f"ALTER SYSTEM SET {name} = {value}")
    db.execute("SELECT pg_reload_conf()")


def figures(plan: Plan) -> list[Figure]:
    """Commits on one and four connections, deliveries by one and four workers, claims."""
    with ExitStack() as stack:
        stack.enter_context(durable())
        url = DATABASES.fresh()
        store = stack.enter_context(closing(PostgresStore(url, pool=8)))
        store.declare([SPEC])
        store.migrate()
        bare = stack.enter_context(closing(Bare(DATABASES.fresh())))
        found: list[Figure] = []
        for threads in (1, 4):
            found += _commits(plan, store, bare, threads)
        for threads in (1, 4):
            found.append(_deliveries(plan, store, threads))
        desk = stack.enter_context(Desk.open(DATABASES.fresh()))
        found.append(_core(plan, desk))
        found += _claims(plan)
        return found


def _commits(plan: Plan, store: PostgresStore, bare: Bare, threads: int) -> list[Figure]:
    size = plan.size(200 * threads, 2)
    rounds = max(1, plan.rounds // 3)

    def side(make: Callable[[], Sequence[Batch]], write: Callable[[Batch], object]) -> Side:
        def run() -> Sample:
            chains = [make() for _ in range(size)]

            def chained(chain: Sequence[Batch]) -> Callable[[], None]:
                def call() -> None:
                    for batch in chain:
                        write(batch)

                return call

            return in_threads(threads, [chained(chain) for chain in chains])

        return run

    shown = f"on {threads} connection{'s' * (threads > 1)}"
    at_once = in_turns(
        {
            "ours": side(lambda: [incident()], store.commit),
            ROWS: side(lambda: [incident()], bare.write),
        },
        rounds,
    )
    each = in_turns(
        {"ours": side(commands, store.commit), ROWS: side(commands, bare.write)}, rounds
    )
    return [
        compared(
            f"incidents of 7 events, one commit each, {shown}", "per second", at_once, "ours",
            goal="2,000 a second on 4, and at least 0.7 of the rows",
        ),
        compared(
            f"incidents of 7 events, a commit for each, {shown}", "per second", each, "ours",
            goal="450 a second",
        ),
    ]  # fmt: skip


def _deliveries(plan: Plan, store: PostgresStore, threads: int) -> Figure:
    size = plan.size(400 * threads, 2)

    def run() -> Sample:
        while taken := store.claim(None, LEASE, 100).tasks:
            store.settle(TENANT, [Settle(x.task.id, x.token, Done()) for x in taken])
        for batch in messages(size):
            store.commit(batch)

        def work() -> None:
            last: list[tuple[TenantName, Settle]] = []
            while True:
                answer = store.turn(last, None, LEASE, 1).claimed.tasks
                if not answer:
                    return
                last = [(x.tenant, Settle(x.task.id, x.token, Done())) for x in answer]

        sample = in_threads(threads, [work] * threads)
        return Sample(sample.wall, sample.cpu, size)

    samples = in_turns({"ours": run}, max(1, plan.rounds // 3))["ours"]
    name = f"deliveries, settle and claim in one turn, {threads} worker{'s' * (threads > 1)}"
    return Figure(name, "per second", tuple(x.value("per second") for x in samples))


def _core(plan: Plan, desk: Desk) -> Figure:
    size = plan.size(100, 2)

    def run() -> Sample:
        titles = [f"Down {_name()}" for _ in range(size)]
        return in_threads(4, [partial(desk.declare, title) for title in titles])

    samples = in_turns({"ours": run}, max(1, plan.rounds // 3))["ours"]
    values = tuple(x.value("per second") for x in samples)
    return Figure("desk.declare, 4 threads, the core on top", "per second", values)


def _claims(plan: Plan) -> list[Figure]:
    """Claims of one task with so many in front that may not be claimed."""
    size = plan.size(10_000, 5)
    found: list[Figure] = []
    for name, make in (
        ("blocked", lambda n: ("one", n, AT, "mail")),
        ("of a channel that is down", lambda n: (f"s{n}", 0, AT, "down")),
        ("not due", lambda n: (f"s{n}", 0, AT * 2, "mail")),
    ):
        with closing(PostgresStore(DATABASES.fresh())) as store:
            store.declare([SPEC])
            tasks = [
                Task(TaskId(f"t{n:05}"), "q", subject, order, 0, due, channel, "{}")
                for n in range(size)
                for subject, order, due, channel in [make(n)]
            ]
            for n in range(0, size, 1000):
                store.commit(Batch(TENANT, tasks=tuple(tasks[n : n + 1000])))
            for batch in messages(100):
                store.commit(batch)

            def run(store: PostgresStore = store) -> Sample:
                return clocked(lambda: store.claim(None, LEASE, 1, None, ["down"]))

            samples = in_turns({"ours": run}, plan.rounds)["ours"]
            values = tuple(x.value("ms") for x in samples)
            figure = Figure(f"a claim with {size:,} {name} in front", "ms", values)
            figure.goal = "at most 10 ms"
            figure.met = figure.median <= 10
            found.append(figure)
    return found
