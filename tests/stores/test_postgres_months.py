"""A journal in months whose worker may not make partitions: it is told in time, with what to do."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from incidentkit import Desk
from incidentkit.stores.postgres import partitions
from tests.stores.postgres_server import DATABASES

WORKER = f"ik_worker_{os.getpid()}"


def owned(url: str) -> Any:
    """A connection of the owner, to which any text is a statement."""
    return psycopg.connect(url, autocommit=True)


def months(desk: Desk) -> list[tuple[bool, str]]:
    return [(x.ok, x.message) for x in desk.diagnose() if x.subject == "months"]


def test_months_that_nobody_makes_are_told_with_the_statement() -> None:
    url = DATABASES.fresh()
    with Desk.open(f"{url}&partition=month") as owner:
        ((ok, told),) = months(owner)
        assert (ok, told[:27]) == (True, "there are partitions until ")
    given = conninfo_to_dict(url)
    place = "&".join(f"{x}={y}" for x, y in given.items() if x in ("host", "port"))
    worker = f"postgresql://{WORKER}@/{given['dbname']}?{place}"
    with owned(url) as db:
        last = partitions.existing(db.execute)[-1]
        for month in partitions.existing(db.execute)[1:]:
            db.execute(f"DROP TABLE {month.table}")
        db.execute(f"CREATE ROLE {WORKER} LOGIN")
        # It may make tables of its own in the schema, and still owns none of ours.
        for what in ("CREATE ON SCHEMA public", "ALL ON ALL TABLES IN SCHEMA public"):
            db.execute(f"GRANT {what} TO {WORKER}")
    try:
        with Desk.open(worker) as desk:
            desk.declare("Down")
            ((ok, told),) = months(desk)
        assert not ok
        assert told.startswith("the last partition ends on ")
        assert "as the owner of the tables run `incidentkit migrate --store URL`, or CREATE" in told
        with owned(url) as db:
            for statement in told.partition(", or ")[2].split("; "):
                db.execute(statement)
            assert partitions.existing(db.execute)[-1] == last
            assert partitions.diagnose(db.execute).ok
            late = datetime.now(UTC) + timedelta(days=300)
            assert "this month has no partition" in partitions.diagnose(db.execute, late).message
    finally:
        with owned(url) as db:
            for text in ("DROP OWNED BY", "DROP ROLE"):
                db.execute(f"{text} {WORKER}")
