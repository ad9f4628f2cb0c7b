"""The stores under test: ours, and three of the kind a host would write on our bases."""

from __future__ import annotations

import copy
import sqlite3
import threading
from bisect import bisect_left, insort
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any, ClassVar
from weakref import WeakKeyDictionary

from typing_extensions import override

from incidentkit.errors import Retryable, StoreError, StoreFull
from incidentkit.ports.query import Filter
from incidentkit.ports.rows import KindSpec
from incidentkit.ports.store import Store
from incidentkit.stores.joined import JoinedRowStore
from incidentkit.stores.key_store import KeyStore
from incidentkit.stores.memory import MemoryStore
from incidentkit.stores.row_store import RowStore
from incidentkit.stores.rows import Collision, Rows, Stored
from incidentkit.stores.sql_rows import SqlRows
from incidentkit.stores.sql_text import listed, quoted
from incidentkit.stores.sqlite.schema import creation
from incidentkit.stores.sqlite.store import SqliteStore
from incidentkit.stores.tables import FIXED_TABLES, TableSpec
from incidentkit.testing.records import ALERT, BARE, INCIDENT, KINDS, START
from incidentkit.testing.store_trial import StoreHarness
from incidentkit.testing.store_trial import StoreTime as Moving

# --- a row store as a host would write it: a dictionary, copied for each transaction --------------


class DictRows(Rows):
    serial = True

    def __init__(self, tables: dict[str, dict[tuple[Any, ...], dict[str, Any]]]) -> None:
        self.tables = tables

    @override
    def get(self, table: TableSpec, key: Sequence[Any], lock: bool = False) -> Stored | None:
        return self.tables.get(table.name, {}).get(tuple(key))

    @override
    def insert(self, table: TableSpec, row: Stored) -> bool:
        key = tuple(row[name] for name in table.key)
        if self.get(table, key) is not None:
            return False
        self.tables.setdefault(table.name, {})[key] = dict(row)
        return True

    @override
    def update(self, table: TableSpec, key: Sequence[Any], changes: Stored, where: Stored) -> bool:
        row = self.get(table, key)
        if row is None or any(row[name] != value for name, value in where.items()):
            return False
        self.tables[table.name][tuple(key)] = {**row, **changes}
        return True

    @override
    def delete(self, table: TableSpec, key: Sequence[Any], where: Stored) -> bool:
        return self.update(table, key, {}, where) and bool(self.tables[table.name].pop(tuple(key)))

    @override
    def scan(
        self,
        table: TableSpec,
        equal: Stored,
        order: Sequence[str],
        limit: int,
        after: Sequence[Any] = (),
        descending: bool = False,
        where: Filter | None = None,
    ) -> Sequence[Stored]:
        def place(row: Stored) -> tuple[Any, ...]:
            return tuple(row[name] for name in order)

        found = [
            row
            for row in self.tables.get(table.name, {}).values()
            if all(row[name] == value for name, value in equal.items())
        ]
        if after:
            bound = tuple(after)
            cut = [(place(row)[: len(bound)], row) for row in found]
            found = [row for head, row in cut if (head < bound if descending else head > bound)]
        return sorted(found, key=place, reverse=descending)[:limit]


class DictStore(RowStore):
    def __init__(self, *, now: Callable[[], int]) -> None:
        super().__init__(now=now)
        self.tables: dict[str, dict[tuple[Any, ...], dict[str, Any]]] = {}
        self.lock = threading.Lock()

    @contextmanager
    def transaction(self, write: bool) -> Iterator[Rows]:
        with self.lock:
            if not write:
                yield DictRows(self.tables)
                return
            fresh = copy.deepcopy(self.tables)
            yield DictRows(fresh)
            self.tables = fresh


# --- a row store over a DB-API connection, without anything of SqliteStore ------------------------


SQLITE_ERRORS: Mapping[type[Exception], Callable[[str], Exception]] = {
    sqlite3.IntegrityError: Collision,
    sqlite3.OperationalError: Retryable,
    sqlite3.Error: StoreError,
}


def no_room(error: Exception) -> bool:
    code: int = getattr(error, "sqlite_errorcode", 0)
    return code & 0xFF == sqlite3.SQLITE_FULL


class PlainSqlStore(RowStore):
    """Thirty lines: what a host writes for an SQL database."""

    errors = SQLITE_ERRORS

    def __init__(self, path: Path, *, now: Callable[[], int]) -> None:
        super().__init__(now=now)
        self.path = path
        self.db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self.db.execute("PRAGMA synchronous = OFF")
        self.lock = threading.Lock()

    @override
    def translate(self, error: Exception) -> Exception:
        return StoreFull("the disk is full") if no_room(error) else super().translate(error)

    def joined(self, connection: sqlite3.Connection) -> PlainJoined:
        return PlainJoined(self, connection)

    def make(self) -> None:
        kinds = [s for kind in self.kinds.values() for s in (kind.record, kind.tally) if s]
        for spec in (*FIXED_TABLES, *kinds):
            self.db.execute(creation(spec).replace("CREATE TABLE", "CREATE TABLE IF NOT EXISTS"))

    def declare(self, kinds: Sequence[KindSpec]) -> None:
        super().declare(kinds)
        self.make()

    @contextmanager
    def transaction(self, write: bool) -> Iterator[Rows]:
        with self.lock:
            self.db.execute("BEGIN IMMEDIATE" if write else "BEGIN")
            try:
                yield SqlRows(self.db.execute, sqlite3.IntegrityError)
                self.db.execute("COMMIT")
            except BaseException:
                if self.db.in_transaction:
                    self.db.execute("ROLLBACK")
                raise

    def close(self) -> None:
        super().close()
        self.db.close()


class PlainJoined(JoinedRowStore):
    """The same inside a transaction of its host, on the host's connection."""

    def __init__(self, base: RowStore, connection: sqlite3.Connection) -> None:
        super().__init__(base)
        self.db = connection

    @override
    def in_transaction(self) -> bool:
        return self.db.in_transaction

    @contextmanager
    def transaction(self, write: bool) -> Iterator[Rows]:
        self.db.execute("SAVEPOINT incidentkit")
        try:
            yield SqlRows(self.db.execute, sqlite3.IntegrityError)
        except BaseException:
            self.db.execute("ROLLBACK TO incidentkit")
            raise
        finally:
            self.db.execute("RELEASE incidentkit")


# --- two key stores -------------------------------------------------------------------------------


class DictKeyStore(KeyStore):
    """Over a service that can be told to be away, or to have no room."""

    errors: ClassVar[Mapping[type[Exception], Callable[[str], Exception]]] = {
        ConnectionError: Retryable,
        MemoryError: StoreFull,
    }

    def __init__(self, *, now: Callable[[], int]) -> None:
        super().__init__(now=now)
        self.values: dict[str, tuple[str, int]] = {}
        self.order: list[str] = []
        self.stamp = 0
        self.lock = threading.Lock()
        self.away = self.full = False

    def ask(self) -> None:
        if self.away:
            raise ConnectionResetError("nobody listens")

    @override
    def get(self, key: str) -> tuple[str, int] | None:
        self.ask()
        with self.lock:
            return self.values.get(key)

    @override
    def scan(self, start: str, end: str, limit: int) -> Sequence[tuple[str, str, int]]:
        self.ask()
        with self.lock:
            low, high = bisect_left(self.order, start), bisect_left(self.order, end)
            keys = self.order[low : min(high, low + limit)]
            return [(key, *self.values[key]) for key in keys]

    @override
    def write(
        self,
        expected: Mapping[str, int | None],
        puts: Mapping[str, str],
        deletes: Collection[str],
    ) -> bool:
        self.ask()
        if puts and self.full:
            raise MemoryError("no room")
        with self.lock:
            for key, version in expected.items():
                found = self.values.get(key)
                if (None if found is None else found[1]) != version:
                    return False
            self.stamp += 1
            for key, value in puts.items():
                if key not in self.values:
                    insort(self.order, key)
                self.values[key] = value, self.stamp
            for key in deletes:
                if self.values.pop(key, None) is not None:
                    del self.order[bisect_left(self.order, key)]
            return True


class SqliteKeyStore(KeyStore):
    """Over one table of keys: what a host writes for a hosted key-value service."""

    errors = SQLITE_ERRORS

    def __init__(self, path: Path, *, now: Callable[[], int]) -> None:
        super().__init__(now=now)
        self.path = path
        self.db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self.db.execute("PRAGMA synchronous = OFF")
        self.lock = threading.Lock()
        self.db.execute(
            "CREATE TABLE IF NOT EXISTS kv (key TEXT PRIMARY KEY, value TEXT, version INTEGER)"
        )
        self.db.execute("CREATE TABLE IF NOT EXISTS stamp (n INTEGER)")
        self.db.execute("INSERT INTO stamp VALUES (0)")

    @override
    def translate(self, error: Exception) -> Exception:
        return StoreFull("the disk is full") if no_room(error) else super().translate(error)

    @override
    def get(self, key: str) -> tuple[str, int] | None:
        with self.lock:
            text = "SELECT value, version FROM kv WHERE key = ?"
            found: tuple[str, int] | None = self.db.execute(text, (key,)).fetchone()
            return found

    @override
    def scan(self, start: str, end: str, limit: int) -> Sequence[tuple[str, str, int]]:
        with self.lock:
            text = "SELECT * FROM kv WHERE key >= ? AND key < ? ORDER BY key LIMIT ?"
            return self.db.execute(text, (start, end, limit)).fetchall()

    @override
    def write(
        self,
        expected: Mapping[str, int | None],
        puts: Mapping[str, str],
        deletes: Collection[str],
    ) -> bool:
        with self.lock, self.db:
            self.db.execute("BEGIN IMMEDIATE")
            for key, version in expected.items():
                text = "SELECT version FROM kv WHERE key = ?"
                found = self.db.execute(text, (key,)).fetchone()
                if (None if found is None else found[0]) != version:
                    return False
            stamp = self.db.execute("UPDATE stamp SET n = n + 1 RETURNING n").fetchall()[0][0]
            lines = [(key, value, stamp) for key, value in puts.items()]
            self.db.executemany("INSERT OR REPLACE INTO kv VALUES (?, ?, ?)", lines)
            self.db.executemany("DELETE FROM kv WHERE key = ?", [(key,) for key in deletes])
            return True

    @override
    def close(self) -> None:
        super().close()
        self.db.close()


# --- a row store whose transactions do not see each other ----------------------------------------


class RacyStore(DictStore):
    """Optimistic and not serial: guards and re-runs have to do their work."""

    @contextmanager
    def transaction(self, write: bool) -> Iterator[Rows]:
        with self.lock:
            before = self.tables
        fresh = copy.deepcopy(before)
        rows = DictRows(fresh)
        yield rows
        if write:
            with self.lock:
                if self.tables is not before:
                    raise Collision("somebody else wrote")
                self.tables = fresh


Make = Callable[[Path, Moving], Store]


def _plain_sql(path: Path, now: Moving) -> Store:
    return PlainSqlStore(path / "plain.db", now=now)


def _postgres(path: Path, now: Moving) -> Store:
    from tests.stores.postgres_server import lent_at

    return lent_at(path, now)


MAKERS: dict[str, Make] = {
    "memory": lambda path, now: MemoryStore(now=now),
    "sqlite": lambda path, now: SqliteStore(path / "i.db", synchronous="off", now=now),
    "sqlite-memory": lambda path, now: SqliteStore(":memory:", now=now),
    "rows-dict": lambda path, now: DictStore(now=now),
    "rows-sql": _plain_sql,
    "keys-dict": lambda path, now: DictKeyStore(now=now),
    "keys-sqlite": lambda path, now: SqliteKeyStore(path / "kv.db", now=now),
    "postgres": _postgres,
}

CAPABLE: dict[str, tuple[str, ...]] = {
    "memory": ("search", "tally"),
    "sqlite": (
        "full",
        "join",
        "migrate",
        "outage",
        "reindex",
        "reopen",
        "search",
        "tally",
    ),
    "sqlite-memory": ("full", "migrate", "reindex", "search", "tally"),
    "rows-dict": ("reindex", "tally"),
    "rows-sql": ("full", "join", "outage", "reindex", "reopen", "tally"),
    "keys-dict": ("full", "outage", "reindex", "tally"),
    "keys-sqlite": ("full", "outage", "reindex", "reopen", "tally"),
    "postgres": (
        "full",
        "join",
        "migrate",
        "outage",
        "reindex",
        "reopen",
        "search",
        "tally",
        "turn",
        "wake",
    ),
}
"""What each can do beyond the contract, as cases name it.

A store with `reopen` has what was written when it is made again in the same folder.
"""

OPTIMISTIC = ("keys-dict", "keys-sqlite", "racy")
"""They run a lost transaction again, so a crowd is dear to them."""


def harness(sort: str, place: Path) -> StoreHarness:
    """How the kit makes stores of a sort: each in a folder of its own."""
    make = {**MAKERS, "racy": lambda path, now: RacyStore(now=now)}[sort]
    folders: WeakKeyDictionary[Store, Path] = WeakKeyDictionary()
    numbers = count()

    def fresh(now: Moving) -> Store:
        folder = place / str(next(numbers))
        folder.mkdir(parents=True)
        store = make(folder, now)
        folders[store] = folder
        return store

    def again(store: Store, now: Moving) -> Store:
        folder = folders[store]
        reopened = make(folder, now)
        folders[reopened] = folder
        return reopened

    from tests.stores import troubles

    able = CAPABLE.get(sort, ())
    return StoreHarness(
        fresh,
        again if "reopen" in able else None,
        8 if sort in OPTIMISTIC else 64,
        outage=troubles.OUTAGES[sort] if "outage" in able else None,
        full=troubles.FULL[sort] if "full" in able else None,
        join=troubles.JOINS[sort] if "join" in able else None,
    )


__all__ = ["ALERT", "BARE", "INCIDENT", "KINDS", "MAKERS", "START", "Moving", "listed", "quoted"]
