"""E54, E56: files of earlier releases through each migration, and a long time of work."""

from __future__ import annotations

import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from unittest import mock

from incidentkit.errors import SchemaTooNew
from incidentkit.ports.query import Query
from incidentkit.stores.sqlite import migrations
from incidentkit.stores.sqlite.store import SqliteStore
from tests.proof.experiment import Experiment, Findings, Outcome
from tests.proof.experiments.owned import of, ran
from tests.proof.nursery import Nursery
from tests.proof.places import POSTGRES, Place
from tests.stores.factories import KINDS
from tests.stores.shapes import MAIN, put, write
from tests.stores.test_sqlite_schema import at_number, number_of

SOME = 2
SCHEMAS = of(
    "tests/stores/test_postgres_schema.py",
    "many_processes_may_migrate_at_once",
    "a_migration_killed_at_every_statement_does_no_harm",
    "a_newer_schema_is_refused",
    "a_write_that_waits_for_a_migration_sees_it",
    "a_release_with_other_columns_fences_the_one_before",
)
"""On a server these tests say it; they are run and counted."""


def migrations_killed(n: int, place: Place, seed: int) -> Outcome:
    """Kill the migration of each earlier schema at n of its statements, or at each."""
    if place.name == POSTGRES:
        return ran(SCHEMAS, n > SOME)
    found = Findings()
    points = written = 0
    with Nursery() as nursery, tempfile.TemporaryDirectory() as folder:
        for number in range(migrations.LATEST):
            counting = Path(folder, f"{number}.db")
            at_number(counting, number)
            log = str(Path(folder, f"{number}.log"))
            worker = nursery.start("migrating", path=str(counting), log=log, at=0)
            found.expect(worker.wait() == 0, f"schema {number} does not migrate")
            statements = int(worker.lines()[0][1])
            for at in range(1, statements + 1, max(1, statements // n)):
                points += 1
                path = Path(folder, f"{number}-{at}.db")
                at_number(path, number)
                worker = nursery.start("migrating", path=str(path), log=f"{path}.log", at=at)
                where = f"schema {number}, statement {at}"
                found.expect(worker.wait() == 9, f"{where}: was not reached")
                written += after_the_kill(path, where, found)
    return found.outcome(points, schemas=migrations.LATEST, old_release_wrote=written)


def after_the_kill(path: Path, where: str, found: Findings) -> int:
    """Open it again: it goes on from where it was; the release before may not write then."""
    with closing(sqlite3.connect(path)) as db:
        said = db.execute("PRAGMA integrity_check").fetchone()
    found.expect(said == ("ok",), f"{where}: {said}")
    store = SqliteStore(path, synchronous="off")
    store.declare(KINDS)
    before = store.count(MAIN, Query("incident"))
    found.expect(before <= 1, f"{where}: {before} rows")
    if not before:
        _ = write(store, puts=(put("new"),))
    found.expect(store.count(MAIN, Query("incident")) == 1, f"{where}: it cannot be written")
    store.close()
    found.expect(number_of(path) == migrations.LATEST, f"{where}: it did not go on")
    with mock.patch.object(migrations, "LATEST", migrations.LATEST - 1):
        old = SqliteStore(path, synchronous="off")
        old.declare(KINDS)
        try:
            _ = write(old, puts=(put("old"),))
        except SchemaTooNew:
            return 0
        finally:
            old.close()
    found.problems.append(f"{where}: an earlier release wrote to it")
    return 1


# --- E56 ------------------------------------------------------------------------------------------

MOST_GROWTH_KIB = 24 * 1024
"""What is remembered of records and pages is bounded, and full after the first quarter."""


def soak(n: int, place: Place, seed: int) -> Outcome:
    """n operations in one process; what it holds after a quarter of them and at the end."""
    found = Findings()
    with Nursery() as nursery, tempfile.TemporaryDirectory() as folder:
        worker = nursery.start("soaking", url=place.url, log=str(Path(folder, "log")), count=n)
        status = worker.wait(timeout=120 + n / 20)
        found.expect(status == 0, f"the process ended with {status}")
        held = {words[1]: [float(word) for word in words[2:]] for words in worker.lines()}
    (threads, files, memory, p99) = held["early"]
    (threads_, files_, memory_, p99_) = held["end"]
    found.expect(threads_ == threads, f"threads rose from {threads:.0f} to {threads_:.0f}")
    found.expect(files_ <= files, f"open files rose from {files:.0f} to {files_:.0f}")
    growth = memory_ - memory
    found.expect(growth <= MOST_GROWTH_KIB, f"memory grew by {growth:.0f} KiB")
    return found.outcome(
        n,
        threads=int(threads_),
        open_files=int(files_),
        grew_kib=int(growth),
        p99_ms_first=round(1000 * p99, 2),
        p99_ms_last=round(1000 * p99_, 2),
    )


EXPERIMENTS = (
    Experiment(
        "E54",
        "each migration killed at each statement, and the release before at work beside it",
        "each step is whole and goes on; the earlier release writes 0 rows afterwards",
        migrations_killed,
        short=SOME,
        full=1_000,
        stores=("sqlite", POSTGRES),
    ),
    Experiment(
        "E56",
        "a long time of work in one process",
        "threads and open files stay, memory grows by no more than 24 MiB",
        soak,
        short=240,
        full=160_000,
        stores=("sqlite", "postgresql"),
    ),
)
