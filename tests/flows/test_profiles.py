"""The profiles at work: what differs for whoever handles an incident."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from incidentkit import LinkKind, ManualTime
from incidentkit.errors import TransitionNotAllowed
from tests.flows import world
from tests.flows.world import URGENT, alert, cleared, payload

Open = Callable[..., Any]


def closed_by_alert(open_desk: Open, url: str, profile: str, code: str) -> tuple[Any, ManualTime]:
    time = ManualTime()
    channels = {"sms": world.pager()}
    desk = open_desk(url, time=time, channels=channels, policy={"profile": profile})
    desk.receive("alertmanager", payload(alert()))
    desk.receive("alertmanager", payload(cleared()))
    desk.resolve("INC-1", code=code, remedy="restarted")
    desk.close("INC-1")
    return desk, time


def test_itil_opens_a_successor_of_what_is_closed(open_desk: Open, url: str) -> None:
    desk, time = closed_by_alert(open_desk, url, "itil", "solution_provided")
    with pytest.raises(TransitionNotAllowed, match="successor"):
        desk.reopen("INC-1", reason="it is back")
    time.move(hours=1)
    desk.receive("alertmanager", payload(alert(value="2")))
    desk.run_due()
    successor, closed = desk.incident("INC-2"), desk.incident("INC-1")
    assert (closed.status, successor.status) == ("closed", "new")
    assert [(x.kind, x.ref) for x in successor.ties.links] == [(LinkKind.SUCCESSOR_OF, "INC-1")]
    assert [(x.kind, x.ref) for x in closed.ties.links] == [(LinkKind.SUCCEEDED_BY, "INC-2")]


def test_itil_after_a_week_it_is_another_matter(open_desk: Open) -> None:
    desk, time = closed_by_alert(open_desk, "memory:", "itil", "solution_provided")
    time.move(hours=24 * 8)
    desk.receive("alertmanager", payload(alert(value="2")))
    assert desk.incident("INC-2").ties.links == ()


@pytest.mark.parametrize("days", [1, 400])
def test_sre_takes_up_the_same_incident_however_late(open_desk: Open, days: int) -> None:
    desk, time = closed_by_alert(open_desk, "memory:", "sre", "rolled_back")
    time.move(hours=24 * days)
    desk.receive("alertmanager", payload(alert(value="2")))
    incident = desk.incident("INC-1")
    assert (incident.status, incident.life.reopened) == ("in_progress", 1)


def test_default_forgets_after_a_week(open_desk: Open) -> None:
    desk, time = closed_by_alert(open_desk, "memory:", "default", "fixed")
    time.move(hours=24 * 8)
    desk.receive("alertmanager", payload(alert(value="2")))
    assert desk.incident("INC-1").status == "closed"
    assert desk.incident("INC-2").ties.links == ()


def test_itil_has_a_clock_for_every_priority_and_sre_none_for_the_end(open_desk: Open) -> None:
    itil = open_desk("memory:", policy={"profile": "itil"}, time=ManualTime())
    low = itil.declare("Slow", impact="low", urgency="low")
    assert {x.target for x in low.clocks} == {"acknowledge", "classify", "resolve"}
    sre = open_desk("memory:", policy={"profile": "sre"}, time=ManualTime())
    worst = sre.declare("Down", impact="sev1", urgency="high")
    assert {x.target for x in worst.clocks} == {"acknowledge", "mitigate"}
    assert sre.declare("Who knows").priority == "P2"


def test_an_alert_of_each_severity_fits_every_profile(open_desk: Open) -> None:
    for profile in ("default", "itil", "sre"):
        desk = open_desk("memory:", policy={"profile": profile}, time=ManualTime())
        for severity in ("critical", "error", "nonsense"):
            one = alert(severity, severity=severity)
            desk.receive("alertmanager", payload(one, group=severity))
        assert [x.ref for x in desk.find().items]
        assert desk.count() == 3


# --- adopting -------------------------------------------------------------------------------------


def test_a_file_is_adopted_and_another_desk_reads_what_stands(
    open_desk: Open, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path}/incidents.db"
    path = tmp_path / "policy.json"
    path.write_text('{"profile": "itil", "paging": {"fallback": "duty"}}', "utf-8")
    first = open_desk(url, time=ManualTime())
    first.adopt(path)
    adopted = first.policy()
    other = open_desk(url, time=ManualTime())
    assert other.policy() == adopted
    assert (adopted.profile, adopted.paging.fallback) == ("itil", "duty")


def test_an_overridden_priority_is_told_in_the_timeline(open_desk: Open) -> None:
    overrides = [{"name": "always", "when": "true", "raise_by": 1}]
    desk = open_desk("memory:", policy={"overrides": overrides}, time=ManualTime())
    inc = desk.declare("Slow", impact="medium", urgency="medium")
    told = [line.text for line in desk.timeline(inc) if line.kind == "prioritised"]
    assert told == ['the priority is P2: impact medium x urgency medium, P2 by "always"']
    assert desk.declare("Down", **URGENT).priority == "P1"
