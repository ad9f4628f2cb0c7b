"""What a command costs does not grow with what is over: SQLite's own steps are counted.

Without statistics SQLite begins with any index that fits, and one whose value a million rows share
fits as well as one whose value five do. Time would tell only at a million; steps tell at once.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from incidentkit import Desk, ManualTime
from incidentkit.flows.kinds import ALERT
from incidentkit.stores.sqlite import connections
from tests.desk.test_auditing_many import Database
from tests.flows import world

FEW, MANY = 2_000, 10_000
GROWN = 1.5
"""How much a tree that is two levels deeper may cost."""
EVERY = 50
"""Steps after which SQLite says so."""


class Steps:
    """Counts the steps of every connection that is opened meanwhile."""

    def __init__(self) -> None:
        self.taken = 0

    def watched(self, connect: Callable[..., sqlite3.Connection]) -> Callable[..., Any]:
        """Connections that count."""

        def connected(*args: Any, **given: Any) -> sqlite3.Connection:
            db = connect(*args, **given)
            db.set_progress_handler(self._one, EVERY)
            return db

        return connected

    def _one(self) -> int:
        self.taken += EVERY
        return 0


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> Steps:
    found = Steps()
    monkeypatch.setattr(connections, "_connect", found.watched(connections._connect))
    return found


ROLES = {"responder": {"members": ["ana", "ben", "eve"], "may": ["*"]}}
POLICIES: dict[str, dict[str, Any]] = {
    "open": {},
    "access": {"access": {"on": True, "everybody": "", "roles": ROLES}},
}


def lived(url: str, policy: dict[str, Any]) -> Any:
    """A desk whose store saw two incidents with their pages and an alert, from end to end."""
    time = ManualTime()
    desk = Desk.open(url, policy=policy, time=time, channels={"sms": world.pager()}).as_("ana")
    desk.receive("alertmanager", world.payload(world.alert("old")))
    desk.run_due()
    desk.acknowledge("INC-1", by="ana")
    desk.assign("INC-1", "ana", by="ana")
    desk.run_due()
    desk.receive("alertmanager", world.payload(world.cleared("old")))
    desk.resolve("INC-1", code="fixed", remedy="restart", by="ana")
    desk.close("INC-1", by="ana")
    desk.declare("Old", by="ben", assign="ana", service="checkout", **world.URGENT)
    desk.run_due()
    desk.resolve("INC-2", code="fixed", remedy="restart", by="ana")
    desk.close("INC-2", by="ana")
    time.move(days=100)
    desk.run_due()
    return desk


def filled(url: str, many: int, policy: dict[str, Any]) -> Any:
    """The same, and so many copies of what is over."""
    desk = lived(url, policy)
    over, sent = desk.incident("INC-2").id, desk.deliveries("INC-2")[0].id
    (alert,) = world.records(desk, ALERT)
    here = Database(url)
    for name, like, changed in (
        ("incident", over, {"c_ref": "'C-' || k"}),
        ("delivery", sent, {"c_subject": "'incident/c' || k"}),
        ("alert", alert.id, {"c_incident": "'c' || k"}),
    ):
        body = f"replace(body, '{like}', 'c' || k)"
        changed.update(id="'c' || k", body=body)
        here.copied(f"record_{name}", many, f"id = '{like}'", **changed)
    here.close()
    return desk


DONE: dict[str, Callable[[Any], object]] = {
    "an alert": lambda desk: desk.receive("alertmanager", world.payload(world.alert("new"))),
    "its pages": lambda desk: desk.run_due(),
    "a repeat": lambda desk: desk.receive("alertmanager", world.payload(world.alert("new"))),
    "declare": lambda desk: desk.declare("Open", by="ben", assign="ana", **world.URGENT),
    "pages": lambda desk: desk.run_due(),
    "pages again": lambda desk: (desk.ports.time.move(hours=1), desk.run_due()),
    "acknowledge": lambda desk: desk.acknowledge("INC-4", by="ana"),
    "edit": lambda desk: desk.edit("INC-4", service="checkout", by="ana"),
    "prioritise": lambda desk: desk.prioritise("INC-4", impact="low", reason="less", by="ana"),
    "note": lambda desk: desk.note("INC-4", "seen before", by="ana"),
    "assign": lambda desk: desk.assign("INC-4", "ben", by="ana"),
    "hold": lambda desk: desk.hold("INC-4", reason="waits", court="vendor", by="ana"),
    "resume": lambda desk: desk.resume("INC-4", by="ana"),
    "an all-clear": lambda desk: desk.receive("alertmanager", world.payload(world.cleared("new"))),
    "resolve": lambda desk: desk.resolve("INC-4", code="fixed", remedy="restart", by="ana"),
    "reopen": lambda desk: desk.reopen("INC-4", reason="again", by="ana"),
    "the rest": lambda desk: desk.run_due(),
    "read": lambda desk: desk.incident("INC-4"),
    "its journal": lambda desk: desk.timeline("INC-4"),
    "its messages": lambda desk: desk.deliveries("INC-4"),
    "its drafts": lambda desk: desk.drafts("INC-4"),
    "the active ones": lambda desk: desk.find(active=True),
    "how many": lambda desk: desk.count(active=True),
    "an audit": lambda desk: desk.audit(),
    "metrics": lambda desk: desk.metrics(),
    "suggestions": lambda desk: desk.suggest("INC-4"),
    "a report": lambda desk: desk.report("It is slow", reporter="eve", service="checkout"),
    "parked": lambda desk: desk.parked(),
    "the active ones of a service": lambda desk: desk.find(active=True, service="checkout"),
    "one among the closed ones": lambda desk: desk.find(state="closed", ref="INC-1"),
    "what she did": lambda desk: desk.find(assignee="zoe"),
    "the last ones": lambda desk: desk.find(),
    "two of them": lambda desk: desk.find(ref=["INC-3", "INC-4"]),
    "an overview": lambda desk: desk.overview("ana"),
}


def costs(steps: Steps, path: Path, many: int, policy: dict[str, Any]) -> dict[str, int]:
    """The steps of each thing that is done beside so many copies of what is over."""
    desk = filled(f"sqlite:///{path}", many, policy)
    found: dict[str, int] = {}
    for name, do in DONE.items():
        before = steps.taken
        do(desk)
        found[name] = steps.taken - before
    desk.disconnect()
    return found


@pytest.mark.parametrize("policy", POLICIES)
def test_what_is_over_costs_nothing(policy: str, tmp_path: Path, steps: Steps) -> None:
    few = costs(steps, tmp_path / "few.db", FEW, POLICIES[policy])
    many = costs(steps, tmp_path / "many.db", MANY, POLICIES[policy])
    assert sum(few.values()) > 10_000
    assert {x: (few[x], many[x]) for x in DONE if many[x] > few[x] * GROWN + 20 * EVERY} == {}
