"""The second walk of the design: whoever answers a message acts as its recipient.

Guarded here: the token and nothing else says who acts, a repeated answer changes nothing, and what
an answer asks for is decided like any command.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from incidentkit import ManualTime, Opinion, Permission
from incidentkit.lang.conditions import ALWAYS
from tests.flows import world
from tests.flows.world import URGENT

Open = Callable[..., Any]


class Story:
    """An urgent incident of ana's, paged and not yet answered."""

    def __init__(self, open_desk: Open, url: str = "memory:", **given: Any) -> None:
        self.time, self.sms = ManualTime(), world.pager()
        self.desk = open_desk(url, channels={"sms": self.sms}, time=self.time, **given)
        self.desk.declare("Down", assign="ana", **URGENT)
        self.desk.run_due()

    def answer(self, verb: str = "acknowledge", **more: Any) -> Any:
        token = self.sms.messages[0].answer_token
        body = json.dumps({"type": verb, "token": token, "id": "<1@mail>", **more})
        return self.desk.receive("sms", body, headers={"From": "mallory@example.org"})

    @property
    def incident(self) -> Any:
        return self.desk.incident("INC-1")


def test_an_answer_acknowledges_as_the_recipient(open_desk: Open, url: str) -> None:
    story = Story(open_desk, url)
    assert story.answer().rejected == ()
    assert [lease.holder for lease in story.incident.attention.leases] == ["ana"]
    acknowledged = next(e for e in story.desk.journal("INC-1") if e.kind == "acknowledged")
    (delivery,) = story.desk.deliveries("INC-1")
    assert acknowledged.recorded.by == "ana"
    assert acknowledged.recorded.cause == f"delivery/{delivery.id}"
    assert story.incident.clock("acknowledge").state == "stopped"


def test_an_acknowledgement_ends_the_ladder(open_desk: Open, url: str) -> None:
    story = Story(open_desk, url)
    story.answer()
    story.time.move(minutes=20)
    story.desk.run_due()
    assert world.said(story.sms) == ["ana"]


def test_a_repeated_answer_changes_nothing(open_desk: Open, url: str) -> None:
    story = Story(open_desk, url)
    assert story.answer().repeats == 0
    before = story.desk.journal("INC-1")
    assert story.answer().repeats == 1
    assert story.desk.journal("INC-1") == before


def test_the_senders_id_counts_for_one_recipient_and_its_content_does_not(
    open_desk: Open,
) -> None:
    story = Story(open_desk)
    story.answer()
    before = story.desk.journal("INC-1")
    assert story.answer("note", text="the same mail, mangled on its way").repeats == 1
    assert story.desk.journal("INC-1") == before
    assert story.answer("note", text="another mail", id="<2@mail>").repeats == 0
    assert len(story.desk.journal("INC-1")) == len(before) + 1


def test_a_wrong_token_uses_up_no_id(open_desk: Open, url: str) -> None:
    story = Story(open_desk, url)
    assert story.answer(token="0" * 32).rejected
    assert story.answer().rejected == ()
    assert story.incident.life.response == "acknowledged"


def test_a_page_that_did_not_arrive_is_told_and_asks_somebody_else(
    open_desk: Open, url: str
) -> None:
    story = Story(open_desk, url)
    lost: dict[str, Any] = {"type": "receipt", "ok": False, "detail": "no signal", "id": "r1"}
    assert story.answer(lost.pop("type"), **lost).rejected == ()
    story.desk.run_due()
    told = "\n".join(map(str, story.desk.timeline("INC-1")))
    assert "was not received (no signal)" in told
    assert sorted(world.said(story.sms)) == ["ana", "ana", "on-call"]


def test_an_answer_may_be_a_note(open_desk: Open, url: str) -> None:
    story = Story(open_desk, url)
    assert story.answer("note", text="on my way").rejected == ()
    noted = story.desk.journal("INC-1")[-1]
    assert (noted.recorded.by, noted.recorded.event.text) == ("ana", "on my way")
    assert story.incident.life.response == "unacknowledged", "a note takes nothing on"


def test_an_answer_that_comes_too_late_is_rejected_and_kept(open_desk: Open) -> None:
    story = Story(open_desk)
    story.desk.resolve("INC-1", code="fixed", remedy="restarted", by="bob")
    before = story.desk.journal("INC-1")
    received = story.answer()
    ((path, problem),) = received.rejected
    assert path == "signals[0]"
    assert "resolved" in problem
    assert story.desk.journal("INC-1") == before
    kept = world.entries(story.desk, "capture", received.capture)
    assert [entry.kind for entry in kept] == ["payload_captured", "signal_rejected"]


class Gate:
    """Lets the system in, and denies some people."""

    def __init__(self, *denied: str) -> None:
        self.denied = denied

    def may(self, actor: str, action: str, subject: str) -> Permission:
        return Permission(Opinion.DENY if actor in self.denied else Opinion.ALLOW, "left us")

    def scope(self, actor: str, kind: str) -> Any:
        return ALWAYS


def test_the_recipient_must_be_allowed_to(open_desk: Open, url: str) -> None:
    story = Story(open_desk, url, authoriser=Gate("ana"))
    ((_, problem),) = story.answer().rejected
    assert "ana may not acknowledge" in problem
    assert story.incident.life.response == "unacknowledged"


def test_an_answer_is_authorised_as_the_recipients(open_desk: Open) -> None:
    story = Story(open_desk, authoriser=Gate("mallory"))
    assert story.answer().rejected == ()
    assert story.incident.life.response == "acknowledged"


def test_a_lease_lapses_and_an_answer_renews_it(open_desk: Open, url: str) -> None:
    story = Story(open_desk, url)
    story.answer()
    story.time.move(minutes=31)
    story.desk.run_due()
    assert story.incident.life.response == "lapsed"
    assert world.said(story.sms) == ["ana", "ana"], "paging begins again with the assignee"
    story.answer(id="<2@mail>")
    assert story.incident.life.response == "acknowledged"
