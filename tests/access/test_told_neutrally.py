"""What leaves the desk, and what channels say of it, tells nobody of what is closed to them.

Guarded here: a broken glass is told in every mode, errors repeat no titles, a request that anybody
may have sent fills no store, and messages about problems follow the rule of those about incidents.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from incidentkit import (
    AcceptRisk,
    Alertmanager,
    Analyse,
    ManualTime,
    MessageKind,
    RaiseProblem,
    Retry,
    SetMode,
)
from incidentkit.flows.kinds import CAPTURE, DELIVERY
from tests.access.secret_world import everything_in
from tests.access.test_private_and_glass import ROLES
from tests.flows import world

Open = Callable[..., Any]
TITLE = "Ana copied the customer list"


def opened(open_desk: Open, url: str = "memory:", **policy: Any) -> Any:
    access = {"on": True, "everybody": "", "roles": ROLES, "break_glass_tells": ["mia"]}
    return open_desk(
        url,
        policy={"access": access, **policy},
        channels={"sms": world.pager("sms", MessageKind.PAGE, MessageKind.NOTICE)},
        sources=[Alertmanager("mon", token="hush")],
        time=ManualTime(),
    )


@pytest.mark.parametrize("mode", ["shadow", "advise"])
def test_a_broken_glass_is_told_in_every_mode(open_desk: Open, mode: str) -> None:
    desk = opened(open_desk)
    sms = desk.ports.plugins.channels["sms"]
    ref = desk.adopt_ticket("HD-1", title=TITLE, mode=mode).ref
    desk.as_("adam").make_private(ref, reason="a person")
    desk.as_("eve").break_glass(ref, "nobody answers")
    desk.execute(SetMode(ref, mode="enforce", reason="a turn of the mode"), by="adam")
    desk.cancel(ref, reason="withdrawn", by="adam")
    desk.ports.time.move(days=30)
    desk.run_due()
    (told,) = [x for x in sms.messages if "took access" in x.text]
    assert told.to == "mia"


class Echo:
    """A sender that repeats what it was handed."""

    def __init__(self) -> None:
        self.raises = False

    def __call__(self, message: Any) -> Any:
        if self.raises:
            raise ValueError(f"cannot send {message.text}")
        return Retry(f"gateway says: no to {message.title!r}")


def test_a_channels_errors_repeat_no_title(open_desk: Open, url: str) -> None:
    echo = Echo()
    policy = {"access": {"on": True, "roles": ROLES}, "delivery": {"tries": 2}}
    desk = open_desk(url, policy=policy, channels={"sms": echo}, time=ManualTime())
    desk.declare(TITLE, assign="mia", **world.URGENT, private="a person")
    heard = ""
    for echo.raises in (False, True):
        desk.run_due()
        said = ([x.why for x in desk.parked()], desk.audit(), desk.diagnose(), desk.faults)
        assert "Ana copied" not in "".join(str(x) for part in said for x in (part, repr(part)))
        heard += everything_in(desk.deliveries("INC-1"))
        desk.ports.time.move(minutes=30)
    assert "gateway says: no to '[withheld]'" in heard
    assert "cannot send [withheld]" in str(desk.faults)
    assert "given up after 2 tries: cannot send [withheld]" in desk.parked()[0].why


def test_of_what_anybody_may_send_little_is_kept(open_desk: Open, url: str) -> None:
    desk = opened(open_desk, url)
    body = b"x" * 100_000
    headers = {
        "Authorization": "Bearer wrong",
        "X-Trace": "secret",
        **{f"h{n}": "" for n in range(99)},
    }
    received = desk.receive("mon", body, headers=headers)
    assert "nothing of the request was read" in received.rejected[0][1]
    (capture,) = world.records(desk, CAPTURE)
    assert capture.size == len(body)
    event = world.entries(desk, "capture", capture.id)[0].recorded.event
    assert (event.body, event.digest) == ("x" * 200, hashlib.sha256(body).hexdigest())
    assert event.headers[:2] == ("authorization", "h0")
    assert len(event.headers) == 50
    assert "wrong" not in everything_in(event)


def called(desk: Any, title: str, incident: str) -> str:
    """A problem of rob's whose risk was accepted until a moment ago, so that rob is called."""
    ref: str = desk.execute(RaiseProblem(title, incident=incident, owner="rob")).ref
    accept(desk, ref)
    return ref


def accept(desk: Any, ref: str) -> None:
    if desk.problem(ref).state == "new":
        desk.execute(Analyse(ref))
    until = desk.ports.time.now() + timedelta(minutes=1)
    desk.execute(AcceptRisk(ref, reason="cheap", expires_at=until))
    desk.ports.time.move(minutes=2)
    desk.run_due()


def test_messages_about_problems_are_neutral_too(open_desk: Open, url: str) -> None:
    desk = opened(open_desk, url)
    sms = desk.ports.plugins.channels["sms"]
    private = desk.declare(TITLE, private="a person", admits=("mia",)).ref
    hidden = called(desk, "Ana copies lists", private)
    (told,) = [x for x in sms.messages if x.ref == hidden]
    assert (told.to, told.title) == ("rob", "A problem")
    assert told.text.endswith(": closed to you")
    other = called(desk, f"Printer jams since {private}", desk.declare("Printer jams").ref)
    (told,) = [x for x in sms.messages if x.ref == other]
    assert told.title == "Printer jams since [withheld]"
    assert private not in told.text
    assert "the risk" in told.text


def test_pages_about_problems_are_bounded_too(open_desk: Open, url: str) -> None:
    desk = opened(open_desk, url, delivery={"pending_pages": 2}, paging={"fallback": "rob"})
    sms = desk.ports.plugins.channels["sms"]
    sms.answer_always(Retry("no route", timedelta(minutes=30)))
    ref = desk.execute(RaiseProblem("Leak", impact="high", urgency="high", owner="rob")).ref
    for _ in range(4):
        accept(desk, ref)
    assert len([x for x in world.records(desk, DELIVERY) if x.ref == ref]) == 2
    assert any("2 pages wait there" in x.text for x in desk.timeline(ref))
