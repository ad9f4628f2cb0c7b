"""E6: the disk is full, at each of a hundred levels of filling."""

from __future__ import annotations

from typing import Any

from incidentkit.errors import StoreFull
from incidentkit.stores.sqlite.store import SqliteStore
from tests.proof import failpoints, jobs
from tests.proof.experiment import Experiment, Findings, Outcome
from tests.proof.places import Place

WRITES = 60


def full_disk(n: int, place: Place, seed: int) -> Outcome:
    """Let the file grow by so many pages and no more; then make room. SQLite sets the limit."""
    found = Findings()
    refused = acknowledged = 0
    for level in range(n):
        with place.fresh(f"level{level}") as here:
            store = SqliteStore.from_url(here.url)
            desk = jobs.opened("", store=failpoints.Failing(store))
            kept = [desk.declare("Before", request="first").ref]
            limited(store, level)
            full, text, write = False, "", 0
            for write in range(WRITES + 4 * level):
                try:
                    text = f"{write} " + "x" * 500
                    kept.append(desk.declare(text, request=f"r{write}", **jobs.URGENT).ref)
                except StoreFull as error:
                    full = True
                    found.expect("room" in str(error), f"level {level}: {error}")
                    break
                except Exception as error:
                    found.problems.append(f"level {level}: {type(error).__name__}: {error}")
                    break
            found.expect(full, f"level {level}: the disk never filled")
            refused += full
            there = desk.count()
            found.expect(there == len(kept), f"level {level}: {there} of {len(kept)} are there")
            limited(store, 2**30)
            again = desk.declare(text, request=f"r{write}", **jobs.URGENT)
            kept.append(again.ref)
            found.expect(len(set(kept)) == len(kept), f"level {level}: a reference came twice")
            found.expect(desk.count() == len(kept), f"level {level}: the first write after fails")
            found.expect(not desk.verify().problems, f"level {level}: the journal is broken")
            check = writing(store).execute("PRAGMA integrity_check").fetchone()
            found.expect(check == ("ok",), f"level {level}: {check}")
            acknowledged += len(kept)
            desk.disconnect()
    return found.outcome(n, refused=refused, acknowledged=acknowledged)


def writing(store: SqliteStore) -> Any:
    """The connection that writes; only SQLite itself can be told to run out of pages."""
    return store._file.writing().db


def limited(store: SqliteStore, pages: int) -> None:
    """Let the file grow by so many pages at most."""
    db = writing(store)
    (count,) = db.execute("PRAGMA page_count").fetchone()
    _ = db.execute(f"PRAGMA max_page_count = {min(count + pages, 2**31)}").fetchall()


EXPERIMENTS = (
    Experiment(
        "E6",
        "a full disk, at each level of filling",
        "a typed error, the change is rolled back, the first write after making room works",
        full_disk,
        short=6,
        full=100,
    ),
)
