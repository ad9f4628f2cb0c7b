"""The SQLite store inside a transaction on the host's own connection to the same file.

Whoever writes in this process has the file's turn, and so does the host: from the beginning of the
block to its end it holds the mutex that every write of the store takes, and the process holds the
right to write. A host that has begun already cannot wait for the turn, because whoever has it may
be waiting for the host.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from threading import get_ident
from typing import Any, cast

from typing_extensions import override

from incidentkit.errors import CannotJoin, IndexStale, Retryable
from incidentkit.ids import TenantName
from incidentkit.ports.rows import Batch, Committed
from incidentkit.ports.search import Lag, Stale, TextPage, TextQuery
from incidentkit.stores import applying
from incidentkit.stores.edge import at_least, known
from incidentkit.stores.filters import check_filter
from incidentkit.stores.joined import JoinedRowStore
from incidentkit.stores.row_store import RowStore
from incidentkit.stores.rows import Rows
from incidentkit.stores.sqlite import searching
from incidentkit.stores.sqlite.file import FAULTS, File, SerialSqlRows
from incidentkit.stores.tables import Kind

_BEGUN = (
    "the transaction was begun before the file's turn was free: roll it back and begin it inside "
    "`with desk.using(connection)`, which waits for the turn"
)
_NOT_BEGUN = (
    "no transaction is open on the host's connection, so nothing would be rolled back with it: "
    "connection.execute('BEGIN IMMEDIATE') comes first"
)


class HostConnection:
    """The host's connection, read in plain tuples whatever its row factory is."""

    __slots__ = ("db",)

    def __init__(self, db: sqlite3.Connection) -> None:
        self.db: sqlite3.Connection = db

    def execute(self, text: str, values: Sequence[Any] = ()) -> sqlite3.Cursor:
        """Run one statement."""
        cursor = self.db.cursor()
        cursor.row_factory = None
        return cursor.execute(text, values)


class SqliteJoined(JoinedRowStore):
    """The store inside a host's transaction, for the thread that made it."""

    must_end: bool = True

    def __init__(self, base: RowStore, file: File, mutex: Any, db: sqlite3.Connection) -> None:
        super().__init__(base)
        self._file = file
        self._mutex = mutex
        self._db = db
        self._host = HostConnection(db)
        self._rows = SerialSqlRows(self._host.execute, sqlite3.IntegrityError)
        # Reading and searching want a connection, of which they use this much.
        self._reader = cast("sqlite3.Connection", self._host)
        self._searching = searching.able(self._reader)

    @override
    def in_transaction(self) -> bool:
        """See `HostTransaction.in_transaction`."""
        return self._db.in_transaction

    @override
    @contextmanager
    def transaction(self, write: bool) -> Generator[Rows]:
        """See `RowStore.transaction`: a savepoint of the host's transaction."""
        try:
            if not write:
                yield self._rows
                return
            if not self._db.in_transaction:
                raise CannotJoin(_NOT_BEGUN)
            self._host.execute("SAVEPOINT incidentkit")
            try:
                yield self._rows
            except BaseException:
                self._back()
                raise
            self._host.execute("RELEASE incidentkit")
        except FAULTS as error:
            self._file.fail(error)

    def _back(self) -> None:
        # Some failures (a full disk) end the whole transaction, and the savepoint with it.
        if self._db.in_transaction:
            self._host.execute("ROLLBACK TO incidentkit")
            self._host.execute("RELEASE incidentkit")

    @override
    def _check_filled(self, rows: Rows, kind: Kind) -> None:
        self._check_indexed(Stale(kind.spec.name, Lag.COLUMNS))

    def _check_indexed(self, what: Stale) -> None:
        if self._file.stale and self._file.behind(self._reader, what):
            raise IndexStale(what.kind, what.lag.value)

    @override
    def _judged(self, rows: Rows, batch: Batch) -> Committed:
        done = super()._judged(rows, batch)
        if self._searching and not done.replayed:
            for text in batch.texts:
                searching.write(self._host.execute, batch.tenant, text)
        return done

    @override
    def redact(self, tenant: TenantName, stream: str, seqs: Sequence[int]) -> int:
        """See `Store.redact`; the notes leave the index of texts with their entries."""

        def body(rows: Rows) -> int:
            if self._searching:
                searching.forget(self._host.execute, tenant, stream, {*seqs})
            return applying.redact(rows, tenant, stream, sorted({*seqs}))

        return self.run(True, body)

    def search(self, tenant: TenantName, query: TextQuery) -> TextPage | None:
        """See `SupportsSearch.search`."""
        at_least("limit", query.limit, 1)
        for each in query.among:
            check_filter(each.where, known(self._kinds, each.kind).column)
        if not self._searching:
            return None

        def body(_: Rows) -> TextPage:
            for each in query.among:
                self._check_indexed(Stale(each.kind, Lag.COLUMNS))
                self._check_indexed(Stale(each.kind, Lag.TEXTS))
            return searching.search(self._reader, self._file.sql, tenant, query)

        return self.run(False, body)

    @override
    def close(self) -> None:
        """Leave the host's transaction: others may write again. Twice is harmless."""
        if not self._closed:
            super().close()
            self._file.host = None
            self._mutex.release()


def join(base: RowStore, file: File, connection: object) -> SqliteJoined:
    """Take the file's turn for the host; see `SupportsJoin.joined`."""
    db = _checked(file, connection)
    begun = db.in_transaction
    if begun and not file.made:
        raise Retryable(f"{file.shown}: {_BEGUN}")
    writing = file.writing()
    if not writing.mutex.acquire(blocking=not begun):
        raise Retryable(f"{file.shown}: {_BEGUN}")
    try:
        joined = SqliteJoined(base, file, writing.mutex, db)
    except BaseException as error:
        writing.mutex.release()
        if isinstance(error, FAULTS):
            file.fail(error)
        raise
    file.host = get_ident()
    return joined


def _checked(file: File, connection: object) -> sqlite3.Connection:
    """The connection, if it is one to this very file that can be read as it must be."""
    path = file.settings.path
    if path is None:
        raise CannotJoin("a store in memory is on no connection of a host; open it on a file")
    if not isinstance(connection, sqlite3.Connection):
        what = type(connection).__name__
        raise CannotJoin(f"{file.shown} is joined by a sqlite3.Connection, not by {what}")
    if connection.text_factory is not str:
        raise CannotJoin("the connection gives texts as something else than str (text_factory)")
    try:
        found = HostConnection(connection).execute("PRAGMA database_list").fetchall()
    except sqlite3.Error as error:
        raise CannotJoin(f"the connection cannot be used here: {error}") from error
    main = next((row[2] for row in found if row[1] == "main"), "")
    if not main or not path.exists() or not path.samefile(main):
        shown = main or "a database in memory"
        raise CannotJoin(f"the connection is to {shown}, and the store is {file.shown}")
    return connection
