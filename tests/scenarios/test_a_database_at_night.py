"""Situation A: three at night, the database under fourteen services is gone.

Told here: what pages although nobody configured it, four hundred alerts that are one incident, who
is paged when nobody answers, what keeps an acknowledgement alive, the major with its clock and its
staff, the handover, a fix that does not hold, and what keeps it from being resolved too early.

Also told: an hour in which the own store is away, and nothing is lost.

`lines.py` says which work brings the rest: rotations and levels of escalation.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from incidentkit import (
    AcceptHandover,
    AddReference,
    AddTask,
    Alertmanager,
    CompleteTask,
    LinkKind,
    LinkTo,
    ManualTime,
    Observe,
    Regress,
    TakeRole,
    lint,
    load_policy,
    rerun,
)
from incidentkit.desk import spool
from incidentkit.errors import MissingFields, NotAuthorised, Retryable
from incidentkit.ids import MAIN_TENANT
from incidentkit.ports.query import Query
from tests.acceptance.both import plainly
from tests.flows import world

Open = Callable[..., Any]
SERVICES = tuple(f"shop-{n}" for n in range(1, 15))
HOUSE: dict[str, Any] = {
    "paging": {"fallback": "night-desk"},
    "major": {"duty": "duty-manager", "answer_within": "15m", "staffed_within": "5m"},
    "public": {"when": 'incident.major == "accepted"'},
    "checklists": {
        "first half hour": {
            "when": 'incident.major == "accepted"',
            "items": [{"title": "Open the bridge", "assign": "$commander"}],
        }
    },
    "notices": [
        {
            "name": "situation",
            "audience": "$responders",
            "on": ["major_accepted", "regressed"],
            "template": "$incident.ref, now $incident.state: $incident.title",
        }
    ],
}


def fire(service: str, name: str, status: str = "firing") -> dict[str, Any]:
    labels = {"alertname": name, "severity": "critical", "service": service}
    return {
        "status": status,
        "labels": labels,
        "annotations": {"summary": f"{service}: {name}"},
        "startsAt": "2026-01-05T09:00:00Z",
        "fingerprint": f"{service}/{name}",
    }


class Night:
    """One desk, its time, its alert source and its pager."""

    def __init__(self, open_desk: Open, url: str, policy: Any = None) -> None:
        self.time, self.sms, self.heard = ManualTime(), world.pager(), 0
        self.desk = open_desk(
            url,
            time=self.time,
            channels={"sms": self.sms},
            sources=[Alertmanager("am")],
            policy=policy,
        )

    def send(self, *alerts: dict[str, Any], group: str = "database") -> Any:
        body = {"version": "4", "groupKey": group, "alerts": list(alerts)}
        return self.desk.receive("am", json.dumps(body))

    def wait(self, **span: float) -> list[tuple[str, str]]:
        """Some time goes by; to whom something went meanwhile, and what."""
        self.time.move(**span)
        self.desk.run_due()
        self.desk.run_due()
        found = [(x.to, x.text) for x in self.sms.messages]
        fresh, self.heard = found[self.heard :], len(found)
        return fresh


@pytest.fixture
def night(open_desk: Open, url: str) -> Night:
    return Night(open_desk, url, HOUSE)


def major(night: Night) -> str:
    """A major that nobody has answered for, proposed at 09:00 and acknowledged by bo."""
    night.send(fire("shop-1", "NoDatabase"))
    night.desk.accept("INC-1", by="bo")
    night.desk.acknowledge("INC-1", by="bo")
    return "INC-1"


# --- the first minute -----------------------------------------------------------------------------


def test_with_nothing_configured_a_severe_alert_pages(open_desk: Open, url: str) -> None:
    night = Night(open_desk, url)
    assert night.send(fire("shop-1", "NoDatabase")).opened == ("INC-1",)
    assert night.desk.incident("INC-1").life.candidate
    assert [x.ref for x in night.desk.overview().section("candidates").items] == ["INC-1"]
    assert [to for to, _ in night.wait(seconds=0)] == ["on-call"]
    assert "the fallback" in str(night.desk.explain("INC-1", "paging"))


def test_lint_says_who_is_paged_while_nobody_is_named(open_desk: Open, url: str) -> None:
    (found,) = [x for x in lint(load_policy({})) if x.path == "paging.fallback"]
    assert "nobody is named" in found.problem
    assert "'on-call'" in found.problem
    assert [x for x in lint(load_policy(HOUSE)) if x.path == "paging.fallback"] == []
    night = Night(open_desk, url)
    assert any("'on-call'" in x.message for x in night.desk.diagnose())


def test_four_hundred_alerts_are_one_incident_and_each_says_why(night: Night) -> None:
    alerts = [fire(service, f"Errors{n}") for n in range(30) for service in SERVICES][:400]
    assert night.send(*alerts[:1]).opened == ("INC-1",)
    assert [to for to, _ in night.wait(seconds=0)] == ["night-desk"], (
        "the first page waits for none"
    )
    for start in range(1, 400, 100):
        assert night.send(*alerts[start : start + 100]).opened == ()
    assert night.desk.count() == 1
    assert night.desk.incident("INC-1").ties.alerts == 400
    told = [x for x in night.desk.timeline("INC-1") if x.kind == "alert_joined"]
    assert len(told) == 400
    found = night.desk.find_records("alert", limit=400).items
    assert len(found) == 400
    assert {x.alert.service for x in found} == set(SERVICES)
    for record in found[::40]:
        (judged,) = [
            x for x in world.entries(night.desk, "alert", record.id) if x.kind == "alert_judged"
        ]
        assert judged.recorded is not None
        reason = judged.recorded.reason
        assert reason is not None
        assert rerun(reason) == reason.outcome
    assert night.wait(minutes=1) == [], "four hundred alerts are one page"


def test_a_service_that_nobody_knows_still_ends_at_a_human(night: Night) -> None:
    night.send({**fire("", "Odd"), "labels": {"alertname": "Odd", "severity": "critical"}})
    assert night.desk.incident("INC-1").card.service is None
    assert [to for to, _ in night.wait(seconds=0)] == ["night-desk"]


class Away:
    """A store of this scene, taken away and given back; it keeps what the URL names."""

    def __init__(self, desk: Any) -> None:
        self._ports = desk.ports
        self._store, self.gone = desk.ports.store, False
        self._ports.store = self

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._store, name)
        if self.gone and name != "close":
            raise Retryable("connection refused")
        return found


def test_while_the_own_store_is_away_nothing_is_lost_and_somebody_is_woken(
    open_desk: Open, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spool, "PROBE", 0.0)
    time, sms = ManualTime(), world.pager()
    desk = open_desk(
        url,
        time=time,
        channels={"sms": sms},
        sources=[Alertmanager("am")],
        policy=HOUSE,
        spool=tmp_path / "spool",
        emergency=[("ana", "sms", "+49 1"), ("bo", "sms", "+49 2")],
    )
    store = Away(desk)
    store.gone = True
    start = time.now()
    sent = [
        json.dumps(
            {"version": "4", "groupKey": "night", "alerts": [fire(SERVICES[n % 14], f"E{n}")]}
        )
        for n in range(400)
    ]
    for n, body in enumerate(sent):
        assert desk.receive("am", body, request=f"hook-{n}").spooled
        time.move(seconds=9)
    assert [x.to for x in sms.messages] == ["+49 1", "+49 2"] * 4, "once in a quarter of an hour"
    assert all("is away" in x.title for x in sms.messages)
    store.gone = False
    desk.receive("am", sent[-1], request="hook-399")
    desk.run_due()
    assert desk.spool().waiting == 0
    for kind in ("alert", "capture"):
        kept = plainly(desk, desk.ports.store.count(MAIN_TENANT, Query(kind)))
        assert kept == 400, f"{kind}: a repeat is a repeat"
    (incident,) = desk.find().items
    assert incident.moment("detected") == start
    assert [x.to for x in sms.messages][8:] == ["night-desk"], "and the ladder begins"
    assert desk.verify().problems == ()
    assert desk.audit().loose_ends == ()


# --- who answers ----------------------------------------------------------------------------------


def test_two_answer_and_the_first_one_leads(night: Night) -> None:
    night.send(fire("shop-1", "NoDatabase"))
    night.desk.accept("INC-1", by="system")
    for person in ("bo", "ana"):
        night.desk.acknowledge("INC-1", by=person)
    inc = night.desk.incident("INC-1")
    assert inc.people.holder("commander") == "bo"
    assert [x.holder for x in inc.attention.leases] == ["bo", "ana"]
    assert "night-desk" not in [to for to, _ in night.wait(minutes=6)], "the ladder rests"


def test_every_time_that_is_shown_carries_its_offset(night: Night) -> None:
    ref = major(night)
    told = [str(line) for line in night.desk.timeline(ref)]
    told += str(night.desk.overview()).splitlines()[:1]
    told += [text for to, text in night.wait(minutes=15) if "answered by" in text]
    assert len(told) > 10
    for line in told:
        assert "2026-01-05 09:" in line
        assert "+00:00" in line


def test_who_does_not_answer_is_joined_by_the_next(night: Night) -> None:
    night.desk.declare("No database", assign="ana", **world.URGENT)
    assert sorted(to for to, _ in night.wait(seconds=0)) == ["ana", "duty-manager"]
    assert night.wait(minutes=4) == []
    assert sorted(to for to, _ in night.wait(minutes=1)) == ["ana", "night-desk"]


def test_whatever_the_holder_does_keeps_the_acknowledgement(night: Night) -> None:
    ref = major(night)
    night.desk.execute(TakeRole(ref, role="communications"), by="cora")
    night.wait(minutes=0)
    for step in range(6):
        night.wait(minutes=20)
        night.desk.note(ref, f"step {step}", by="bo")
    inc = night.desk.incident(ref)
    assert inc.life.response == "acknowledged"
    assert inc.attention.leases[0].until == night.time.now() + timedelta(minutes=30)
    still_there = [x for x in night.sms.messages if x.to == "bo" and x.kind == "page"]
    assert [x.text for x in still_there if "lapsed" in x.text or "still" in x.text] == []
    paged = [to for to, _ in night.wait(minutes=31)]
    assert night.desk.incident(ref).life.response == "lapsed"
    assert "night-desk" in paged, "who has gone quiet is not alone with it"


def test_what_clears_before_anybody_looked_waits_for_the_morning(night: Night) -> None:
    night.send(fire("shop-1", "NoDatabase"))
    night.wait(seconds=0)
    night.send(fire("shop-1", "NoDatabase", "resolved"))
    assert night.desk.incident("INC-1").life.response == "cleared_unacknowledged"
    assert night.wait(minutes=60) == [], "the ladder rests"
    assert [x.ref for x in night.desk.overview().section("quiet").items] == ["INC-1"]
    assert "Morning queue" in str(night.desk.overview())
    night.send(fire("shop-1", "NoDatabase"))
    assert [to for to, _ in night.wait(seconds=0)] == ["night-desk"], "it goes on where it rested"


def test_who_works_on_it_is_not_paged_again_by_one_service_more(night: Night) -> None:
    major(night)
    night.wait(seconds=0)
    assert night.send(fire("shop-9", "NoDatabase")).joined == ("INC-1",)
    assert [to for to, _ in night.wait(minutes=1) if to in ("bo", "night-desk")] == []
    inc = night.desk.incident("INC-1")
    assert (inc.ties.alerts, inc.life.response) == (2, "acknowledged")


# --- it is a major --------------------------------------------------------------------------------


def test_a_proposed_major_has_a_clock_and_is_accepted_when_nobody_answers(night: Night) -> None:
    ref = major(night)
    inc = night.desk.incident(ref)
    assert inc.people.holder("commander") == "bo", "the first to acknowledge leads for now"
    assert inc.dossier.overlays.major == "proposed"
    assert "every P1" in dict(night.wait(seconds=0))["duty-manager"]
    assert "answered by 2026-01-05 09:15:00+00:00" in str(night.desk.explain(ref, "major"))
    assert [x.ref for x in night.desk.overview().section("majors").items] == [ref]
    told = dict(night.wait(minutes=15))
    inc = night.desk.incident(ref)
    assert inc.dossier.overlays.major == "accepted"
    assert "nobody answered by" in told["duty-manager"]
    assert [x.title for x in inc.dossier.tasks] == ["Open the bridge"], "the stages begin at once"
    assert inc.dossier.tasks[0].assignee == "bo"
    assert told["bo"].startswith("INC-1, now "), "the internal report goes to who works on it"
    alarms = [x for x in night.wait(minutes=5) if "a major incident without" in x[1]]
    assert [to for to, _ in alarms] == ["duty-manager"]
    assert "without communications" in alarms[0][1]


def test_a_major_that_nobody_leads_is_an_alarm_after_five_minutes(night: Night) -> None:
    night.desk.declare("No database", **world.URGENT)
    night.wait(minutes=15)
    assert night.desk.incident("INC-1").dossier.overlays.major == "accepted"
    assert [text for _, text in night.wait(minutes=4) if "without" in text] == []
    alarm = dict(night.wait(minutes=1))["duty-manager"]
    assert "without commander" in alarm
    assert "communications" in alarm
    night.desk.acknowledge("INC-1", by="bo")
    night.desk.execute(TakeRole("INC-1", role="communications"), by="cora")
    assert night.desk.explain("INC-1", "major").answer == "INC-1 is major: accepted"
    assert [text for _, text in night.wait(minutes=10) if "without" in text] == []


def test_it_is_handed_over_with_a_brief_and_keeps_its_bridge(night: Night) -> None:
    ref = major(night)
    for system, key in (("bridge", "conf-7"), ("chat", "#inc-1")):
        link = AddReference(ref, system, key, f"https://{system}.example/{key[-1]}")
        night.desk.execute(link, by="bo")
    night.desk.execute(AddTask(ref, title="Fail over to the copy", assignee="ana"), by="bo")
    night.desk.note(ref, "the copy is four minutes behind", by="bo")
    brief = night.desk.brief(ref)
    for known in ("shop-1", "Fail over to the copy", "four minutes behind", "commander"):
        assert known in brief
    night.desk.hand_over(ref, "commander", "eve", by="bo")
    assert night.desk.incident(ref).people.holder("commander") == "bo", "until she accepts"
    with pytest.raises(NotAuthorised):
        night.desk.execute(AcceptHandover(ref, role="commander"), by="ana")
    inc = night.desk.execute(AcceptHandover(ref, role="commander"), by="eve")
    assert inc.people.holder("commander") == "eve"
    assert {(x.system, x.key) for x in inc.dossier.scope.references} == {
        ("bridge", "conf-7"),
        ("chat", "#inc-1"),
    }
    briefed = [x for x in night.desk.timeline(ref) if x.kind == "handover_briefed"]
    assert len(briefed) == 1


def test_a_fix_that_does_not_hold_takes_the_public_state_back(night: Night) -> None:
    ref = major(night)
    night.wait(minutes=15)
    public = lambda: night.desk.incident(ref).dossier.overlays.public.state  # noqa: E731
    assert public() == "investigating"
    night.desk.mitigate(ref, by="bo")
    assert public() == "monitoring"
    night.desk.execute(Observe(ref, condition="ten minutes without errors"), by="bo")
    inc = night.desk.execute(Regress(ref, reason="errors again"), by="bo")
    assert (inc.status, public()) == ("in_progress", "investigating")
    assert ("bo", "INC-1, now in_progress: shop-1: NoDatabase") in night.wait(seconds=0)
    assert any("errors again" in x.text for x in night.desk.timeline(ref))
    night.desk.mitigate(ref, by="bo")
    night.send(fire("shop-1", "NoDatabase", "resolved"))
    night.send(fire("shop-1", "NoDatabase"))
    assert (night.desk.incident(ref).status, public()) == ("in_progress", "investigating")


def test_open_ends_need_an_override_to_resolve_it(night: Night) -> None:
    ref = major(night)
    child = night.desk.declare("Tills are offline", service="shop-3")
    night.desk.execute(LinkTo(child.ref, kind=LinkKind.CHILD_OF, target=ref))
    night.send(fire("shop-3", "Tills"), group="tills")
    night.desk.execute(AddTask(ref, title="Tell the shops"), by="bo")
    ending = {"code": "fixed", "remedy": "failed over", "by": "bo"}
    with pytest.raises(MissingFields, match="1 alert"):
        night.desk.resolve(ref, **ending)
    night.send(fire("shop-1", "NoDatabase", "resolved"))
    with pytest.raises(MissingFields, match=r"1 task\(s\) are open \(T1\)"):
        night.desk.resolve(ref, **ending)
    night.desk.execute(CompleteTask(ref, task="T1"), by="bo")
    assert night.desk.resolve(ref, **ending).status == "resolved"
    night.desk.reopen(ref, reason="the tills came back without prices", by="bo")
    night.desk.execute(AddTask(ref, title="Send the prices again"), by="bo")
    inc = night.desk.resolve(ref, override="the shops do it themselves", **ending)
    assert inc.status == "resolved"
    assert any("the shops do it themselves" in x.text for x in night.desk.timeline(ref))


def test_children_that_stay_open_need_an_override_too(open_desk: Open, url: str) -> None:
    night = Night(open_desk, url, {**HOUSE, "parent": {"resolve": False}})
    for title in ("No database", "Tills are offline"):
        night.desk.declare(title)
    night.desk.execute(LinkTo("INC-2", kind=LinkKind.CHILD_OF, target="INC-1"))
    with pytest.raises(MissingFields, match="INC-2"):
        night.desk.resolve("INC-1", code="fixed", remedy="failed over")
    night.desk.resolve("INC-1", code="fixed", remedy="failed over", override="tills come later")
    night.desk.run_due()
    assert night.desk.incident("INC-2").active
