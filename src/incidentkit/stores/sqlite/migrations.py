"""The schema of the file, step by step; what a release once shipped is never edited.

Each step runs in a transaction of its own together with its line in `schema_migration`, so a
process killed anywhere leaves whole steps behind, and the next one goes on from there.
"""

from __future__ import annotations

import sqlite3

import attrs

from incidentkit.errors import SchemaTooNew


@attrs.frozen
class Migration:
    """One numbered step."""

    number: int
    name: str
    statements: tuple[str, ...]


MIGRATIONS = (
    Migration(
        1,
        "journal, keys and requests",
        (
            """CREATE TABLE journal (
                tenant TEXT NOT NULL, stream TEXT NOT NULL, seq INTEGER NOT NULL,
                at INTEGER NOT NULL, kind TEXT NOT NULL, body TEXT, salt TEXT,
                digest TEXT NOT NULL, hash TEXT NOT NULL,
                PRIMARY KEY (tenant, stream, seq)
            ) STRICT""",
            """CREATE TABLE key (
                tenant TEXT NOT NULL, space TEXT NOT NULL, key TEXT NOT NULL,
                owner TEXT NOT NULL,
                PRIMARY KEY (tenant, space, key)
            ) STRICT, WITHOUT ROWID""",
            """CREATE TABLE request (
                tenant TEXT NOT NULL, id TEXT NOT NULL, fingerprint TEXT NOT NULL,
                result TEXT NOT NULL, at INTEGER NOT NULL,
                PRIMARY KEY (tenant, id)
            ) STRICT, WITHOUT ROWID""",
            "CREATE INDEX request_at ON request (tenant, at, id)",
        ),
    ),
    Migration(
        2,
        "the task queue",
        (
            """CREATE TABLE task (
                tenant TEXT NOT NULL, id TEXT NOT NULL, queue TEXT NOT NULL,
                subject TEXT NOT NULL, ord INTEGER NOT NULL, priority INTEGER NOT NULL,
                due_at INTEGER NOT NULL, channel TEXT NOT NULL, body TEXT NOT NULL,
                state TEXT NOT NULL, next_at INTEGER NOT NULL, token TEXT NOT NULL,
                tries INTEGER NOT NULL, lapses INTEGER NOT NULL, why TEXT NOT NULL,
                PRIMARY KEY (tenant, id)
            ) STRICT, WITHOUT ROWID""",
            "CREATE INDEX task_subject ON task (tenant, subject, state, ord, id)",
            "CREATE INDEX task_time ON task (state, next_at, tenant, id)",
            "CREATE INDEX task_urgency ON task (state, tenant, priority, next_at, id)",
        ),
    ),
    Migration(
        3,
        "numbers, and where purged streams stood",
        (
            """CREATE TABLE counter (
                tenant TEXT NOT NULL, series TEXT NOT NULL, next INTEGER NOT NULL,
                PRIMARY KEY (tenant, series)
            ) STRICT, WITHOUT ROWID""",
            """CREATE TABLE purged (
                tenant TEXT NOT NULL, stream TEXT NOT NULL, seq INTEGER NOT NULL,
                PRIMARY KEY (tenant, stream)
            ) STRICT, WITHOUT ROWID""",
        ),
    ),
    Migration(
        4,
        "texts that are searched, and what waits to be indexed",
        (
            """CREATE TABLE searched (
                doc INTEGER NOT NULL PRIMARY KEY,
                tenant TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL,
                UNIQUE (tenant, kind, id)
            ) STRICT""",
            """CREATE TABLE indexing (
                kind TEXT NOT NULL, lag TEXT NOT NULL, done INTEGER NOT NULL,
                tenant TEXT NOT NULL, id TEXT NOT NULL,
                PRIMARY KEY (kind, lag)
            ) STRICT, WITHOUT ROWID""",
        ),
    ),
)
LATEST = MIGRATIONS[-1].number

_LEDGER = """CREATE TABLE IF NOT EXISTS schema_migration (
    number INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL, at INTEGER NOT NULL
) STRICT"""


def schema_number(db: sqlite3.Connection, shown: str) -> int:
    """The last step the file has seen; 0 for a new file. Newer than known is refused."""
    if not has_table(db, "schema_migration"):
        return 0
    found = db.execute("SELECT coalesce(max(number), 0) FROM schema_migration").fetchone()
    number = int(found[0])
    if number > LATEST:
        raise SchemaTooNew(
            f"{shown} has schema {number}, and this incidentkit knows {LATEST}: upgrade it"
        )
    return number


def has_table(db: sqlite3.Connection, name: str) -> bool:
    """Whether the file has such a table."""
    text = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"
    return db.execute(text, (name,)).fetchone() is not None


def migrate(db: sqlite3.Connection, shown: str, now: int) -> None:
    """Take the steps the file has not seen."""
    for step in MIGRATIONS:
        if step.number > schema_number(db, shown):
            take(db, step, shown, now)


def take(db: sqlite3.Connection, step: Migration, shown: str, now: int) -> None:
    """Take one step, unless another process has taken it meanwhile."""
    db.execute("BEGIN IMMEDIATE")
    try:
        if schema_number(db, shown) < step.number:
            db.execute(_LEDGER)
            for statement in step.statements:
                db.execute(statement)
            db.execute(
                "INSERT INTO schema_migration (number, name, at) VALUES (?, ?, ?)",
                (step.number, step.name, now),
            )
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise
