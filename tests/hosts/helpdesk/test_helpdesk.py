"""A day at a real help desk is the same day with the library beside it, in whatever mode.

Each day runs in a process of its own, all at once: Django is configured once in a process. What is
compared is everything that anybody could see: pages, tickets, follow-ups, permissions and mails.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.stores.processes import environment

_ = pytest.importorskip("helpdesk")
ROOT = Path(__file__).parents[3]
HOWS = ("without", "looked_on", "acting", "degrees", "both", "both+together")
APART_AND_TOGETHER = ("", pytest.param("+together", marks=pytest.mark.slow))
"""Told after each commit, on a store of its own; or in one transaction, on the Django store."""


TOGETHER = pytest.param("degrees+together", marks=pytest.mark.slow)


class Days(dict[str, dict[str, Any]]):
    """What was seen of each day, and what the library did; a day begins when it is asked for."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder
        self.running: dict[str, subprocess.Popen[str]] = {}

    def begin(self, how: str) -> subprocess.Popen[str]:
        place = self.folder / how
        place.mkdir()
        process = self.running[how] = subprocess.Popen(
            [sys.executable, "-m", "tests.hosts.helpdesk.scenes", str(place), how],
            cwd=ROOT,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        return process

    def __missing__(self, how: str) -> dict[str, Any]:
        process = self.running.get(how) or self.begin(how)
        out, problem = process.communicate(timeout=240)
        assert process.returncode == 0, problem[-3_000:]
        day = self[how] = json.loads(out)
        return day


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory) -> Days:
    """The days of every day run at once."""
    found = Days(tmp_path_factory.mktemp("days"))
    for how in HOWS:
        found.begin(how)
    for how in HOWS:
        _ = found[how]
    return found


def rows(day: dict[str, Any], what: str) -> list[list[Any]]:
    return [x[1:] for x in day["seen"] if x[0] == what]


def test_what_the_help_desk_does_by_itself(days: dict[str, dict[str, Any]]) -> None:
    """Pinned here, because its package brings no tests: what the other days are held against."""
    day = days["without"]
    assert day["did"] == {"loaded": False}, "nothing of ours was imported"
    assert rows(day, "staff form") == [[302]] * 7
    assert rows(day, "public form") == [[302]]
    assert rows(day, "public form, closed queue") == [[200]], "the form comes back"
    assert rows(day, "mail") == [[9, "It is slow", 2], [5, "Printer 4 on fire", 4]]
    tickets = {x[0]: x[1:] for x in rows(day, "ticket")}
    assert tickets[1][:5] == ["Printer 0 on fire", 3, 1, False, "ana"]
    assert tickets[2][4] == "eve"
    assert tickets[4][1] == 5, "double"
    assert tickets[5][1] == 2, "a mail reopened what was closed"
    assert tickets[6][:3] == ["Six is on fire", 1, 1]
    assert tickets[9][-1] == "dora@example.net"
    told = rows(day, "follow-up")
    assert [5, "Ticket Re-Opened by E-Mail Received from carl@example.net"] in [x[:2] for x in told]
    assert [2, "Assigned to eve", "a note for us", False, "ana"] in told
    assert rows(day, "page") == [["ana", 200], ["bob", 302], ["eve", 200]], "by queue"
    assert rows(day, "stranger") == [[302]]
    sent = rows(day, "sent")
    assert [["eve@example.org"], "[it-2] Printer 1 on fire (Assigned To You)"] in sent
    assert not any("a note for us" in str(x) for x in sent)


@pytest.mark.parametrize("how", ["looked_on", "acting", "degrees", TOGETHER])
def test_it_is_the_same_day_with_the_library(days: dict[str, dict[str, Any]], how: str) -> None:
    assert days[how]["seen"] == days["without"]["seen"]


def test_looking_on_takes_some_and_sends_nothing(days: dict[str, dict[str, Any]]) -> None:
    did = days["looked_on"]["did"]
    assert 0 < len(did["incidents"]) < 9
    assert (did["pages"], did["synced"], did["faults"]) == ([], [], [])
    assert did["shadowed"] == did["report"]["pages"] > 0
    assert did["report"]["looked_on"] == len(did["incidents"])
    assert did["verified"]


def test_acting_pages_and_follows_every_move(days: dict[str, dict[str, Any]]) -> None:
    did = days["acting"]["did"]
    states = did["incidents"]
    assert len(states) == 9
    assert (states["it-1"], states["it-4"], states["it-5"]) == (
        "resolved",
        "cancelled",
        "in_progress",
    )
    paged = {ref for ref, _ in did["pages"]}
    assert paged == {"it-1", "it-4", "it-6", "it-7", "it-8", "it-9"}, "each P1 and P2, six later on"
    assert {to for _, to in did["pages"]} == {"eve@example.org"}
    assert did["synced"] == [], "all its fields are the help desk's"
    assert did["faults"] == []
    assert any("reopened it" in line for line in did["timeline"])


@pytest.mark.parametrize("plus", APART_AND_TOGETHER)
def test_by_degrees_and_back(days: dict[str, dict[str, Any]], plus: str) -> None:
    did = days[f"degrees{plus}"]["did"]
    assert len(did["tenth"]["incidents"]) < 5
    assert len(did["whole"]["incidents"]) == 9
    assert did["whole"]["pages"] == [], "what was there already wakes nobody"
    during, after, left = did["during"], did["after"], did["left"]
    assert during["incidents"]["it-1"] == "resolved"
    assert (did["gone"], after["active"], did["tasks"]) == (9, 0, 0)
    assert left["pages"] == during["pages"], "nothing was sent after that"
    assert left["incidents"] == during["incidents"], "and the records stay as they were"
    assert left["verified"]
    assert during["faults"] == left["faults"] == []


@pytest.mark.parametrize("plus", ["", "+together"])
def test_both_sides_change_a_ticket_and_neither_is_told_its_own_change(
    days: dict[str, dict[str, Any]], plus: str
) -> None:
    did = days[f"both{plus}"]["did"]
    assert did["synced"] == [["it-1", {"assignee": "ana"}]], "once, and it did not come back"
    assert did["ticket"] == [3, "ana"]
    assert did["resolved"]
    assert did["follow-ups"] == [["Assigned to ana", "assigned: it-1 is new, P1", False]]
    assert "paid" not in json.dumps(did["synced"])
    assert did["after rollback"] == 1, "a transaction that fails leaves no incident"
    # Before the commit there is an incident where both are one transaction, and only there.
    assert did["inside"] == (2 if plus else 1)
    assert did["in the end"] == [2, True]
