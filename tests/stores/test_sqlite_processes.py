"""One process writes, any process reads, and the right to write dies with its process."""

from __future__ import annotations

import gc
import os
import signal
import socket
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from incidentkit.errors import AnotherProcessWrites, StoreError, UnsafeSetting
from incidentkit.ports.query import Query
from incidentkit.ports.rows import Ref
from incidentkit.stores.sqlite import connections, locking, migrations
from incidentkit.stores.sqlite.store import SqliteStore
from tests.stores.factories import KINDS
from tests.stores.processes import heard, other, run
from tests.stores.shapes import MAIN, put, together, write
from tests.stores.test_sqlite_schema import at_number, number_of

HOLD = """
write(store, puts=(put("a"),))
say("writing")
sys.stdin.readline()
store.close()
"""
TRY = """
try:
    tries = len(store.journal(MAIN, "tried"))
    write(store, entries=(Entry("tried", tries + 1, 1, "k", None, None, "d", "h"),))
    say("wrote")
except AnotherProcessWrites as refusal:
    say(refusal.holder)
store.close()
"""
READ = """
say(store.count(MAIN, Query("incident")), store.load(MAIN, [Ref("incident", "a")])[0] is not None)
store.close()
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "incidents.db"


def opened(path: Path) -> SqliteStore:
    store = SqliteStore(path, synchronous="off")
    store.declare(KINDS)
    return store


def test_a_second_process_may_read_but_not_write(path: Path) -> None:
    store = opened(path)
    try:
        write(store, puts=(put("a"),))
        assert run(READ, path) == "1 True"
        assert run(TRY, path) == f"process {os.getpid()} on {socket.gethostname()}"
        assert run(READ, path) == "1 True"
    finally:
        store.close()
    assert run(TRY, path) == "wrote"


def test_the_refusal_names_the_holder_and_two_ways_out(path: Path) -> None:
    store = opened(path)
    try:
        with other(HOLD, path) as process:
            assert heard(process) == "writing"
            assert store.count(MAIN, Query("incident")) == 1
            calls: list[Callable[[], object]] = [
                lambda: write(store, puts=(put("b"),)),
                lambda: store.numbers(MAIN, "incident", 1),
                lambda: store.claim(None, 1, 1),
                lambda: store.purge(MAIN, 1),
            ]
            for call in calls:
                with pytest.raises(AnotherProcessWrites) as caught:
                    call()
                assert str(process.pid) in caught.value.holder
                assert socket.gethostname() in caught.value.holder
                assert "PostgreSQL" in str(caught.value)
            assert store.count(MAIN, Query("incident")) == 1
            print("done", file=process.stdin, flush=True)
            assert process.wait(20) == 0
        # The other one has let go: this store writes now, without being opened anew.
        write(store, puts=(put("b"),))
    finally:
        store.close()


def test_the_right_dies_with_its_process(path: Path) -> None:
    store = opened(path)
    try:
        with other(HOLD, path) as process:
            assert heard(process) == "writing"
            process.send_signal(signal.SIGKILL)
            process.wait(20)
        write(store, puts=(put("b"),))
        assert store.count(MAIN, Query("incident")) == 2
    finally:
        store.close()


def test_who_reads_an_older_file_does_not_keep_the_right(path: Path) -> None:
    """A writer killed while it made the file must find it free, though somebody has read it."""
    at_number(path, migrations.LATEST - 1)
    store = opened(path)
    try:
        assert store.count(MAIN, Query("incident")) == 0
        assert number_of(path) == migrations.LATEST
        assert run(TRY, path) == "wrote"
        assert run(READ, path) == "0 False"
        write(store, puts=(put("a"),))
        assert store.count(MAIN, Query("incident")) == 1
        assert run(TRY, path) == f"process {os.getpid()} on {socket.gethostname()}"
    finally:
        store.close()


def test_stores_of_one_process_share_the_right(path: Path) -> None:
    first, second = opened(path), opened(path)
    try:
        write(first, puts=(put("a"),))
        write(second, puts=(put("b"),))
        first.close()
        # Closing one must not lose the other's lock.
        gc.collect()
        assert run(TRY, path) == f"process {os.getpid()} on {socket.gethostname()}"
        third = opened(path)
        third.diagnose()
        third.close()
        assert run(TRY, path) == f"process {os.getpid()} on {socket.gethostname()}"
    finally:
        first.close()
        second.close()
    assert run(TRY, path) == "wrote"


def test_stores_of_one_process_write_at_the_same_time(path: Path) -> None:
    stores = [opened(path) for _ in range(3)]
    drawn: list[int] = []
    try:

        def work(number: int) -> None:
            for n in range(20):
                write(stores[number % 3], puts=(put(f"{number}/{n}"),))
                drawn.extend(stores[number % 3].numbers(MAIN, "x", 2))

        together(6, work)
        assert sorted(drawn) == list(range(1, 241))
        assert stores[0].count(MAIN, Query("incident")) == 120
    finally:
        for store in stores:
            store.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_forked_child_is_refused_and_may_read(path: Path) -> None:
    store = opened(path)
    try:
        write(store, puts=(put("a"),))
        read, written = os.pipe()
        child = os.fork()
        if child == 0:
            answer = "?"
            try:
                row = store.load(MAIN, [Ref("incident", "a")])[0]
                answer = f"{row is not None and row.version} "
                write(store, puts=(put("b"),))
                answer += "wrote"
            except AnotherProcessWrites as refusal:
                answer += refusal.holder
            except BaseException as failure:
                answer += repr(failure)
            finally:
                os.write(written, answer.encode())
                os._exit(0)
        os.waitpid(child, 0)
        os.close(written)
        with os.fdopen(read) as told:
            assert told.read() == f"1 process {os.getpid()} on {socket.gethostname()}"
        # The parent goes on as if there had been no child.
        write(store, puts=(put("b"),))
        assert run(TRY, path) == f"process {os.getpid()} on {socket.gethostname()}"
    finally:
        store.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_forked_child_keeps_its_own_memory_store() -> None:
    store = SqliteStore(":memory:")
    store.declare(KINDS)
    write(store, puts=(put("a"),))
    child = os.fork()
    if child == 0:
        code = 1
        try:
            write(store, puts=(put("b"),))
            code = 0 if store.count(MAIN, Query("incident")) == 2 else 2
        finally:
            os._exit(code)
    assert os.waitpid(child, 0)[1] == 0
    assert store.count(MAIN, Query("incident")) == 1
    store.close()


def test_a_lock_is_released_once(tmp_path: Path) -> None:
    file = tmp_path / "x-writer"
    first, second = locking.acquire(file, "x"), locking.acquire(file, "x")
    first.release()
    first.release()
    assert locking.holder(file) == f"this process ({os.getpid()})"
    second.release()
    assert locking.holder(file) is None
    assert locking.holder(tmp_path / "none") is None


def test_a_failed_opening_lets_go(path: Path) -> None:
    path.mkdir()
    store = opened(path)
    with pytest.raises(StoreError):
        write(store, puts=(put("a"),))
    store.close()
    assert locking.holder(path.with_name("incidents.db-writer")) is None


# --- many writing processes -----------------------------------------------------------------------


def test_many_processes_are_refused_where_they_could_do_damage(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 51, 2))
    with pytest.raises(UnsafeSetting) as caught:
        SqliteStore(path, processes="many")
    assert "3.51.3" in str(caught.value)
    assert "PostgreSQL" in str(caught.value)
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 36, 0))
    with pytest.raises(UnsafeSetting, match=r"3\.37"):
        SqliteStore(path)


def test_many_processes_write_where_they_may(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "wal_reset_risk", lambda version: False)
    store = SqliteStore(path, processes="many")
    store.declare(KINDS)
    try:
        assert run(TRY, path) == "wrote"
        write(store, puts=(put("a"),))
        assert run(READ, path) == "1 True"
    finally:
        store.close()
