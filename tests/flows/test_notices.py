"""Statements: notices to audiences, replies to reporters, syncs to other systems.

Guarded here: the audience hears what the policy says and nothing twice, a note never goes outside,
and the sync that closes a ticket elsewhere is never suppressed.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from incidentkit import ManualTime, MessageKind, Notify, rerun
from incidentkit.errors import InvalidValue, MissingFields, NotFound, PolicyError
from incidentkit.views.summary import card
from tests.flows import world
from tests.flows.world import URGENT

Open = Callable[..., Any]

POLICY: dict[str, Any] = {
    "paging": {"rounds": 1},
    "audiences": {"board": {"members": ["eve", "max"]}, "nobody": {"members": []}},
    "notices": [
        {
            "name": "board hears of P1",
            "audience": "board",
            "on": ["declared", "resolved"],
            "when": 'incident.priority == "P1"',
            "template": "$incident.ref is $incident.state: $incident.title",
        }
    ],
}


class Story:
    def __init__(self, open_desk: Open, url: str = "memory:", **given: Any) -> None:
        self.post = world.pager("post", MessageKind.NOTICE)
        self.sms = world.pager("sms", MessageKind.PAGE)
        channels = {"post": self.post, "sms": self.sms, **given.pop("channels", {})}
        given.setdefault("policy", POLICY)
        self.time = ManualTime()
        self.desk = open_desk(url, time=self.time, channels=channels, **given)

    def heard(self) -> list[tuple[str, str]]:
        self.desk.run_due()
        found = sorted((message.to, message.text) for message in self.post.messages)
        self.post.clear()
        return found


def test_an_audience_hears_what_the_policy_says(open_desk: Open, url: str) -> None:
    story = Story(open_desk, url)
    inc = story.desk.declare("Down", **URGENT)
    text = "INC-1 is new: Down"
    assert story.heard() == [("eve", text), ("max", text)]
    story.desk.start(inc)
    assert story.heard() == []
    story.desk.resolve(inc, code="fixed", remedy="restarted")
    text = "INC-1 is resolved: Down"
    assert story.heard() == [("eve", text), ("max", text)]


def test_what_the_condition_does_not_hold_of_is_not_told(open_desk: Open) -> None:
    story = Story(open_desk)
    story.desk.declare("A scratch", impact="low", urgency="low")
    assert story.heard() == []


def test_every_notice_says_why(open_desk: Open) -> None:
    story = Story(open_desk)
    inc = story.desk.declare("Down", **URGENT)
    found = world.reasons(x for x in story.desk.journal(inc) if x.kind == "notice_queued")
    (reason,) = found
    assert (reason.outcome, reason.inputs["notice"]) == ("board", "board hears of P1")
    assert rerun(reason) == "board"
    assert rerun(reason, event="closed") == ""


def test_an_audience_adopted_later_hears_from_then_on(open_desk: Open) -> None:
    story = Story(open_desk, policy={"paging": {"rounds": 1}})
    story.desk.declare("Down", **URGENT)
    assert story.heard() == []
    story.desk.adopt({"audiences": {"stakeholders": {"members": ["eve"]}}})
    story.desk.declare("Down too", **URGENT)
    assert story.heard() == [("eve", "INC-2 (P1, new): Down too")]


def test_a_notice_of_what_was_cancelled_is_not_sent(open_desk: Open) -> None:
    story = Story(open_desk)
    inc = story.desk.declare("Down", **URGENT)
    story.desk.cancel(inc, reason="false_alarm", why="a test")
    assert story.heard() == []
    states = {d.state for d in story.desk.deliveries(inc) if d.kind is MessageKind.NOTICE}
    assert states == {"unwanted"}


def test_a_notice_by_hand(open_desk: Open, url: str) -> None:
    story = Story(open_desk, url)
    inc = story.desk.declare("A scratch")
    story.desk.execute(Notify(inc.ref, audience="board", text="nothing to worry about"))
    assert [text for _, text in story.heard()] == ["nothing to worry about"] * 2
    story.desk.execute(Notify(inc.ref, audience="board"))
    assert [text for _, text in story.heard()] == ["INC-1 is new: A scratch"] * 2


def test_a_promised_update_is_a_clock(open_desk: Open, url: str) -> None:
    story = Story(open_desk, url)
    desk, time = story.desk, story.time
    inc = desk.declare("Down", **URGENT, assign="ana")
    desk.acknowledge(inc, by="ana")
    story.heard()
    half = timedelta(minutes=30)
    desk.execute(Notify(inc.ref, "board", text="no payments", next_update_in=half), by="ana")
    due = time.now() + half
    text = f"no payments\nNext update by {due}"
    assert story.heard() == [("eve", text), ("max", text)]
    inc = desk.incident(inc)
    assert ("next update to board", due) in [(x.target, x.due_at) for x in inc.clocks]
    assert f"next update to board {due}" in card(inc)
    said = [line.text for line in desk.timeline(inc)]
    assert any("queued (2 messages), the next one promised by 09:30" in line for line in said)
    assert "the next update to board is running, due 09:30:00+00:00" in said
    story.sms.clear()
    time.move(minutes=23)
    desk.run_due()
    time.move(minutes=7)
    desk.run_due()
    desk.run_due()
    warned, missed = [x.text for x in story.sms.messages if "next update" in x.text]
    assert f"next update to board is due {due}" in warned
    assert f"next update to board was due {due} and is missed" in missed
    desk.execute(Notify(inc.ref, "board", text="still nothing", next_update_in=half))
    assert "is due" in desk.explain(inc, "next update to board").answer
    desk.start(inc)
    desk.resolve(inc, code="fixed", remedy="restarted")
    assert desk.incident(inc).clock("next update to board").state == "stopped"
    assert "was met" in desk.explain(inc, "next update to board").answer
    with pytest.raises(InvalidValue, match="INC-1 is over"):
        desk.execute(Notify(inc.ref, "board", text="and then?", next_update_in=half))


def test_what_the_policy_tells_by_itself_keeps_a_promise(open_desk: Open, url: str) -> None:
    story = Story(
        open_desk,
        url,
        policy={
            **POLICY,
            "notices": [
                {**POLICY["notices"][0], "on": ["mitigated"], "when": "true"},
            ],
        },
    )
    inc = story.desk.declare("Down", **URGENT)
    half = timedelta(minutes=30)
    story.desk.execute(Notify(inc.ref, "board", text="no payments", next_update_in=half))
    story.desk.start(inc)
    story.desk.mitigate(inc)
    assert story.desk.incident(inc).clock("next update to board").state == "stopped"


def test_a_target_cannot_be_named_like_a_promise(open_desk: Open) -> None:
    with pytest.raises(PolicyError, match="how the clock of a promise is named"):
        open_desk(policy={"targets": {"next update to board": {"within": {"P1": "1h"}}}})


def test_a_notice_that_cannot_be_is_refused(open_desk: Open) -> None:
    story = Story(open_desk)
    inc = story.desk.declare("A scratch")
    before = story.desk.journal(inc)
    with pytest.raises(NotFound, match="audience 'press'"):
        story.desk.execute(Notify(inc.ref, audience="press", text="hello"))
    with pytest.raises(InvalidValue, match="no template for 'nobody'"):
        story.desk.execute(Notify(inc.ref, audience="nobody"))
    mute = open_desk("memory:", policy=POLICY, channels={"sms": story.sms})
    mute.declare("A scratch")
    with pytest.raises(InvalidValue, match="no channel takes notices"):
        mute.execute(Notify("INC-1", audience="board", text="hello"))
    assert story.desk.journal(inc) == before


def test_the_channel_of_an_audience_is_the_only_one_used(open_desk: Open) -> None:
    policy = {**POLICY, "audiences": {"board": {"members": ["eve"], "channel": "chat"}}}
    chat = world.pager("chat", MessageKind.NOTICE)
    story = Story(open_desk, policy=policy, channels={"chat": chat})
    story.desk.declare("Down", **URGENT)
    assert story.heard() == []
    assert world.said(chat) == ["eve"]


def test_a_reply_goes_to_the_reporter_and_a_note_to_nobody(open_desk: Open, url: str) -> None:
    story = Story(open_desk, url, directory={"joe": {"post": "joe@x.org"}})
    inc = story.desk.report("No mail", reporter="joe")
    story.desk.note(inc, "the usual suspect", by="ana")
    assert story.heard() == []
    story.desk.reply(inc, "We are on it", by="ana")
    assert story.heard() == [("joe@x.org", "We are on it")]
    queued: Any = world.events(story.desk, inc)[-2]
    assert (queued.audience, queued.text, queued.recipients) == ("joe", "We are on it", 1)


def test_a_reply_needs_a_reporter(open_desk: Open) -> None:
    story = Story(open_desk)
    inc = story.desk.declare("Down")
    with pytest.raises(MissingFields, match="reporter"):
        story.desk.reply(inc, "We are on it")


SYNCED = {"paging": {"rounds": 1}, "sync": "tickets"}


def test_a_sync_follows_every_change_and_is_never_suppressed(open_desk: Open, url: str) -> None:
    tickets = world.pager("tickets", MessageKind.SYNC)
    story = Story(open_desk, url, policy=SYNCED, channels={"tickets": tickets})
    inc = story.desk.declare("Down", **URGENT)
    story.desk.acknowledge(inc, by="ana")
    story.desk.cancel(inc, reason="false_alarm", why="a test")
    story.desk.run_due()
    told = [message.text.partition(":")[0] for message in tickets.messages]
    assert [x for x in told if x in ("declared", "acknowledged", "cancelled")] == [
        "declared",
        "acknowledged",
        "cancelled",
    ]
    assert {(m.kind, m.to) for m in tickets.messages} == {(MessageKind.SYNC, "INC-1")}
    assert tickets.messages[-1].text.endswith("INC-1 is cancelled, P1")
    assert story.sms.tries == [], "the page was suppressed, the syncs were not"


def test_without_a_sync_channel_in_the_policy_there_is_no_sync(open_desk: Open) -> None:
    tickets = world.pager("tickets", MessageKind.SYNC)
    story = Story(open_desk, channels={"tickets": tickets})
    story.desk.declare("Down", **URGENT)
    story.desk.run_due()
    assert tickets.tries == []
