"""The SQLite store: the row store's contract with a straight path for what usually happens.

One process writes; every write of it, whoever calls, goes through one connection under one mutex.
Any process reads, without ever waiting for a writer. A file is made, migrated and given its tables
at the first write, so opening one to read changes nothing.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from types import TracebackType
from typing import NoReturn

from typing_extensions import override

from incidentkit.errors import InvalidValue, StoreClosed
from incidentkit.ids import TenantName
from incidentkit.ports.query import Page, Query
from incidentkit.ports.rows import Batch, Committed, Entry, KindSpec, Purged, Ref, Row, Settle
from incidentkit.ports.store import Finding
from incidentkit.stores.edge import at_least, check_settles, known
from incidentkit.stores.filters import check_int, check_query
from incidentkit.stores.memory_rows import MemoryRows
from incidentkit.stores.row_store import RowStore, microseconds
from incidentkit.stores.rows import Collision, Rows
from incidentkit.stores.sql_rows import SqlRows
from incidentkit.stores.sqlite import diagnosis, migrations, reading, schema
from incidentkit.stores.sqlite import settings as options
from incidentkit.stores.sqlite.connections import Readers, Writer, check_version
from incidentkit.stores.sqlite.faults import translated
from incidentkit.stores.sqlite.remembered import Remembered
from incidentkit.stores.sqlite.statements import KindSql
from incidentkit.stores.sqlite.swift import Swift
from incidentkit.stores.tables import FIXED_TABLES

_FAULTS = (sqlite3.Error, OverflowError, UnicodeEncodeError)
_DRAW = (
    "INSERT INTO counter (tenant, series, next) VALUES (?1, ?2, 1 + ?3) "
    "ON CONFLICT (tenant, series) DO UPDATE SET next = next + ?3 RETURNING next"
)
_FORGET = (
    "DELETE FROM request WHERE tenant = ?1 AND id IN "
    "(SELECT id FROM request WHERE tenant = ?1 AND at < ?2 ORDER BY at, id LIMIT ?3)"
)
_FORGET_AT_ONCE = 5000


class SerialSqlRows(SqlRows):
    """Rows of SQLite, whose writing transactions run one after the other."""

    serial = True


class SqliteStore(RowStore):
    """The whole contract of `Store` in one SQLite file, or in memory (`:memory:`).

    Args:
        path: The file, made at the first write; its directory must exist.
        synchronous: `full` (a commit survives a power cut), `normal` or `off` (it may not).
        processes: `one` writing process, or `many` where the linked SQLite is safe for it.
        now: Microseconds since 1970; tests give their own.

    Example:
        >>> from incidentkit.ids import MAIN_TENANT
        >>> store = SqliteStore(":memory:")
        >>> list(store.numbers(MAIN_TENANT, "incident", 2))
        [1, 2]
        >>> store.close()
    """

    def __init__(
        self,
        path: str | Path,
        *,
        synchronous: str = "full",
        processes: str = "one",
        now: Callable[[], int] = microseconds,
    ) -> None:
        super().__init__(now=now)
        self._settings = options.settings(path, synchronous, processes)
        check_version(processes)
        self._sql: dict[str, KindSql] = {}
        self._setup = RLock()
        self._pid = os.getpid()
        self._writer: Writer | None = None
        self._readers = self._new_readers()
        self._abandoned: list[object] = []
        self._remembered = Remembered()
        self._made: set[str] = set()
        self._absent: set[str] = set()
        self._seen = False
        self._complete = False

    @classmethod
    def from_url(cls, url: str, *, now: Callable[[], int] = microseconds) -> SqliteStore:
        """Open `sqlite:///path?synchronous=full|normal|off&processes=one|many`."""
        given = options.from_url(url)
        path = options.MEMORY if given.path is None else given.path
        return cls(path, synchronous=given.synchronous, processes=given.processes, now=now)

    def _new_readers(self) -> Readers | None:
        return None if self._settings.path is None else Readers(self._settings.path)

    @override
    def declare(self, kinds: Sequence[KindSpec]) -> None:
        super().declare(kinds)
        with self._setup:
            for name, kind in self._kinds.items():
                if name not in self._sql:
                    self._sql[name] = KindSql(kind)
                    self._complete = self._seen = False

    @override
    def check_open(self) -> None:
        if self._closed:
            raise StoreClosed(f"{self._settings.shown} was closed; open a new store")
        if self._pid != os.getpid():
            self._leave_to_parent()

    def _leave_to_parent(self) -> None:
        """In a forked child: SQLite's connections stay with the parent; new ones are opened.

        They are kept, because closing them here could undo the parent's locks.
        """
        self._setup = RLock()
        self._pid = os.getpid()
        if self._settings.path is None:
            if self._writer is not None:
                self._writer.mutex = RLock()
            return
        self._abandoned += [self._writer, self._readers]
        self._writer = None
        self._readers = self._new_readers()
        self._complete = self._seen = False

    # --- connections ----------------------------------------------------------------------------

    def _writing(self) -> Writer:
        """The writer with everything declared in place."""
        self.check_open()
        writer = self._writer
        if writer is not None and self._complete:
            return writer
        with self._setup:
            self.check_open()
            if self._writer is None:
                self._made.clear()
                try:
                    self._writer = Writer(self._settings)
                except _FAULTS as error:
                    self._fail(error)
            writer = self._writer
            with writer.mutex:
                self._complete_schema(writer)
            self._complete = self._seen = True
            return writer

    def _complete_schema(self, writer: Writer) -> None:
        db = writer.db
        try:
            if not self._made:
                migrations.migrate(db, self._settings.shown, self._now())
            missing = [kind for name, kind in self._kinds.items() if name not in self._made]
            lacking = [
                kind for kind in missing if not schema.check(db, kind, self._settings.shown)
            ]
            if lacking:
                db.execute("BEGIN IMMEDIATE")
                for kind in lacking:
                    if not schema.check(db, kind, self._settings.shown):
                        schema.create(db, kind)
                db.execute("COMMIT")
            self._made.update(kind.spec.name for kind in missing)
            self._absent = set()
            self._rows = SerialSqlRows(db.execute, sqlite3.IntegrityError)
            self._swift = Swift(db, self._rows, self._sql, self._remembered)
        except _FAULTS as error:
            _roll_back(db)
            self._fail(error)
        except BaseException:
            _roll_back(db)
            raise

    def _look(self) -> bool:
        """Whether there is anything to read yet; nothing is written to find out."""
        path, readers = self._settings.path, self._readers
        if path is None or readers is None:
            self._writing()
            return True
        if not path.exists():
            return False
        db = readers.borrow()
        try:
            number = migrations.schema_number(db, self._settings.shown)
            if number == 0:
                return False
            if number == migrations.LATEST:
                absent = {
                    name
                    for name, kind in self._kinds.items()
                    if not schema.check(db, kind, self._settings.shown)
                }
                self._absent = absent
                self._seen = not absent
                return True
        finally:
            readers.give_back(db)
        self._writing()
        return True

    def _fail(self, error: Exception) -> NoReturn:
        if self._closed:
            raise StoreClosed(f"{self._settings.shown} was closed; open a new store") from error
        raise translated(error, self._settings.shown) from error

    @override
    @contextmanager
    def transaction(self, write: bool) -> Iterator[Rows]:
        """See `RowStore.transaction`."""
        if not write:
            with _View(self) as db:
                if db is None:
                    yield MemoryRows(FIXED_TABLES)
                    return
                db.execute("BEGIN")
                try:
                    yield SerialSqlRows(db.execute, sqlite3.IntegrityError)
                finally:
                    db.execute("ROLLBACK")
            return
        writer = self._writing()
        with writer.mutex:
            db = writer.db
            try:
                db.execute("BEGIN IMMEDIATE")
                yield self._rows
                db.execute("COMMIT")
            except _FAULTS as error:
                _roll_back(db)
                self._fail(error)
            except BaseException:
                _roll_back(db)
                raise

    # --- reading --------------------------------------------------------------------------------

    @override
    def load(self, tenant: TenantName, refs: Sequence[Ref]) -> tuple[Row | None, ...]:
        for ref in refs:
            if ref.kind not in self._sql:
                known(self._kinds, ref.kind)
        with _View(self) as db:
            if db is None:
                return (None,) * len(refs)
            if self._absent:
                there = [ref for ref in refs if ref.kind not in self._absent]
            else:
                there = list(refs)
            if len(refs) == 1 and there:
                ref = refs[0]
                row = reading.load_one(db, self._sql[ref.kind], tenant, ref.id)
                if row is not None:
                    address = tenant, ref.kind, ref.id
                    self._remembered.read(address, row.version, row.columns)
                return (row,)
            found = reading.load_many(db, reading.by_kind(self._sql, there), tenant)
        return tuple([found.get((ref.kind, ref.id)) for ref in refs])

    @override
    def journal(
        self, tenant: TenantName, stream: str, after: int = 0, limit: int = 1000
    ) -> tuple[Entry, ...]:
        at_least("limit", limit, 1)
        check_int("after", after)
        with _View(self) as db:
            return () if db is None else reading.journal(db, tenant, stream, after, limit)

    @override
    def find(self, tenant: TenantName, query: Query) -> Page:
        check_query(query, known(self._kinds, query.kind).column)
        with _View(self) as db:
            if db is None or query.kind in self._absent:
                return Page((), None)
            return reading.find(db, self._sql[query.kind], tenant, query)

    @override
    def count(self, tenant: TenantName, query: Query) -> int:
        check_query(query, known(self._kinds, query.kind).column)
        with _View(self) as db:
            if db is None or query.kind in self._absent:
                return 0
            return reading.count(db, self._sql[query.kind], tenant, query)

    @override
    def owners(
        self, tenant: TenantName, space: str, values: Sequence[str]
    ) -> tuple[str | None, ...]:
        with _View(self) as db:
            if db is None:
                return (None,) * len(values)
            return reading.owners(db, tenant, space, values)

    # --- writing --------------------------------------------------------------------------------

    @override
    def commit(self, batch: Batch) -> Committed:
        done = self._straight((batch,))
        return super().commit(batch) if done is None else done[0]

    @override
    def commit_group(self, batches: Sequence[Batch]) -> tuple[Committed | Exception, ...]:
        done = self._straight(batches)
        return super().commit_group(batches) if done is None else tuple(done)

    def _straight(self, batches: Sequence[Batch]) -> list[Committed] | None:
        """All batches in one transaction, or None and nothing at the first surprise."""
        writer = self._writing()
        with writer.mutex:
            execute = writer.db.execute
            self._remembered.forget()
            try:
                execute("BEGIN IMMEDIATE")
                answers: list[Committed] = []
                for batch in batches:
                    at = self._now() if batch.now is None else batch.now
                    done = self._swift.commit(batch, at)
                    if done is None:
                        execute("ROLLBACK")
                        return None
                    answers.append(done)
                execute("COMMIT")
                self._remembered.commit()
                return answers
            except _FAULTS as error:
                _roll_back(writer.db)
                self._fail(error)
            except BaseException:
                _roll_back(writer.db)
                raise

    @override
    def settle(self, tenant: TenantName, settles: Sequence[Settle]) -> tuple[bool, ...]:
        check_settles(settles)

        def body(_: Rows) -> tuple[bool, ...]:
            return tuple([self._swift.settle(tenant, each) for each in settles])

        return self.run(True, body)

    @override
    def numbers(self, tenant: TenantName, series: str, n: int) -> range:
        at_least("n", n, 1)
        writer = self._writing()
        with writer.mutex:
            try:
                # Fetched to the end, or the statement would not be committed.
                found = writer.numbers.execute(_DRAW, (tenant, series, n)).fetchall()
            except _FAULTS as error:
                self._fail(error)
        after = int(found[0][0])
        return range(after - n, after)

    @override
    def purge(self, tenant: TenantName, before: int, streams: Sequence[str] = ()) -> Purged:
        check_int("before", before)
        requests = 0
        while True:
            with self.transaction(True):
                writer = self._writing()
                done = writer.db.execute(_FORGET, (tenant, before, _FORGET_AT_ONCE)).rowcount
            requests += done
            if done < _FORGET_AT_ONCE:
                break
        entries = sum(self.run(True, self._purging(tenant, s, before)) for s in sorted({*streams}))
        return Purged(requests, entries)

    def diagnose(self) -> Sequence[Finding]:
        """See `SupportsDiagnosis.diagnose`."""
        with _View(self) as db:
            return diagnosis.diagnose(self._settings, db)

    @override
    def close(self) -> None:
        with self._setup:
            if self._closed:
                return
            self._closed = True
            # The writer last: whoever closes the last connection folds the log into the file.
            if self._readers is not None:
                self._readers.close()
            if self._writer is not None:
                self._writer.close()


class _View:
    """A connection to read from, borrowed for one call; None where there is nothing to read."""

    __slots__ = ("_db", "_readers", "_store", "_writer")

    def __init__(self, store: SqliteStore) -> None:
        self._store = store
        self._db: sqlite3.Connection | None = None
        self._readers: Readers | None = None
        self._writer: Writer | None = None

    def __enter__(self) -> sqlite3.Connection | None:
        store = self._store
        store.check_open()
        try:
            if not store._seen and not store._look():
                return None
            self._readers = readers = store._readers
            if readers is not None:
                self._db = readers.borrow()
                return self._db
        except _FAULTS as error:
            store._fail(error)
        self._writer = writer = store._writing()
        writer.mutex.acquire()
        return writer.db

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._readers is not None and self._db is not None:
            self._readers.give_back(self._db)
        if self._writer is not None:
            self._writer.mutex.release()
        if isinstance(error, _FAULTS):
            self._store._fail(error)


def _roll_back(db: sqlite3.Connection) -> None:
    try:
        if db.in_transaction:
            db.execute("ROLLBACK")
    except sqlite3.Error:
        # The first error is the one to tell; SQLite rolls back by itself when it must.
        return


__all__ = ["Collision", "InvalidValue", "SqliteStore"]
