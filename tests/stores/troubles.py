"""What the kit's harnesses bring: each store without its database, without room, inside a host."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

from incidentkit.ports.join import Joined
from incidentkit.ports.store import Store
from incidentkit.stores.sqlite.store import SqliteStore
from incidentkit.testing.store_trial import HostBlock
from tests.stores.factories import DictKeyStore, PlainSqlStore, SqliteKeyStore

Block = Callable[[Store], AbstractContextManager[None]]


def writer(store: Store) -> sqlite3.Connection:
    """The connection that writes; only SQLite itself can be told to wait less, or to be full."""
    if isinstance(store, SqliteStore):
        return store._file.writing().db
    assert isinstance(store, PlainSqlStore | SqliteKeyStore)
    return store.db


def patient(store: Store, milliseconds: int) -> None:
    """How long its connections wait for a lock."""
    writer(store).execute(f"PRAGMA busy_timeout = {milliseconds}")
    if isinstance(store, SqliteStore):
        store._file.writing().writer.numbers.execute(f"PRAGMA busy_timeout = {milliseconds}")


def file_of(store: Store) -> Path:
    found = store._file.settings.path if isinstance(store, SqliteStore) else vars(store)["path"]
    assert isinstance(found, Path)
    return found


@contextmanager
def locked(store: Store) -> Iterator[None]:
    """Somebody else has the file, and does not give it back."""
    patient(store, 20)
    with closing(sqlite3.connect(file_of(store), isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield
        other.execute("ROLLBACK")
    patient(store, 5_000)


@contextmanager
def at_its_limit(store: Store) -> Iterator[None]:
    """The file may not grow any more."""
    db = writer(store)
    (pages,) = db.execute("PRAGMA page_count").fetchone()
    _ = db.execute(f"PRAGMA max_page_count = {pages}").fetchall()
    yield
    _ = db.execute("PRAGMA max_page_count = 1073741823").fetchall()


@contextmanager
def nobody_listens(store: Store) -> Iterator[None]:
    assert isinstance(store, DictKeyStore)
    store.away = True
    yield
    store.away = False


@contextmanager
def no_memory(store: Store) -> Iterator[None]:
    assert isinstance(store, DictKeyStore)
    store.full = True
    yield
    store.full = False


@contextmanager
def beside(store: Store) -> Iterator[HostBlock]:
    """A transaction on a connection of the host's own to the same file."""
    with closing(sqlite3.connect(file_of(store), isolation_level=None)) as host:
        host.execute("PRAGMA synchronous = OFF")
        joined = cast("Joined", cast("Any", store).joined(host))
        try:
            host.execute("BEGIN IMMEDIATE")
            yield HostBlock(
                joined, lambda: host.execute("COMMIT"), lambda: host.execute("ROLLBACK")
            )
        finally:
            if host.in_transaction:
                host.execute("ROLLBACK")
            joined.close()


# --- PostgreSQL -----------------------------------------------------------------------------------

_ENDED = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
_SAYS_FULL = """
CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE disk_full USING MESSAGE = 'could not extend file: No space left on device'; END $$
"""
_ON = """
CREATE TRIGGER no_room BEFORE INSERT ON "{table}" FOR EACH STATEMENT EXECUTE FUNCTION {name}()
"""


@contextmanager
def shut_out(server: str, database: str) -> Iterator[None]:
    """Every connection of the database is ended, and nobody gets a new one."""
    import psycopg

    with psycopg.connect(server, autocommit=True) as db:
        db.execute(cast("Any", f'ALTER DATABASE "{database}" ALLOW_CONNECTIONS false'))
        db.execute(_ENDED, (database,))
        try:
            yield
        finally:
            db.execute(cast("Any", f'ALTER DATABASE "{database}" ALLOW_CONNECTIONS true'))


@contextmanager
def shut(store: Store) -> Iterator[None]:
    from tests.stores.postgres_server import server_url

    database = urlsplit(str(vars(store)["url"])).path.strip("/")
    with shut_out(server_url(), database):
        yield


@contextmanager
def disk_full(execute: Callable[[Any], object], table: str) -> Iterator[None]:
    """The server says what it says on a full disk; a test has no disk of its own to fill."""
    execute(_SAYS_FULL.format(name="no_room"))
    execute(_ON.format(name="no_room", table=table))
    try:
        yield
    finally:
        execute("DROP FUNCTION no_room CASCADE")


@contextmanager
def no_space(store: Store) -> Iterator[None]:
    import psycopg

    url = str(vars(store)["url"])
    with psycopg.connect(url, autocommit=True) as db, disk_full(db.execute, "ik_journal"):
        yield


@contextmanager
def in_postgres(store: Store) -> Iterator[HostBlock]:
    """A transaction on a psycopg connection of the host's own."""
    import psycopg

    with closing(psycopg.connect(str(vars(store)["url"]))) as host:
        host.execute("SELECT 1")
        joined = cast("Joined", cast("Any", store).joined(host))
        try:
            yield HostBlock(joined, host.commit, host.rollback)
        finally:
            host.rollback()
            joined.close()


OUTAGES: dict[str, Block] = {
    "sqlite": locked,
    "rows-sql": locked,
    "keys-dict": nobody_listens,
    "keys-sqlite": locked,
    "postgres": shut,
}
FULL: dict[str, Block] = {
    "sqlite": at_its_limit,
    "sqlite-memory": at_its_limit,
    "rows-sql": at_its_limit,
    "keys-dict": no_memory,
    "keys-sqlite": at_its_limit,
    "postgres": no_space,
}
JOINS: dict[str, Callable[[Store], AbstractContextManager[HostBlock]]] = {
    "sqlite": beside,
    "rows-sql": beside,
    "postgres": in_postgres,
}
