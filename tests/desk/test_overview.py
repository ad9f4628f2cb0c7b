"""The overview: what stands on which list, how it is counted, and what it looks like."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from incidentkit import Assign, Desk, ManualTime
from incidentkit.errors import InvalidValue
from incidentkit.views import overview as view
from tests.desk.test_searching import Plainest, Web
from tests.flows.world import URGENT, alert, cleared, payload

Open = Callable[..., Any]

LISTS = {
    "mine": ["INC-1", "INC-4"],
    "team": ["INC-5"],
    "majors": [],
    "unacknowledged": ["INC-1", "INC-3", "INC-4", "INC-5"],
    "late_next": ["INC-1", "INC-3", "INC-5"],
    "unassigned": ["INC-3"],
    "unowned": ["INC-1", "INC-2", "INC-4", "INC-5"],
    "candidates": ["INC-7"],
    "quiet": ["INC-8"],
    "on_hold": ["INC-4"],
}


def told(desk: Any) -> Any:
    desk.declare("Checkout answers 502", assign="ana", **URGENT)
    desk.declare("Seen to", assign="bob")
    desk.acknowledge("INC-2", by="bob")
    desk.declare("Nobody's", owner="eve")
    desk.declare("Waits", assign="ana", impact="low", urgency="low")
    desk.hold("INC-4", reason="vendor", court="acme")
    desk.declare("The group's", assign="eve")
    desk.execute(Assign("INC-5", assignee="eve", team="dba"))
    desk.declare("Over")
    desk.resolve("INC-6", code="fixed", remedy="it was unplugged")
    desk.declare("Perhaps", candidate=True)
    desk.receive("alertmanager", payload(alert("a")))
    desk.accept("INC-8")
    desk.assign("INC-8", "eve", owner="eve")
    desk.receive("alertmanager", payload(cleared("a")))
    return desk


@pytest.fixture
def desk(open_desk: Open, url: str) -> Any:
    return told(open_desk(url, time=ManualTime()))


def lists(found: Any) -> dict[str, list[str]]:
    return {each.name: sorted(x.ref for x in each.items) for each in found.sections}


def test_every_incident_stands_where_it_belongs(desk: Any) -> None:
    found = desk.overview("ana", teams=["dba"])
    refs = lists(found)
    assert {name: refs[name] for name in LISTS if name != "late_next"} == {
        name: wanted for name, wanted in LISTS.items() if name != "late_next"
    }
    late = [x.ref for x in found.section("late_next").items]
    due = [
        min(x.due_at for x in desk.get(ref).clocks if x.due_at and x.state == "running")
        for ref in late
    ]
    assert due == sorted(due)
    assert set(LISTS["late_next"]) <= set(late)
    assert {each.count for each in found.sections if not each.items} == {0}
    assert dict(found.counted("priority").values) == {"P1": 2, "P3": 3, "P5": 1}
    assert dict(found.counted("court").values) == {"acme": 1}
    assert found.counted("state").get("on_hold") == 1
    assert found.active == 6
    assert found.section("mine").ids == tuple(x.id for x in found.section("mine").items)


def test_lists_are_bounded_and_say_how_many_there_are(desk: Any) -> None:
    found = desk.overview(limit=1)
    unowned = found.section("unowned")
    assert (unowned.count, len(unowned.items)) == (4, 1)
    assert unowned.items[0].ref == "INC-1"
    assert found.section("mine").count == 0
    assert "Without an owner (4, the first 1)" in str(found)
    with pytest.raises(InvalidValue, match="limit"):
        desk.overview(limit=0)


def test_a_group_may_be_asked_for_too(desk: Any) -> None:
    assert lists(desk.overview("dba"))["team"] == ["INC-5"]


def test_it_shows_what_one_may_see(open_desk: Open, url: str) -> None:
    desk = open_desk(url, authoriser=Web(), time=ManualTime())
    desk.declare("Seen", service="web")
    desk.declare("Hidden", service="vpn")
    assert lists(desk.as_("ana").overview())["unowned"] == ["INC-1"]
    assert desk.as_("nobody").overview().active == 0


def test_a_store_that_cannot_count_gives_the_same() -> None:
    with (
        told(Desk.open(store=Plainest(), time=ManualTime())) as plain,
        told(Desk.open(time=ManualTime())) as able,
    ):
        assert str(plain.overview("ana")) == str(able.overview("ana"))
        assert plain.overview().counts == able.overview().counts


def test_it_reads_well(desk: Any) -> None:
    desk.ports.time.move(hours=100)
    text = str(desk.overview("ana"))
    assert text.splitlines()[0].endswith("for ana  6 incidents not over: 2 P1, 3 P3, 1 P5")
    assert "Morning queue: cleared, nobody looked (1)" in text
    assert "  waiting for: acme 1" in text
    assert "late by" in text
    assert "new (candidate)" in text
    assert max(map(len, text.splitlines())) < 130


def test_many_courts_are_summed_up(desk: Any) -> None:
    for number in range(10):
        desk.declare("Waits")
        desk.hold(f"INC-{number + 9}", reason="vendor", court=f"vendor-{number}")
    found = desk.overview()
    assert found.counted("court").values[0] == ("acme", 1)
    assert view.courts(found).endswith("vendor-6 1, 3 others 3")


def test_nothing_going_on(open_desk: Open, url: str) -> None:
    found = open_desk(url, time=ManualTime()).overview()
    assert str(found).splitlines()[1:] == ["nothing is going on"]
    assert "0 incidents not over" in str(found)
