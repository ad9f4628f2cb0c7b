"""The first walk of the design: from an alert to an incident, and back to quiet.

Guarded here: repeats only count, a clearing never resolves, the ladder pauses and goes on, and a
re-fire reopens as the policy says.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from incidentkit import ManualTime
from incidentkit.errors import MissingFields
from tests.flows import world
from tests.flows.world import alert, cleared, payload

Open = Callable[..., Any]


@pytest.fixture
def time() -> ManualTime:
    return ManualTime()


@pytest.fixture
def sms() -> world.Pager:
    return world.pager()


@pytest.fixture
def desk(open_desk: Open, url: str, time: ManualTime, sms: world.Pager) -> Any:
    return open_desk(url, channels={"sms": sms}, time=time)


def send(desk: Any, *sent: dict[str, Any], group: str = "g1") -> Any:
    return desk.receive("alertmanager", payload(*sent, group=group))


def test_a_critical_alert_opens_a_candidate_and_pages_the_fallback(
    desk: Any, sms: world.Pager
) -> None:
    received = send(desk, alert())
    assert (received.opened, received.joined, received.alerts) == (("INC-1",), (), 1)
    incident = desk.incident("INC-1")
    assert (incident.life.candidate, incident.status, incident.priority) == (True, "new", "P1")
    assert (incident.title, incident.card.service) == ("a is bad", "checkout")
    assert (incident.ties.alerts, incident.ties.firing) == (1, 1)
    assert all(clock.state == "dormant" for clock in incident.clocks), "targets are dormant"
    desk.run_due()
    assert world.said(sms) == ["on-call"]
    assert desk.accept("INC-1", by="ana").life.candidate is False
    assert desk.incident("INC-1").clock("resolve").state == "running"


def test_alerts_of_one_group_join_one_incident(desk: Any) -> None:
    received = send(desk, alert("a"), alert("b"))
    assert (received.opened, received.joined) == (("INC-1",), ())
    assert send(desk, alert("c")).joined == ("INC-1",)
    assert send(desk, alert("d"), group="g2").opened == ("INC-2",)
    assert desk.incident("INC-1").ties.alerts == 3
    assert {record.incident for record in world.alerts(desk).values()} == {
        desk.incident("INC-1").id,
        desk.incident("INC-2").id,
    }


def test_a_warning_is_recorded_and_nobody_is_paged(desk: Any, sms: world.Pager) -> None:
    received = send(desk, alert(severity="warning"))
    assert (received.opened, received.joined, received.alerts) == ((), (), 1)
    desk.run_due()
    assert desk.count() == 0
    assert world.said(sms) == []
    worse = send(desk, alert(severity="critical"))
    assert worse.opened == ("INC-1",), "it got worse: judged anew"


def test_an_unchanged_repeat_only_counts(desk: Any, time: ManualTime) -> None:
    send(desk, alert("a"), alert("b"))
    record = world.alerts(desk)["a is bad"]
    before = world.entries(desk, "alert", record.id), desk.journal("INC-1")
    for _ in range(5):
        time.move(minutes=1)
        received = send(desk, alert("a"), alert("b"))
        assert (received.alerts, received.repeats, received.joined) == (2, 2, ())
    after = world.alerts(desk)["a is bad"]
    assert (after.seen, after.version) == (6, record.version)
    assert after.last_at == time.now()
    assert (world.entries(desk, "alert", record.id), desk.journal("INC-1")) == before


def test_a_source_without_items_counts_repeats_as_exactly(desk: Any) -> None:
    body = '[{"title": "Disk full", "severity": "critical", "key": "disk"}]'
    for _ in range(3):
        desk.receive("generic", body)
    received = desk.receive("generic", body)
    assert (received.repeats, received.opened) == (1, ())
    twice = body.replace("]", "") + "," + body.replace("[", "")
    assert desk.receive("generic", twice).repeats == 2
    assert world.alerts(desk)["Disk full"].seen == 6


def test_another_desk_knows_a_repeat_too(open_desk: Open, tmp_path: Any) -> None:
    """The memory of repeats is one desk's own; the store's signature is the truth."""
    url = f"sqlite:///{tmp_path}/i.db"
    first, time = open_desk(url), ManualTime()
    send(first, alert())
    first.disconnect()
    second = open_desk(url, time=time)
    assert send(second, alert()).repeats == 1
    assert send(second, alert(value="2")).repeats == 0
    assert send(second, alert()).repeats == 0, "changed back is changed as well"
    assert world.alerts(second)["a is bad"].seen == 4


def test_a_changed_annotation_is_an_entry_of_the_alert(desk: Any) -> None:
    send(desk, alert())
    record = world.alerts(desk)["a is bad"]
    before = len(world.entries(desk, "alert", record.id)), len(desk.journal("INC-1"))
    assert send(desk, alert(value="2")).repeats == 0
    after = world.alerts(desk)["a is bad"]
    journal = world.entries(desk, "alert", record.id)
    assert (len(journal), journal[-1].kind) == (before[0] + 1, "alert_received")
    assert (after.seen, after.alert.annotations["value"]) == (2, "2")
    assert len(desk.journal("INC-1")) == before[1], "nothing happened to the incident"


def test_a_clearing_never_resolves(desk: Any) -> None:
    send(desk, alert("a"), alert("b"))
    send(desk, cleared("a"))
    incident = desk.incident("INC-1")
    assert (incident.ties.firing, incident.life.response) == (1, "unacknowledged")
    send(desk, cleared("b"))
    incident = desk.incident("INC-1")
    assert (incident.status, incident.ties.firing) == ("new", 0)
    assert incident.life.response == "cleared_unacknowledged"


def test_cleared_unacknowledged_pauses_the_ladder_and_a_refire_resumes_it(
    desk: Any, time: ManualTime, sms: world.Pager
) -> None:
    send(desk, alert())
    desk.run_due()
    send(desk, cleared())
    time.move(minutes=30)
    desk.run_due()
    assert world.said(sms) == ["on-call"], "nobody is paged for what is over"
    send(desk, alert())
    assert desk.incident("INC-1").life.response == "unacknowledged"
    desk.run_due()
    assert world.said(sms) == ["on-call", "on-call"], "the second round was due long ago"


def test_a_queued_page_for_cleared_alerts_is_not_sent(desk: Any, sms: world.Pager) -> None:
    send(desk, alert())
    send(desk, cleared())
    desk.run_due()
    assert world.said(sms) == []
    (delivery,) = desk.deliveries("INC-1")
    assert (delivery.state, delivery.detail) == ("unwanted", "alerts cleared")


def test_an_acknowledged_incident_stays_so_when_alerts_clear(desk: Any) -> None:
    send(desk, alert())
    desk.acknowledge("INC-1", by="ana")
    send(desk, cleared())
    assert desk.incident("INC-1").life.response == "acknowledged"


def test_resolving_while_alerts_fire_needs_an_override(desk: Any) -> None:
    send(desk, alert())
    with pytest.raises(MissingFields, match="1 alert"):
        desk.resolve("INC-1", code="fixed", remedy="restarted")
    desk.resolve("INC-1", code="fixed", remedy="restarted", override="the check is broken")
    assert desk.incident("INC-1").status == "resolved"


def finished(desk: Any) -> None:
    """An alert that fired, cleared, and whose incident was resolved."""
    send(desk, alert())
    send(desk, cleared())
    desk.resolve("INC-1", code="fixed", remedy="restarted", by="ana")


def test_a_refire_within_seven_days_reopens(desk: Any, time: ManualTime, sms: world.Pager) -> None:
    finished(desk)
    time.move(days=6, hours=23)
    received = send(desk, alert())
    assert (received.opened, received.joined) == ((), ("INC-1",))
    incident = desk.incident("INC-1")
    assert (incident.status, incident.life.reopened) == ("in_progress", 1)
    assert "reopened" in world.names(desk, "INC-1")
    desk.run_due()
    assert world.said(sms), "somebody is paged for it again"


def test_a_refire_of_what_was_closed_reopens_too(desk: Any) -> None:
    finished(desk)
    desk.close("INC-1", by="ana")
    assert send(desk, alert()).joined == ("INC-1",)


def test_a_refire_after_seven_days_opens_another(desk: Any, time: ManualTime) -> None:
    finished(desk)
    time.move(days=7, hours=1)
    received = send(desk, alert())
    assert (received.opened, received.joined) == (("INC-2",), ())
    assert desk.incident("INC-1").status == "resolved"
    assert send(desk, alert("b")).joined == ("INC-2",), "the group belongs to the new one"


@pytest.mark.parametrize(
    "lifecycle", [{"refire_reopens": False}, {"refire_reopens_for": "1h"}], ids=str
)
def test_the_policy_says_whether_a_refire_reopens(
    open_desk: Open, lifecycle: dict[str, Any]
) -> None:
    time = ManualTime()
    desk = open_desk("memory:", time=time, policy={"lifecycle": lifecycle})
    finished(desk)
    time.move(hours=2)
    assert send(desk, alert()).opened == ("INC-2",)
    assert desk.incident("INC-1").status == "resolved"


def test_a_refire_regresses_what_was_mitigated(desk: Any) -> None:
    send(desk, alert())
    desk.mitigate("INC-1", by="ana")
    send(desk, cleared())
    send(desk, alert())
    assert desk.incident("INC-1").status == "in_progress"
    assert "regressed" in world.names(desk, "INC-1")


def test_a_declined_candidate_is_not_joined(desk: Any) -> None:
    send(desk, alert())
    desk.decline("INC-1", reason="a test of the pager", by="ana")
    send(desk, cleared())
    assert send(desk, alert()).opened == ("INC-2",)


def test_an_alert_that_fires_on_is_no_refire(desk: Any) -> None:
    """Somebody resolved it all the same; that another value is measured does not undo that."""
    send(desk, alert())
    desk.resolve("INC-1", code="fixed", remedy="restarted", override="false positive")
    send(desk, alert(value="2"))
    incident = desk.incident("INC-1")
    assert (incident.status, incident.ties.firing) == ("resolved", 1)
    send(desk, cleared())
    assert desk.incident("INC-1").ties.firing == 0
    assert send(desk, alert()).joined == ("INC-1",), "now it is one"


def test_an_alert_that_was_not_taken_in_does_not_clear_what_it_once_belonged_to(
    desk: Any, time: ManualTime
) -> None:
    finished(desk)
    time.move(days=8)
    send(desk, alert(severity="info"))
    send(desk, cleared(severity="info"))
    assert desk.incident("INC-1").ties.firing == 0


RULES = {
    "alerts": {
        "rules": [
            {"name": "noise", "when": 'labels.alertname == "noise"', "action": "suppress"},
            {"name": "sure", "when": 'labels.alertname == "sure"', "action": "open"},
            {"name": "look", "when": 'labels.alertname == "look"', "action": "candidate"},
            {"name": "keep", "when": 'labels.alertname == "keep"', "action": "record"},
        ]
    }
}


def test_the_rules_of_the_host_come_first(open_desk: Open) -> None:
    desk = open_desk("memory:", policy=RULES)
    for name in ("noise", "sure", "look", "keep"):
        send(desk, alert(name, severity="critical"), group=name)
    found = {i.title: i.life.candidate for i in desk.find().items}
    assert found == {"sure is bad": False, "look is bad": True}
    record = world.alerts(desk)["noise is bad"]
    judged = world.entries(desk, "alert", record.id)[-1]
    (reason,) = world.reasons([judged])
    assert (reason.outcome, reason.inputs["matched"]) == ("suppress", "noise")


def test_an_alert_of_unknown_severity_counts_as_error(desk: Any) -> None:
    assert desk.receive("generic", '{"title": "odd", "severity": "purple"}').opened == ("INC-1",)
    incident = desk.incident("INC-1")
    assert (incident.life.candidate, incident.rating.provisional) == (True, True)
