"""The SQLite store: the row store's contract with a straight path for what usually happens.

One process writes; every write of it, whoever calls, goes through one connection under one mutex.
Any process reads, without ever waiting for a writer. A file is made, migrated and given its tables
at the first write, so opening one to read changes nothing.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar, TypeAlias

import attrs
from typing_extensions import override

from incidentkit.errors import IndexStale
from incidentkit.ids import TenantName
from incidentkit.ports.audit import NO_QUEUE, Attended, QueueState
from incidentkit.ports.backup import BackedUp
from incidentkit.ports.join import Joined
from incidentkit.ports.migration import Migrated
from incidentkit.ports.query import Page, Query
from incidentkit.ports.rows import (
    Batch,
    Committed,
    Entry,
    KindSpec,
    Purged,
    Ref,
    Row,
    Scalar,
    Settle,
)
from incidentkit.ports.search import Lag, Reindexed, Stale, TextPage, TextQuery
from incidentkit.ports.store import Finding
from incidentkit.stores import applying
from incidentkit.stores.edge import at_least, check_columns, check_settles, known
from incidentkit.stores.filters import INT64_MAX, check_filter, check_int, check_query
from incidentkit.stores.memory_rows import MemoryRows
from incidentkit.stores.row_store import RowStore, microseconds
from incidentkit.stores.rows import Rows
from incidentkit.stores.sqlite import (
    backing_up,
    diagnosis,
    filling,
    reading,
    searching,
    watching,
)
from incidentkit.stores.sqlite import settings as options
from incidentkit.stores.sqlite.connections import check_version
from incidentkit.stores.sqlite.file import FAULTS, File, SerialSqlRows, Writing, roll_back
from incidentkit.stores.sqlite.reading import by_kind, load_many, load_one
from incidentkit.stores.tables import FIXED_TABLES, JOURNAL

_DRAW = (
    "INSERT INTO counter (tenant, series, next) VALUES (?, ?, 1 + ?) "
    "ON CONFLICT (tenant, series) DO UPDATE SET next = next + ? RETURNING next"
)
_FORGET = (
    "DELETE FROM request WHERE tenant = ? AND id IN "
    "(SELECT id FROM request WHERE tenant = ? AND at < ? ORDER BY at, id LIMIT ?)"
)
_FORGET_AT_ONCE = 5000
Write: TypeAlias = Callable[[Writing, Sequence[Batch]], list[Committed] | None]


class SqliteStore(RowStore):
    """The whole contract of `Store` in one SQLite file, or in memory (`:memory:`).

    Args:
        path: The file, made at the first write; its directory must exist.
        synchronous: `full` (a commit survives a power cut), `normal` or `off` (it may not).
        processes: `one` writing process, or `many` where the linked SQLite is safe for it.
        cache: MiB of pages that the writing connection keeps in memory.
        mmap: MiB of the file that reading connections map into memory; 0 maps nothing.
        now: Microseconds since 1970; tests give their own.

    Example:
        >>> from incidentkit.ids import MAIN_TENANT
        >>> store = SqliteStore(":memory:")
        >>> list(store.numbers(MAIN_TENANT, "incident", 2))
        [1, 2]
        >>> store.close()
    """

    lays_out: ClassVar[bool] = False

    def __init__(
        self,
        path: str | Path,
        *,
        synchronous: str = "full",
        processes: str = "one",
        cache: int = options.CACHE,
        mmap: int = 0,
        now: Callable[[], int] = microseconds,
    ) -> None:
        super().__init__(now=now)
        settings = options.settings(path, synchronous, processes, cache, mmap)
        check_version(processes)
        self._file = File(settings, now)

    @classmethod
    def from_url(cls, url: str, *, now: Callable[[], int] = microseconds) -> SqliteStore:
        """Open `sqlite:///path?synchronous=full|normal|off&processes=one|many&cache=MiB&mmap=MiB`."""
        given = options.from_url(url)
        path = options.MEMORY if given.path is None else given.path
        return cls(
            path,
            synchronous=given.synchronous,
            processes=given.processes,
            cache=given.cache,
            mmap=given.mmap,
            now=now,
        )

    @override
    def declare(self, kinds: Sequence[KindSpec]) -> None:
        """See `Store.declare`."""
        super().declare(kinds)
        self._file.declare(self._kinds)

    def migrate(self) -> Migrated:
        """See `SupportsMigration.migrate`."""
        return self._file.migrate()

    def keep_schema(self) -> None:
        """See `SupportsMigration.keep_schema`."""
        self._file.keep_schema()

    @override
    def check_open(self) -> None:
        """See `RowStore.check_open`."""
        self._file.check_open()

    @override
    @contextmanager
    def transaction(self, write: bool) -> Generator[Rows]:
        """See `RowStore.transaction`."""
        if not write:
            with self._file.view() as db:
                if db is None:
                    yield MemoryRows(FIXED_TABLES)
                    return
                db.execute("BEGIN")
                try:
                    yield SerialSqlRows(db.execute, ())
                finally:
                    db.execute("ROLLBACK")
            return
        writing = self._file.writing()
        with writing.mutex:
            try:
                writing.db.execute("BEGIN IMMEDIATE")
                yield writing.rows
                writing.db.execute("COMMIT")
            except FAULTS as error:
                roll_back(writing.db)
                self._file.fail(error)
            except BaseException:
                roll_back(writing.db)
                raise

    # --- reading --------------------------------------------------------------------------------

    @override
    def load(self, tenant: TenantName, refs: Sequence[Ref]) -> tuple[Row | None, ...]:
        """See `Store.load`."""
        if len(refs) == 1:
            return (self._load_one(tenant, refs[0]),)
        for ref in refs:
            known(self._kinds, ref.kind)
        with self._file.view() as db:
            if db is None:
                return (None,) * len(refs)
            there = [ref for ref in refs if ref.kind not in self._file.absent]
            found = load_many(db, by_kind(self._file.sql, there), tenant)
        return tuple([found.get((ref.kind, ref.id)) for ref in refs])

    def _load_one(self, tenant: TenantName, ref: Ref) -> Row | None:
        """The hottest read: what a view does, without one where nothing is special."""
        file = self._file
        file.check_open()
        known(self._kinds, ref.kind)
        kind, readers = file.sql[ref.kind], file.readers
        if readers is None or not file.seen:
            with file.view() as db:
                nothing = db is None or ref.kind in file.absent
                return None if db is None or nothing else load_one(db, kind, tenant, ref.id)
        try:
            db = readers.borrow()
            try:
                row = load_one(db, kind, tenant, ref.id)
            finally:
                readers.give_back(db)
        except FAULTS as error:
            file.fail(error)
        if row is not None and not file.stale:
            file.remembered.read((tenant, ref.kind, ref.id), row.version, row.columns)
        return row

    @override
    def journal(
        self, tenant: TenantName, stream: str, after: int = 0, limit: int = 1000
    ) -> tuple[Entry, ...]:
        """See `Store.journal`."""
        at_least("limit", limit, 1)
        check_int("after", after)
        with self._file.view() as db:
            return () if db is None else reading.journal(db, tenant, stream, after, limit)

    @override
    def find(self, tenant: TenantName, query: Query) -> Page:
        """See `Store.find`."""
        check_query(query, known(self._kinds, query.kind).column)
        with self._file.view() as db:
            if db is None or query.kind in self._file.absent:
                return Page((), None)
            self._check_indexed(db, Stale(query.kind, Lag.COLUMNS))
            return reading.find(db, self._file.sql[query.kind], tenant, query)

    @override
    def count(self, tenant: TenantName, query: Query) -> int:
        """See `Store.count`."""
        check_query(query, known(self._kinds, query.kind).column)
        with self._file.view() as db:
            if db is None or query.kind in self._file.absent:
                return 0
            self._check_indexed(db, Stale(query.kind, Lag.COLUMNS))
            return reading.count(db, self._file.sql[query.kind], tenant, query)

    @override
    def tally(self, tenant: TenantName, query: Query, column: str) -> Mapping[Scalar, int]:
        """See `SupportsTally.tally`."""
        kind = known(self._kinds, query.kind)
        check_query(query, kind.column)
        name = kind.column(column).name
        with self._file.view() as db:
            if db is None or query.kind in self._file.absent:
                return {}
            self._check_indexed(db, Stale(query.kind, Lag.COLUMNS))
            return reading.tally(db, self._file.sql[query.kind], tenant, query, name)

    @override
    def owners(
        self, tenant: TenantName, space: str, values: Sequence[str]
    ) -> tuple[str | None, ...]:
        """See `Store.owners`."""
        with self._file.view() as db:
            if db is None:
                return (None,) * len(values)
            return reading.owners(db, tenant, space, values)

    def _check_indexed(self, db: sqlite3.Connection, what: Stale) -> None:
        if self._file.stale and self._file.behind(db, what):
            raise IndexStale(what.kind, what.lag.value)

    def search(self, tenant: TenantName, query: TextQuery) -> TextPage | None:
        """See `SupportsSearch.search`. None where the linked SQLite has no FTS5."""
        at_least("limit", query.limit, 1)
        for each in query.among:
            check_filter(each.where, known(self._kinds, each.kind).column)
        with self._file.view() as db:
            if db is None:
                return TextPage((), None)
            if not searching.able(db):
                return None
            among = tuple([x for x in query.among if x.kind not in self._file.absent])
            for each in among:
                self._check_indexed(db, Stale(each.kind, Lag.COLUMNS))
                self._check_indexed(db, Stale(each.kind, Lag.TEXTS))
            if not among:
                return TextPage((), None)
            asked = attrs.evolve(query, among=among)
            return searching.search(db, self._file.sql, tenant, asked)

    # --- indexing what an earlier release wrote -------------------------------------------------

    @override
    def stale(self) -> Sequence[Stale]:
        """See `SupportsReindex.stale`. Texts that cannot be indexed here wait for others."""
        with self._file.view() as db:
            if db is None or not self._file.stale:
                return ()
            able = searching.able(db)
            self._file.stale = found = filling.stale(db)
        mine = (x for x in found if x.kind in self._kinds and (able or x.lag is Lag.COLUMNS))
        return tuple(sorted(mine, key=lambda each: (each.lag, each.kind)))

    @override
    def stale_rows(self, what: Stale, limit: int) -> Sequence[tuple[TenantName, Row]]:
        """See `SupportsReindex.stale_rows`."""
        at_least("limit", limit, 1)
        known(self._kinds, what.kind)
        with self._file.view() as db:
            return () if db is None else filling.rows(db, self._file.sql[what.kind], what, limit)

    @override
    def reindex(self, what: Stale, done: Sequence[Reindexed]) -> None:
        """See `SupportsReindex.reindex`."""
        kind = known(self._kinds, what.kind)
        for each in done:
            if what.lag is Lag.COLUMNS:
                check_columns(kind, Row(what.kind, each.id, 1, 1, "", each.columns, ""))

        def body(_: Rows) -> None:
            filling.write(self._file.writing().db, self._file.sql, what, done)

        self.run(True, body)
        if not done:
            self._file.stale -= {what}

    # --- writing --------------------------------------------------------------------------------

    @override
    def commit(self, batch: Batch) -> Committed:
        """See `Store.commit`."""
        done = self._straight((batch,), self._one_by_one)
        return super().commit(batch) if done is None else done[0]

    @override
    def commit_group(self, batches: Sequence[Batch]) -> tuple[Committed | Exception, ...]:
        """See `Store.commit_group`."""
        done: list[Committed] | None = None
        if len(batches) > 1:
            done = self._straight(batches, self._by_table)
        if done is None:
            done = self._straight(batches, self._one_by_one)
        return super().commit_group(batches) if done is None else tuple(done)

    def _straight(self, batches: Sequence[Batch], write: Write) -> list[Committed] | None:
        """All batches in one transaction, or None and nothing at the first surprise."""
        file = self._file
        writing = file.writing()
        with writing.mutex:
            execute = writing.db.execute
            file.remembered.forget()
            try:
                execute("BEGIN IMMEDIATE")
                answers = write(writing, batches)
                if answers is None:
                    execute("ROLLBACK")
                    return None
                execute("COMMIT")
                file.remembered.commit()
                return answers
            except FAULTS as error:
                roll_back(writing.db)
                file.fail(error)
            except BaseException:
                roll_back(writing.db)
                raise

    def _one_by_one(self, writing: Writing, batches: Sequence[Batch]) -> list[Committed] | None:
        commit, answers = writing.swift.commit, list[Committed]()
        for batch in batches:
            done = commit(batch, self._now() if batch.now is None else batch.now)
            if done is None:
                return None
            answers.append(done)
        return answers

    def _by_table(self, writing: Writing, batches: Sequence[Batch]) -> list[Committed] | None:
        if not writing.grouped.commit(batches):
            return None
        return [Committed(self._now() if x.now is None else x.now, None) for x in batches]

    @override
    def _judged(self, rows: Rows, batch: Batch) -> Committed:
        done = super()._judged(rows, batch)
        writing = self._file.writing()
        if writing.swift.searching and not done.replayed:
            for text in batch.texts:
                searching.write(writing.db.execute, batch.tenant, text)
        return done

    @override
    def redact(self, tenant: TenantName, stream: str, seqs: Sequence[int]) -> int:
        """See `Store.redact`; the notes leave the index of texts with their entries."""

        def body(rows: Rows) -> int:
            self._forget(tenant, stream, set(seqs))
            return applying.redact(rows, tenant, stream, sorted(set(seqs)))

        return self.run(True, body)

    def _forget(self, tenant: TenantName, stream: str, seqs: Collection[int]) -> None:
        writing = self._file.writing()
        if writing.swift.searching:
            searching.forget(writing.db.execute, tenant, stream, seqs)

    @override
    def settle(self, tenant: TenantName, settles: Sequence[Settle]) -> tuple[bool, ...]:
        """See `Store.settle`."""
        check_settles(settles)

        def body(_: Rows) -> tuple[bool, ...]:
            swift = self._file.writing().swift
            return tuple([swift.settle(tenant, each) for each in settles])

        return self.run(True, body)

    @override
    def numbers(self, tenant: TenantName, series: str, n: int) -> range:
        """See `Store.numbers`."""
        at_least("n", n, 1)
        writing = self._file.writing()
        with writing.mutex:
            try:
                # Fetched to the end, or the statement would not be committed.
                found = writing.writer.numbers.execute(_DRAW, (tenant, series, n, n)).fetchall()
            except FAULTS as error:
                self._file.fail(error)
        after = int(found[0][0])
        return range(after - n, after)

    @override
    def purge(self, tenant: TenantName, before: int, streams: Sequence[str] = ()) -> Purged:
        """See `Store.purge`."""
        check_int("before", before)
        requests, done = 0, _FORGET_AT_ONCE
        while done == _FORGET_AT_ONCE:
            with self.transaction(True):
                db = self._file.writing().db
                done = db.execute(_FORGET, (tenant, tenant, before, _FORGET_AT_ONCE)).rowcount
            requests += done
        entries = 0
        for stream in sorted({*streams}):

            def body(rows: Rows, stream: str = stream) -> int:
                gone = applying.forget_entries(rows, tenant, stream, before)
                left = rows.scan(JOURNAL, {"tenant": tenant, "stream": stream}, ("seq",), 1)
                until = left[0]["seq"] if left else INT64_MAX
                self._forget(tenant, stream, range(1, until))
                return gone

            entries += self.run(True, body)
        return Purged(requests, entries)

    def backup(self, path: str) -> BackedUp:
        """See `SupportsBackup.backup`."""
        with self._file.view() as db:
            return backing_up.backup(db, self._file.shown, path)

    def tenants(self) -> Sequence[TenantName]:
        """See `SupportsTenants.tenants`."""
        with self._file.view() as db:
            return () if db is None else watching.tenants(db)

    def unattended(self, tenant: TenantName, wanted: Attended) -> Sequence[str]:
        """See `SupportsAudit.unattended`."""
        kind = known(self._kinds, wanted.kind)
        check_filter(wanted.where, kind.column)
        with self._file.view() as db:
            if db is None or wanted.kind in self._file.absent:
                return ()
            self._check_indexed(db, Stale(wanted.kind, Lag.COLUMNS))
            return watching.unattended(db, self._file.sql[wanted.kind], tenant, wanted)

    def queued(self, tenant: TenantName, now: int) -> QueueState:
        """See `SupportsAudit.queued`."""
        with self._file.view() as db:
            return NO_QUEUE if db is None else watching.queued(db, tenant, now)

    def joined(self, connection: object) -> Joined:
        """See `SupportsJoin.joined`; the connection is a `sqlite3.Connection` to the same file."""
        from incidentkit.stores.sqlite.joined import join

        self.check_open()
        return join(self, self._file, connection)

    def diagnose(self) -> Sequence[Finding]:
        """See `SupportsDiagnosis.diagnose`."""
        with self._file.view() as db:
            found = diagnosis.diagnose(self._file.settings, db)
            if db is not None and self._file.stale:
                found += diagnosis.indexing(db, self._kinds, filling.stale(db))
            return found

    @override
    def close(self) -> None:
        """See `Store.close`."""
        super().close()
        self._file.close()
