"""A writer killed at any moment: nothing acknowledged is lost, nothing is half there."""

from __future__ import annotations

import random
import signal
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from incidentkit.ports.query import Query
from incidentkit.ports.rows import Request, TaskQuery
from incidentkit.stores.sqlite.store import SqliteStore
from tests.stores.factories import KINDS
from tests.stores.processes import heard, other
from tests.stores.shapes import MAIN, write

# Each round writes one record, two entries, a key, a task and a request, and says so when it is
# acknowledged; every tenth round draws a number. A killed round is repeated by its request id.
WRITER = """
begin = int(sys.argv[2])
for n in range(begin, 10**9):
    name = f"r{n}"
    number = store.numbers(MAIN, "n", 1)[0] if n % 10 == 0 else 0
    store.commit(Batch(
        MAIN, request=Request(name, "f", str(number)), puts=(put(name),),
        entries=(entry(name, 1), entry(name, 2)), tasks=(task(name),),
        keys=(KeyChange("ref", name, None, name),),
    ))
    say(n, number)
"""


def kill_writers(path: Path, kills: int) -> None:
    chance = random.Random(kills)
    acknowledged, numbers = -1, [0]
    for _ in range(kills):
        with other(WRITER, path, str(acknowledged + 1)) as process:
            acknowledged = int(heard(process).split()[0])
            time.sleep(chance.uniform(0, 0.03))
            process.send_signal(signal.SIGKILL)
            assert process.stdout is not None
            for line in process.stdout.read().splitlines():
                if len(line.split()) == 2:
                    acknowledged, number = map(int, line.split())
                    if number:
                        assert number > numbers[-1], "a number was drawn twice"
                        numbers.append(number)
            process.wait(20)
        look(path, acknowledged)


def look(path: Path, acknowledged: int) -> None:
    store = SqliteStore(path)
    store.declare(KINDS)
    try:
        names = {row.id for row in store.find(MAIN, Query("incident", limit=10**6)).rows}
        assert {f"r{n}" for n in range(acknowledged + 1)} <= names
        # At most one more: made durable, and killed before it could say so.
        assert len(names) <= acknowledged + 2
        tasks = {str(each.task.id) for each in store.tasks(MAIN, TaskQuery(limit=10**6))}
        assert tasks == names
        listed = sorted(names)
        assert list(store.owners(MAIN, "ref", listed)) == listed
        for name in listed[-5:]:
            assert [line.seq for line in store.journal(MAIN, f"incident/{name}")] == [1, 2]
            assert write(store, request=Request(name, "f", "other")).replayed
    finally:
        store.close()
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_ten_killed_writers(tmp_path: Path) -> None:
    kill_writers(tmp_path / "incidents.db", 10)


@pytest.mark.crash
@pytest.mark.timeout(900)
def test_two_hundred_killed_writers(tmp_path: Path) -> None:
    kill_writers(tmp_path / "incidents.db", 200)
