"""Problems: raised from incidents, and what becomes of those that wait for them.

Guarded here: a problem resolved resolves the incidents on hold for it, resumes one whose alerts
fire, and leaves every other one alone; a doubled reaction does nothing; an accepted risk expires.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from incidentkit import (
    AcceptRisk,
    Analyse,
    Assess,
    CancelProblem,
    CloseProblem,
    Fix,
    LinkKind,
    LinkTo,
    ManualTime,
    RaiseProblem,
    Reanalyse,
    ResolveProblem,
    Unlink,
    Verify,
)
from incidentkit.errors import (
    InvalidValue,
    MissingFields,
    NotFound,
    TransitionNotAllowed,
    VersionMismatch,
)
from tests.flows import world
from tests.flows.test_links import again
from tests.flows.world import alert, cleared, payload

Open = Callable[..., Any]


@pytest.fixture
def time() -> ManualTime:
    return ManualTime()


@pytest.fixture
def desk(open_desk: Open, url: str, time: ManualTime) -> Any:
    return open_desk(url, time=time, channels={"sms": world.pager()})


def raised(desk: Any, incident: str = "INC-1") -> Any:
    return desk.execute(RaiseProblem("The pool leaks", incident=incident), by="ana")


def held(desk: Any, ref: str = "INC-1", reason: str = "problem") -> None:
    desk.hold(ref, reason=reason, court="dba", by="ana")


def test_a_problem_raised_from_an_incident_is_linked_both_ways(desk: Any) -> None:
    desk.declare("Down", service="db")
    problem = raised(desk)
    assert (problem.ref, problem.status, problem.service) == ("PRB-1", "new", "db")
    assert world.links(problem) == {("causes", "INC-1")}
    assert world.links(desk.incident("INC-1")) == {("caused_by", "PRB-1")}
    desk.run_due()
    assert world.links(desk.problem("PRB-1")) == {("causes", "INC-1")}, "no link twice"


def test_a_problem_may_stand_alone(desk: Any) -> None:
    problem = desk.execute(RaiseProblem("Certificates", service="web", category="process"))
    assert (problem.service, problem.category, problem.links) == ("web", "process", ())
    with pytest.raises(NotFound, match="INC-9"):
        raised(desk, "INC-9")
    assert [each.ref for each in desk.find_problems().items] == ["PRB-1"]


def test_an_incident_is_tied_to_a_problem_later(desk: Any) -> None:
    desk.declare("Down")
    desk.execute(RaiseProblem("The pool leaks"))
    desk.execute(LinkTo("INC-1", kind=LinkKind.CAUSED_BY, target="PRB-1"))
    desk.run_due()
    assert world.links(desk.problem("PRB-1")) == {("causes", "INC-1")}
    desk.execute(Unlink("INC-1", kind=LinkKind.CAUSED_BY, target="PRB-1"))
    desk.run_due()
    assert world.links(desk.problem("PRB-1")) == set()


def test_a_problem_resolved_resolves_what_is_on_hold_for_it(desk: Any) -> None:
    for title in ("One", "Two", "Three"):
        desk.declare(title)
    raised(desk)
    for ref in ("INC-2", "INC-3"):
        desk.execute(LinkTo(ref, kind=LinkKind.CAUSED_BY, target="PRB-1"))
    desk.run_due()
    held(desk, "INC-1")
    held(desk, "INC-2", reason="vendor")
    desk.execute(ResolveProblem("PRB-1", remedy="patched the pool"), by="dba")
    assert desk.incident("INC-1").status == "on_hold", "not in the same commit"
    desk.run_due()
    one = desk.incident("INC-1")
    assert (one.status, one.course.ending.code) == ("resolved", "by_problem")
    assert one.course.ending.remedy == "patched the pool"
    assert [desk.incident(f"INC-{n}").status for n in (2, 3)] == ["on_hold", "new"]
    entry = next(x for x in desk.journal("INC-1") if x.kind == "resolved")
    assert entry.recorded.by == "system"
    assert entry.recorded.cause.startswith(f"problem/{desk.problem('PRB-1').id}#")


def test_one_whose_alerts_fire_is_resumed(desk: Any) -> None:
    desk.receive("alertmanager", payload(alert()))
    desk.start("INC-1", by="ana")
    raised(desk)
    held(desk)
    desk.execute(ResolveProblem("PRB-1", remedy="patched the pool"))
    desk.run_due()
    assert desk.incident("INC-1").status == "in_progress"
    texts = [delivery.text for delivery in desk.deliveries("INC-1")]
    assert any(text.endswith("PRB-1 is resolved, but 1 alert(s) still fire") for text in texts)
    desk.receive("alertmanager", payload(cleared()))
    assert desk.incident("INC-1").status == "in_progress"


def test_the_reaction_doubled_does_nothing(desk: Any) -> None:
    desk.declare("Down")
    raised(desk)
    held(desk)
    problem = desk.execute(ResolveProblem("PRB-1", remedy="patched the pool"))
    desk.run_due()
    desk.reopen("INC-1", reason="still broken", by="ana")
    before = desk.journal("INC-1")
    again(desk, f"problem/{problem.id}#{problem.version}", "INC-1")
    desk.run_due()
    assert desk.journal("INC-1") == before


def test_an_accepted_risk_expires_by_itself(desk: Any, time: ManualTime) -> None:
    problem = desk.execute(RaiseProblem("The pool leaks"))
    until = time.now() + timedelta(days=30)
    accept = AcceptRisk(problem.ref, expires_at=until, reason="a new pool comes anyway")
    problem = desk.execute(accept, by="ana")
    assert (problem.status, problem.until) == ("risk_accepted", until)
    assert desk.run_due() == until
    time.move(days=30)
    assert desk.run_due() is None
    problem = desk.problem("PRB-1")
    assert (problem.status, problem.until) == ("analysing", None)
    back, called = (entry.recorded for entry in desk.journal("PRB-1")[-3:-1])
    assert (back.by, back.event.why) == ("system", "the acceptance of the risk expired")
    assert (called.event.occasion, called.event.to) == ("risk_expired", "on-call")


def test_a_risk_no_longer_accepted_does_not_expire(desk: Any, time: ManualTime) -> None:
    desk.execute(RaiseProblem("The pool leaks"))
    until = time.now() + timedelta(days=1)
    desk.execute(AcceptRisk("PRB-1", expires_at=until, reason="for now"))
    desk.execute(Reanalyse("PRB-1", reason="we can do better"))
    assert desk.run_due() is None
    desk.execute(Fix("PRB-1", cause="no limit", workaround="restart at night"))
    time.move(days=2)
    desk.run_due()
    assert desk.problem("PRB-1").status == "fixing"


def test_the_life_of_a_problem(desk: Any, time: ManualTime) -> None:
    desk.execute(RaiseProblem("The pool leaks"))
    tomorrow = time.now() + timedelta(days=1)
    for command, status in (
        (Assess("PRB-1"), "assessing"),
        (Analyse("PRB-1"), "analysing"),
        (Fix("PRB-1", cause="no limit"), "fixing"),
        (Verify("PRB-1", until=tomorrow, criterion="no restart"), "verifying"),
        (ResolveProblem("PRB-1", remedy="a limit"), "resolved"),
        (CloseProblem("PRB-1"), "closed"),
    ):
        assert desk.execute(command).status == status
    problem = desk.problem("PRB-1")
    assert (problem.cause, problem.remedy) == ("no limit", "a limit")
    assert len(desk.timeline("PRB-1")) == len(desk.journal("PRB-1")) == problem.version == 7


def test_what_a_problem_refuses_changes_nothing(desk: Any, time: ManualTime) -> None:
    desk.execute(RaiseProblem("The pool leaks"))
    before = desk.journal("PRB-1")
    with pytest.raises(TransitionNotAllowed, match="PRB-1 is new: close_problem"):
        desk.execute(CloseProblem("PRB-1"))
    with pytest.raises(MissingFields, match="remedy"):
        desk.execute(ResolveProblem("PRB-1"))
    with pytest.raises(InvalidValue, match="past"):
        desk.execute(AcceptRisk("PRB-1", expires_at=time.now(), reason="x"))
    with pytest.raises(VersionMismatch):
        desk.execute(Assess("PRB-1", if_version=9))
    with pytest.raises(NotFound, match="problem 'INC-1'"):
        desk.execute(Assess("INC-1"))
    with pytest.raises(NotFound):
        desk.start("PRB-1")
    assert desk.journal("PRB-1") == before


def test_a_problem_that_is_none(desk: Any) -> None:
    desk.execute(RaiseProblem("The pool leaks"))
    desk.execute(RaiseProblem("The pool leaks again"))
    assert desk.execute(CancelProblem("PRB-2", duplicate_of="PRB-1")).status == "duplicate"
    assert desk.execute(CancelProblem("PRB-1", reason="by design")).status == "cancelled"


def test_the_review_tells_of_the_problem(desk: Any) -> None:
    desk.declare("Down")
    raised(desk)
    desk.resolve("INC-1", code="by_problem", remedy="restarted")
    assert "PRB-1" in str(desk.review("INC-1"))


def test_a_problem_analysed_again_resolves_nobody(desk: Any) -> None:
    """The incidents hear of its resolution late; by then it is not resolved any more."""
    desk.declare("Down")
    raised(desk)
    held(desk)
    desk.execute(ResolveProblem("PRB-1", remedy="patched the pool"))
    desk.execute(Reanalyse("PRB-1", reason="it leaks still"))
    desk.run_due()
    assert desk.incident("INC-1").status == "on_hold"
    desk.execute(ResolveProblem("PRB-1", remedy="replaced the pool"))
    desk.run_due()
    assert desk.incident("INC-1").course.ending.remedy == "replaced the pool"
