"""`migrate`, and that a command which only reads makes and changes nothing of a schema."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

from incidentkit import Desk
from incidentkit.errors import InvalidValue, NotMigrated
from incidentkit.ports.migration import SupportsMigration
from incidentkit.stores.sqlite.migrations import LATEST
from tests.stores.postgres_server import DATABASES

Cli = Callable[..., Any]
READING = (
    "doctor",
    "find",
    "overview",
    "verify",
    "audit",
    "parked",
    "held",
    "metrics",
    "timeline INC-1",
)
WRITING = ("work", "retry x", "audit --heal", "restored", "held --release-all")


def tables(url: str) -> int:
    with psycopg.connect(url) as db:
        ((count,),) = db.execute(
            "SELECT count(*) FROM pg_class WHERE relname LIKE 'ik%'"
        ).fetchall()
    return int(count)


def test_an_empty_database_is_looked_at_and_stays_empty(cli: Cli) -> None:
    url = DATABASES.fresh()
    for command in (*READING, *WRITING):
        done = cli(*command.split(), "--store", url)
        assert done.code == 3, command
        assert "there is no incidentkit schema here; `incidentkit migrate" in done.err
    assert tables(url) == 0
    made = cli("migrate", "--store", f"{url}&partition=month")
    assert made.code == 0
    assert ": schema 4 made, with 18 kinds of records\nmade: ik_journal_2" in made.out
    assert "nothing to do, schema 4 is up to date" in cli("migrate", "--store", url).out
    assert cli("find", "--store", url).code == 0
    with psycopg.connect(url, autocommit=True) as db:
        db.execute("UPDATE ik_schema SET number = 3")
    done = cli("find", "--store", url)
    assert (done.code, "has schema 3, and this incidentkit works on 4" in done.err) == (3, True)
    with psycopg.connect(url, autocommit=True) as db:
        db.execute("UPDATE ik_schema SET number = 4")
        db.execute("DROP TABLE ik_record_ticket")
        db.execute("DELETE FROM ik_kind WHERE kind = 'ticket'")
    done = cli("find", "--store", url)
    assert (done.code, "its tables for ticket are missing" in done.err) == (3, True)
    assert "tables made or changed for ticket" in cli("migrate", "--store", url).out
    assert cli("find", "--store", url).code == 0


def test_a_file_is_made_by_who_migrates_and_by_nobody_who_looks(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "incidents.db"
    for command in (*READING, *WRITING):
        assert cli(*command.split(), "--store", str(file)).code == 2
    assert list(tmp_path.iterdir()) == []
    file.touch()
    assert "there is no incidentkit schema here" in cli("find", "--store", str(file)).err
    assert file.stat().st_size == 0
    done = json.loads(cli("migrate", "--json", "--store", str(file)).out)
    assert (done["migrated"]["before"], done["migrated"]["after"]) == (0, LATEST)
    assert "nothing to do" in cli("migrate", "--store", str(file)).out
    db = sqlite3.connect(file)
    db.execute("DELETE FROM schema_migration WHERE number = ?", (LATEST,))
    db.commit()
    db.close()
    done = cli("find", "--store", str(file))
    assert (done.code, f"has schema {LATEST - 1}" in done.err) == (3, True)
    assert cli("migrate", "--store", "memory:").code == 2


def test_a_desk_may_leave_the_schema_alone(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/incidents.db"
    with Desk.open(url, migrate=False) as desk:
        assert isinstance(desk.ports.store, SupportsMigration)
        with pytest.raises(NotMigrated) as refused:
            desk.declare("Down")
        assert refused.value.number == 0
    assert list(tmp_path.iterdir()) == []
    with Desk.open(url) as desk:
        desk.declare("Down")
    with Desk.open(url, migrate=False) as desk:
        assert desk.declare("Down again").ref == "INC-2"
    with pytest.raises(InvalidValue, match="migrate: must be True or False"):
        Desk.open(url, migrate="no")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    with Desk.open("sqlite:///:memory:", migrate=False) as desk:
        store: Any = desk.ports.store
        assert store.migrate().before == 0
        assert not store.migrate().changed
