"""SQLite's own errors, and files that are none."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from incidentkit.errors import IncidentKitError, InvalidValue, Retryable, StoreError, StoreFull
from incidentkit.ports.query import Query
from incidentkit.ports.rows import Entry, KeyChange, Ref
from incidentkit.stores.rows import Collision
from incidentkit.stores.sqlite import connections
from incidentkit.stores.sqlite.faults import translated
from incidentkit.stores.sqlite.store import SqliteStore
from tests.stores.factories import KINDS, START
from tests.stores.shapes import MAIN, entry, put, write


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "incidents.db"


def opened(path: Path) -> SqliteStore:
    store = SqliteStore(path, synchronous="off")
    store.declare(KINDS)
    return store


def fault(name: str) -> sqlite3.OperationalError:
    """An error as SQLite would raise it; its text says nothing."""
    error = sqlite3.OperationalError("%$&")
    error.sqlite_errorname = name
    error.sqlite_errorcode = getattr(sqlite3, name)
    return error


@pytest.mark.parametrize(
    ("name", "kind", "word"),
    [
        ("SQLITE_BUSY", Retryable, "same request id"),
        ("SQLITE_BUSY_SNAPSHOT", Retryable, "same request id"),
        ("SQLITE_LOCKED", Retryable, "same request id"),
        ("SQLITE_LOCKED_SHAREDCACHE", Retryable, "same request id"),
        ("SQLITE_INTERRUPT", Retryable, "same request id"),
        ("SQLITE_FULL", StoreFull, "make room"),
        ("SQLITE_IOERR", StoreError, "disk"),
        ("SQLITE_IOERR_FSYNC", StoreError, "disk"),
        ("SQLITE_READONLY", StoreError, "permissions"),
        ("SQLITE_CANTOPEN", StoreError, "directory"),
        ("SQLITE_CORRUPT", StoreError, "backup"),
        ("SQLITE_CORRUPT_INDEX", StoreError, "backup"),
        ("SQLITE_NOTADB", StoreError, "backup"),
        ("SQLITE_TOOBIG", StoreError, "smaller"),
        ("SQLITE_MISUSE", StoreError, "doctor"),
        ("SQLITE_CONSTRAINT_PRIMARYKEY", Collision, "PRIMARYKEY"),
    ],
)
def test_errors_are_told_apart_by_code(name: str, kind: type[Exception], word: str) -> None:
    told = translated(fault(name), "/srv/i.db")
    assert type(told) is kind
    assert "/srv/i.db" in str(told)
    assert word in str(told)


@pytest.mark.parametrize("error", [OverflowError("x"), sqlite3.ProgrammingError("x")])
def test_what_the_driver_refuses_is_the_callers_value(error: Exception) -> None:
    assert isinstance(translated(error, "file"), InvalidValue)


class Broken:
    """A connection whose statements fail when they begin with a word."""

    def __init__(self, db: sqlite3.Connection, word: str, error: BaseException) -> None:
        self._db = db
        self._word = word
        self._error = error
        self.left = 1

    def execute(self, text: str, *values: Any) -> Any:
        if text.startswith(self._word) and self.left:
            self.left -= 1
            raise self._error
        return self._db.execute(text, *values)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._db, name)


@pytest.mark.parametrize("word", ["BEGIN", "COMMIT"])
def test_a_fault_in_a_commit_leaves_nothing(path: Path, word: str) -> None:
    store = opened(path)
    try:
        write(store, puts=(put("a"),))
        writer: Any = store._file.writing()
        broken: Any = Broken(writer.db, word, fault("SQLITE_BUSY"))
        writer.db = broken
        calls: list[Callable[[], object]] = [
            lambda: write(store, puts=(put("b"),)),
            lambda: store.claim(None, 1, 1),
        ]
        for call in calls:
            broken.left = 1
            with pytest.raises(Retryable):
                call()
            assert not writer.db.in_transaction
        assert store.count(MAIN, Query("incident")) == 1
        write(store, puts=(put("b"),))
        assert store.count(MAIN, Query("incident")) == 2
    finally:
        store.close()


def test_an_interrupt_in_a_commit_leaves_nothing(path: Path) -> None:
    store = opened(path)
    try:
        write(store, puts=(put("a"),))
        writer: Any = store._file.writing()
        writer.db = Broken(writer.db, "COMMIT", KeyboardInterrupt())
        with pytest.raises(KeyboardInterrupt):
            write(store, puts=(put("b"),))
        assert store.count(MAIN, Query("incident")) == 1
        write(store, puts=(put("b"),))
    finally:
        store.close()


def test_a_locked_file_is_retryable(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "BUSY_SECONDS", 0.05)
    store = opened(path)
    try:
        write(store, puts=(put("a"),))
        with closing(sqlite3.connect(path, isolation_level=None)) as stranger:
            stranger.execute("BEGIN IMMEDIATE")
            calls: list[Callable[[], object]] = [
                lambda: write(store, puts=(put("b"),)),
                lambda: store.numbers(MAIN, "x", 1),
                lambda: store.redact(MAIN, "incident/a", [1]),
            ]
            for call in calls:
                with pytest.raises(Retryable):
                    call()
            assert store.count(MAIN, Query("incident")) == 1
            stranger.execute("ROLLBACK")
        write(store, puts=(put("b"),))
    finally:
        store.close()


def test_a_file_that_is_no_database(path: Path) -> None:
    path.write_bytes(b"this is no database at all, but long enough to be looked at" * 50)
    store = opened(path)
    calls: list[Callable[[], object]] = [
        lambda: store.load(MAIN, [Ref("incident", "a")]),
        lambda: write(store, puts=(put("a"),)),
    ]
    for call in calls:
        with pytest.raises(StoreError, match="NOTADB"):
            call()
    store.close()


def test_a_directory_that_is_not_there(tmp_path: Path) -> None:
    store = opened(tmp_path / "none" / "incidents.db")
    assert store.count(MAIN, Query("incident")) == 0
    with pytest.raises(IncidentKitError):
        write(store, puts=(put("a"),))
    store.close()


def test_text_that_cannot_be_stored(path: Path) -> None:
    store = opened(path)
    bad = "\ud800"
    line = Entry("incident/a", 1, START, "k", bad, None, "d", "h")
    calls: list[Callable[[], object]] = [
        lambda: write(store, puts=(put("a", body=bad),)),
        lambda: write(store, entries=(line,)),
        lambda: write(store, keys=(KeyChange("ref", bad, None, "a"),)),
        lambda: store.load(MAIN, [Ref("incident", bad)]),
        lambda: store.owners(MAIN, "ref", [bad]),
        lambda: store.numbers(MAIN, bad, 1),
    ]
    write(store, entries=(entry("z", 1),))
    for call in calls:
        with pytest.raises((InvalidValue, IncidentKitError)):
            call()
    assert store.count(MAIN, Query("incident")) == 0
    write(store, puts=(put("a"),))
    store.close()


def test_closing_while_reading_closes_what_comes_back(path: Path) -> None:
    store = opened(path)
    write(store, puts=(put("a"),))
    readers = store._file.readers
    assert readers is not None
    db = readers.borrow()
    many = [readers.borrow() for _ in range(connections.IDLE_READERS + 3)]
    for each in many:
        readers.give_back(each)
    store.close()
    readers.give_back(db)
    for each in (db, *many):
        with pytest.raises(sqlite3.ProgrammingError):
            each.execute("SELECT 1")
