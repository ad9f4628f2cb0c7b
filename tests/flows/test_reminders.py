"""A wait that nobody answers: reminders as far apart as the policy says, and then the end of it.

Guarded here: off unless the policy asks for it; an answer, or a hand on the incident, ends it; why
it was resolved can be decided again from the journal.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from incidentkit import ManualTime, rerun
from tests.flows import world
from tests.flows.world import alert, payload

Open = Callable[..., Any]
ASKING = {"remind_every": "1d", "reminders": 2, "then": "resolve", "code": "no_fault_found"}


def waiting(open_desk: Open, time: ManualTime, **terms: Any) -> tuple[Any, world.Pager]:
    mail = world.pager("mail")
    policy = {"holds": {"caller": terms}, "targets": {}}
    desk = open_desk("memory:", time=time, channels={"mail": mail}, policy=policy)
    desk.report("No mail", reporter="joe")
    desk.hold("INC-1", reason="caller", court="joe", by="ana")
    return desk, mail


def pass_days(desk: Any, time: ManualTime, days: int) -> None:
    for _ in range(days):
        time.move(days=1)
        desk.run_due()


def asked(mail: world.Pager) -> int:
    return sum("waits for your answer" in x.text for x in mail.messages)


def test_after_so_many_reminders_it_is_resolved(open_desk: Open) -> None:
    time = ManualTime()
    desk, mail = waiting(open_desk, time, **ASKING)
    pass_days(desk, time, 2)
    assert (asked(mail), desk.incident("INC-1").status) == (2, "on_hold")
    pass_days(desk, time, 1)
    inc = desk.incident("INC-1")
    assert (asked(mail), inc.status) == (2, "resolved")
    assert (inc.course.ending.code, inc.course.ending.remedy) == (
        "no_fault_found",
        "nobody answered",
    )
    reasons = [x for x in world.reasons(desk.journal("INC-1")) if x.rule == "waits.follow_up"]
    assert [x.outcome for x in reasons if x.outcome == "resolve"] == ["resolve"]
    assert all(rerun(x) == x.outcome for x in reasons)
    told = [x for x in mail.messages if "Did that help?" in x.text]
    assert len(told) == 1, "its reporter hears of the end"


def test_without_an_end_the_reminders_stop(open_desk: Open) -> None:
    time = ManualTime()
    desk, mail = waiting(open_desk, time, remind_every="1d", reminders=2)
    pass_days(desk, time, 5)
    assert (asked(mail), desk.incident("INC-1").status) == (2, "on_hold")
    assert desk.incident("INC-1").course.holds[-1].remind_at is None


def test_with_no_reminders_it_is_resolved_after_the_term(open_desk: Open) -> None:
    time = ManualTime()
    desk, mail = waiting(open_desk, time, **{**ASKING, "reminders": 0})
    pass_days(desk, time, 1)
    assert (asked(mail), desk.incident("INC-1").status) == (0, "resolved")


def test_it_is_off_by_default(open_desk: Open) -> None:
    time = ManualTime()
    desk, mail = waiting(open_desk, time)
    pass_days(desk, time, 30)
    assert (asked(mail), desk.incident("INC-1").status) == (0, "on_hold")


@pytest.mark.parametrize("how", ["answer", "resume"])
def test_an_answer_ends_the_reminding(open_desk: Open, how: str) -> None:
    time = ManualTime()
    desk, mail = waiting(open_desk, time, **ASKING)
    pass_days(desk, time, 1)
    if how == "answer":
        desk.report("Room 4", reporter="joe", incident="INC-1")
    else:
        desk.resume("INC-1", by="ana")
    pass_days(desk, time, 5)
    assert (asked(mail), desk.incident("INC-1").status) == (1, "new")
    desk.hold("INC-1", reason="caller", court="joe", by="ana")
    pass_days(desk, time, 1)
    assert asked(mail) == 2, "a new wait begins to count anew"


def test_what_has_open_ends_is_not_resolved_by_itself(open_desk: Open) -> None:
    time = ManualTime()
    policy = {"holds": {"caller": {**ASKING, "reminders": 0}}}
    desk = open_desk("memory:", time=time, policy=policy)
    desk.receive("alertmanager", payload(alert("a")))
    desk.hold("INC-1", reason="caller", court="joe", by="ana")
    pass_days(desk, time, 3)
    assert desk.incident("INC-1").status == "on_hold"
    told = [x.text for x in desk.timeline("INC-1") if "not resolved by itself" in x.text]
    assert len(told) == 1


def test_a_reopening_into_a_wait_is_reminded_as_well(open_desk: Open) -> None:
    time = ManualTime()
    desk, mail = waiting(open_desk, time, **ASKING)
    desk.resolve("INC-1", code="fixed", remedy="x")
    desk.reopen("INC-1", reason="no", hold_reason="caller", court="joe")
    pass_days(desk, time, 1)
    assert asked(mail) == 1


def test_without_a_channel_the_wait_goes_on_counting(open_desk: Open) -> None:
    time = ManualTime()
    policy = {"holds": {"caller": ASKING}}
    from incidentkit import MessageKind

    sms = world.pager("sms", MessageKind.PAGE)
    desk = open_desk("memory:", time=time, policy=policy, channels={"sms": sms})
    desk.declare("Down", reporter="joe")
    desk.hold("INC-1", reason="caller", court="joe", by="ana")
    pass_days(desk, time, 3)
    assert desk.incident("INC-1").status == "resolved"
