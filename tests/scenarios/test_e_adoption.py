"""Situation E: a ticket system with its own past and its own people takes the library in.

Told here: its history and its open tickets come in and wake nobody, under their own numbers; what
its own tickets did against the rules is kept and not refused; its people are names that mean
nothing; its directory may fail at night; what is private stays inside; a ticket and its incident
change in one transaction; and several workers on one SQLite file are told what to do.

`lines.py` says which work brings the rest: enrolment by and by, modes, and the way out again.
"""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from incidentkit import Contact, Desk, ManualTime, MessageKind, hookimpl, to_markdown
from incidentkit.desk.replaying import Imported, replay, reported
from incidentkit.errors import AnotherProcessWrites, TransitionNotAllowed
from tests.flows import world
from tests.stores.processes import environment

Open = Callable[..., Any]
MAPPING = """
name = "old-desk"
title = ["subject"]
unknown = [""]

[row]
case = "number"
at = "saved"
by = "clerk"
opened_at = "opened"

[read]
formats = ["%Y-%m-%d %H:%M"]
zone = "UTC"

[fields]
reporter = "customer"
assignee = "agent"

[status]
column = "state"

[status.words]
Open = "new"
Active = "in_progress"
Solved = "resolved"
Archived = "closed"

[priority]
column = "rank"
words = { one = "P1", three = "P3" }

[codes]
"""
LOG = """\
number,saved,clerk,opened,subject,customer,agent,state,rank
T-90,2026-01-04 08:10,u-1,2026-01-04 08:00,No mail,c-5,,Open,one
T-90,2026-01-04 08:30,u-2,2026-01-04 08:00,No mail,c-5,u-2,Active,one
T-91,2026-01-02 08:10,u-1,2026-01-02 08:00,Slow,c-6,u-1,Active,three
T-91,2026-01-02 09:00,u-1,2026-01-02 08:00,Slow,c-6,u-1,Archived,three
T-91,2026-01-03 09:00,u-1,2026-01-02 08:00,Slow,c-6,u-1,Active,three
"""
HOUSE: dict[str, Any] = {
    "lifecycle": {"reopen_closed": False},
    "notices": [
        {
            "name": "everybody hears of P1",
            "audience": "bosses",
            "on": ["declared"],
            "template": "$incident.ref",
        }
    ],
    "audiences": {"bosses": {"members": ["boss"]}},
}


@pytest.fixture
def sms() -> world.Pager:
    return world.pager()


@pytest.fixture
def adopted(url: str, sms: world.Pager) -> Iterator[Desk]:
    """A desk on whose store the past of the old system is brought in."""
    with Desk.open(url, time=ManualTime(), channels={"sms": sms}, policy=HOUSE) as desk:
        yield desk


def bring(desk: Desk, folder: Path) -> Imported:
    (folder / "log.csv").write_text(LOG, encoding="utf-8")
    (folder / "old.toml").write_text(MAPPING, encoding="utf-8")
    return replay(desk, folder / "log.csv", folder / "old.toml")


def test_a_past_and_what_is_open_come_in_and_wake_nobody(
    adopted: Desk, sms: world.Pager, tmp_path: Path
) -> None:
    did = bring(adopted, tmp_path)
    assert (did.rows, did.refused) == (5, 0)
    adopted.run_due()
    assert sms.messages == []
    assert adopted.deliveries("T-90") == ()
    ticket = adopted.incident("T-90")
    assert (ticket.status, ticket.priority, ticket.assignee) == ("in_progress", "P1", "u-2")
    clock = ticket.clock("resolve")
    assert clock is not None
    assert f"{clock.due_at:%Y-%m-%d %H:%M}" == "2026-01-04 12:00", "counted from its own opening"
    assert any("u-2" in line.text for line in adopted.timeline("T-90"))
    assert bring(adopted, tmp_path).entries == 0, "the same past twice is no news"
    assert adopted.verify().problems == ()


def test_a_move_that_our_rules_do_not_have_is_kept_with_its_reason(
    adopted: Desk, tmp_path: Path
) -> None:
    bring(adopted, tmp_path)
    with pytest.raises(TransitionNotAllowed):
        adopted.reopen("T-91", reason="ours")
    assert reported(adopted, "old-desk").moves_outside == {"Archived -> Active": 1}
    (entry,) = [x for x in adopted.journal("T-91") if x.kind == "imported"]
    assert entry.recorded is not None
    assert entry.recorded.reason is not None
    assert entry.recorded.reason.rule == "importing.move"


def test_the_hosts_number_is_the_reference_and_its_people_are_only_names(
    adopted: Desk, tmp_path: Path
) -> None:
    bring(adopted, tmp_path)
    assert adopted.incident("T-91").ref == "T-91"
    assert [x.ref for x in adopted.find(assignee="u-2").items] == ["T-90"]
    user = "3f8e2b1c-77aa-4a52-9d1e-000000000042"
    ticket = adopted.as_(user).note("T-90", "I have it now")
    assert f"{user} noted: I have it now" in adopted.timeline(ticket)[-1].text


class Staff:
    """The directory of the host, which is away at night."""

    name = "staff"

    def __init__(self) -> None:
        self.away = False

    def contacts(self, party: str) -> tuple[Contact, ...]:
        if self.away:
            raise ConnectionError("no answer at three in the morning")
        return (Contact("sms", f"+49 {party}"),)

    def revision(self) -> str:
        return "yesterday"


def test_with_its_directory_away_pages_go_where_people_were_last(open_desk: Open, url: str) -> None:
    staff, sms = Staff(), world.pager()
    desk = open_desk(url, time=ManualTime(), channels={"sms": sms}, directory=staff)
    desk.declare("No mail", assign="u-2", **world.URGENT)
    staff.away = True
    desk.declare("No phones", assign="u-2", **world.URGENT)
    desk.run_due()
    assert {(x.ref, x.to) for x in sms.messages} == {("INC-1", "+49 u-2"), ("INC-2", "+49 u-2")}
    assert "last good answer of the directory" in str(desk.explain("INC-2", "paging"))
    assert "last good answer" not in str(desk.explain("INC-1", "paging"))
    assert desk.faults


def test_what_is_private_stays_inside(open_desk: Open, url: str) -> None:
    tickets, mail = (
        world.pager("tickets", MessageKind.SYNC),
        world.pager("mail", MessageKind.NOTICE),
    )
    desk = open_desk(
        url,
        time=ManualTime(),
        channels={"tickets": tickets, "mail": mail},
        policy={**HOUSE, "sync": "tickets"},
    )
    inc = desk.report("No mail", reporter="c-5")
    desk.note(inc, "the customer has not paid since May", by="u-1")
    desk.resolve(inc, code="fixed", remedy="restarted", by="u-1")
    desk.run_due()
    assert tickets.messages, "its ticket hears that something happened"
    assert mail.messages, "and so does the customer"
    for message in (*tickets.messages, *mail.messages):
        assert "paid" not in message.text
    assert "paid" in to_markdown(desk.review(inc))
    assert "paid" not in to_markdown(desk.review(inc, public=True))


def test_what_is_refused_leaves_nothing_and_nobody_is_told_of_it(open_desk: Open, url: str) -> None:
    class Told:
        def __init__(self) -> None:
            self.kinds: list[str] = []

        @hookimpl
        def incidentkit_on_committed(self, change: Any) -> None:
            self.kinds += [kind for record in change.records for kind in record.events]

    told = Told()
    desk = open_desk(url, time=ManualTime(), plugins=[told])
    inc = desk.declare("No mail")
    told.kinds.clear()
    before = desk.journal(inc)
    with pytest.raises(TransitionNotAllowed):
        desk.reopen(inc, reason="never ended")
    assert (desk.journal(inc), told.kinds) == (before, [])
    desk.start(inc, by="u-1")
    assert "started" in told.kinds


def test_a_ticket_and_its_incident_change_in_one_transaction(tmp_path: Path) -> None:
    class Told:
        def __init__(self) -> None:
            self.kinds: list[str] = []

        @hookimpl
        def incidentkit_on_committed(self, change: Any) -> None:
            self.kinds += [kind for record in change.records for kind in record.events]

    told, paged = Told(), world.pager()
    path = tmp_path / "tickets.db"
    with (
        Desk.open(f"sqlite:///{path}", channels={"sms": paged}, plugins=[told]) as desk,
        closing(sqlite3.connect(path, isolation_level=None)) as host,
    ):
        host.execute("CREATE TABLE ticket (number TEXT, state TEXT)")
        for end in ("ROLLBACK", "COMMIT"):
            with desk.using(host) as joined:
                host.execute("BEGIN IMMEDIATE")
                host.execute("INSERT INTO ticket VALUES ('T-1', 'open')")
                inc = joined.declare("No mail", impact="high", urgency="high", assign="u-2")
                joined.start(inc, by="u-2")
                # Nobody hears of it, and no worker sees it, before the host has committed.
                assert told.kinds == []
                assert desk.count() == 0
                host.execute(end)
            joined.committed()
            if end == "ROLLBACK":
                assert told.kinds == []
                assert desk.count() == 0
                assert host.execute("SELECT count(*) FROM ticket").fetchone() == (0,)
                desk.run_due()
                assert world.said(paged) == []
        assert {"declared", "started"} <= set(told.kinds)
        assert desk.incident("INC-1").status == "in_progress"
        assert host.execute("SELECT * FROM ticket").fetchall() == [("T-1", "open")]
        desk.run_due()
        assert world.said(paged) == ["u-2"]
        assert desk.verify().problems == ()


WORKER = """
import sys
from incidentkit import Desk
from incidentkit.errors import AnotherProcessWrites
with Desk.open(sys.argv[1], channels={"sms": lambda message: None}) as desk:
    assert desk.incident("INC-1").title == "No mail"
    try:
        desk.note("INC-1", "from another worker")
    except AnotherProcessWrites as error:
        print(type(error).__name__, "|", error)
"""


def test_four_workers_on_one_sqlite_file_are_told_the_two_ways_out(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/tickets.db"
    with Desk.open(url, channels={"sms": lambda message: None}) as first:
        first.declare("No mail")
        before = first.journal("INC-1")
        workers = [
            subprocess.Popen(
                [sys.executable, "-W", "error", "-c", WORKER, url],
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                env=environment(),
            )
            for _ in range(3)
        ]
        for worker in workers:
            out, problem = worker.communicate(timeout=60)
            assert worker.returncode == 0, problem
            name, _, said = out.partition(" | ")
            assert name == AnotherProcessWrites.__name__
            assert "PostgreSQL" in said
            assert "?processes=many" in said
        assert first.journal("INC-1") == before
        first.note("INC-1", "whoever came first goes on")
