"""Every condition on an incident reads the same facts, with those around it and the host's own.

A word that one section knows and another refuses is a trap for whoever writes the policy: what is
known of the service, of the reporter, and by facts of the host's own is asked here everywhere.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from incidentkit import (
    Analyse,
    AssertFact,
    Declare,
    Fix,
    ManualTime,
    PublishKnownError,
    RaiseProblem,
    UseKnownError,
    Verify,
    rerun,
)
from incidentkit.errors import ConditionError, PolicyError
from incidentkit.model.problem_changes import FixNotHolding
from incidentkit.policy.load import load_policy
from tests.flows import world

Open = Callable[..., Any]

SERVICES = {"till": {"criticality": "critical"}, "wiki": {"criticality": "low"}}
PARTIES = {"eva": {"vip": True}, "joe": {}}
FACTS = {"tenants": {"type": "int"}}
BASE = {"services": SERVICES, "parties": PARTIES, "facts": FACTS, "targets": {}, "notices": []}

BESIDE = ['service.criticality == "critical"', "reporter.vip == true", "incident.fact.tenants > 5"]
"""A condition on the service, on the reporter, and on a fact of the host's own."""
every_fact = pytest.mark.parametrize("when", BESIDE, ids=["service", "reporter", "fact"])


def opened(open_desk: Open, url: str = "memory:", **more: Any) -> Any:
    return open_desk(url, time=ManualTime(), policy={**BASE, **more})


def both(desk: Any) -> None:
    """INC-1 meets none of the conditions, INC-2 all of them."""
    desk.declare("Wiki slow", service="wiki", reporter="joe", impact="low", urgency="low")
    desk.execute(AssertFact("INC-1", "tenants", "2"))
    desk.declare("Till dead", service="till", reporter="eva", impact="low", urgency="low")
    desk.execute(AssertFact("INC-2", "tenants", "9"))


def reasons(desk: Any, ref: str, rule: str) -> list[Any]:
    found = [x for x in world.reasons(desk.journal(ref)) if x.rule == rule]
    assert all(rerun(x) == x.outcome for x in found)
    return found


@every_fact
def test_a_major_rule(open_desk: Open, url: str, when: str) -> None:
    rules = [{"name": "it matters", "when": when}]
    desk = opened(open_desk, url, major={"duty": "mim", "rules": rules})
    both(desk)
    assert desk.incident("INC-1").dossier.overlays.major == "none"
    assert desk.incident("INC-2").dossier.overlays.major == "proposed"
    (why,) = reasons(desk, "INC-2", "major.trigger")
    assert list(why.inputs["facts"]) == [when.split()[0]]


def test_the_default_rules_know_a_critical_service_by_the_policy_or_by_a_label(
    open_desk: Open,
) -> None:
    desk = opened(open_desk, major={"duty": "mim"})
    high = {"impact": "high", "urgency": "medium"}
    desk.declare("Till dead", service="till", **high)
    desk.declare("Wiki dead", service="wiki", **high)
    desk.declare("Door dead", service="door", labels={"criticality": "critical"}, **high)
    desk.declare("Till slow", service="till", impact="low", urgency="low")
    found = {ref: desk.incident(ref) for ref in ("INC-1", "INC-2", "INC-3", "INC-4")}
    assert [x.priority for x in found.values()] == ["P2", "P2", "P2", found["INC-4"].priority]
    assert [x.dossier.overlays.major.value for x in found.values()] == [
        "proposed",
        "none",
        "proposed",
        "none",
    ]


@every_fact
def test_a_public_state_and_a_checklist(open_desk: Open, when: str) -> None:
    checklist = {"when": when, "items": [{"title": "Call them"}]}
    desk = opened(open_desk, public={"when": when}, checklists={"important": checklist})
    both(desk)
    quiet, loud = (desk.incident(ref).dossier for ref in ("INC-1", "INC-2"))
    assert (quiet.overlays.public, quiet.tasks) == (None, ())
    assert loud.overlays.public is not None
    assert [x.title for x in loud.tasks] == ["Call them"]
    assert reasons(desk, "INC-2", "public.follow")
    assert reasons(desk, "INC-2", "checklist.attach")


@every_fact
def test_a_rule_of_recurrence(open_desk: Open, url: str, when: str) -> None:
    rule = {"name": "again", "keys": ["category"], "minimum": 2, "when": when, "propose": True}
    desk = opened(open_desk, url, recurrence=[rule])
    for service, reporter, tenants in (("till", "eva", 9), ("wiki", "joe", 1), ("till", "eva", 7)):
        incident = desk.execute(Declare("Down", service=service, category="net", reporter=reporter))
        desk.execute(AssertFact(incident.ref, "tenants", str(tenants)))
    (group,) = desk.recurring()
    assert group.incidents == ("INC-1", "INC-3")
    desk.resolve("INC-3", code="fixed", remedy="restarted")
    assert "problem_proposed" in world.names(desk, "INC-3")


@every_fact
def test_a_known_error(open_desk: Open, url: str, when: str) -> None:
    desk = opened(open_desk, url)
    both(desk)
    desk.execute(RaiseProblem("Tills hang"))
    desk.execute(Analyse("PRB-1"))
    desk.execute(PublishKnownError("PRB-1", audience="staff", symptoms="hangs", match=when))
    assert desk.recognise("INC-1") == ()
    assert [x.ref for x in desk.recognise("INC-2")] == ["PRB-1"]
    desk.execute(UseKnownError("PRB-1", incident="INC-2"))
    (fits,) = [x for x in world.reasons(desk.journal("PRB-1")) if x.rule == "known_error.match"]
    assert rerun(fits) == fits.outcome != 0


@every_fact
def test_a_verification(open_desk: Open, url: str, when: str) -> None:
    time = ManualTime()
    desk = open_desk(url, time=time, policy=BASE)
    desk.execute(RaiseProblem("Tills hang"))
    desk.execute(Analyse("PRB-1"))
    desk.execute(Fix("PRB-1", cause="a leak"))
    until = time.now() + timedelta(days=3)
    desk.execute(Verify("PRB-1", until=until, criterion=when))
    assert desk.problem("PRB-1").watch == when
    time.move(hours=1)
    both(desk)
    desk.run_due()
    time.move(days=4)
    desk.run_due()
    found = [x.ref for x in world.events(desk, "PRB-1") if isinstance(x, FixNotHolding)]
    assert found == ["INC-2"]
    assert desk.problem("PRB-1").status == "analysing"


def test_a_reminder_and_what_reporters_are_told(open_desk: Open) -> None:
    time, mail = ManualTime(), world.pager("mail")
    say = "$incident.ref (${service.criticality|plain}, ${incident.fact.tenants|some} tenants)"
    holds = {"caller": {"remind_every": "1d", "reminders": 1, "template": f"Waiting: {say}"}}
    reports = {"told": {"send": True, "template": f"Done: {say}"}}
    policy = {**BASE, "holds": holds, "reports": reports}
    desk = open_desk("memory:", time=time, channels={"mail": mail}, policy=policy)
    desk.report("Till dead", reporter="eva", service="till")
    desk.execute(AssertFact("INC-1", "tenants", "9"))
    desk.hold("INC-1", reason="caller", court="eva", by="ana")
    time.move(days=1)
    desk.run_due()
    desk.resume("INC-1", by="ana")
    desk.resolve("INC-1", code="fixed", remedy="restarted", by="ana")
    desk.run_due()
    said = [x.text for x in mail.messages]
    assert "Waiting: INC-1 (critical, 9 tenants)" in said
    assert "Done: INC-1 (critical, 9 tenants)" in said


@pytest.mark.parametrize(
    "section",
    [
        {"major": {"rules": [{"when": "incident.fact.tenant > 5"}]}},
        {"public": {"when": "incident.fact.tenant > 5"}},
        {"checklists": {"x": {"when": "incident.fact.tenant > 5"}}},
        {"recurrence": [{"keys": ["team"], "minimum": 2, "when": "incident.fact.tenant > 5"}]},
        {"holds": {"caller": {"template": "$incident.fact.tenant"}}},
        {"reports": {"told": {"template": "$incident.fact.tenant"}}},
    ],
    ids=lambda x: next(iter(x)),
)
def test_a_misspelt_fact_is_refused_with_the_right_one(section: dict[str, Any]) -> None:
    with pytest.raises(PolicyError, match=r"incident\.fact\.tenants"):
        load_policy({**BASE, **section})


def test_a_misspelt_fact_of_a_known_error_is_refused(open_desk: Open) -> None:
    desk = opened(open_desk)
    desk.execute(RaiseProblem("Tills hang"))
    desk.execute(Analyse("PRB-1"))
    with pytest.raises(ConditionError, match=r"incident\.fact\.tenants"):
        desk.execute(PublishKnownError("PRB-1", symptoms="x", match="incident.fact.tenant > 5"))
