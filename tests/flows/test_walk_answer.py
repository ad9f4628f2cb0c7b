"""The second walk of the design: whoever answers a message acts as its recipient.

Guarded here: the token and nothing else says who acts, a repeated answer changes nothing, and what
an answer asks for is decided like any command.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from incidentkit import ManualTime, Opinion, Permission
from incidentkit.errors import RequestReused
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
    first = story.answer()
    before = story.desk.journal("INC-1")
    assert story.answer() == first
    assert story.desk.journal("INC-1") == before


def test_the_same_message_id_with_other_content_is_refused(open_desk: Open) -> None:
    story = Story(open_desk)
    story.answer()
    before = story.desk.journal("INC-1")
    with pytest.raises(RequestReused):
        story.answer("note", text="something else")
    assert story.desk.journal("INC-1") == before


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
