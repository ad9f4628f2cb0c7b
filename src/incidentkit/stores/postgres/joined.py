"""The PostgreSQL store inside a transaction on the host's own connection.

Each commit is a savepoint with several statements, on the shared code; the one statement of the
straight path is for autocommit. The transaction may begin before the block and end after it. The
database lets others write meanwhile: who comes to the same record waits for the host.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from threading import get_ident
from typing import Any, TypeVar, cast

import psycopg
import psycopg.adapt
from psycopg.pq import PipelineStatus, TransactionStatus
from psycopg.rows import tuple_row
from psycopg.types.bool import BoolLoader
from psycopg.types.numeric import IntLoader
from psycopg.types.string import TextLoader
from typing_extensions import override

from incidentkit.errors import CannotJoin
from incidentkit.ids import TaskId, TenantName
from incidentkit.ports.query import Page, Query
from incidentkit.ports.rows import (
    Batch,
    Committed,
    Entry,
    QueuedTask,
    Ref,
    Row,
    Scalar,
    Settle,
    TaskQuery,
)
from incidentkit.ports.search import TextPage, TextQuery
from incidentkit.stores.joined import JoinedRowStore
from incidentkit.stores.postgres import forgetting, migrations, sending
from incidentkit.stores.postgres.database import FAULTS, IDENTITY, Database
from incidentkit.stores.postgres.faults import SchemaChanged, translated
from incidentkit.stores.postgres.operations import Steps
from incidentkit.stores.postgres.rows import PgRows
from incidentkit.stores.postgres.waking import Waker
from incidentkit.stores.row_store import RowStore
from incidentkit.stores.rows import Collision, Rows

T = TypeVar("T")
_OPEN = (TransactionStatus.INTRANS, TransactionStatus.INERROR, TransactionStatus.ACTIVE)
_NOT_BEGUN = (
    "no transaction is open on the host's connection, so nothing would be rolled back with it: "
    "`with connection.transaction():`, or BEGIN, comes first"
)
_WRONG = {
    "25P02": "the host's transaction has failed before: roll it back and begin another",
    "25006": "the host's transaction only reads: begin one that may write",
}
_LOADERS = (
    ("int8", IntLoader), ("int4", IntLoader), ("text", TextLoader), ("bool", BoolLoader),
)  # fmt: skip


class PostgresJoined(JoinedRowStore):
    """The store inside a host's transaction; `execute` runs a statement on its connection."""

    def __init__(
        self,
        base: RowStore,
        database: Database,
        waker: Waker,
        db: psycopg.BaseConnection[Any],
        execute: Callable[..., Any],
        who: object,
    ) -> None:
        super().__init__(base)
        self._base = base
        self._database = database
        self._waker = waker
        self._db = db
        self._who = who
        self._execute = execute
        self._due: list[Batch] = []
        database.hosts.enter(who, self.in_transaction)

    @override
    def in_transaction(self) -> bool:
        """See `HostTransaction.in_transaction`."""
        return self._db.info.transaction_status in _OPEN

    @override
    @contextmanager
    def transaction(self, write: bool) -> Generator[Rows]:
        """See `RowStore.transaction`: a savepoint of the host's transaction."""
        alone = self._db.autocommit and not self.in_transaction()
        if alone and write:
            raise CannotJoin(_NOT_BEGUN)
        rows = PgRows(self._execute, locks=write)
        try:
            if alone:
                yield rows
                return
            self._execute("SAVEPOINT incidentkit")
            try:
                if write:
                    known = (migrations.LATEST, self._database.operations.epoch)
                    self._execute("SELECT ik_enter(%s, %s, NULL)", known)
                yield rows
            except BaseException:
                if not self._db.closed:
                    self._execute("ROLLBACK TO SAVEPOINT incidentkit")
                    self._execute("RELEASE SAVEPOINT incidentkit")
                raise
            self._execute("RELEASE SAVEPOINT incidentkit")
        except FAULTS as error:
            raise refused(self._database, error, self._db) from error

    # --- reading: the statements of the store ---------------------------------------------------

    def _asked(self, steps: Steps[T], write: bool = False) -> T:
        def body(_: Rows) -> T:
            try:
                asked = next(steps)
                while True:
                    asked = steps.send(self._execute(*asked).fetchall())
            except StopIteration as stop:
                result: T = stop.value
                return result

        return self.run(write, body)

    @override
    def now(self) -> int:
        """See `Store.now`: the server's time."""
        return self._asked(self._database.operations.now())

    @override
    def load(self, tenant: TenantName, refs: Sequence[Ref]) -> tuple[Row | None, ...]:
        """See `Store.load`."""
        return self._asked(self._database.operations.load(tenant, refs))

    @override
    def journal(
        self, tenant: TenantName, stream: str, after: int = 0, limit: int = 1000
    ) -> tuple[Entry, ...]:
        """See `Store.journal`."""
        return self._asked(self._database.operations.journal(tenant, stream, after, limit))

    @override
    def find(self, tenant: TenantName, query: Query) -> Page:
        """See `Store.find`."""
        return self._asked(self._database.operations.find(tenant, query))

    @override
    def count(self, tenant: TenantName, query: Query) -> int:
        """See `Store.count`."""
        return self._asked(self._database.operations.count(tenant, query))

    @override
    def tally(self, tenant: TenantName, query: Query, column: str) -> Mapping[Scalar, int]:
        """See `SupportsTally.tally`."""
        return self._asked(self._database.operations.tally(tenant, query, column))

    @override
    def owners(
        self, tenant: TenantName, space: str, values: Sequence[str]
    ) -> tuple[str | None, ...]:
        """See `Store.owners`."""
        return self._asked(self._database.operations.owners(tenant, space, values))

    @override
    def tasks(self, tenant: TenantName, query: TaskQuery) -> tuple[QueuedTask, ...]:
        """See `Store.tasks`."""
        return self._asked(self._database.operations.tasks(tenant, query))

    def search(self, tenant: TenantName, query: TextQuery) -> TextPage | None:
        """See `SupportsSearch.search`."""
        return self._asked(self._database.operations.search(tenant, query))

    # --- writing --------------------------------------------------------------------------------

    @override
    def _judged(self, rows: Rows, batch: Batch) -> Committed:
        done = self._base._judged(rows, batch)
        self._due.append(batch)
        return done

    @override
    def settle(self, tenant: TenantName, settles: Sequence[Settle]) -> tuple[bool, ...]:
        """See `Store.settle`."""
        return self._asked(self._database.operations.settle(tenant, settles), write=True)

    @override
    def extend(
        self, tenant: TenantName, tasks: Sequence[tuple[TaskId, str]], until: int
    ) -> tuple[bool, ...]:
        """See `Store.extend`."""
        steps = self._database.operations.extend(tenant, tasks, until)
        return self._asked(steps, write=True)

    @override
    def redact(self, tenant: TenantName, stream: str, seqs: Sequence[int]) -> int:
        """See `Store.redact`; the notes leave the index of texts with their entries."""
        return self.run(True, lambda rows: forgetting.redact(rows, tenant, stream, seqs))

    @override
    def close(self) -> None:
        """Leave the host's transaction; twice is harmless. Workers are woken if it has ended."""
        if self._closed:
            return
        super().close()
        self._database.hosts.leave(self._who, self.in_transaction)
        if not self.in_transaction():
            self._waker.committed(self._due)


def checked(db: psycopg.BaseConnection[Any]) -> None:
    """Raise CannotJoin where the connection cannot be used as it is."""
    if db.closed:
        raise CannotJoin("the host's connection was closed")
    if db.info.pipeline_status != PipelineStatus.OFF:
        raise CannotJoin("the host's connection is in pipeline mode: join it outside the pipeline")
    if db.info.encoding != "utf-8":
        raise CannotJoin(f"the host's connection has the encoding {db.info.encoding}, not UTF8")


def same(database: Database, found: tuple[Any, ...]) -> None:
    """Raise CannotJoin where a connection with this identity leads elsewhere."""
    shown = database.shown
    *place, standby = found
    if standby:
        raise CannotJoin(f"{shown}: the host's connection is to a standby, which only reads")
    if tuple(place) != database.identity():
        raise CannotJoin(
            f"{shown}: the host's connection is to another server, database or schema "
            "(search_path) than the store's"
        )


def refused(database: Database, error: Exception, db: psycopg.BaseConnection[Any]) -> Exception:
    """What to raise for an error of the driver on the host's connection."""
    state = getattr(error, "sqlstate", None)
    if state in _WRONG:
        return CannotJoin(_WRONG[state])
    found = translated(error, database.shown, db)
    if isinstance(found, SchemaChanged):
        # The next block finds out how.
        database.complete = False
        return Collision("the schema was changed meanwhile")
    return found


def plain(adapters: psycopg.adapt.AdaptersMap) -> None:
    """Send and read values as the store does, whatever the host has registered."""
    sending.adapt(adapters)
    for name, loader in _LOADERS:
        adapters.register_loader(name, loader)


def join(base: RowStore, database: Database, waker: Waker, connection: object) -> PostgresJoined:
    """See `SupportsJoin.joined`."""
    if not isinstance(connection, psycopg.Connection):
        what = type(connection).__name__
        raise CannotJoin(f"PostgreSQL is joined by a psycopg.Connection, not by {what}")
    db = cast("psycopg.Connection[Any]", connection)
    checked(db)
    database.ready()
    cursor: Any = psycopg.Cursor(db, row_factory=tuple_row)
    plain(cursor.adapters)

    def execute(text: str, values: Sequence[Any] = ()) -> Any:
        return cursor.execute(text, values or None)

    begins = db.info.transaction_status == TransactionStatus.IDLE
    try:
        found = execute(IDENTITY).fetchone()
        if begins and not db.autocommit:
            # The driver began one for this question; it is the host's to begin.
            db.rollback()
    except FAULTS as error:
        raise refused(database, error, db) from error
    same(database, found)
    return PostgresJoined(base, database, waker, db, execute, get_ident())
