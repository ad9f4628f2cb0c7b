"""Four connections of four processes, and of one event loop: the forms in which a store is used.

Threads of one process share one interpreter, which lets one of them run at a time. Workers are
processes and web servers are either, so both forms are measured, each beside plain rows written in
the same form. Batches are built before the clock starts, in the process that sends them.
"""

from __future__ import annotations

import asyncio
import gc
import multiprocessing
import time
from collections.abc import Awaitable, Callable, Sequence
from multiprocessing.connection import Connection
from typing import Any, Protocol

import psycopg

from incidentkit.ports.rows import Batch
from incidentkit.stores.postgres.async_store import AsyncPostgresStore
from incidentkit.stores.postgres.sending import adapt, ready
from incidentkit.stores.postgres.store import PostgresStore
from tests.benchmarks import stored
from tests.benchmarks.measuring import Sample
from tests.benchmarks.postgres_side import BARE, Bare, BareAlerts, Server, columns

OURS, PLAIN, TWO_TABLES = "ours", "rows", "alerts"
_WAIT = 120.0


class Writer(Protocol):
    """What a process writes with."""

    def close(self) -> None:
        """Let go of the connections."""
        ...


def made(shape: str, count: int, write: Callable[[Batch], object]) -> list[Batch]:
    """The batches of one round in their order; what they build on is written at once."""
    if shape == "incidents":
        return [stored.incident() for _ in range(count)]
    if shape == "commands":
        return [batch for _ in range(count) for batch in stored.commands()]
    version, size = int(shape[-1]), 1000
    names = [[stored.named() for _ in range(min(size, count))] for _ in range(0, count, size)]
    for before in range(1, version):
        for some in names:
            write(stored.alerts(some, before))
    return [stored.alerts(some, version) for some in names]


def _opened(side: str, url: str) -> tuple[Writer, Callable[[Batch], object]]:
    if side == OURS:
        store = PostgresStore(url)
        store.declare([stored.SPEC, stored.ALERTS])
        return store, store.commit
    bare = (Bare if side == PLAIN else BareAlerts)(url)
    return bare, bare.write


def work(pipe: Connection, url: str, side: str) -> None:
    """What each process does: prepare a round, wait for the word, write, tell its own time."""
    writer, write = _opened(side, url)
    try:
        while (asked := pipe.recv()) is not None:
            shape, count = asked
            batches = made(shape, count, write)
            gc.collect()
            gc.disable()
            pipe.send(None)
            pipe.recv()
            cpu = time.process_time_ns()
            for batch in batches:
                write(batch)
            pipe.send(time.process_time_ns() - cpu)
            gc.enable()
    finally:
        writer.close()


class Form(Protocol):
    """Several writers of one database, that take rounds together."""

    def __init__(self, server: Server, url: str, side: str, number: int) -> None: ...

    def round(self, shape: str, count: int) -> Sample:
        """One round: so many in all."""
        ...

    def close(self) -> None:
        """End them."""
        ...


class Processes:
    """Processes that write to one database, each over a connection of its own."""

    def __init__(self, server: Server, url: str, side: str, number: int) -> None:
        self._server = server
        spawned = multiprocessing.get_context("spawn")
        self._workers: list[tuple[Connection, Any]] = []
        # One by one: the first of them makes what is missing.
        writer, _ = _opened(side, url)
        if isinstance(writer, PostgresStore):
            writer.migrate()
        writer.close()
        for _ in range(number):
            mine, theirs = spawned.Pipe()
            process = spawned.Process(target=work, args=(theirs, url, side), daemon=True)
            process.start()
            theirs.close()
            self._workers.append((mine, process))

    def round(self, shape: str, count: int) -> Sample:
        """One round: so many in all, shared out among the processes."""
        pipes = [pipe for pipe, _ in self._workers]
        share = max(1, count // len(pipes))
        for pipe in pipes:
            pipe.send((shape, share))
        for pipe in pipes:
            pipe.recv()
        taken: list[int] = []

        def all_() -> None:
            for pipe in pipes:
                pipe.send(None)
            taken.extend(pipe.recv() for pipe in pipes)

        sample = self._server.clocked(all_, share * len(pipes))
        return Sample(sample.wall, sample.cpu + sum(taken), sample.times)

    def close(self) -> None:
        """End the processes."""
        for pipe, process in self._workers:
            pipe.send(None)
            process.join(_WAIT)
            pipe.close()


class Loop:
    """One event loop with so many connections, which it keeps."""

    def __init__(self, server: Server, url: str, side: str, number: int) -> None:
        self._server, self._number = server, number
        self._loop = asyncio.new_event_loop()
        self._connections: list[psycopg.AsyncConnection[Any]] = []
        self._store: AsyncPostgresStore | None = None
        self._loop.run_until_complete(self._open(url, side))

    async def _open(self, url: str, side: str) -> None:
        if side == OURS:
            self._store = AsyncPostgresStore(url, pool=self._number)
            self._store.declare([stored.SPEC, stored.ALERTS])
            await self._store.migrate()
            return
        Bare(url).close()
        for _ in range(self._number):
            made_ = await psycopg.AsyncConnection.connect(url, autocommit=True, prepare_threshold=1)
            adapt(made_.adapters)
            self._connections.append(made_)

    def _writers(self) -> list[Callable[[Batch], Awaitable[object]]]:
        store = self._store
        if store is not None:
            return [store.commit] * self._number

        def bare(connection: psycopg.AsyncConnection[Any]) -> Callable[[Batch], Awaitable[object]]:
            async def write(batch: Batch) -> None:
                cursor = psycopg.AsyncRawCursor(connection)
                cursor.format = psycopg.pq.Format.BINARY
                await cursor.execute(*ready(BARE, columns(batch)))

            return write

        return [bare(each) for each in self._connections]

    def round(self, shape: str, count: int) -> Sample:
        """One round: so many in all, shared out among the connections."""
        share = max(1, count // self._number)
        chains = [made(shape, share, _never) for _ in range(self._number)]

        async def one(write: Callable[[Batch], Awaitable[object]], chain: Sequence[Batch]) -> None:
            for batch in chain:
                await write(batch)

        async def all_() -> None:
            pairs = zip(self._writers(), chains, strict=True)
            await asyncio.gather(*[one(write, chain) for write, chain in pairs])

        def body() -> None:
            self._loop.run_until_complete(all_())

        return self._server.clocked(body, share * self._number)

    def close(self) -> None:
        """Let go of everything."""
        self._loop.run_until_complete(self._close())
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()

    async def _close(self) -> None:
        if self._store is not None:
            await self._store.close()
        for each in self._connections:
            await each.close()


def _never(batch: Batch) -> None:
    raise AssertionError(f"a loop is measured with new incidents only, not {batch.tenant}")
