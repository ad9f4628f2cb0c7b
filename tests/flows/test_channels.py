"""Messages on their way out: tried, tried again, given up, or not wanted any more.

Guarded here: a page ends at a human or says why not; a channel that fails costs nobody anything but
time; each try carries the same key.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from incidentkit import Desk, ManualTime, MessageKind, Refused, Retry, Sent
from incidentkit.errors import AsyncPluginError
from incidentkit.rules.sending import SENDING, wait
from tests.flows import world
from tests.flows.world import URGENT

Open = Callable[..., Any]


class Story:
    """An urgent incident of ana's whose first page is queued."""

    def __init__(self, open_desk: Open, url: str = "memory:", **given: Any) -> None:
        self.time, self.sms = ManualTime(), world.pager()
        given.setdefault("channels", {"sms": self.sms})
        given.setdefault("policy", {"paging": {"rounds": 1, "calls": []}})
        self.desk = open_desk(url, time=self.time, **given)
        self.desk.declare("Down", assign="ana", **URGENT)

    @property
    def delivery(self) -> Any:
        (found,) = self.desk.deliveries("INC-1")
        return found

    @property
    def settled(self) -> list[str]:
        """What the incident was told about its messages."""
        found: list[Any] = world.events(self.desk, "INC-1")
        return [event.state for event in found if type(event).__name__ == "DeliverySettled"]


def test_sent_is_settled_with_its_proof(open_desk: Open, url: str) -> None:
    story = Story(open_desk, url)
    story.sms.answer_next(Sent("msg-17"))
    assert (story.delivery.state, story.settled) == ("queued", [])
    story.desk.run_due()
    assert (story.delivery.state, story.delivery.detail) == ("sent", "msg-17")
    assert story.settled == ["sent"]
    assert not [t for t in story.desk.tasks() if t.task.queue == "message"]


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (Retry("busy"), "busy"),
        (OSError("no route"), "no route"),
        (SystemExit(1), "tried to end the process"),
    ],
    ids=["retry", "raise", "exit"],
)
def test_not_now_is_tried_again_with_the_same_key(
    open_desk: Open, url: str, answer: Any, why: str
) -> None:
    story = Story(open_desk, url)
    story.sms.answer_next(answer)
    story.desk.run_due()
    assert (story.delivery.state, story.settled) == ("retrying", [])
    assert why in story.delivery.detail
    (task,) = [t for t in story.desk.tasks() if t.task.queue == "message"]
    assert why in task.why
    story.time.move(seconds=7)
    story.desk.run_due()
    assert len(story.sms.tries) == 1
    story.time.move(seconds=8)
    story.desk.run_due()
    first, second = story.sms.tries
    assert (first.key, first.answer_token) == (second.key, second.answer_token)
    assert (story.delivery.state, story.delivery.tries, story.settled) == ("sent", 2, ["sent"])


def test_a_channel_may_say_when_to_try_again(open_desk: Open) -> None:
    story = Story(open_desk)
    story.sms.answer_next(Retry("limited", timedelta(minutes=40)))
    story.desk.run_due()
    story.time.move(minutes=39)
    story.desk.run_due()
    assert len(story.sms.tries) == 1
    story.time.move(minutes=1)
    story.desk.run_due()
    assert story.delivery.state == "sent"


def test_waits_grow_and_then_it_is_given_up(open_desk: Open) -> None:
    story = Story(open_desk)
    story.sms.answer_always(Retry("busy"))
    for tries in range(1, SENDING.tries):
        story.desk.run_due()
        assert len(story.sms.tries) == tries
        pause = wait(story.delivery.id, tries, None, SENDING).total_seconds()
        most = SENDING.step(tries).total_seconds()
        assert most / 2 <= pause < most
        story.time.move(seconds=pause - 1)
        story.desk.run_due()
        assert len(story.sms.tries) == tries, "not before its time"
        story.time.move(seconds=31)
    story.desk.run_due()
    story.time.move(days=1)
    story.desk.run_due()
    assert len(story.sms.tries) == SENDING.tries
    assert (story.delivery.state, story.settled[-1]) == ("refused", "refused")
    assert story.delivery.detail == f"given up after {SENDING.tries} tries: busy"


def test_refused_is_never_tried_again(open_desk: Open, url: str) -> None:
    story = Story(open_desk, url)
    story.sms.answer_next(Refused("no such number"))
    story.desk.run_due()
    story.time.move(days=1)
    story.desk.run_due()
    assert (len(story.sms.tries), story.delivery.detail) == (1, "no such number")


def test_a_refused_page_makes_the_next_round_due_at_once(open_desk: Open, url: str) -> None:
    story = Story(open_desk, url, policy={"paging": {"rounds": 3}})
    story.sms.answer_next(Refused("no such number"))
    story.desk.run_due()
    assert sorted(world.said(story.sms)) == ["ana", "on-call"]
    assert story.desk.incident("INC-1").attention.round == 2


def test_what_a_channel_returns_otherwise_means_sent(open_desk: Open) -> None:
    story = Story(open_desk, channels={"sms": lambda message: {"status": "queued"}})
    story.desk.run_due()
    assert story.delivery.state == "sent"


@pytest.mark.parametrize(
    ("act", "why"),
    [
        (lambda desk: desk.acknowledge("INC-1", by="bob"), "already acknowledged"),
        (
            lambda desk: desk.resolve("INC-1", code="fixed", remedy="x"),
            "incident no longer active",
        ),
        (lambda desk: desk.cancel("INC-1", why="a test"), "incident no longer active"),
    ],
    ids=["acknowledged", "resolved", "cancelled"],
)
def test_a_page_that_nobody_needs_any_more_is_not_sent(
    open_desk: Open, url: str, act: Callable[[Any], Any], why: str
) -> None:
    story = Story(open_desk, url)
    act(story.desk)
    story.desk.run_due()
    assert story.sms.tries == []
    assert (story.delivery.state, story.delivery.detail) == ("unwanted", why)
    assert story.settled == ["unwanted"]
    journal = world.entries(story.desk, "delivery", story.delivery.id)
    assert [reason.outcome for reason in world.reasons(journal)] == [why]


def test_a_page_that_waits_for_its_next_try_is_dropped_once_acknowledged(open_desk: Open) -> None:
    story = Story(open_desk)
    story.sms.answer_next(Retry("busy"))
    story.desk.run_due()
    story.desk.acknowledge("INC-1", by="bob")
    story.time.move(minutes=1)
    story.desk.run_due()
    assert (len(story.sms.tries), story.delivery.state) == (1, "unwanted")


class Hasty(world.Pager):
    """A channel whose other side answers before it has returned."""

    desk: Any = None

    def send(self, message: Any) -> Any:
        said = super().send(message)
        body = {"type": "receipt", "token": message.answer_token, "ok": True}
        self.desk.receive("sms", json.dumps(body))
        return said


@pytest.mark.parametrize("answer", [Sent("msg-1"), Retry("busy")], ids=["sent", "retry"])
def test_a_receipt_may_come_while_the_message_is_being_sent(url: str, answer: Any) -> None:
    sms, time = Hasty("sms"), ManualTime()
    policy = {"paging": {"rounds": 1, "calls": []}}
    with Desk.open(url, time=time, channels={"sms": sms}, policy=policy) as desk:
        sms.desk = desk
        sms.answer_next(answer)
        desk.declare("Down", assign="ana", **URGENT)
        desk.run_due()
        time.move(seconds=15)
        desk.run_due()
        time.move(minutes=5)
        desk.run_due()
        assert len(sms.tries) == (1 if isinstance(answer, Sent) else 2), "and not once more"
        (delivery,) = desk.deliveries("INC-1")
        assert (delivery.state, delivery.received) == ("sent", True)
        assert not [x for x in desk.tasks() if x.task.queue != "timer"]
        assert desk.verify().problems == ()


# --- whom, and where ------------------------------------------------------------------------------


def test_the_fallback_is_paged_when_the_assignee_does_not_answer(open_desk: Open) -> None:
    story = Story(
        open_desk, policy={"paging": {"fallback": "duty", "wait": "10m", "rounds": 3, "calls": []}}
    )
    story.desk.run_due()
    assert world.said(story.sms) == ["ana"]
    story.time.move(minutes=10)
    story.desk.run_due()
    assert sorted(world.said(story.sms)) == ["ana", "ana", "duty"]
    story.time.move(minutes=10)
    story.desk.run_due()
    story.time.move(days=1)
    story.desk.run_due()
    assert sorted(world.said(story.sms)) == ["ana"] * 3 + ["duty"] * 2, "three rounds, no more"


def test_nobody_assigned_pages_the_fallback(open_desk: Open) -> None:
    story = Story(open_desk)
    story.desk.declare("Down too", **URGENT)
    story.desk.run_due()
    assert sorted(world.said(story.sms)) == ["ana", "on-call"]


def test_every_contact_on_a_page_channel_is_used(open_desk: Open, url: str) -> None:
    sms, mail, post = world.pager(), world.pager("mail"), world.pager("post", MessageKind.NOTICE)
    directory = {"ana": {"sms": "+49 1", "mail": "ana@x.org", "post": "Main St", "fax": "7"}}
    story = Story(
        open_desk,
        url,
        channels={"sms": sms, "mail": mail, "post": post},
        directory=directory,
    )
    story.desk.run_due()
    assert (world.said(sms), world.said(mail), world.said(post)) == (["+49 1"], ["ana@x.org"], [])
    assert {message.party for message in (*sms.messages, *mail.messages)} == {"ana"}


def test_an_unknown_party_is_paged_by_its_bare_name_everywhere(open_desk: Open) -> None:
    sms, mail = world.pager(), world.pager("mail")
    story = Story(open_desk, channels={"sms": sms, "mail": mail}, directory={"bob": {"sms": "1"}})
    story.desk.run_due()
    assert (world.said(sms), world.said(mail)) == (["ana"], ["ana"])


class Directory:
    """A directory that fails when it is told to."""

    name = "staff"

    def __init__(self) -> None:
        self.failing = False

    def contacts(self, party: str) -> Any:
        from incidentkit import Contact

        if self.failing:
            raise ConnectionError("directory is down")
        return (Contact("sms", f"+{party}"),)

    def revision(self) -> str:
        return "r7"


def asked(desk: Any, ref: str) -> Any:
    """What the directory answered, as it stands in the reason of the page."""
    for entry in desk.journal(ref):
        if entry.kind == "page_queued":
            return entry.recorded.reason.inputs["directory"]
    raise AssertionError("nobody was paged")


def test_the_answer_of_the_directory_stands_in_the_reason(open_desk: Open, url: str) -> None:
    story = Story(open_desk, url, directory=Directory())
    assert asked(story.desk, "INC-1") == {
        "party": "ana",
        "contacts": ("sms:+ana",),
        "revision": "r7",
        "last_good": False,
    }


def test_a_failing_directory_is_answered_from_memory_and_said_to_be(open_desk: Open) -> None:
    directory = Directory()
    story = Story(open_desk, directory=directory)
    directory.failing = True
    story.desk.declare("Down too", assign="ana", **URGENT)
    assert asked(story.desk, "INC-2") == {
        "party": "ana",
        "contacts": ("sms:+ana",),
        "revision": "r7",
        "last_good": True,
        "as_of": story.time.now().isoformat(),
        "age": 0,
    }
    story.desk.declare("Down as well", assign="bob", **URGENT)
    assert asked(story.desk, "INC-3")["contacts"] == ("sms:bob",), "never known: the bare name"
    story.desk.run_due()
    assert sorted(world.said(story.sms)) == ["+ana", "+ana", "bob"]
    assert {fault.plugin for fault in story.desk.faults} == {"staff"}


def test_with_no_pager_pages_are_printed(
    open_desk: Open, capsys: pytest.CaptureFixture[str]
) -> None:
    post = world.pager("post", MessageKind.NOTICE)
    story = Story(open_desk, channels={"post": post})
    story.desk.run_due()
    assert (story.delivery.channel, story.delivery.state) == ("console", "sent")
    assert "INC-1 P1: Down" in "".join(capsys.readouterr())
    assert post.tries == []


def test_a_message_for_a_channel_that_is_not_open_here_waits(
    open_desk: Open, tmp_path: Any
) -> None:
    url = f"sqlite:///{tmp_path}/i.db"
    first = Story(open_desk, url)
    first.desk.disconnect()
    mail = world.pager("mail")
    second = open_desk(url, channels={"mail": mail}, time=first.time)
    second.run_due()
    (delivery,) = second.deliveries("INC-1")
    assert (delivery.state, delivery.tries, mail.tries) == ("queued", 0, [])
    assert [x.message for x in second.diagnose() if x.subject == "channel sms"] == [
        "no channel of that name is open here; its messages wait for a worker that has it"
    ]
    for _ in range(30):
        first.time.move(seconds=31)
        second.run_due()
    assert {x.state for x in second.deliveries("INC-1") if x.channel == "sms"} == {"queued"}
    assert len([x for x in second.faults if x.exception_type == "ChannelAbsent"]) == 1
    second.disconnect()
    third = open_desk(url, channels={"sms": first.sms}, time=first.time)
    third.run_due()
    assert "ana" in world.said(first.sms)


def test_a_coroutine_is_no_channel_of_a_plain_desk() -> None:
    from incidentkit import Desk

    async def send(message: Any) -> None:
        raise AssertionError("never called")

    with pytest.raises(AsyncPluginError, match="AsyncDesk"):
        Desk.open("memory:", channels={"sms": send})
