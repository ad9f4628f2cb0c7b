"""The first five minutes, as they stand in the design and in the README."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from incidentkit import ManualTime
from incidentkit.errors import MissingFields, TransitionNotAllowed

pytestmark = pytest.mark.short


def test_the_first_five_minutes(open_desk: Callable[..., Any], url: str) -> None:
    said: list[tuple[str, str]] = []

    def sms(message: Any) -> None:
        said.append((message.to, message.text))

    desk = open_desk(url, channels={"sms": sms})
    inc = desk.declare(
        "Checkout answers 502",
        service="checkout",
        impact="high",
        urgency="high",
        assign="ana",
        by="monitoring",
    )
    assert (inc.ref, inc.priority, inc.status) == ("INC-1", "P1", "new")
    assert f"{inc.ref} {inc.priority} {inc.status}" == "INC-1 P1 new"
    again = desk.run_due()
    assert said == [("ana", "INC-1 P1: Checkout answers 502 [checkout]")]
    assert again is not None
    desk.acknowledge(inc.ref, by="ana")
    desk.resolve(inc.ref, by="ana", code="fixed", remedy="rolled back 4.2.1")
    told = "\n".join(map(str, desk.timeline(inc.ref)))
    for words in ("monitoring declared INC-1", "ana is paged on sms", "ana acknowledged"):
        assert words in told
    assert "ana resolved it (fixed): rolled back 4.2.1" in told
    explained = str(desk.explain(inc.ref, "priority"))
    assert "impact high x urgency high = P1 (matrix 'default')" in explained


def test_the_assignee_is_paged_again_and_then_the_fallback(
    open_desk: Callable[..., Any], url: str
) -> None:
    time = ManualTime()
    said: list[Any] = []
    desk = open_desk(url, channels={"sms": said.append}, time=time)
    desk.declare("Down", impact="high", urgency="high", assign="ana")
    due = desk.run_due()
    assert [m.to for m in said] == ["ana"]
    assert due == time.now().replace(minute=5)
    time.move(minutes=5)
    desk.run_due()
    assert sorted(m.to for m in said) == ["ana", "ana", "on-call"]


def test_an_acknowledgement_is_a_lease_that_any_command_renews(
    open_desk: Callable[..., Any], url: str
) -> None:
    time = ManualTime()
    said: list[Any] = []
    desk = open_desk(url, channels={"sms": said.append}, time=time)
    inc = desk.declare("Down", impact="high", urgency="high", assign="ana")
    desk.run_due()
    desk.acknowledge(inc, by="ana")
    time.move(minutes=20)
    desk.note(inc, "looking at the pool", by="ana")
    time.move(minutes=20)
    desk.run_due()
    assert desk.incident(inc).life.response == "acknowledged"
    time.move(minutes=11)
    desk.run_due()
    assert desk.incident(inc).life.response == "lapsed"
    assert [m.to for m in said].count("ana") == 2


def test_a_request_id_makes_a_repeat_harmless(open_desk: Callable[..., Any], url: str) -> None:
    desk = open_desk(url)
    first = desk.declare("Down", request="r-1")
    second = desk.declare("Down", request="r-1")
    assert first.id == second.id
    assert desk.count() == 1


def test_what_is_refused_changes_nothing(open_desk: Callable[..., Any], url: str) -> None:
    desk = open_desk(url)
    inc = desk.declare("Down")
    before = desk.journal(inc)
    with pytest.raises(TransitionNotAllowed, match=r"INC-1 is new: resume .* allowed: accept"):
        desk.resume(inc)
    with pytest.raises(MissingFields, match="code, remedy"):
        desk.resolve(inc, code="", remedy="")
    assert desk.journal(inc) == before
