"""Through pgbouncer, which lends a connection for one transaction: nothing is left in a session."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest

from incidentkit.ports.rows import Batch, Expect, Ref
from incidentkit.stores.postgres.async_store import AsyncPostgresStore
from incidentkit.stores.postgres.store import PostgresStore
from tests.stores.factories import KINDS
from tests.stores.postgres_server import DATABASES
from tests.stores.shapes import MAIN, MINUTE, add, entry, put, settle, task, together, write

PGBOUNCER = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")


@pytest.fixture(scope="module")
def urls() -> Iterator[tuple[str, str]]:
    """The URL through a pooler that has two connections, and the one past it."""
    if PGBOUNCER is None:
        pytest.skip("pgbouncer is not installed")
    direct = DATABASES.fresh()
    parts = urlsplit(direct)
    host = parse_qs(parts.query).get("host", [parts.hostname or "localhost"])[0]
    place = Path(tempfile.mkdtemp(prefix="ikbouncer"))
    place.chmod(0o755)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    user = parts.username or "postgres"
    (place / "users.txt").write_text(f'"{user}" "{parts.password or ""}"\n')
    (place / "bouncer.ini").write_text(
        f"[databases]\nx = host={host} port={parts.port or 5432} dbname={parts.path[1:]} "
        f"user={user}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\n"
        f"auth_type = any\nauth_file = {place}/users.txt\npool_mode = transaction\n"
        f"default_pool_size = 2\nunix_socket_dir =\n"
    )
    command = [PGBOUNCER, str(place / "bouncer.ini")]
    if os.geteuid() == 0:
        # It refuses to be root; whoever owns the server's socket may connect to it.
        server = Path(host, f".s.PGSQL.{parts.port or 5432}")
        owner = server.owner() if host.startswith("/") else "nobody"
        for each in (place, *place.iterdir()):
            shutil.chown(each, owner)
        command[1:1] = ["-u", owner]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            pooled = f"postgresql://{user}@127.0.0.1:{port}/x"
            _await(pooled)
            yield pooled, direct
        finally:
            process.terminate()
            shutil.rmtree(place)


def _await(url: str) -> None:
    until = time.monotonic() + 10
    while True:
        try:
            psycopg.connect(url, connect_timeout=1).close()
        except psycopg.OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
        else:
            return


def test_a_store_through_a_transaction_pooler(urls: tuple[str, str]) -> None:
    pooled, direct = urls
    store = PostgresStore(pooled, direct=direct, pooler="transaction")
    store.declare(KINDS)

    def work(number: int) -> None:
        for n in range(10):
            name = f"{number}/{n}"
            write(store, puts=(put(name),), entries=(entry(name, 1), entry(name, 2)))
            add(store, task(name))
            both = (Expect("incident", name, 1), Expect("incident", "none", 0))
            store.commit(Batch(MAIN, puts=(put(f"{name}/2"),), expects=both))
            assert store.load(MAIN, [Ref("incident", name), Ref("alert", "x")])[1] is None
            store.numbers(MAIN, "incident", 1)

    together(6, work)
    assert store.numbers(MAIN, "incident", 1) == range(61, 62)
    assert store.wait(5)
    sent = 0
    while taken := store.claim(None, MINUTE, 7).tasks:
        sent += sum(store.settle(MAIN, [settle(each) for each in taken]))
    assert sent == 60
    store.close()


def test_an_async_store_through_a_transaction_pooler(urls: tuple[str, str]) -> None:
    pooled, direct = urls

    async def run() -> None:
        store = AsyncPostgresStore(pooled, direct=direct, pooler="transaction")
        store.declare(KINDS)
        names = [f"async {n}" for n in range(20)]
        await asyncio.gather(*(store.commit(Batch(MAIN, puts=(put(name),))) for name in names))
        rows = await store.load(MAIN, [Ref("incident", name) for name in names])
        assert all(rows)
        await store.close()

    asyncio.run(run())
