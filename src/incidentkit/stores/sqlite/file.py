"""One SQLite file as a store holds it: when it is made, who may write, what is there to read.

Nothing is opened before it is needed. The first write takes the right to write, migrates the file
and makes the tables of the declared kinds; a read does none of that, and finds nothing in a file
that nobody has written.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from threading import RLock, get_ident
from types import TracebackType
from typing import Any, NoReturn

from incidentkit.errors import NotJoined, NotMigrated, Retryable, StoreClosed
from incidentkit.ports.migration import Migrated
from incidentkit.ports.search import Stale
from incidentkit.stores.sql_rows import SqlRows
from incidentkit.stores.sqlite import backing_up, filling, migrations, schema
from incidentkit.stores.sqlite.connections import Readers, Writer
from incidentkit.stores.sqlite.faults import translated
from incidentkit.stores.sqlite.grouped import Grouped
from incidentkit.stores.sqlite.remembered import Remembered
from incidentkit.stores.sqlite.schema import Standing
from incidentkit.stores.sqlite.settings import Settings
from incidentkit.stores.sqlite.statements import KindSql
from incidentkit.stores.sqlite.swift import Swift
from incidentkit.stores.tables import Kind

FAULTS = (sqlite3.Error, OverflowError, UnicodeEncodeError)
"""What the driver raises about a statement or its values."""


class SerialSqlRows(SqlRows):
    """Rows of SQLite, whose writing transactions run one after the other."""

    serial = True


class Writing:
    """The writer with all that is bound to its connection."""

    def __init__(self, writer: Writer, sql: Mapping[str, KindSql], remembered: Remembered) -> None:
        self.writer = writer
        self.db: sqlite3.Connection = writer.db
        self.mutex: Any = writer.mutex
        self.rows: SerialSqlRows = SerialSqlRows(writer.db.execute, sqlite3.IntegrityError)
        self.swift: Swift = Swift(writer.db, self.rows, sql, remembered)
        self.grouped: Grouped = Grouped(writer.db, sql, self.swift)


class File:
    """The file, its connections, and what is known of its tables.

    `seen` says that a look has found everything declared; `absent` names declared kinds that the
    file has no tables of yet, which read as empty; `stale` what of an older file waits to be
    indexed, as far as this process knows. `host` is the thread whose transaction has the turn.
    """

    def __init__(self, settings: Settings, now: Callable[[], int]) -> None:
        self.settings = settings
        self.shown: str = settings.shown
        self.kinds: dict[str, Kind] = {}
        self.sql: dict[str, KindSql] = {}
        self.remembered: Remembered = Remembered()
        self.absent: set[str] = set()
        self.seen: bool = False
        self.stale: frozenset[Stale] = frozenset()
        self.host: int | None = None
        self.readers = self._new_readers()
        self._now = now
        self._opened = now()
        self._closed = False
        self._pid = os.getpid()
        self._setup = RLock()
        self._writing: Writing | None = None
        self._complete = False
        self._migrated = False
        self._made: set[str] = set()
        self._migrates = True
        self._abandoned: list[object] = []

    def _new_readers(self) -> Readers | None:
        given = self.settings
        return None if given.path is None else Readers(given.path, given.cache, given.mmap)

    def declare(self, kinds: Mapping[str, Kind]) -> None:
        """Know these kinds; their tables are looked for, or made, when they are needed."""
        with self._setup:
            for name, kind in kinds.items():
                if name not in self.kinds:
                    self.kinds[name] = kind
                    self.sql[name] = KindSql(kind)
                    self._complete = self.seen = False

    def check_open(self) -> None:
        """Raise StoreClosed after `close`; begin anew in a forked child."""
        if self._closed:
            raise StoreClosed(f"{self.shown} was closed; open a new store")
        if self._pid != os.getpid():
            self._leave_to_parent()

    def _leave_to_parent(self) -> None:
        """In a forked child the connections stay with the parent; new ones are opened.

        They are kept, because closing them here could undo the parent's locks.
        """
        self._setup = RLock()
        self._pid = os.getpid()
        if self.settings.path is None:
            # Memory was copied with the process; only the mutex may be held by a lost thread.
            if self._writing is not None:
                self._writing.mutex = RLock()
            return
        self._abandoned += [self._writing, self.readers]
        self._writing = None
        self.readers = self._new_readers()
        self._complete = self.seen = self._migrated = False

    @property
    def made(self) -> bool:
        """Whether a write would find everything in place, and so open nothing."""
        return self._writing is not None and self._complete

    def keep_schema(self) -> None:
        """See `SupportsMigration.keep_schema`; a database in memory is made all the same."""
        self._migrates = self.settings.path is None

    def migrate(self) -> Migrated:
        """See `SupportsMigration.migrate`."""
        self.check_open()
        before, other = 0, tuple(sorted(self.kinds))
        path, readers = self.settings.path, self.readers
        if path is None:
            before, other = (migrations.LATEST, ()) if self.made else (before, other)
        elif readers is not None and path.exists():
            db = readers.borrow()
            try:
                before = migrations.schema_number(db, self.shown)
                standing = {x: schema.check(db, kind, self.shown) for x, kind in self.kinds.items()}
                other = tuple(sorted(x for x, y in standing.items() if y is not Standing.SAME))
            except FAULTS as error:
                self.fail(error)
            finally:
                readers.give_back(db)
        with self.writing().mutex:
            return Migrated(before, migrations.LATEST, other)

    def _may_migrate(self, number: int, other: Iterable[str]) -> None:
        """Raise NotMigrated where the file is not as it must be and may not be changed."""
        if self._migrates:
            return
        advice = "`incidentkit migrate --store URL`"
        if number == 0:
            problem = f": there is no incidentkit schema here; {advice} makes one"
        elif number < migrations.LATEST:
            there = f" has schema {number}, and this incidentkit works on {migrations.LATEST}"
            problem = f"{there}; {advice} brings it up to date"
        else:
            named = ", ".join(sorted(other))
            if not named:
                return
            problem = f": tables for {named} lack or are another release's; {advice} mends that"
        raise NotMigrated(f"{self.shown}{problem}", number)

    def writing(self) -> Writing:
        """The writer, with everything declared in place."""
        self.check_open()
        if self.host is not None and self.host == get_ident():
            raise NotJoined(self.shown)
        writing = self._writing
        if writing is not None and self._complete:
            return writing
        with self._setup:
            self.check_open()
            writing = self._writing
            if writing is None:
                if not self._migrates and not self.seen:
                    _ = self.look()
                self._made.clear()
                try:
                    writer = Writer(self.settings)
                except FAULTS as error:
                    self.fail(error)
                writing = self._writing = Writing(writer, self.sql, self.remembered)
            with writing.mutex:
                self._make(writing.db)
            self._complete = self.seen = True
            return writing

    def _make(self, db: sqlite3.Connection) -> None:
        try:
            if not self._migrated:
                migrations.migrate(db, self.shown, self._now())
                self._migrated = True
            if backing_up.marked(db):
                # Whatever this process decides is later than its opening of the file.
                backing_up.turn_on(db, self._opened)
            new = [kind for name, kind in self.kinds.items() if name not in self._made]
            found = {schema.check(db, kind, self.shown) for kind in new}
            if Standing.OTHER_COLUMNS in found:
                alone(db, self)
            if found != {Standing.SAME} or not filling.settled(db, new):
                db.execute("BEGIN IMMEDIATE")
                self._settle(db, new)
                db.execute("COMMIT")
                share(db, self)
            self._made.update(kind.spec.name for kind in new)
            self.absent = set()
            self.stale = filling.stale(db)
        except FAULTS as error:
            roll_back(db)
            self.fail(error)
        except BaseException:
            roll_back(db)
            raise

    def _settle(self, db: sqlite3.Connection, kinds: Sequence[Kind]) -> None:
        """Make the tables of these kinds what they should be; a transaction is open."""
        for kind in kinds:
            standing = schema.check(db, kind, self.shown)
            if standing is Standing.ABSENT:
                schema.create(db, kind)
            elif standing is Standing.OTHER_COLUMNS:
                schema.change(db, kind)
        filling.follow_texts(db, kinds)

    def look(self) -> bool:
        """Whether there is anything to read yet; nothing is written to find out."""
        path, readers = self.settings.path, self.readers
        if path is None or readers is None:
            self.writing()
            return True
        if not path.exists():
            self._may_migrate(0, ())
            return False
        db = readers.borrow()
        try:
            number = migrations.schema_number(db, self.shown)
            self._may_migrate(number, ())
            older = 0 < number < migrations.LATEST
            if number == migrations.LATEST:
                found = {
                    name: schema.check(db, kind, self.shown) for name, kind in self.kinds.items()
                }
                self.absent = {name for name, how in found.items() if how is Standing.ABSENT}
                older = Standing.OTHER_COLUMNS in found.values()
                self._may_migrate(
                    number, [x for x, how in found.items() if how is not Standing.SAME]
                )
                self.stale = filling.stale(db)
                self.seen = not self.absent and not older
        finally:
            readers.give_back(db)
        if older:
            self._lift()
        return number > 0

    def _lift(self) -> None:
        """Bring an older file up to date in order to read it, and give the right to write back.

        Who only reads must not shut out the process that writes, which may have been killed while
        it did just this and is being started again.
        """
        with self._setup:
            if self._writing is not None:
                self.writing()
                return
            self._made.clear()
            try:
                writer = Writer(self.settings)
            except FAULTS as error:
                self.fail(error)
            try:
                with writer.mutex:
                    self._make(writer.db)
            finally:
                writer.close()
            self.seen = True

    def behind(self, db: sqlite3.Connection, what: Stale) -> bool:
        """Whether this still waits to be indexed; somebody else may have done it meanwhile."""
        if what in self.stale:
            self.stale = filling.stale(db)
        return what in self.stale

    def view(self) -> View:
        """A connection to read from, for one `with`."""
        return View(self)

    def fail(self, error: Exception) -> NoReturn:
        """Raise the contract's error for one of the driver's."""
        if self._closed:
            raise StoreClosed(f"{self.shown} was closed; open a new store") from error
        raise translated(error, self.shown) from error

    def close(self) -> None:
        """Let go of everything; twice is harmless."""
        with self._setup:
            if self._closed:
                return
            self._closed = True
            # The writer last: whoever closes the last connection folds the log into the file.
            if self.readers is not None:
                self.readers.close()
            if self._writing is not None:
                self._writing.writer.close()


class View:
    """A connection to read from, borrowed for one call; None where there is nothing to read."""

    __slots__ = ("_db", "_file", "_readers", "_writing")

    def __init__(self, file: File) -> None:
        self._file = file
        self._db: sqlite3.Connection | None = None
        self._readers: Readers | None = None
        self._writing: Writing | None = None

    def __enter__(self) -> sqlite3.Connection | None:
        file = self._file
        file.check_open()
        try:
            if not file.seen and not file.look():
                return None
            self._readers = file.readers
            if self._readers is not None:
                self._db = self._readers.borrow()
                return self._db
        except FAULTS as error:
            file.fail(error)
        self._writing = writing = file.writing()
        writing.mutex.acquire()
        return writing.db

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._readers is not None and self._db is not None:
            self._readers.give_back(self._db)
        if self._writing is not None:
            self._writing.mutex.release()
        if isinstance(error, FAULTS):
            self._file.fail(error)


def alone(db: sqlite3.Connection, file: File) -> None:
    """Where several processes may write: see that no other one has the file open.

    One that runs an earlier release would go on writing rows without the new columns. A process
    that comes later finds the tables as they are now, and is refused if it does not know them.
    """
    if file.settings.path is None or file.settings.processes == "one":
        return
    if file.readers is not None:
        file.readers.close_idle()
    db.execute("PRAGMA locking_mode = exclusive")
    try:
        db.execute("PRAGMA journal_mode = delete")
    except sqlite3.OperationalError:
        share(db, file)
        raise Retryable(
            f"{file.shown} was written by an earlier incidentkit and needs other index columns, "
            "while another process has it open: stop all processes, then open it with one of them"
        ) from None


def share(db: sqlite3.Connection, file: File) -> None:
    """Let other processes at the file again."""
    if file.settings.path is not None and file.settings.processes != "one":
        db.execute("PRAGMA locking_mode = normal")
        db.execute("PRAGMA journal_mode = wal")
        db.execute("SELECT count(*) FROM sqlite_master").fetchone()


def roll_back(db: sqlite3.Connection) -> None:
    """End what is open; the error that led here is the one to tell."""
    try:
        if db.in_transaction:
            db.execute("ROLLBACK")
    except sqlite3.Error:
        return
