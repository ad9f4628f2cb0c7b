"""What else comes in: reports, changes, beats, receipts, and what cannot be read.

Guarded here: nothing that was sent is lost, one bad part does not cost the others, and a source
that fails costs its own request only.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from incidentkit import ManualTime, Rejected, SourceRequest
from incidentkit.errors import InvalidValue, NotFound, RequestReused
from incidentkit.flows.kinds import CAPTURE, CHANGE, HEARTBEAT
from tests.flows import world
from tests.flows.world import URGENT

Open = Callable[..., Any]


def send(desk: Any, *signals: dict[str, Any], **more: Any) -> Any:
    return desk.receive("generic", json.dumps(signals), **more)


# --- reports --------------------------------------------------------------------------------------


def test_a_report_declares_an_incident(open_desk: Open, url: str) -> None:
    desk = open_desk(url)
    incident = desk.report("No mail", reporter="joe", text="since nine", on_behalf_of="eve")
    assert (incident.ref, incident.title, incident.card.summary) == (
        "INC-1", "No mail", "since nine",
    )  # fmt: skip
    assert (incident.card.reporter, incident.card.source) == ("eve", "report")
    joined = next(x for x in world.events(desk, incident) if type(x).__name__ == "ReportJoined")
    assert (joined.reporter, joined.on_behalf_of) == ("joe", "eve")  # type: ignore[attr-defined]


def test_many_reports_join_one_incident(open_desk: Open, url: str) -> None:
    desk = open_desk(url)
    inc = desk.declare("Mail is down")
    for name in ("joe", "eve"):
        assert desk.report("No mail", reporter=name, incident=inc).id == inc.id
    assert world.names(desk, inc).count("report_joined") == 2
    assert desk.count() == 1


def test_a_report_to_an_unknown_incident_is_refused_without_change(
    open_desk: Open, url: str
) -> None:
    desk = open_desk(url)
    with pytest.raises(NotFound, match="INC-9"):
        desk.report("No mail", reporter="joe", incident="INC-9")
    assert (desk.count(), world.records(desk, CAPTURE)) == (0, ())


def test_a_report_by_request_id_is_taken_once(open_desk: Open) -> None:
    desk = open_desk("memory:")
    first = desk.report("No mail", reporter="joe", request="r1")
    assert desk.report("No mail", reporter="joe", request="r1").id == first.id
    with pytest.raises(RequestReused):
        desk.report("No phone", reporter="joe", request="r1")
    assert desk.count() == 1


def test_a_report_that_the_policy_refuses_says_why(open_desk: Open) -> None:
    desk = open_desk("memory:", policy={"closed": True, "services": ["mail"]})
    with pytest.raises(InvalidValue, match="'phone' is not listed"):
        desk.report("No phone", reporter="joe", service="phone")
    assert desk.count() == 0


def test_reports_of_a_payload_are_taken_beside_what_cannot_be(open_desk: Open, url: str) -> None:
    desk = open_desk(url)
    good = {"type": "report", "title": "No mail", "reporter": "joe"}
    received = send(desk, good, {**good, "incident": "INC-77"}, {"type": "report"})
    assert received.opened == ("INC-1",)
    assert [path for path, _ in received.rejected] == ["signals[1]", "[2].title"]
    kept = [entry.kind for entry in world.entries(desk, "capture", received.capture)]
    assert kept == ["payload_captured", "signal_rejected", "signal_rejected"]


# --- changes --------------------------------------------------------------------------------------


def change(title: str = "Release 4", **more: Any) -> dict[str, Any]:
    return {"type": "change", "key": "rel-4", "title": title, "at": "2026-01-05T08:00:00Z", **more}


def test_a_change_is_kept_under_its_key_in_versions(open_desk: Open, url: str) -> None:
    desk = open_desk(url)
    for each in (change(), change(), change("Release 4.1"), change(key="rel-5")):
        assert send(desk, each).rejected == ()
    found = {record.change.key: record for record in world.records(desk, CHANGE)}
    assert {key: record.version for key, record in found.items()} == {"rel-4": 2, "rel-5": 1}
    assert found["rel-4"].change.title == "Release 4.1"
    journal = world.entries(desk, "change", found["rel-4"].id)
    assert [entry.recorded.event.change.title for entry in journal if entry.recorded] == [  # type: ignore[attr-defined]
        "Release 4",
        "Release 4.1",
    ]


def test_of_one_change_told_twice_in_a_payload_the_last_stands(open_desk: Open, url: str) -> None:
    desk = open_desk(url)
    received = send(desk, change("Release 4"), change("Release 4.1"), {"title": "Disk full"})
    assert (received.rejected, received.alerts) == ((), 1)
    (record,) = world.records(desk, CHANGE)
    assert (record.change.title, record.version) == ("Release 4.1", 1)


# --- beats ----------------------------------------------------------------------------------------


def test_silence_raises_an_alert_and_a_return_clears_it(open_desk: Open, url: str) -> None:
    time, sms = ManualTime(), world.pager()
    desk = open_desk(url, time=time, channels={"sms": sms})
    beat = {"type": "beat", "key": "backup", "every": "5m", "service": "db"}
    send(desk, beat)
    for _ in range(3):
        time.move(minutes=4)
        send(desk, beat)
        due = desk.run_due()
        assert time.now() < due <= time.now() + timedelta(minutes=5)
    (heartbeat,) = world.records(desk, HEARTBEAT)
    assert (heartbeat.silent, heartbeat.version) == (False, 1)
    assert len(world.entries(desk, "heartbeat", heartbeat.id)) == 1, "repeats only count"
    time.move(minutes=5)
    desk.run_due()
    incident = desk.incident("INC-1")
    assert (incident.title, incident.life.candidate) == ("No sign of life from backup", True)
    assert (incident.card.service, incident.ties.firing) == ("db", 1)
    assert world.said(sms) == ["on-call"]
    time.move(hours=1)
    send(desk, beat)
    incident = desk.incident("INC-1")
    assert (incident.ties.firing, incident.life.response) == (0, "cleared_unacknowledged")
    time.move(minutes=6)
    desk.run_due()
    assert desk.incident("INC-1").ties.firing == 1, "it fell silent again"
    assert desk.count() == 1


def test_a_beat_with_another_period_is_news(open_desk: Open) -> None:
    time = ManualTime()
    desk = open_desk("memory:", time=time)
    send(desk, {"type": "beat", "key": "backup", "every": "5m"})
    send(desk, {"type": "beat", "key": "backup", "every": "1d"})
    time.move(hours=23)
    desk.run_due()
    assert desk.count() == 0
    time.move(hours=2)
    desk.run_due()
    assert desk.count() == 1


# --- receipts -------------------------------------------------------------------------------------


def test_of_two_receipts_in_a_payload_the_last_stands(open_desk: Open, url: str) -> None:
    sms = world.pager()
    desk = open_desk(url, channels={"sms": sms})
    desk.declare("Down", assign="ana", **URGENT)
    desk.run_due()
    receipt = {"type": "receipt", "token": sms.messages[0].answer_token}
    received = send(desk, {**receipt, "delivered": True}, {**receipt, "delivered": False})
    assert received.rejected == ()
    (delivery,) = desk.deliveries("INC-1")
    assert (delivery.state, delivery.received) == ("sent", False)


# --- what cannot be read --------------------------------------------------------------------------


class Bad:
    """A source that does what it is told instead of reading."""

    name = "bad"

    def __init__(self, parse: Callable[[], Any]) -> None:
        self._parse = parse

    def parse(self, request: SourceRequest) -> Any:
        return self._parse()


def raising() -> Any:
    raise ValueError("cannot read this")


def exiting() -> Any:
    raise SystemExit(3)


def breaking() -> Iterator[Any]:
    yield Rejected("here", "half read")
    raise KeyError("and then it broke")


async def awaiting() -> Any:
    return ()


@pytest.mark.parametrize(
    "parse", [raising, exiting, breaking, awaiting, lambda: None, lambda: "text"], ids=repr
)
def test_a_source_that_fails_rejects_its_request_and_keeps_it(
    open_desk: Open, parse: Callable[[], Any]
) -> None:
    desk = open_desk("memory:", sources=[Bad(parse)])
    received = desk.receive("bad", b"\xff\x00 raw body")
    ((path, problem),) = received.rejected
    assert path == "request"
    assert "the source failed" in problem
    captured, refused = world.entries(desk, "capture", received.capture)
    assert refused.kind == "signal_rejected"
    event: Any = captured.recorded.event if captured.recorded else None
    assert (event.encoding, event.body) == ("latin-1", "\xff\ufffd raw body")
    assert [fault.plugin for fault in desk.faults] == ["bad"]
    assert desk.receive("generic", '{"title": "fine"}').rejected == ()


def test_what_is_no_signal_is_rejected_by_itself(open_desk: Open) -> None:
    desk = open_desk("memory:", sources=[Bad(lambda: [1, None, Rejected("x", "y", "z")])])
    received = desk.receive("bad", "body")
    assert received.rejected == (
        ("signals[0]", "int is no signal"),
        ("signals[1]", "NoneType is no signal"),
        ("x", "y"),
    )


def test_an_unknown_source_is_not_found(open_desk: Open, url: str) -> None:
    desk = open_desk(url)
    with pytest.raises(NotFound, match="alertmanager, generic"):
        desk.receive("nagios", "{}")
    assert world.records(desk, CAPTURE) == ()


def test_a_payload_by_request_id_is_taken_once(open_desk: Open, url: str) -> None:
    desk = open_desk(url)
    body = world.payload(world.alert())
    first = desk.receive("alertmanager", body, request="r1")
    again = desk.receive("alertmanager", body, request="r1")
    assert (again.capture, again.opened) == (first.capture, ("INC-1",))
    assert world.alerts(desk)["a is bad"].seen == 1
    with pytest.raises(RequestReused):
        desk.receive("alertmanager", world.payload(world.alert("b")), request="r1")
