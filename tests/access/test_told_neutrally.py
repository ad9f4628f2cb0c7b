"""What leaves the desk, and what channels say of it, tells nobody of what is closed to them.

Guarded here: a broken glass is told in every mode, errors repeat no titles, a request that anybody
may have sent fills no store, and messages about problems follow the rule of those about incidents.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from incidentkit import (
    AcceptRisk,
    Alertmanager,
    Analyse,
    LiftLegalHold,
    ManualTime,
    MessageKind,
    PlaceLegalHold,
    RaiseProblem,
    Retry,
    SetLabel,
    SetMode,
)
from incidentkit.errors import InvalidValue, TransitionNotAllowed
from incidentkit.flows.kinds import CAPTURE, DELIVERY
from incidentkit.model.alert import PayloadCaptured
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
    said = world.entries(desk, "capture", capture.id)[0].recorded
    assert said is not None
    event = said.event
    assert isinstance(event, PayloadCaptured)
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


@pytest.mark.parametrize("later", [False, True])
def test_a_hold_keeps_a_payload_that_others_share(open_desk: Open, later: bool) -> None:
    desk = opened(open_desk)
    one, two = ({"type": "report", "title": x, "reporter": x} for x in ("swordfish", "tuna"))
    if later:
        held = desk.declare("tuna is out").ref
        desk.execute(PlaceLegalHold(held, reason="claim 7"))
        desk.ports.time.move(minutes=1)
        two["incident"] = held
    desk.receive("generic", json.dumps([one, two]))
    mine = next(x.ref for x in desk.find().items if x.title == "swordfish")
    held = next(x.ref for x in desk.find().items if x.ref != mine)
    if not later:
        desk.execute(PlaceLegalHold(held, reason="claim 7"))
    desk.as_("adam").make_private(held, reason="a person")
    with pytest.raises(TransitionNotAllowed, match=f"on legal hold for {held}"):
        desk.redact(mine, (1,), reason="a password")
    with pytest.raises(TransitionNotAllowed, match=r"on legal hold for \[withheld\]"):
        desk.as_("mia").redact(mine, (1,), reason="a password")
    desk.close(mine, code="fixed", remedy="x", override="x", by="adam")
    desk.ports.time.move(days=40)
    desk.seal()
    left = dict(desk.purge(timedelta(days=30), reason="old").left_out)
    assert left[mine] == "a payload that it shares is on legal hold for another"
    desk.execute(LiftLegalHold(held, reason="settled"))
    assert desk.redact(mine, (1,), reason="a password").title == "[redacted]"


def test_the_policy_says_how_long_what_is_kept(open_desk: Open, url: str) -> None:
    terms = {"incidents": "900d", "payloads": "30d", "messages": "60d", "requests": "10d"}
    desk = opened(open_desk, url, retention={**terms, "readings": "90d"})
    desk.report("about swordfish", reporter="eve", text="swordfish")
    held = desk.report("about tuna", reporter="eve", text="tuna").ref
    desk.execute(PlaceLegalHold(held, reason="claim 7"))
    desk.declare("Down", assign="mia", **world.URGENT, request="r1")
    desk.run_due()
    desk.ports.time.move(days=31)
    assert desk.purge(reason="policy").total == 0, "nothing is sealed yet"
    desk.seal()
    first = desk.purge(reason="policy")
    assert (first.payloads, first.messages, first.incidents, first.done) == (1, 0, (), False)
    with pytest.raises(InvalidValue, match="is 7, but 1 are due; nothing was purged"):
        desk.purge(reason="policy", expect=7)
    done = desk.purge(reason="policy", expect=1)
    assert (done.done, done.requests > 0) == (True, True)
    kept = "".join(
        str(y) for x in world.records(desk, CAPTURE) for y in world.entries(desk, "capture", x.id)
    )
    assert "swordfish" not in kept
    assert "tuna" in kept, "the hold comes first"
    assert "PayloadRedacted" in kept
    assert desk.purge(reason="policy").total == 0
    desk.ports.time.move(days=31)
    desk.seal()
    due = desk.purge(reason="policy")
    assert due.messages > 0
    assert desk.purge(reason="policy", expect=due.total).done
    assert {x.text for x in desk.deliveries("INC-3")} == {"[redacted]"}
    assert desk.verify().problems == ()


def test_who_read_what_goes_by_the_policy_too(open_desk: Open) -> None:
    access = {"on": True, "roles": ROLES, "read_audit": "amber"}
    policy = {"access": access, "retention": {"readings": "90d"}}
    desk = open_desk("memory:", policy=policy, time=ManualTime())
    ref = desk.declare("Down").ref
    desk.execute(SetLabel(ref, "amber"))
    desk.as_("mia").incident(ref)
    assert len(desk.readings(ref)) == 1
    desk.ports.time.move(days=91)
    desk.seal()
    desk.purge(reason="policy", expect=1)
    assert [x.recorded for x in desk.readings(ref)] == [None]
    assert desk.purge(reason="policy").total == 0


def test_without_terms_an_age_must_be_given(open_desk: Open) -> None:
    with pytest.raises(InvalidValue, match=r"the policy sets no \[retention\]"):
        opened(open_desk).purge(reason="x")
