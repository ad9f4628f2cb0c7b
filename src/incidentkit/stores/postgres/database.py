"""One database as a store holds it: migrated, with the tables of the declared kinds, and a pool.

Nothing is opened before it is needed. The first call migrates and makes what is missing; where
nothing is missing, only reading is done, so that the role of a worker need not own the tables.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from threading import RLock, get_ident
from typing import Any, NoReturn, TypeVar

import psycopg

from incidentkit.errors import NotMigrated, Retryable, StoreClosed
from incidentkit.ports.migration import Migrated
from incidentkit.stores.postgres import kinds, migrations, partitions, sending
from incidentkit.stores.postgres.connecting import connect
from incidentkit.stores.postgres.faults import SchemaChanged, translated
from incidentkit.stores.postgres.hosts import Hosts
from incidentkit.stores.postgres.operations import Operations, Steps
from incidentkit.stores.postgres.pool import Pool
from incidentkit.stores.postgres.settings import Settings

T = TypeVar("T")
FAULTS = (psycopg.Error, OverflowError, UnicodeEncodeError)
"""What the driver raises about a statement, its values or the connection."""
SNAPSHOT = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
"""What several reading statements that belong together begin with."""
IDENTITY = (
    "SELECT (SELECT system_identifier FROM pg_control_system()), "
    "(SELECT oid::bigint FROM pg_database WHERE datname = current_database()), "
    "to_regclass('ik_schema')::oid::bigint, pg_is_in_recovery()"
)
"""Which server, database and schema a connection leads to, and whether that only reads."""


class Database:
    """The database, its connections, and what is known of its tables."""

    def __init__(self, settings: Settings, operations: Operations) -> None:
        self.settings: Settings = settings
        self.shown: str = settings.shown
        self.operations: Operations = operations
        self.pool: Pool = Pool(settings)
        self._setup = RLock()
        self._made: set[str] = set()
        self.complete: bool = False
        self._closed = False
        self._migrates = True
        self.hosts: Hosts = Hosts(self.shown)
        self._identity: tuple[Any, ...] | None = None

    def check_open(self) -> None:
        """Raise StoreClosed after `close`."""
        if self._closed:
            raise StoreClosed(f"{self.shown} was closed; open a new store")

    def follow(self) -> None:
        """Make or look for the tables of kinds that were declared meanwhile, when next used."""
        self.operations.follow()
        self.complete = False

    def look_again(self) -> None:
        """Find out how the schema was changed by somebody else."""
        self.complete = False
        self._identity = None
        self.ready()

    def ready(self) -> None:
        """See that everything is in place. Raises SchemaTooNew where a newer release was here."""
        self.check_open()
        if self.complete:
            return
        with self._setup:
            try:
                with connect(self.settings, direct=True) as connection:
                    self._make(connection)
            except FAULTS as error:
                self.fail(error)
            self.complete = True

    def keep_schema(self) -> None:
        """See `SupportsMigration.keep_schema`."""
        self._migrates = False

    def migrate(self) -> Migrated:
        """See `SupportsMigration.migrate`."""
        self.check_open()
        with self._setup:
            try:
                with connect(self.settings, direct=True) as connection:
                    done = self._make(connection)
            except FAULTS as error:
                self.fail(error)
            self.complete = True
        return done

    def identity(self) -> tuple[Any, ...]:
        """The server, database and schema that the store's own connections lead to."""
        if self._identity is None:
            with self.connection() as connection:
                self._identity = tuple((connection.execute(IDENTITY).fetchone() or ())[:3])
        return self._identity

    def _make(self, connection: psycopg.Connection[Any]) -> Migrated:
        operations, execute = self.operations, connection.execute
        declared = tuple(operations.kinds.values())
        there = migrations.state(execute, self.settings)
        before, months = there.number, tuple[str, ...]()
        if before < migrations.LATEST:
            self._may_migrate(before)
            migrations.migrate(execute, self.settings)
        other = kinds.unlike(declared, kinds.standings(execute), self.shown)
        if other and not self._migrates:
            named = ", ".join(sorted(kind.spec.name for kind in other))
            raise NotMigrated(
                f"{self.shown}: its tables for {named} are missing or those of another release; "
                "`incidentkit migrate --store URL` brings it up to date",
                before,
            )
        if self._migrates:
            kinds.settle(execute, declared, self._made, self.shown)
        there = migrations.state(execute, self.settings)
        operations.epoch = there.epoch
        if self._migrates and there.partition == "month" and partitions.may_make(execute):
            months = partitions.make_ahead(execute)
        operations.stale = kinds.stale(execute)
        self._made.update(operations.kinds)
        changed = tuple(sorted(kind.spec.name for kind in other))
        return Migrated(before, there.number, changed, months)

    def _may_migrate(self, number: int) -> None:
        if self._migrates:
            return
        if number == 0:
            raise NotMigrated(
                f"{self.shown}: there is no incidentkit schema here; "
                "`incidentkit migrate --store URL` makes one"
            )
        raise NotMigrated(
            f"{self.shown} has schema {number}, and this incidentkit works on "
            f"{migrations.LATEST}; `incidentkit migrate --store URL` brings it up to date",
            number,
        )

    def fail(
        self, error: Exception, connection: psycopg.BaseConnection[Any] | None = None
    ) -> NoReturn:
        """Raise the contract's error for one of the driver's."""
        if self._closed:
            raise StoreClosed(f"{self.shown} was closed; open a new store") from error
        found = translated(error, self.shown, connection)
        if isinstance(found, Retryable) and connection is not None and connection.closed:
            self.pool.drop_idle()
        raise found from error

    @contextmanager
    def connection(self) -> Generator[psycopg.Connection[Any]]:
        """A connection for one call; what the driver raises is translated."""
        borrowed: psycopg.Connection[Any] | None = None
        try:
            with self.pool.borrow() as borrowed:
                yield borrowed
        except FAULTS as error:
            self.fail(error, borrowed)

    def call(
        self,
        make: Callable[..., Steps[T]],
        *args: Any,
        reads: bool = False,
        snapshot: bool = False,
    ) -> T:
        """Drive a call to its end.

        One that only reads is repeated once over a lost connection, one that met a changed schema
        once after looking again.
        """
        if not reads:
            self.hosts.check(get_ident())
        self.ready()
        again = True
        while True:
            try:
                with self.connection() as connection:
                    return driven(connection, make(*args), snapshot)
            except SchemaChanged:
                if not again:
                    raise Retryable(f"{self.shown}: its schema is being changed") from None
                self.look_again()
            except Retryable:
                if not (again and reads):
                    raise
            again = False

    @contextmanager
    def transaction(self, write: bool) -> Generator[psycopg.Connection[Any]]:
        """A transaction of several statements; a reading one sees one snapshot."""
        if write:
            self.hosts.check(get_ident())
        self.ready()
        with self.connection() as connection:
            connection.execute("BEGIN" if write else SNAPSHOT)
            try:
                if write:
                    known = (migrations.LATEST, self.operations.epoch)
                    connection.execute("SELECT ik_enter(%s, %s, NULL)", known)
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                roll_back(connection)
                raise

    def close(self) -> None:
        """Let go of everything; twice is harmless."""
        self._closed = True
        self.pool.close()


def driven(connection: psycopg.Connection[Any], steps: Steps[T], snapshot: bool) -> T:
    """Run the statements of a call."""
    try:
        asked: tuple[str, Sequence[Any]] = next(steps)
        if snapshot:
            connection.execute(SNAPSHOT)
        while True:
            cursor = sending.execute(connection, *asked)
            asked = steps.send(cursor.fetchall() if sending.answers(cursor) else [])
    except StopIteration as stop:
        result: T = stop.value
        return result
    finally:
        if snapshot:
            roll_back(connection)


def roll_back(connection: psycopg.Connection[Any]) -> None:
    """End what is open; the error that led here is the one to tell."""
    try:
        if connection.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
            connection.execute("ROLLBACK")
    except psycopg.Error:
        return
