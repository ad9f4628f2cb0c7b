"""What the Django store of `examples` writes, beside the library's own store for the same database.

It goes through the ORM, row by row, so that a project's own transactions and tools see all of it.
There is no goal: the figure says what that costs. Commits wait for the disk on both sides.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

from incidentkit.ports.store import Store
from incidentkit.stores.postgres.store import PostgresStore
from incidentkit.stores.row_store import microseconds
from incidentkit.stores.sqlite.store import SqliteStore
from tests.benchmarks import peers, stored
from tests.benchmarks.measuring import Figure, Plan, Sample, Side, clocked, compared, in_turns
from tests.benchmarks.postgres_side import Server, durable
from tests.stores.postgres_server import DATABASES

OURS = "the Django store"
Clock = Callable[[Callable[[], object], int], Sample]


def figures(plan: Plan) -> list[Figure]:
    """On SQLite, then on PostgreSQL."""
    return [*_on_sqlite(plan), *_on_postgres(plan)]


def _on_sqlite(plan: Plan) -> list[Figure]:
    with ExitStack() as stack:
        how = "off" if plan.tiny else "full"
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        said = {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(folder / "django.db"),
            "OPTIONS": {"init_command": f"PRAGMA journal_mode = wal; PRAGMA synchronous = {how}"},
        }
        own = stack.enter_context(closing(SqliteStore(folder / "own.db", synchronous=how)))
        return _measured(plan, stack, "SQLite", own, said, clocked)


def _on_postgres(plan: Plan) -> list[Figure]:
    from psycopg.conninfo import conninfo_to_dict

    with ExitStack() as stack:
        if not plan.tiny:
            stack.enter_context(durable())
        server = stack.enter_context(closing(Server()))
        own = stack.enter_context(closing(PostgresStore(DATABASES.fresh())))
        place = conninfo_to_dict(DATABASES.fresh())
        names = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host",
                 "PORT": "port"}  # fmt: skip
        said: dict[str, Any] = {"ENGINE": "django.db.backends.postgresql"}
        said |= {mine: str(place[theirs]) for mine, theirs in names.items() if place.get(theirs)}
        return _measured(plan, stack, "PostgreSQL", own, said, server.clocked)


def _measured(
    plan: Plan, stack: ExitStack, engine: str, own: Store, said: dict[str, Any], clock: Clock
) -> list[Figure]:
    theirs = type(own).__name__
    makes: dict[str, Callable[[], list[Any]]] = {
        "incidents of 7 events, one commit each": lambda: [stored.incident()],
        "incidents of 7 events, a commit for each": lambda: [*stored.commands()],
    }
    stores: dict[str, Store] = {theirs: own}
    missing: list[str] = []
    try:
        stores[OURS] = stack.enter_context(closing(_django(engine, said)))
    except peers.Missing as reason:
        missing.append(str(reason))
    for store in stores.values():
        store.declare([stored.SPEC])
    times = plan.size(40, 1)

    def side(store: Store, make: Callable[[], list[Any]]) -> Side:
        def run() -> Sample:
            batches = [batch for _ in range(times) for batch in make()]
            return clock(lambda: [store.commit(batch) for batch in batches], times)

        return run

    found: list[Figure] = []
    for name, make in makes.items():
        sides = {shown: side(store, make) for shown, store in stores.items()}
        shown = OURS if OURS in sides else theirs
        samples = in_turns(sides, max(1, plan.rounds // 3))
        figure = compared(f"{shown} on {engine}: {name}", "per second", samples, shown)
        figure.missing = missing
        found.append(figure)
    return found


def _django(engine: str, said: dict[str, Any]) -> Store:
    """A Django store on a database of its own, its tables made at the declaring."""
    _ = peers.need("django")
    from tests.hosts import project

    if not project.PACKAGE.exists():
        raise peers.Missing("examples/incidentkit-django is not here: measure in the repository")
    from tests.hosts.making import AnyKinds

    alias = f"benchmark {engine} {said['NAME']}"
    project.use(alias, said)
    return AnyKinds(alias, now=microseconds)
