"""The schema, step by step; what a release once shipped is never edited.

Each step is one transaction under one advisory lock, together with its line in `ik_migration`: a
process killed anywhere leaves whole steps behind, and the next one goes on from there. Everything
that writes shares that lock and then reads the number, in a function, where the newest commit is
seen. So a process of an earlier release that is still running writes nothing after a migration.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import attrs

from incidentkit.errors import SchemaTooNew, StoreError, UnsafeSetting
from incidentkit.stores.postgres import functions, turning
from incidentkit.stores.postgres.functions import MIGRATION_LOCK
from incidentkit.stores.postgres.settings import Settings

Execute = Callable[..., Any]


@attrs.frozen
class Migration:
    """One numbered step."""

    number: int
    name: str
    statements: tuple[str, ...]


_C = 'text COLLATE "C" NOT NULL'
_BUSY = (
    "fillfactor = 70, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 500, "
    "autovacuum_vacuum_cost_delay = 0"
)
_JOURNAL = f"""CREATE TABLE ik_journal (
    tenant {_C}, stream {_C}, seq bigint NOT NULL, at bigint NOT NULL, kind {_C},
    body text, salt text, digest text NOT NULL, hash text NOT NULL,
    PRIMARY KEY (tenant, stream, seq{{key}}),
    FOREIGN KEY (tenant, stream) REFERENCES ik_stream (tenant, stream)
){{partition}}"""

MIGRATIONS = (
    Migration(
        1,
        "journal, keys and requests",
        (
            f"""CREATE TABLE ik_stream (
                tenant {_C}, stream {_C}, seq bigint NOT NULL, PRIMARY KEY (tenant, stream)
            ) WITH (fillfactor = 80)""",
            "JOURNAL",
            f"""CREATE TABLE ik_key (
                tenant {_C}, space {_C}, key {_C}, owner text COLLATE "C" NOT NULL,
                PRIMARY KEY (tenant, space, key)
            )""",
            f"""CREATE TABLE ik_request (
                tenant {_C}, id {_C}, fingerprint text NOT NULL, result text NOT NULL,
                at bigint NOT NULL, PRIMARY KEY (tenant, id)
            )""",
            "CREATE INDEX ik_request_at ON ik_request (tenant, at, id)",
        ),
    ),
    Migration(
        2,
        "the task queue and its functions",
        (
            f"""CREATE TABLE ik_task (
                tenant {_C}, id {_C}, queue {_C}, subject {_C}, ord bigint NOT NULL,
                priority bigint NOT NULL, due_at bigint NOT NULL, channel {_C},
                body text NOT NULL, state {_C}, next_at bigint NOT NULL, token text NOT NULL,
                tries bigint NOT NULL, lapses bigint NOT NULL, why text NOT NULL,
                PRIMARY KEY (tenant, id),
                CHECK (state IN ('ready', 'blocked', 'leased', 'parked'))
            ) WITH ({_BUSY})""",
            # At most one task of a subject may be handed out: the database itself says so.
            """CREATE UNIQUE INDEX ik_task_head ON ik_task (tenant, subject)
                WHERE state IN ('ready', 'leased')""",
            """CREATE INDEX ik_task_blocked ON ik_task (tenant, subject, ord, id)
                WHERE state = 'blocked'""",
            """CREATE INDEX ik_task_ready ON ik_task (channel, next_at)
                WITH (deduplicate_items = off) WHERE state = 'ready'""",
            """CREATE INDEX ik_task_urgent ON ik_task (tenant, priority, channel, next_at, id)
                WHERE state = 'ready'""",
            "CREATE INDEX ik_task_leased ON ik_task (next_at, tenant, id) WHERE state = 'leased'",
            "CREATE INDEX ik_task_parked ON ik_task (tenant) WHERE state = 'parked'",
            *functions.ALL,
            *turning.ALL,
        ),
    ),
    Migration(
        3,
        "numbers",
        (
            f"""CREATE TABLE ik_counter (
                tenant {_C}, series {_C}, next bigint NOT NULL, PRIMARY KEY (tenant, series)
            ) WITH (fillfactor = 50)""",
        ),
    ),
    Migration(
        4,
        "kinds, texts that are searched, and what waits to be indexed",
        (
            f"""CREATE TABLE ik_kind (
                kind {_C} PRIMARY KEY, columns text NOT NULL, touchable boolean NOT NULL,
                shortlist text NOT NULL
            )""",
            f"""CREATE TABLE ik_text (
                doc bigint GENERATED ALWAYS AS IDENTITY, tenant {_C}, kind {_C}, id {_C},
                title text NOT NULL, keywords text NOT NULL, body text NOT NULL,
                notes text NOT NULL, card tsvector NOT NULL, said tsvector NOT NULL,
                words bigint NOT NULL, PRIMARY KEY (tenant, kind, id)
            ) WITH (fillfactor = 85)""",
            "CREATE INDEX ik_text_words ON ik_text USING gin (card, said)",
            f"""CREATE TABLE ik_indexing (
                kind {_C}, lag {_C}, done boolean NOT NULL, tenant {_C}, id {_C},
                PRIMARY KEY (kind, lag)
            )""",
        ),
    ),
)
LATEST = MIGRATIONS[-1].number

_FIND = "SELECT 1 FROM pg_class WHERE relname = 'ik_schema' AND pg_table_is_visible(oid)"
_LEDGER = (
    f"""CREATE TABLE IF NOT EXISTS ik_schema (
        one boolean PRIMARY KEY DEFAULT true CHECK (one), number bigint NOT NULL,
        epoch bigint NOT NULL, partition {_C}
    )""",
    f"""CREATE TABLE IF NOT EXISTS ik_migration (
        number bigint PRIMARY KEY, name {_C}, at timestamptz NOT NULL DEFAULT now()
    )""",
)


@attrs.frozen
class State:
    """Where a database stands; number 0 is a new one."""

    number: int
    epoch: int
    partition: str


def state(execute: Execute, settings: Settings) -> State:
    """Where the database stands. Raises SchemaTooNew, and UnsafeSetting for another partition."""
    # Not by to_regclass: what a session once did not find, it would not find after waiting either.
    if execute(_FIND).fetchone() is None:
        return State(0, 0, settings.partition)
    found = execute("SELECT number, epoch, partition FROM ik_schema").fetchone()
    if found is None:
        return State(0, 0, settings.partition)
    there = State(*found)
    if there.number > LATEST:
        raise SchemaTooNew(
            f"{settings.shown} has schema {there.number}, and this incidentkit knows {LATEST}: "
            "upgrade it"
        )
    if settings.partition not in (there.partition, "none"):
        raise UnsafeSetting(
            f"{settings.shown}: its journal was made with partition={there.partition}; that is "
            "chosen once: export and import into a new database"
        )
    return there


def migrate(execute: Execute, settings: Settings) -> State:
    """Take the steps the database has not seen; the connection is in autocommit."""
    there = state(execute, settings)
    if there.number == 0:
        encoding = execute("SHOW server_encoding").fetchone()[0]
        if encoding != "UTF8":
            raise StoreError(f"{settings.shown}: its encoding is {encoding}, and must be UTF8")
    for step in MIGRATIONS:
        if step.number > there.number:
            take(execute, step, settings)
    return state(execute, settings)


def statements_of(step: Migration, partition: str) -> Sequence[str]:
    """The statements of a step, with the journal as it was chosen."""
    journal = _JOURNAL.format(key="", partition=" WITH (fillfactor = 100)")
    if partition == "month":
        journal = _JOURNAL.format(key=", at", partition=" PARTITION BY RANGE (at)")
    made: list[str] = []
    for statement in step.statements:
        if statement != "JOURNAL":
            made.append(statement)
            continue
        made.append(journal)
        if partition == "month":
            made.append("CREATE TABLE ik_journal_other PARTITION OF ik_journal DEFAULT")
    return made


def take(execute: Execute, step: Migration, settings: Settings) -> None:
    """Take one step, unless another process has taken it meanwhile."""
    execute("BEGIN")
    try:
        execute(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")
        there = state(execute, settings)
        if there.number < step.number:
            for statement in (*_LEDGER, *statements_of(step, there.partition)):
                execute(statement)
            execute("INSERT INTO ik_migration (number, name) VALUES (%s, %s)",
                    (step.number, step.name))  # fmt: skip
            execute(
                "INSERT INTO ik_schema (number, epoch, partition) VALUES (%s, 1, %s) "
                "ON CONFLICT (one) DO UPDATE SET number = excluded.number",
                (step.number, there.partition),
            )
        execute("COMMIT")
    except BaseException:
        execute("ROLLBACK")
        raise
