"""Whether a PostgreSQL database is fit for service: looks, changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from incidentkit.ports.store import Finding
from incidentkit.stores.postgres import partitions
from incidentkit.stores.postgres.migrations import LATEST
from incidentkit.stores.postgres.settings import Settings

OLDEST = 150_000
LONG_SECONDS = 300
MOST_DEAD = 50_000
_LONGEST = (
    "SELECT coalesce(extract(epoch FROM max(now() - xact_start)), 0)::bigint FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'"
)
_DEAD = "SELECT coalesce(max(n_dead_tup), 0) FROM pg_stat_user_tables WHERE relname = 'ik_task'"
Execute = Callable[..., Any]


def diagnose(execute: Execute, settings: Settings) -> Sequence[Finding]:
    """Findings about the database."""
    return [*_server(execute, settings), *_schema(execute), *_queue(execute)]


def _one(execute: Execute, text: str) -> Any:
    return execute(text).fetchone()[0]


def _server(execute: Execute, settings: Settings) -> Iterator[Finding]:
    number = int(_one(execute, "SHOW server_version_num"))
    shown = str(_one(execute, "SHOW server_version"))
    yield Finding(
        number >= OLDEST, "PostgreSQL",
        f"version {shown}" + ("" if number >= OLDEST else ": 15 is the oldest that is meant"),
    )  # fmt: skip
    if _one(execute, "SELECT pg_is_in_recovery()"):
        yield Finding(False, "server", "a replica: connect to the primary, nothing can be written")
    for name, advice in (
        ("fsync", "a power cut may damage the database; set fsync = on"),
        ("synchronous_commit", "a crash may lose the last commits; set synchronous_commit = on"),
    ):
        value = str(_one(execute, f"SHOW {name}"))
        good = value != "off"
        yield Finding(good, name, value if good else f"off: {advice}")
    yield Finding(True, "pooler", settings.pooler)


def _schema(execute: Execute) -> Iterator[Finding]:
    number, partition = execute("SELECT number, partition FROM ik_schema").fetchone()
    yield Finding(number == LATEST, "schema", f"{number} of {LATEST}, partition={partition}")
    if partition == "month":
        yield partitions.diagnose(execute)
    waiting = execute("SELECT kind, lag FROM ik_indexing WHERE NOT done ORDER BY 1, 2").fetchall()
    for kind, lag in waiting:
        yield Finding(
            False,
            f"index of {lag}",
            f"{kind!r} was written by another release; the next question about it does the rest, "
            "or Desk.reindex()",
        )


def _queue(execute: Execute) -> Iterator[Finding]:
    parked = int(_one(execute, "SELECT count(*) FROM ik_task WHERE state = 'parked'"))
    yield Finding(
        parked == 0,
        "parked tasks",
        "none" if parked == 0 else f"{parked} wait for a person: list them, then move or cancel",
    )
    oldest = int(_one(execute, _LONGEST))
    yield Finding(
        oldest < LONG_SECONDS,
        "long transactions",
        "none"
        if oldest < LONG_SECONDS
        else f"one is open for {oldest} s: while it is, settled "
        "tasks stay on the disk and claims get slower; end it",
    )
    dead = int(_one(execute, _DEAD))
    yield Finding(
        dead < MOST_DEAD,
        "settled tasks on the disk",
        f"{dead}" if dead < MOST_DEAD else f"{dead}: vacuum ik_task, and see that autovacuum runs",
    )
