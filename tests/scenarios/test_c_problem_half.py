"""Monday-morning login slowness, from repeats to a problem, a known error and a verified fix."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from incidentkit import (
    Analyse,
    Fix,
    LinkKind,
    LinkTo,
    ManualTime,
    PublishKnownError,
    RaiseProblem,
    ReviseKnownError,
    UseKnownError,
    Verify,
    rerun,
)
from incidentkit.channels.memory import MemoryChannel
from incidentkit.errors import MissingFields
from tests.flows import world

Open = Callable[..., Any]
WEEK = timedelta(days=7)
POLICY: dict[str, Any] = {
    "notices": [],
    "problems": {"effects": {"resolved": ["resolve", "tell"]}},
    "recurrence": [
        {
            "name": "slow logins",
            "keys": ["service", "symptom"],
            "window": "30d",
            "minimum": 3,
            "propose": True,
        }
    ],
}


class Office:
    """A desk, its time, and what went out."""

    def __init__(self, open_desk: Open, url: str) -> None:
        self.time = ManualTime()
        self.sms = MemoryChannel("sms")
        self.desk = open_desk(url, time=self.time, channels={"sms": self.sms}, policy=POLICY)

    def monday(self, caller: str) -> str:
        """The next Monday morning: a caller says that the login is slow."""
        self.time.move(days=7)
        incident = self.desk.declare(
            "Login takes a minute",
            service="login",
            labels={"symptom": "slow"},
            reporter=caller,
            impact="medium",
            urgency="medium",
        )
        self.desk.run_due()
        return str(incident.ref)

    def helped(self, ref: str) -> None:
        self.desk.resolve(ref, code="workaround", remedy="waited until ten")
        self.desk.run_due()


@pytest.fixture
def office(open_desk: Open, url: str) -> Office:
    return Office(open_desk, url)


def raised(office: Office) -> list[str]:
    """Three Mondays, and the problem that is raised from them."""
    refs = [office.monday(caller) for caller in ("carl", "dora", "emil")]
    (found,) = office.desk.recurring("slow logins")
    office.desk.execute(
        RaiseProblem(
            "Logins are slow on Mondays",
            incidents=found.incidents,
            origin="recurrence",
            owner="bo",
        ),
        by="ana",
    )
    office.desk.run_due()
    return refs


def test_resolving_needs_code_and_remedy_and_repeats_propose_a_problem(office: Office) -> None:
    first = office.monday("carl")
    with pytest.raises(MissingFields, match="code"):
        office.desk.resolve(first, code="", remedy="")
    office.helped(first)
    second, third = office.monday("dora"), office.monday("emil")
    office.helped(second)
    assert "problem_proposed" not in world.names(office.desk, first)
    assert "problem_proposed" in world.names(office.desk, second)
    office.helped(third)
    assert "problem_proposed" not in world.names(office.desk, third), "once for group and window"
    (entry,) = [x for x in office.desk.journal(second) if x.kind == "problem_proposed"]
    assert set(entry.recorded.event.group) == {first, second, third}
    assert rerun(entry.recorded.reason) == entry.recorded.reason.outcome
    assert "a problem is proposed" in str(office.desk.timeline(second)[entry.seq - 1])


def test_the_problem_has_its_incidents_and_both_ends_know(office: Office) -> None:
    refs = raised(office)
    problem = office.desk.problem("PRB-1")
    assert world.links(problem) == {("causes", ref) for ref in refs}
    assert (problem.service, problem.origin, problem.owner) == ("login", "recurrence", "bo")
    for ref in refs:
        assert world.links(office.desk.incident(ref)) == {("caused_by", "PRB-1")}
    (found,) = office.desk.recurring("slow logins")
    assert (found.problems, found.unlinked) == (("PRB-1",), 0)


def test_a_known_error_gains_a_workaround_and_stays_in_force_and_its_use_is_counted(
    office: Office,
) -> None:
    raised(office)
    desk = office.desk
    desk.execute(Analyse("PRB-1"))
    desk.execute(
        PublishKnownError(
            "PRB-1",
            symptoms="login takes a minute",
            match='incident.service == "login" and incident.labels.symptom == "slow"',
        )
    )
    fourth = office.monday("fred")
    (met,) = desk.recognise(fourth)
    assert (met.ref, met.workaround) == ("PRB-1", "")
    desk.execute(ReviseKnownError("PRB-1", workaround="use the second gateway"))
    assert [x.workaround for x in desk.recognise(fourth)] == ["use the second gateway"]
    desk.execute(UseKnownError("PRB-1", incident=fourth), by="ana")
    desk.execute(UseKnownError("PRB-1", incident=fourth, worked=True), by="ana")
    desk.run_due()
    assert ("workaround_from", "PRB-1") in world.links(desk.incident(fourth))
    desk.execute(Fix("PRB-1", cause="the session table is rebuilt on Mondays"))
    assert desk.problem("PRB-1").published
    until = office.time.now() + 4 * WEEK
    desk.execute(Verify("PRB-1", until=until, criterion="four quick Mondays"))
    known = desk.problem("PRB-1").known_error
    assert (known.published, known.uses, known.successes) == (True, 1, 1)
    assert [x.ref for x in desk.known_errors()] == ["PRB-1"]
    assert desk.known_errors(audiences=("customers",)) == ()
    assert "used: 1 time" not in str(desk.explain("PRB-1", "status"))
    assert "1 time; worked in 1 of 1 (100 %)" in str(desk.explain("PRB-1", "known_error"))


CRITERION = 'incident.service == "login" and incident.labels.symptom == "slow"'


def verifying(office: Office) -> list[str]:
    refs = raised(office)
    desk = office.desk
    for ref in refs:
        desk.hold(ref, reason="problem", court="bo")
    desk.execute(Fix("PRB-1", cause="the session table is rebuilt"))
    link = LinkTo("PRB-1", kind=LinkKind.RESOLVED_BY_CHANGE, target="change/CHG-17")
    desk.execute(link, by="bo")
    done = {"type": "change", "key": "CHG-17", "title": "Index", "at": "2026-01-05T08:00:00Z"}
    assert not desk.receive("generic", json.dumps(done | {"labels": {"status": "Done"}})).rejected
    verify = Verify(
        "PRB-1",
        until=office.time.now() + 4 * WEEK + timedelta(hours=1),
        criterion=CRITERION,
        remedy="the table is rebuilt on Sundays",
    )
    desk.execute(verify, by="bo")
    desk.run_due()
    return refs


def test_a_change_fixes_it_and_a_matching_incident_raises_fix_not_holding(office: Office) -> None:
    verifying(office)
    desk = office.desk
    assert "changes_done" in world.names(desk, "PRB-1")
    assert any("all changes are done: CHG-17" in m.text for m in office.sms.messages)
    office.monday("nora")
    desk.declare("Printer on fire", service="printing")
    desk.run_due()
    problem = desk.problem("PRB-1")
    assert problem.status == "analysing"
    assert ("causes", "INC-4") in world.links(problem)
    assert ("caused_by", "PRB-1") in world.links(desk.incident("INC-4"))
    (entry,) = [x for x in desk.journal("PRB-1") if x.kind == "fix_not_holding"]
    assert entry.recorded.event.ref == "INC-4"
    assert rerun(entry.recorded.reason) == "condition"
    texts = [m.text for m in office.sms.messages if m.party == "bo"]
    assert "the fix does not hold: INC-4" in texts[-1]
    assert "INC-4" in str(desk.explain("PRB-1", "matches"))


def test_four_quiet_mondays_resolve_it_and_the_waiting_incidents_and_their_reporters_hear_it(
    office: Office,
) -> None:
    refs = verifying(office)
    desk = office.desk
    for _ in range(3):
        office.time.move(days=7)
        desk.run_due()
        assert desk.problem("PRB-1").status == "verifying"
    office.time.move(days=8)
    desk.run_due()
    problem = desk.problem("PRB-1")
    assert (problem.status, problem.remedy) == ("resolved", "the table is rebuilt on Sundays")
    for ref in refs:
        incident = desk.incident(ref)
        assert (incident.status, incident.course.ending.code) == ("resolved", "by_problem")
    heard = {m.party for m in office.sms.messages if "the table is rebuilt" in m.text}
    assert {"carl", "dora", "emil"} <= heard
    assert "the fix has held" in str(desk.timeline("PRB-1")[-2])
