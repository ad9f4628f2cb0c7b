"""Connections to one file: one that writes, one that draws numbers, and a pool that reads.

All writing of this process, checkpoints included, happens under one mutex, which all stores on the
same file share. Readers are borrowed, so there are as many as ever read at once, whatever the
number of threads.
"""

from __future__ import annotations

import sqlite3
from collections import deque
from pathlib import Path
from threading import RLock
from typing import Any
from urllib.parse import quote

from incidentkit.errors import StoreError, UnsafeSetting
from incidentkit.stores.sqlite import locking
from incidentkit.stores.sqlite.diagnosis import WAL_RESET_ADVICE, wal_reset_risk
from incidentkit.stores.sqlite.settings import Settings

BUSY_SECONDS = 5.0
READER_CACHE_KIB = 16 * 1024
IDLE_READERS = 16
OLDEST = (3, 37, 0)
_STATEMENTS = 512


def check_version(processes: str) -> None:
    """Refuse an SQLite that lacks what is used, or that may lose data when so used."""
    linked = sqlite3.sqlite_version_info
    if linked < OLDEST:
        raise UnsafeSetting(
            f"SQLite {sqlite3.sqlite_version} has no STRICT tables: 3.37.0 or newer is needed"
        )
    if processes == "many" and wal_reset_risk(linked):
        raise UnsafeSetting(
            f"processes=many is refused on SQLite {sqlite3.sqlite_version}: {WAL_RESET_ADVICE}"
        )


def _connect(
    target: str, uri: bool, synchronous: str, cache_kib: int, mapped: int = 0
) -> sqlite3.Connection:
    db = sqlite3.connect(
        target,
        timeout=BUSY_SECONDS,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=_STATEMENTS,
        uri=uri,
    )
    try:
        db.execute(f"PRAGMA synchronous = {synchronous}")
        db.execute(f"PRAGMA cache_size = -{cache_kib}")
        db.execute(f"PRAGMA mmap_size = {mapped}")
        db.execute("PRAGMA temp_store = memory")
    except BaseException:
        db.close()
        raise
    return db


def _uri(path: Path, mode: str) -> str:
    return f"file:{quote(str(path))}?mode={mode}"


def open_reader(
    path: Path, cache_kib: int = READER_CACHE_KIB, mapped: int = 0
) -> sqlite3.Connection:
    """A connection that cannot write and makes no file; so many bytes of it are mapped."""
    db = _connect(_uri(path, "rw"), True, "normal", min(cache_kib, READER_CACHE_KIB), mapped)
    try:
        db.execute("PRAGMA query_only = 1")
    except BaseException:
        db.close()
        raise
    return db


class Writer:
    """The connection that writes, its right to do so, and the connection that draws numbers."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock: locking.WriterLock | None = None
        self._numbers: sqlite3.Connection | None = None
        self.mutex: Any = RLock()
        lock_file = settings.writer_file
        if lock_file is not None and settings.processes == "one":
            self._lock = locking.acquire(lock_file, settings.shown)
            self.mutex = self._lock.mutex
        try:
            with self.mutex:
                self.db: sqlite3.Connection = self._open(settings.synchronous)
        except BaseException:
            if self._lock is not None:
                self._lock.release()
            raise

    def _open(self, synchronous: str) -> sqlite3.Connection:
        path, cache_kib = self._settings.path, self._settings.cache * 1024
        if path is None:
            return _connect(":memory:", False, synchronous, cache_kib)
        db = _connect(_uri(path, "rwc"), True, synchronous, cache_kib)
        try:
            mode = db.execute("PRAGMA journal_mode = wal").fetchone()[0]
            if mode != "wal":
                raise StoreError(
                    f"{path}: the write-ahead log cannot be used here (mode {mode!r}); is this a "
                    "network file system? Put the file on a local disk"
                )
            db.execute("PRAGMA wal_autocheckpoint = 8000")
        except BaseException:
            db.close()
            raise
        return db

    @property
    def numbers(self) -> sqlite3.Connection:
        """Where numbers are drawn: without waiting for the disk, yet never after their use.

        The frame that raised the counter lies in the log before any commit that uses the number,
        so whatever made that commit durable made the counter durable too.
        """
        if self._settings.path is None:
            return self.db
        if self._numbers is None:
            relaxed = "off" if self._settings.synchronous == "off" else "normal"
            self._numbers = self._open(relaxed)
        return self._numbers

    def close(self) -> None:
        """Close both connections, then let other processes write."""
        with self.mutex:
            if self._numbers is not None:
                self._numbers.close()
            self.db.close()
            if self._lock is not None:
                self._lock.release()


class Readers:
    """Idle reading connections."""

    def __init__(self, path: Path, cache: int, mmap: int) -> None:
        self._path = path
        self._cache_kib = cache * 1024
        self._mapped = mmap << 20
        self._idle: deque[sqlite3.Connection] = deque()
        self._closed = False

    def borrow(self) -> sqlite3.Connection:
        """An idle connection, or a new one."""
        try:
            return self._idle.pop()
        except IndexError:
            return open_reader(self._path, self._cache_kib, self._mapped)

    def give_back(self, db: sqlite3.Connection) -> None:
        """Keep the connection for the next reader, unless there are enough."""
        if len(self._idle) >= IDLE_READERS:
            db.close()
            return
        self._idle.append(db)
        if self._closed:
            self.close()

    def close_idle(self) -> None:
        """Close those that nobody reads with."""
        while self._idle:
            self._idle.pop().close()

    def close(self) -> None:
        """Close the idle ones; borrowed ones are closed when they come back."""
        self._closed = True
        while self._idle:
            try:
                db = self._idle.pop()
            except IndexError:
                return
            db.close()
