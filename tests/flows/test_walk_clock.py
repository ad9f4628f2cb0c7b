"""The third walk of the design: targets, and the clocks that run for them.

Guarded here: warned once, breached once, at the instant and not before; a hold pauses and moves the
due date; a timer that rings early, late, doubled or for nothing does no harm.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from incidentkit import ManualTime, rerun
from tests.flows import world
from tests.flows.world import URGENT

Open = Callable[..., Any]

POLICY = {
    "targets": {"resolve": {"within": {"P1": "4h"}}, "acknowledge": {"within": {}}},
    "paging": {"rounds": 1},
}

UNTIMED: dict[str, Any] = {"targets": {"resolve": {"within": {}}, "acknowledge": {"within": {}}}}


class Story:
    def __init__(self, open_desk: Open, url: str = "memory:") -> None:
        self.time = ManualTime()
        self.desk = open_desk(
            url, time=self.time, policy=POLICY, channels={"sms": lambda message: None}
        )
        self.began = self.time.now()
        self.desk.declare("Down", assign="ana", **URGENT)
        self.desk.run_due()

    def pass_(self, **by: float) -> Any:
        self.time.move(**by)
        return self.desk.run_due()

    def said(self, kind: str) -> int:
        return world.names(self.desk, "INC-1").count(kind)

    @property
    def clock(self) -> Any:
        return self.desk.incident("INC-1").clock("resolve")


def test_it_is_warned_once_and_breached_once(open_desk: Open, url: str) -> None:
    story = Story(open_desk, url)
    assert story.clock.due_at == story.began + timedelta(hours=4)
    assert story.pass_(hours=2, minutes=59) == story.began + timedelta(hours=3)
    assert (story.said("clock_warned"), story.clock.warned_at) == (0, None)
    assert story.pass_(minutes=1) == story.began + timedelta(hours=4)
    assert story.said("clock_warned") == 1
    story.pass_(minutes=30)
    assert story.said("clock_warned") == 1
    assert story.pass_(minutes=30) is None, "nothing is left to ring"
    assert (story.said("clock_breached"), story.clock.breached_at) == (1, story.time.now())
    story.pass_(days=3)
    assert (story.said("clock_warned"), story.said("clock_breached")) == (1, 1)


def test_a_worker_that_slept_finds_the_breach(open_desk: Open) -> None:
    story = Story(open_desk)
    story.pass_(days=2)
    assert story.said("clock_breached") == 1


def test_meeting_the_target_stops_the_clock(open_desk: Open, url: str) -> None:
    story = Story(open_desk, url)
    story.pass_(hours=1)
    story.desk.resolve("INC-1", code="fixed", remedy="restarted")
    assert (story.clock.state, story.clock.stopped_at) == ("stopped", story.time.now())
    assert story.pass_(days=1) is None
    assert story.said("clock_warned") + story.said("clock_breached") == 0


def test_what_was_met_too_late_was_breached_though_nobody_looked(open_desk: Open) -> None:
    story = Story(open_desk)
    story.time.move(hours=5)
    story.desk.resolve("INC-1", code="fixed", remedy="restarted")
    assert story.said("clock_breached") == 1


def test_a_hold_pauses_and_moves_the_due_date(open_desk: Open, url: str) -> None:
    story = Story(open_desk, url)
    story.pass_(hours=1)
    story.desk.hold("INC-1", reason="vendor", court="acme")
    assert (story.clock.state, story.clock.due_at) == ("paused", None)
    assert story.pass_(hours=10) is None
    assert story.said("clock_warned") == 0
    story.desk.resume("INC-1")
    assert story.clock.state == "running"
    assert story.clock.due_at == story.began + timedelta(hours=14)
    assert story.clock.history == (
        story.began + timedelta(hours=4),
        story.began + timedelta(hours=14),
    )
    story.pass_(hours=2)
    assert (story.said("clock_warned"), story.said("clock_breached")) == (1, 0)
    story.pass_(hours=1)
    assert story.said("clock_breached") == 1


def test_a_hold_begun_after_the_due_date_hides_no_breach(open_desk: Open) -> None:
    story = Story(open_desk)
    story.time.move(hours=5)
    story.desk.hold("INC-1", reason="vendor", court="acme")
    assert story.said("clock_breached") == 1


def test_another_priority_is_another_term(open_desk: Open) -> None:
    story = Story(open_desk)
    story.desk.prioritise("INC-1", impact="low", urgency="low")
    assert story.clock.state == "cancelled"
    assert story.pass_(days=1) is None
    assert story.said("clock_breached") == 0


def test_every_due_date_says_why(open_desk: Open) -> None:
    story = Story(open_desk)
    story.pass_(hours=1)
    story.desk.hold("INC-1", reason="vendor", court="acme")
    story.pass_(hours=1)
    story.desk.resume("INC-1")
    journal = story.desk.journal("INC-1")
    found = [reason for reason in world.reasons(journal) if reason.rule == "clocks.due_at"]
    assert [rerun(reason) for reason in found] == [reason.outcome for reason in found]
    assert found[-1].outcome == story.clock.due_at.isoformat()


def test_a_timer_rung_for_nothing_does_no_harm(open_desk: Open, url: str) -> None:
    story = Story(open_desk, url)
    before = story.desk.journal("INC-1")
    (timer,) = story.desk.tasks()
    for _ in range(3):
        story.desk.retry(timer.task.id)
        assert story.desk.run_due() == story.began + timedelta(hours=3)
    assert story.desk.journal("INC-1") == before


@pytest.mark.parametrize("command", ["prioritise", "accept"])
def test_a_ladder_that_is_not_wanted_any_more_ends(open_desk: Open, command: str) -> None:
    """Its next round was planned; when it is due it pages nobody, and plans nothing more."""
    time, sms = ManualTime(), world.pager()
    desk = open_desk("memory:", time=time, channels={"sms": sms}, policy=UNTIMED)
    desk.declare("Down", candidate=command == "accept", **URGENT)
    desk.run_due()
    if command == "accept":
        desk.accept("INC-1")
    desk.prioritise("INC-1", impact="low", urgency="low")
    time.move(minutes=5)
    later = desk.run_due()
    assert later is None or later > time.now()
    assert world.said(sms) == ["on-call"]
    assert world.names(desk, "INC-1").count("page_withheld") == 1
    time.move(days=30)
    desk.run_due()
    assert world.names(desk, "INC-1").count("page_withheld") == 1


# --- calls beside the ladder ----------------------------------------------------------------------


class Called:
    """An incident of ana's, acknowledged, with targets and the default calls."""

    def __init__(self, open_desk: Open, url: str = "memory:", **paging: Any) -> None:
        self.time, self.sms = ManualTime(), world.pager()
        policy = {**POLICY, "paging": {"rounds": 1, **paging}}
        self.desk = open_desk(url, time=self.time, policy=policy, channels={"sms": self.sms})
        self.desk.declare("Down", assign="ana", **URGENT)
        self.desk.run_due()
        self.desk.acknowledge("INC-1", by="ana")
        self.sms.clear()

    def heard(self) -> list[str]:
        self.desk.run_due()
        found = [f"{message.to}: {message.text}" for message in self.sms.messages]
        self.sms.clear()
        return found

    def pass_(self, **by: float) -> None:
        """Let time pass while ana stays at work."""
        self.time.move(**by)
        self.desk.note("INC-1", "still at it", by="ana")


def test_a_warning_and_a_breach_page_whoever_works_on_it(open_desk: Open, url: str) -> None:
    story = Called(open_desk, url)
    for _ in range(6):
        story.pass_(minutes=29)
    assert story.heard() == []
    story.pass_(minutes=6)
    (warned,) = story.heard()
    assert warned.startswith("ana: INC-1 P1: Down - resolve is due ")
    for _ in range(3):
        story.pass_(minutes=20)
    (breached,) = story.heard()
    assert breached.endswith(" and is missed")
    assert story.heard() == []


def test_a_call_is_one_page_and_no_round(open_desk: Open) -> None:
    story = Called(open_desk)
    for _ in range(9):
        story.pass_(minutes=20)
    story.heard()
    page = next(x for x in story.desk.deliveries("INC-1") if x.round == 0)
    assert page.state == "sent"
    assert story.desk.incident("INC-1").attention.round == 1
    journal = story.desk.journal("INC-1")
    (reason,) = [x for x in world.reasons(journal) if x.rule == "escalate.call"]
    assert reason.outcome == rerun(reason) == ("ana",)


def test_the_policy_says_what_calls(open_desk: Open) -> None:
    story = Called(open_desk, calls=["clock_breached"])
    for _ in range(9):
        story.pass_(minutes=20)
    assert story.heard() == []
    for _ in range(3):
        story.pass_(minutes=20)
    assert len(story.heard()) == 1


def test_a_fix_in_doubt_calls_where_a_refire_does_not_regress(open_desk: Open) -> None:
    time, sms = ManualTime(), world.pager()
    policy = {**UNTIMED, "lifecycle": {"refire_reopens": False}, "paging": {"rounds": 1}}
    desk = open_desk("memory:", time=time, policy=policy, channels={"sms": sms})
    desk.receive("alertmanager", world.payload(world.alert()))
    desk.assign("INC-1", "ana")
    desk.mitigate("INC-1", by="ana")
    desk.run_due()
    sms.clear()
    desk.receive("alertmanager", world.payload(world.alert("b")))
    desk.run_due()
    assert [m.text for m in sms.messages] == [
        "INC-1 P1: a is bad [checkout] - is the fix holding? b is bad"
    ]
    assert desk.incident("INC-1").status == "mitigated"
