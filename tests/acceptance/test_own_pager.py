"""My own pager: a class with `send` and `parse`; a reply acknowledges as the recipient."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from incidentkit import (
    Answer,
    AnswerVerb,
    ManualTime,
    Message,
    MessageKind,
    Receipt,
    Refused,
    Rejected,
    Retry,
    Sent,
    SourceRequest,
)

pytestmark = pytest.mark.short


class MyPager:
    """About twenty-five lines: what a host writes for a pager of its own."""

    name = "my-pager"
    kinds = frozenset({MessageKind.PAGE})

    def __init__(self) -> None:
        self.outbox: list[Message] = []
        self.reply: Any = None

    def send(self, message: Message) -> Any:
        self.outbox.append(message)
        return self.reply or Sent(proof=f"pager-{len(self.outbox)}")

    def parse(self, request: SourceRequest) -> Iterable[Any]:
        try:
            said = json.loads(request.body)
            if said["type"] == "receipt":
                yield Receipt(said["token"], said["ok"], key=said["id"])
            else:
                yield Answer(said["token"], AnswerVerb(said["type"]), key=said["id"])
        except (ValueError, KeyError, TypeError) as error:
            yield Rejected("body", str(error))


def test_a_reply_acknowledges_as_the_recipient(open_desk: Callable[..., Any], url: str) -> None:
    pager = MyPager()
    desk = open_desk(url, channels={"my-pager": pager}, time=ManualTime())
    inc = desk.declare("Down", impact="high", urgency="high", assign="ana")
    desk.run_due()
    (page,) = pager.outbox
    assert (page.to, page.ref, page.priority) == ("ana", "INC-1", "P1")
    reply = json.dumps({"type": "acknowledge", "token": page.answer_token, "id": "<m1@mail>"})
    received = desk.receive("my-pager", reply, headers={"From": "mallory@example.org"})
    assert received.rejected == ()
    incident = desk.incident(inc)
    assert [lease.holder for lease in incident.attention.leases] == ["ana"]
    entries = len(desk.journal(inc))
    desk.receive("my-pager", reply, headers={"From": "mallory@example.org"})
    assert len(desk.journal(inc)) == entries, "a repeated mail changes nothing"


def test_an_unknown_token_is_kept_as_rejected(open_desk: Callable[..., Any], url: str) -> None:
    pager = MyPager()
    desk = open_desk(url, channels={"my-pager": pager})
    inc = desk.declare("Down", impact="high", urgency="high", assign="ana")
    desk.run_due()
    guess = json.dumps({"type": "acknowledge", "token": "0" * 32, "id": "x"})
    received = desk.receive("my-pager", guess)
    assert [path for path, _ in received.rejected] == ["signals[0]"]
    assert desk.incident(inc).life.response == "unacknowledged"
    assert desk.receive("my-pager", b"\xff junk").rejected


def test_the_token_is_stored_only_as_a_hash_once_sent(
    open_desk: Callable[..., Any], tmp_path: Any
) -> None:
    pager = MyPager()
    desk = open_desk(f"sqlite:///{tmp_path}/i.db", channels={"my-pager": pager})
    desk.declare("Down", impact="high", urgency="high", assign="ana")
    desk.run_due()
    token = pager.outbox[0].answer_token.encode()
    desk.disconnect()
    rows = _rows(tmp_path / "i.db")
    assert len(rows) > 10
    assert not any(token in row for row in rows)


def _rows(path: Any) -> list[bytes]:
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(path)) as db:
        return [line.encode() for line in db.iterdump()]


def test_retry_is_tried_again_and_refused_is_not(open_desk: Callable[..., Any], url: str) -> None:
    pager, time = MyPager(), ManualTime()
    desk = open_desk(url, channels={"my-pager": pager}, time=time)
    inc = desk.declare("Down", impact="high", urgency="high", assign="ana")
    pager.reply = Retry("busy")
    desk.run_due()
    pager.reply = None
    time.move(seconds=15)
    desk.run_due()
    first, second = pager.outbox
    assert first.key == second.key
    assert first.answer_token == second.answer_token
    assert "page to ana on my-pager was sent" in _told(desk, inc)
    other = desk.declare("Down too", impact="high", urgency="high", assign="bob")
    pager.reply = Refused("no such number")
    desk.run_due()
    assert "was refused" in _told(desk, other)
    told = [m.party for m in pager.outbox if m.ref == other.ref]
    assert sorted(told) == ["bob", "bob", "on-call"], "the fallback is asked at once, but once"


def test_a_receipt_is_kept_with_the_delivery(open_desk: Callable[..., Any], url: str) -> None:
    pager = MyPager()
    desk = open_desk(url, channels={"my-pager": pager})
    desk.declare("Down", impact="high", urgency="high", assign="ana")
    desk.run_due()
    token = pager.outbox[0].answer_token
    body = json.dumps({"type": "receipt", "token": token, "ok": True, "id": "r"})
    assert desk.receive("my-pager", body).rejected == ()
    (delivery,) = desk.deliveries("INC-1")
    assert (delivery.state, delivery.received) == ("sent", True)


def test_a_pager_that_raises_is_a_fault_and_is_tried_again(
    open_desk: Callable[..., Any], url: str
) -> None:
    time, calls = ManualTime(), []

    def broken(message: Message) -> None:
        calls.append(message)
        if len(calls) == 1:
            raise SystemExit("a dependency called sys.exit()")

    desk = open_desk(url, channels={"sms": broken}, time=time)
    desk.declare("Down", impact="high", urgency="high", assign="ana")
    desk.run_due()
    assert len(desk.faults) == 1
    time.move(seconds=15)
    desk.run_due()
    assert len(calls) == 2


def _told(desk: Any, inc: Any) -> str:
    return "\n".join(map(str, desk.timeline(inc)))
