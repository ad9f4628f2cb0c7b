"""An audit at a million incidents reads what must still wake, and nothing that is over."""

from __future__ import annotations

import sqlite3
import time as clock
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from incidentkit import Desk, ManualTime
from incidentkit.ports.audit import Attended
from incidentkit.ports.query import Compare, OneOf, Op
from tests.flows import world
from tests.stores.for_desks import LASTING, fresh

LIMIT = 0.2
"""Seconds that an audit may take."""
COPIED = (
    "INSERT INTO {table} ({names}) WITH RECURSIVE n(k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM n "
    "WHERE k < {many}) SELECT {values} FROM {table}, n WHERE {which}"
)


class Database:
    """The tables of a store, by their own driver."""

    def __init__(self, url: str) -> None:
        self.db: Any
        if url.startswith("sqlite:///"):
            self.db, self._prefix = sqlite3.connect(url.removeprefix("sqlite:///")), ""
        else:
            self.db, self._prefix = pytest.importorskip("psycopg").connect(url), "ik_"

    def id_of(self, table: str) -> str:
        """The least id."""
        found = self.db.execute(f"SELECT id FROM {self._prefix}{table} ORDER BY id").fetchone()
        return str(found[0])

    def copied(self, table: str, many: int, which: str, **changed: str) -> None:
        """Many copies of one row, each with `k` in it."""
        table = self._prefix + table
        asked = self.db.execute(f"SELECT * FROM {table} LIMIT 0")
        names = [column[0] for column in asked.description]
        values = ", ".join(changed.get(name, f'"{name}"') for name in names)
        quoted = ", ".join(f'"{name}"' for name in names)
        self.db.execute(
            COPIED.format(table=table, names=quoted, values=values, many=many, which=which)
        )

    def dropped(self, task: str) -> None:
        """Lose a task."""
        self.db.execute(f"DELETE FROM {self._prefix}task WHERE id = '{task}'")
        self.db.commit()

    def close(self) -> None:
        """Keep what was written."""
        self.db.commit()
        if self._prefix:
            self.db.autocommit = True
            self.db.execute("VACUUM ANALYZE")
        self.db.close()


def filled(url: str, closed: int, active: int) -> Any:
    """A store with many incidents and deliveries that are over, and some with timers ahead."""
    # A server looks at its own clock, so the timers have to lie ahead of that.
    time = ManualTime(datetime.now(UTC).replace(microsecond=0))
    desk = Desk.open(url, time=time, channels={"sms": world.pager()})
    desk.declare("Over", assign="ana", **world.URGENT)
    desk.run_due()
    desk.resolve("INC-1", code="fixed", remedy="restart", by="ana")
    desk.close("INC-1", by="ana")
    desk.run_due()
    desk.declare("Open", assign="ana", **world.URGENT)
    desk.run_due()
    over, still = desk.incident("INC-1").id, desk.incident("INC-2").id
    desk.disconnect()
    here = Database(url)
    here.copied(
        "record_incident", closed, f"id = '{over}'", id="'c' || k", c_ref="'C-' || k",
        body=f"replace(body, '{over}', 'c' || k)",
    )  # fmt: skip
    sent = here.id_of("record_delivery")
    here.copied(
        "record_delivery", closed, f"id = '{sent}'", id="'c' || k",
        body=f"replace(body, '{sent}', 'c' || k)",
    )  # fmt: skip
    here.copied(
        "record_incident", active, f"id = '{still}'", id="'a' || k", c_ref="'A-' || k",
        body=f"replace(body, '{still}', 'a' || k)",
    )  # fmt: skip
    name = "'wake:incident/a' || k"
    here.copied(
        "task", active, f"id = 'wake:incident/{still}'", id=name, subject=name,
        body="'incident/a' || k",
    )  # fmt: skip
    here.close()
    return Desk.open(url, time=time, channels={"sms": world.pager()})


def test_what_is_over_is_not_read(tmp_path: Path) -> None:
    """The plan of each statement begins at an index of what must wake, or must be sent."""
    desk = filled(f"sqlite:///{tmp_path}/some.db", 2_000, 50)
    assert desk.audit().loose_ends == ()
    store = desk.ports.store
    plans: list[str] = []
    with store._file.view() as db:
        db.set_trace_callback(
            lambda text: plans.append(text) if text.startswith("SELECT r.id FROM") else None
        )
    for wanted in (
        Attended("incident", Compare("wakes_at", Op.GT, 0), "wake:incident/", "wakes_at"),
        Attended("delivery", OneOf("state", ("queued", "retrying")), "send:"),
    ):
        assert store.unattended("main", wanted) == ()
    assert len(plans) == 2
    with store._file.view() as db:
        db.set_trace_callback(None)
        for text, column in zip(plans, ("c_wakes_at", "c_state"), strict=True):
            plan = [row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {text}")]
            assert any(f"{column}" in line and "SEARCH r USING" in line for line in plan), plan
            assert not any(line.startswith("SCAN") for line in plan), plan
    desk.disconnect()


@pytest.mark.slow
@pytest.mark.timeout(1_800)
@pytest.mark.parametrize("store", LASTING)
def test_a_million_incidents_are_audited_in_a_fifth_of_a_second(store: str, tmp_path: Path) -> None:
    with fresh(store, tmp_path) as url:
        desk = filled(url, 1_000_000, 10_000)
        times: list[float] = []
        for _ in range(11):
            start = clock.perf_counter()
            audit = desk.audit()
            times.append(clock.perf_counter() - start)
            assert audit.loose_ends == ()
        print(f"median {median(times):.3f} s, longest {max(times):.3f} s")
        here = Database(url)
        here.dropped("wake:incident/a5")
        here.db.close()
        (loose,) = desk.audit().loose_ends
        assert loose.subject == "incident/a5"
        assert median(times) < LIMIT
        desk.disconnect()
