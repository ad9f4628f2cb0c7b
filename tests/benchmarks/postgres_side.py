"""Both sides of the PostgreSQL figures: the server as it should be run, raw rows, and the clocks.

On a machine where others work too, processor time says more than the wall. So each sample counts
what the client took together with what the server's processes took for it, where they can be seen.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from incidentkit.ports.rows import Batch
from incidentkit.stores.postgres.sending import adapt, answers, execute
from tests.benchmarks.measuring import Sample
from tests.stores.postgres_server import NAMED, server_url, sized

BUFFERS = f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') >> 32 or 1}GB"
"""A quarter of the memory, in the unit in which a server tells it."""
_C = 'text COLLATE "C" NOT NULL'
_TABLE = (
    f"CREATE TABLE IF NOT EXISTS bare (tenant {_C}, stream {_C}, seq bigint, at bigint, kind text, "
    "body text, salt text, digest text, hash text, PRIMARY KEY (tenant, stream, seq))"
)
BARE = (
    "INSERT INTO bare SELECT * FROM unnest(%b::text[], %b::text[], %b::bigint[], %b::bigint[], "
    "%b::text[], %b::text[], %b::text[], %b::text[], %b::text[])"
)
_ALERTS = (
    "WITH kept AS (INSERT INTO alert SELECT * FROM unnest(%b::text[], %b::text[], %b::bigint[], "
    "%b::text[], %b::bigint[], %b::bigint[]) ON CONFLICT (tenant, id) DO UPDATE SET "
    "version = excluded.version, body = excluded.body, seen = alert.seen + excluded.seen, "
    f"last_seen = excluded.last_seen) {BARE}"
)
_TAKE = (
    "UPDATE work SET until = %b::bigint WHERE id = (SELECT id FROM work WHERE until <= %b::bigint "
    "ORDER BY until, id LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING id"
)


class Server:
    """The processes that serve this process, and the time they took; none of a remote server."""

    def __init__(self) -> None:
        self._db = psycopg.connect(server_url(), autocommit=True)

    def cpu(self) -> dict[int, int]:
        """Process -> nanoseconds of the processor."""
        if NAMED:
            return {}
        found = self._db.execute(
            "SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
            "AND backend_type = 'client backend'"
        ).fetchall()
        taken: dict[int, int] = {}
        for (pid,) in found:
            try:
                taken[pid] = int(Path(f"/proc/{pid}/schedstat").read_text().split()[0])
            except OSError:
                continue
        return taken

    def clocked(self, body: Callable[[], object], times: int) -> Sample:
        """Run the body once; it does its work so many times, in whatever threads."""
        before = self.cpu()
        wall, cpu = time.perf_counter_ns(), time.process_time_ns()
        body()
        wall = time.perf_counter_ns() - wall
        cpu = time.process_time_ns() - cpu
        served = sum(taken - before.get(pid, 0) for pid, taken in self.cpu().items())
        return Sample(wall, cpu + served, times)

    def in_threads(self, threads: int, calls: Sequence[Callable[[], object]]) -> Sample:
        """Make all calls, shared out among threads."""

        def run(mine: Sequence[Callable[[], object]]) -> None:
            for call in mine:
                call()

        started = [
            threading.Thread(target=run, args=(calls[number::threads],))
            for number in range(threads)
        ]

        def all_() -> None:
            for thread in started:
                thread.start()
            for thread in started:
                thread.join()

        return self.clocked(all_, len(calls))

    def in_processes(self, sort: str, url: str, workers: int) -> tuple[Sample, list[int]]:
        """Empty a queue with so many processes; what it took, and what each has sent."""
        command = [sys.executable, "-m", "tests.benchmarks.queue_worker", sort, url]
        started = [
            subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            for _ in range(workers)
        ]
        try:
            for each in started:
                assert _said(each) == ["ready"]
            before, wall = self.cpu(), time.perf_counter_ns()
            for each in started:
                _tell(each)
            said = [_said(each) for each in started]
            wall = time.perf_counter_ns() - wall
            served = sum(taken - before.get(pid, 0) for pid, taken in self.cpu().items())
            for each in started:
                _tell(each)
        finally:
            for each in started:
                _ = each.communicate()
        cpu = served + sum(int(taken) for _, taken in said)
        sent = [int(number) for number, _ in said]
        return Sample(wall, cpu, max(1, sum(sent))), sent

    def close(self) -> None:
        """Let go of the connection."""
        self._db.close()


def _said(worker: subprocess.Popen[str]) -> list[str]:
    assert worker.stdout is not None
    return worker.stdout.readline().split()


def _tell(worker: subprocess.Popen[str]) -> None:
    assert worker.stdin is not None
    _ = worker.stdin.write("\n")
    worker.stdin.flush()


class Raw:
    """Plain statements over connections that stay open, as a careful program would send them."""

    def __init__(self, url: str) -> None:
        self.url: str = url
        self._idle: deque[psycopg.Connection[Any]] = deque()

    def run(self, text: str, values: Sequence[Any] = ()) -> list[Any]:
        """One statement in autocommit, prepared, its values in binary."""
        try:
            connection = self._idle.pop()
        except IndexError:
            connection = psycopg.connect(self.url, autocommit=True, prepare_threshold=1)
            adapt(connection.adapters)
        cursor = execute(connection, text, values)
        found = cursor.fetchall() if answers(cursor) else []
        self._idle.append(connection)
        return found

    def close(self) -> None:
        """Let go of the connections."""
        for each in self._idle:
            each.close()


class Bare(Raw):
    """Journal rows, written by one statement a batch and nothing else."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.run(_TABLE)

    def write(self, batch: Batch) -> None:
        """The entries of a batch."""
        self.run(BARE, columns(batch))


class BareAlerts(Raw):
    """Alerts as two tables would have them: one row each, changed in place, and one of its log."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.run(_TABLE)
        self.run(
            f"CREATE TABLE IF NOT EXISTS alert (tenant {_C}, id {_C}, version bigint, body text, "
            "seen bigint, last_seen bigint, PRIMARY KEY (tenant, id))"
        )

    def write(self, batch: Batch) -> None:
        """The records and the entries of a batch."""
        rows = [put.row for put in batch.puts]
        tallies = [row.tally.last_seen for row in rows if row.tally is not None]
        kept = (
            [batch.tenant] * len(rows), [row.id for row in rows], [row.version for row in rows],
            [row.body for row in rows], [1] * len(rows), tallies,
        )  # fmt: skip
        self.run(_ALERTS, (*kept, *columns(batch)))


class Queue(Raw):
    """A queue as it is usually written: take the first that nobody holds, then delete it."""

    def __init__(self, url: str, *, make: bool = True) -> None:
        super().__init__(url)
        if not make:
            return
        self.run("CREATE TABLE work (id bigserial PRIMARY KEY, until bigint, body text)")
        self.run("CREATE INDEX work_until ON work (until, id)")

    def fill(self, count: int) -> None:
        """So many that are due."""
        self.run("INSERT INTO work (until, body) SELECT 0, '{}' FROM generate_series(1, %b)",
                 (count,))  # fmt: skip

    def take(self) -> int | None:
        """The next one, held for a minute."""
        now = time.time_ns() // 1000
        found = self.run(_TAKE, (now + 60_000_000, now))
        return found[0][0] if found else None

    def done(self, number: int) -> None:
        """It was sent."""
        self.run("DELETE FROM work WHERE id = %b", (number,))


def columns(batch: Batch) -> list[list[Any]]:
    """The entries of a batch, column by column."""
    rows = batch.entries
    names = ("stream", "seq", "at", "kind", "body", "salt", "digest", "hash")
    return [[batch.tenant] * len(rows), *([getattr(row, name) for row in rows] for name in names)]


@contextmanager
def durable() -> Generator[None]:
    """The server as it should be run, for as long as this lasts.

    Its own documentation advises a quarter of the memory for its pages; by default it takes 128 MB.
    """
    sized(BUFFERS)
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
