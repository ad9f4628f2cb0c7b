"""The record of a problem through the desk: ties, duplicates, changes, effects, calls, doubts.

Guarded here: both ends of every tie agree, what a problem says reaches its incidents once, and a
call ends at a human.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from incidentkit import (
    AcceptRisk,
    Analyse,
    CancelProblem,
    CommunicateFix,
    CommunicateWorkaround,
    EditProblem,
    Fix,
    LinkKind,
    LinkTo,
    ManualTime,
    MessageKind,
    NoteProblem,
    PrioritiseProblem,
    PublishKnownError,
    RaiseProblem,
    ResolveProblem,
    ReviseKnownError,
    Unlink,
    UseKnownError,
    Verify,
    rerun,
)
from incidentkit.errors import (
    ConditionError,
    InvalidValue,
    LimitExceeded,
    NotFound,
    VersionMismatch,
)
from incidentkit.model.incident_events import Noted
from incidentkit.model.problem import RedecideProblem
from incidentkit.model.problem_changes import FixNotHolding
from incidentkit.ports.rows import TaskQuery
from tests.flows import world
from tests.flows.test_links import again

Open = Callable[..., Any]


@pytest.fixture
def time() -> ManualTime:
    return ManualTime()


@pytest.fixture
def sms() -> Any:
    return world.pager()


@pytest.fixture
def make(open_desk: Open, url: str, time: ManualTime, sms: Any) -> Callable[..., Any]:
    def made(**problems: Any) -> Any:
        policy = {"notices": [], "problems": problems}
        return open_desk(url, time=time, channels={"sms": sms}, policy=policy)

    return made


@pytest.fixture
def desk(make: Callable[..., Any]) -> Any:
    return make()


def later(time: ManualTime, days: int = 28) -> Any:
    return time.now() + timedelta(days=days)


def owned(desk: Any, title: str = "The pool leaks", **more: Any) -> str:
    return str(desk.execute(RaiseProblem(title, owner="bo", **more), by="ana").ref)


def notes(desk: Any, ref: str) -> list[str]:
    return [x.text for x in world.events(desk, ref) if isinstance(x, Noted)]


# --- raising and keeping --------------------------------------------------------------------------


def test_raised_from_many_incidents(desk: Any) -> None:
    for n in range(4):
        desk.declare(f"Down {n}", service="db")
    command = RaiseProblem("Leak", incident="INC-1", incidents=("INC-1", "INC-2", "INC-3"))
    problem = desk.execute(command, by="ana")
    assert world.links(problem) == {("causes", f"INC-{n}") for n in (1, 2, 3)}
    assert problem.service == "db"
    assert world.links(desk.incident("INC-1")) == {("caused_by", "PRB-1")}
    assert world.links(desk.incident("INC-2")) == set(), "by a reaction"
    desk.run_due()
    for n in (1, 2, 3):
        assert world.links(desk.incident(f"INC-{n}")) == {("caused_by", "PRB-1")}
    by_id = RaiseProblem("Other", incidents=(desk.incident("INC-4").id,))
    assert world.links(desk.execute(by_id)) == {("causes", "INC-4")}


def test_what_does_not_exist_raises_nothing(desk: Any) -> None:
    desk.declare("Down")
    with pytest.raises(NotFound, match="INC-9"):
        desk.execute(RaiseProblem("Leak", incidents=("INC-1", "INC-9")))
    with pytest.raises(LimitExceeded, match="incidents: are 1001"):
        RaiseProblem("Leak", incidents=[f"INC-{n}" for n in range(1_001)])
    assert RaiseProblem("Leak", incidents="INC-1").incidents == ("INC-1",)
    with pytest.raises(InvalidValue, match="impact"):
        desk.execute(RaiseProblem("Leak", impact="huge"))
    assert desk.find_problems().items == ()


def test_priority_is_drawn_from_the_matrix_unless_set_by_hand(desk: Any) -> None:
    problem = desk.execute(RaiseProblem("Leak", impact="high"))
    assert (problem.priority, problem.rating.provisional) == ("P2", True)
    problem = desk.execute(PrioritiseProblem("PRB-1", urgency="high"))
    assert (problem.priority, problem.rating.provisional) == ("P1", False)
    reason = desk.journal("PRB-1")[-1].recorded.reason
    assert rerun(reason) == "P1"
    problem = desk.execute(PrioritiseProblem("PRB-1", priority="P4", reason="contained"))
    problem = desk.execute(PrioritiseProblem("PRB-1", urgency="low"))
    assert (problem.priority, problem.rating.urgency) == ("P4", "low")
    assert [x.ref for x in desk.find_problems(priority="P4").items] == ["PRB-1"]
    with pytest.raises(InvalidValue, match="urgency"):
        desk.execute(PrioritiseProblem("PRB-1", urgency="now"))


def test_found_by_its_columns(desk: Any) -> None:
    owned(desk, category="db", origin="trend", team="dba")
    owned(desk, "Certificates")
    for filters in ({"category": "db"}, {"origin": "trend"}, {"team": "dba"}):
        assert [x.ref for x in desk.find_problems(**filters).items] == ["PRB-1"]
    desk.execute(EditProblem("PRB-1", category="network"))
    assert desk.find_problems(category="db").items == ()
    assert desk.find_problems(known_error=True).items == ()


# --- ties -----------------------------------------------------------------------------------------


def test_ties_from_the_problems_side(desk: Any) -> None:
    desk.declare("Down")
    owned(desk)
    owned(desk, "Certificates")
    tie = LinkTo("PRB-1", kind=LinkKind.CAUSES, target="INC-1")
    version = desk.execute(tie).version
    assert desk.execute(tie).version == version, "the same tie twice is one"
    desk.execute(LinkTo("PRB-1", kind=LinkKind.BLOCKED_BY, target="PRB-2"))
    desk.run_due()
    assert world.links(desk.incident("INC-1")) == {("caused_by", "PRB-1")}
    assert world.links(desk.problem("PRB-2")) == {("blocks", "PRB-1")}
    desk.execute(Unlink("PRB-1", kind=LinkKind.CAUSES, target="INC-1"))
    desk.execute(Unlink("PRB-2", kind=LinkKind.BLOCKS, target="PRB-1"))
    desk.run_due()
    assert world.links(desk.incident("INC-1")) == set()
    assert world.links(desk.problem("PRB-1")) == set()


@pytest.mark.parametrize(
    ("command", "error", "said"),
    [
        (LinkTo("PRB-1", LinkKind.CHILD_OF, "INC-1"), InvalidValue, "and an incident are not tied"),
        (LinkTo("PRB-1", LinkKind.DUPLICATE_OF, "PRB-2"), InvalidValue, "not tied by"),
        (LinkTo("PRB-1", LinkKind.CAUSES, "INC-9"), NotFound, "INC-9"),
        (LinkTo("PRB-1", LinkKind.RELATED, "problem/9"), NotFound, "problem/9"),
        (LinkTo("PRB-1", LinkKind.RELATED, "capture/9"), NotFound, "capture/9"),
        (LinkTo("PRB-1", LinkKind.RELATED, "PRB-1"), InvalidValue, "linked to itself"),
        (LinkTo("PRB-1", LinkKind.CAUSES, "change/9"), InvalidValue, "a change are not tied"),
        (LinkTo("problem/9", LinkKind.RELATED, "INC-1"), NotFound, "problem/9"),
        (Unlink("PRB-1", LinkKind.CAUSES, "INC-1"), NotFound, "causes link"),
        (LinkTo("PRB-1", LinkKind.RELATED, "INC-1", if_version=9), VersionMismatch, "9"),
    ],
)
def test_ties_that_cannot_be(desk: Any, command: Any, error: type[Exception], said: str) -> None:
    desk.declare("Down")
    owned(desk)
    owned(desk, "Certificates")
    before = desk.journal("PRB-1")
    with pytest.raises(error, match=said):
        desk.execute(command)
    assert desk.journal("PRB-1") == before


def test_a_duplicate_moves_its_incidents_to_the_survivor(desk: Any) -> None:
    for n in (1, 2):
        desk.declare(f"Down {n}")
    desk.hold(desk.incident("INC-1"), reason="problem", court="dba")
    owned(desk, incidents=("INC-1", "INC-2"))
    owned(desk, "The same leak", incidents=("INC-2",))
    desk.run_due()
    done = desk.execute(CancelProblem("PRB-1", duplicate_of="PRB-2"), by="ana")
    assert (done.status, world.links(done)) == ("duplicate", {("duplicate_of", "PRB-2")})
    desk.run_due()
    assert world.links(desk.problem("PRB-2")) == {
        ("causes", "INC-1"),
        ("causes", "INC-2"),
        ("duplicated_by", "PRB-1"),
    }
    for n in (1, 2):
        assert world.links(desk.incident(f"INC-{n}")) == {("caused_by", "PRB-2")}
    desk.execute(ResolveProblem("PRB-2", remedy="a limit"))
    desk.run_due()
    assert desk.incident("INC-1").status == "resolved"


def test_the_end_of_a_chain_of_duplicates_survives(desk: Any) -> None:
    for title in ("One", "Two", "Three"):
        owned(desk, title)
    desk.execute(CancelProblem("PRB-2", duplicate_of="PRB-3"))
    done = desk.execute(CancelProblem("PRB-1", duplicate_of="PRB-2"))
    assert world.links(done) == {("duplicate_of", "PRB-3")}
    with pytest.raises(InvalidValue, match="cannot duplicate itself"):
        desk.execute(CancelProblem("PRB-3", duplicate_of="PRB-1"))
    with pytest.raises(NotFound, match="PRB-9"):
        desk.execute(CancelProblem("PRB-3", duplicate_of="PRB-9"))


# --- changes --------------------------------------------------------------------------------------


def change(desk: Any, key: str, status: str = "done", at: str = "08:00") -> None:
    sent = {"type": "change", "key": key, "title": key, "at": f"2026-01-05T{at}:00Z"}
    got = desk.receive("generic", json.dumps(sent | {"labels": {"status": status}}))
    assert not got.rejected


def resolved_by(desk: Any, *targets: str) -> None:
    for target in targets:
        desk.execute(LinkTo("PRB-1", kind=LinkKind.RESOLVED_BY_CHANGE, target=target))


def test_the_owner_hears_when_all_changes_are_done(desk: Any, sms: Any) -> None:
    owned(desk)
    change(desk, "rel-4", status="planned")
    resolved_by(desk, "generic/rel-4", "CHG-9", "CHG-10")
    found = desk.problem("PRB-1")
    assert world.links(found) == {
        ("resolved_by_change", ref) for ref in ("rel-4", "CHG-9", "CHG-10")
    }
    change(desk, "CHG-9")
    change(desk, "CHG-9", at="09:00")
    change(desk, "rel-4", status="Completed")
    desk.run_due()
    assert world.names(desk, "PRB-1").count("change_done") == 2
    assert not sms.messages
    change(desk, "CHG-10")
    desk.run_due()
    assert world.names(desk, "PRB-1")[-4:] == [
        "change_done",
        "changes_done",
        "problem_owner_called",
        "delivery_settled",
    ]
    (message,) = sms.messages
    assert (message.party, message.kind) == ("bo", "notice")
    assert message.text.endswith("all changes are done: rel-4, CHG-9, CHG-10")
    (delivery,) = desk.deliveries("PRB-1")
    assert delivery.state == "sent"


def test_a_change_done_before_it_is_named_counts(desk: Any) -> None:
    owned(desk)
    change(desk, "rel-4")
    resolved_by(desk, "generic/rel-4")
    assert "changes_done" in world.names(desk, "PRB-1")
    desk.execute(LinkTo("PRB-1", kind=LinkKind.CAUSED_BY_CHANGE, target="generic/rel-4"))
    assert ("caused_by_change", "rel-4") in world.links(desk.problem("PRB-1"))
    change(desk, "other")
    assert world.names(desk, "PRB-1").count("change_done") == 1


# --- effects on incidents -------------------------------------------------------------------------


def test_what_is_communicated_reaches_active_incidents_once(desk: Any) -> None:
    for title in ("One", "Two", "Three"):
        desk.declare(title)
    owned(desk, incidents=("INC-1", "INC-2"))
    desk.run_due()
    desk.resolve("INC-2", code="fixed", remedy="x")
    desk.execute(Fix("PRB-1", cause="a leak", workaround="restart nightly"))
    problem = desk.execute(CommunicateWorkaround("PRB-1"), by="bo")
    desk.execute(CommunicateFix("PRB-1", text="a limit comes tonight"), by="bo")
    desk.run_due()
    assert notes(desk, "INC-1") == [
        "Workaround from PRB-1: restart nightly",
        "Fix from PRB-1: a limit comes tonight",
    ]
    for ref in ("INC-2", "INC-3"):
        assert "noted" not in world.names(desk, ref)
    before = desk.journal("INC-1")
    again(desk, f"problem/{problem.id}#{problem.version}", "INC-1")
    desk.run_due()
    assert desk.journal("INC-1") == before


def test_an_accepted_risk_only_tells_why(desk: Any, time: ManualTime) -> None:
    desk.declare("Down")
    owned(desk, incidents=("INC-1",))
    desk.run_due()
    desk.hold("INC-1", reason="problem", court="bo")
    desk.execute(AcceptRisk("PRB-1", expires_at=later(time), reason="replaced in May"))
    desk.run_due()
    assert desk.incident("INC-1").status == "on_hold"
    (note,) = notes(desk, "INC-1")
    assert note == "Risk accepted: PRB-1: replaced in May"


def test_what_was_untied_meanwhile_hears_nothing(desk: Any) -> None:
    desk.declare("Down")
    owned(desk, incidents=("INC-1",))
    desk.run_due()
    problem = desk.execute(CommunicateWorkaround("PRB-1", text="restart"), by="bo")
    desk.execute(Unlink("PRB-1", kind=LinkKind.CAUSES, target="INC-1"))
    desk.run_due()
    assert "noted" not in world.names(desk, "INC-1")
    assert problem.workaround == "restart"


# --- known errors ---------------------------------------------------------------------------------


def published(desk: Any, **more: Any) -> None:
    owned(desk)
    desk.execute(Analyse("PRB-1"))
    given = {"symptoms": "login slow", "workaround": "wait"} | more
    desk.execute(PublishKnownError("PRB-1", **given))


def test_a_condition_is_read_when_it_is_written(desk: Any) -> None:
    owned(desk)
    desk.execute(Analyse("PRB-1"))
    with pytest.raises(ConditionError, match=r"incident\.sevice"):
        desk.execute(PublishKnownError("PRB-1", symptoms="x", match='incident.sevice == "x"'))
    desk.execute(PublishKnownError("PRB-1", symptoms="x", match="incident.service=='db'"))
    assert desk.problem("PRB-1").known_error.match == 'incident.service == "db"'
    with pytest.raises(ConditionError):
        desk.execute(ReviseKnownError("PRB-1", match="("))


def test_an_incident_that_applies_it_counts_as_a_use(desk: Any) -> None:
    published(desk)
    desk.declare("Login is slow")
    desk.execute(LinkTo("INC-1", kind=LinkKind.WORKAROUND_FROM, target="PRB-1"), by="ana")
    desk.run_due()
    desk.run_due()
    known = desk.problem("PRB-1").known_error
    assert (known.uses, known.efficacy) == (1, None)
    entry = next(x for x in desk.journal("PRB-1") if x.kind == "known_error_used")
    assert rerun(entry.recorded.reason) == entry.recorded.reason.outcome > 0
    desk.execute(UseKnownError("PRB-1", incident="INC-1", worked=False))
    assert (desk.problem("PRB-1").known_error.uses, known.failures) == (1, 0)
    assert desk.problem("PRB-1").known_error.failures == 1
    with pytest.raises(NotFound, match="INC-9"):
        desk.execute(UseKnownError("PRB-1", incident="INC-9"))


def test_a_workaround_of_what_is_not_published_is_only_a_tie(desk: Any) -> None:
    owned(desk)
    desk.declare("Login is slow")
    desk.execute(LinkTo("INC-1", kind=LinkKind.WORKAROUND_FROM, target="PRB-1"))
    desk.run_due()
    problem = desk.problem("PRB-1")
    assert (world.links(problem), problem.known_error) == ({("workaround_for", "INC-1")}, None)


def test_a_review_that_is_due_calls_the_owner_once(desk: Any, time: ManualTime, sms: Any) -> None:
    published(desk, review_by=later(time, 30))
    assert desk.run_due() == later(time, 30)
    time.move(days=31)
    assert desk.run_due() is None
    assert [m.party for m in sms.messages] == ["bo"]
    time.move(days=31)
    desk.run_due()
    assert len(sms.messages) == 1
    assert desk.problem("PRB-1").known_error.reviewing
    desk.execute(ReviseKnownError("PRB-1", workaround="wait longer"))
    assert desk.run_due() == later(time, 90)


def test_recognising_is_for_incidents(desk: Any) -> None:
    published(desk, audience="desk")
    incident = desk.declare("Login is slow")
    assert [x.ref for x in desk.recognise("INC-1")] == ["PRB-1"]
    assert desk.recognise(incident, audiences=("customers",)) == ()
    with pytest.raises(NotFound, match="PRB-1"):
        desk.recognise("PRB-1")


# --- verifying ------------------------------------------------------------------------------------


def verified(desk: Any, time: ManualTime, criterion: str = 'incident.service == "db"') -> None:
    owned(desk)
    desk.execute(Fix("PRB-1", cause="a leak"))
    desk.execute(Verify("PRB-1", until=later(time), criterion=criterion), by="bo")
    time.move(hours=1)


def doubts(desk: Any) -> list[str]:
    return [x.ref for x in world.events(desk, "PRB-1") if isinstance(x, FixNotHolding)]


@pytest.mark.parametrize(
    ("criterion", "watch"),
    [
        ('incident.service=="db"', 'incident.service == "db"'),
        ("four quiet Mondays", ""),
        ("true", ""),
        ("has recovered", ""),
        ("not has incident.owner", "not has incident.owner"),
    ],
)
def test_a_criterion_that_reads_as_a_condition_is_one(
    desk: Any, time: ManualTime, criterion: str, watch: str
) -> None:
    verified(desk, time, criterion)
    found = desk.problem("PRB-1")
    assert (found.criterion, found.watch) == (criterion, watch)
    told = desk.explain("PRB-1", "verification").lines
    assert f"the criterion is read as {'a condition' if watch else 'words, for people'}" in told


@pytest.mark.parametrize(
    ("criterion", "why"),
    [
        ('incident.servce == "db"', "did you mean 'incident.service'"),
        ('incident.service in ["db"] and sevice == "x"', "there is no fact 'sevice'"),
        ('incident.titel contains "db"', "did you mean 'incident.title'"),
        ("incident.service < 3", "incident.service"),
        ("has incident.ownr", "did you mean 'incident.owner'"),
    ],
)
def test_a_condition_mistyped_is_not_taken_for_words(
    desk: Any, time: ManualTime, criterion: str, why: str
) -> None:
    with pytest.raises(ConditionError, match=why):
        verified(desk, time, criterion)


def test_a_watch_that_is_no_condition_is_refused(desk: Any, time: ManualTime) -> None:
    owned(desk)
    desk.execute(Fix("PRB-1"))
    with pytest.raises(ConditionError):
        desk.execute(Verify("PRB-1", until=later(time), criterion="x", watch="four Mondays"))


def test_a_candidate_speaks_when_it_is_accepted(desk: Any, time: ManualTime) -> None:
    verified(desk, time)
    desk.declare("Maybe down", service="db", candidate=True)
    desk.run_due()
    assert doubts(desk) == []
    desk.accept("INC-1")
    desk.run_due()
    assert doubts(desk) == ["INC-1"]


def test_alerts_and_reports_speak_as_well(desk: Any, time: ManualTime) -> None:
    verified(desk, time, 'incident.service == "checkout"')
    desk.report("Cannot pay", reporter="carl", service="checkout")
    desk.run_due()
    assert doubts(desk) == ["INC-1"]


def test_plain_words_go_by_ties_and_the_known_error(desk: Any, time: ManualTime) -> None:
    published(desk)
    desk.execute(Verify("PRB-1", until=later(time), criterion="four quick Mondays"))
    time.move(hours=1)
    desk.declare("Printer on fire")
    desk.declare("The login is so slow")
    desk.run_due()
    assert doubts(desk) == ["INC-2"]
    assert desk.problem("PRB-1").published


def test_a_tie_made_while_verifying_is_a_doubt(desk: Any, time: ManualTime) -> None:
    desk.declare("Before the fix")
    time.move(minutes=1)
    verified(desk, time, "quiet")
    desk.execute(LinkTo("INC-1", kind=LinkKind.CAUSED_BY, target="PRB-1"))
    desk.run_due()
    assert doubts(desk) == [], "it began before"
    desk.declare("Down again")
    desk.execute(LinkTo("INC-2", kind=LinkKind.CAUSED_BY, target="PRB-1"))
    desk.run_due()
    assert (doubts(desk), desk.problem("PRB-1").status) == (["INC-2"], "analysing")


def test_the_same_from_the_problems_side(desk: Any, time: ManualTime) -> None:
    verified(desk, time, "quiet")
    desk.declare("Down again")
    found = desk.execute(LinkTo("PRB-1", kind=LinkKind.CAUSES, target="INC-1"))
    assert (found.status, doubts(desk)) == ("analysing", ["INC-1"])


def test_asking_leaves_it_in_verification(
    make: Callable[..., Any], time: ManualTime, sms: Any
) -> None:
    desk = make(fix_not_holding="ask")
    verified(desk, time)
    for n in (1, 2):
        desk.declare(f"Down {n}", service="db")
    desk.run_due()
    problem = desk.problem("PRB-1")
    assert (problem.status, problem.doubt, doubts(desk)) == (
        "verifying",
        "INC-2",
        ["INC-1", "INC-2"],
    )
    assert "INC-2 speaks against it" in str(desk.explain("PRB-1", "verification"))
    again_ = desk.journal("PRB-1")
    requeue(desk, "INC-1")
    desk.run_due()
    assert desk.journal("PRB-1") == again_, "an incident counts once"
    time.move(days=30)
    desk.run_due()
    assert desk.problem("PRB-1").status == "verifying"
    assert world.names(desk, "PRB-1")[-3:] == [
        "verification_over",
        "problem_owner_called",
        "delivery_settled",
    ]
    assert sms.messages[-1].text.startswith("PRB-1 P3: The pool leaks - the verification is over")


def requeue(desk: Any, ref: str) -> None:
    """Queue the reaction of the problem to an incident once more."""
    from incidentkit.flows.draft import Workbook
    from incidentkit.flows.effects import Flow, Now

    setting, incident = desk.setting(), desk.incident(ref)
    problem = desk.problem("PRB-1")

    def flow() -> Flow[None]:
        book = Workbook(setting, (yield from Now()))
        book.react_elsewhere("problem", problem.id, f"incident/{incident.id}", 1)
        yield from book.commit()

    desk.run(flow, "doubling")
    assert desk.tasks(TaskQuery(queue="reaction"))


def test_the_last_look_finds_what_was_changed_later(desk: Any, time: ManualTime) -> None:
    verified(desk, time)
    desk.declare("Down")
    desk.run_due()
    desk.edit("INC-1", service="db")
    desk.run_due()
    assert doubts(desk) == []
    time.move(days=30)
    desk.run_due()
    assert (doubts(desk), desk.problem("PRB-1").status) == (["INC-1"], "analysing")


def test_nothing_is_watched_where_the_policy_says_so(
    make: Callable[..., Any], time: ManualTime
) -> None:
    desk = make(watch=False, verified="ask")
    verified(desk, time)
    desk.declare("Down", service="db")
    time.move(days=30)
    desk.run_due()
    assert doubts(desk) == []
    assert desk.problem("PRB-1").status == "verifying"
    assert desk.execute(RedecideProblem("PRB-1")).status == "verifying"


def test_looking_again_by_hand_does_what_the_timer_would(desk: Any, time: ManualTime) -> None:
    verified(desk, time)
    assert desk.execute(RedecideProblem("PRB-1")).status == "verifying"
    time.move(days=30)
    assert desk.execute(RedecideProblem("PRB-1")).status == "resolved"


# --- proposing ------------------------------------------------------------------------------------


def alike(desk: Any, time: ManualTime, **more: Any) -> str:
    time.move(hours=1)
    ref = desk.declare("Down", **({"service": "db"} | more)).ref
    desk.resolve(ref, code="fixed", remedy="x")
    return str(ref)


def proposed(desk: Any, ref: str) -> bool:
    return "problem_proposed" in world.names(desk, ref)


def test_a_group_proposes_once_a_window_and_not_what_is_known(
    open_desk: Open, url: str, time: ManualTime
) -> None:
    rule = {"name": "db", "keys": ["service"], "window": "5h", "minimum": 2, "propose": True}
    desk = open_desk(url, time=time, channels={"sms": world.pager()}, policy={"recurrence": [rule]})
    assert [proposed(desk, alike(desk, time)) for _ in range(5)] == [
        False,
        True,
        False,
        False,
        False,
    ]
    time.move(hours=1)
    assert proposed(desk, alike(desk, time)), "the window of the first proposal is over"
    assert not proposed(desk, alike(desk, time, service=None))
    desk.execute(RaiseProblem("The pool leaks"))
    linked = desk.declare("Down", service="web").ref
    desk.execute(LinkTo(linked, kind=LinkKind.CAUSED_BY, target="PRB-1"))
    alike(desk, time, service="web")
    desk.resolve(linked, code="fixed", remedy="x")
    assert not proposed(desk, linked), "its problem is known"


# --- calls ----------------------------------------------------------------------------------------


def test_an_urgent_problem_pages(make: Callable[..., Any], time: ManualTime, sms: Any) -> None:
    desk = make()
    verified(desk, time)
    desk.execute(PrioritiseProblem("PRB-1", impact="high", urgency="high"))
    desk.declare("Down", service="db", impact="low", urgency="low")
    desk.run_due()
    (message,) = [m for m in sms.messages if m.ref == "PRB-1"]
    assert (message.kind, message.party) == ("page", "bo")
    entry = next(x for x in desk.journal("PRB-1") if x.kind == "problem_owner_called")
    assert rerun(entry.recorded.reason) == ("bo", "page")
    assert entry.recorded.reason.inputs["directory"]["contacts"] == ("sms:bo",)


def test_no_call_where_the_policy_names_none(make: Callable[..., Any], time: ManualTime) -> None:
    desk = make(calls=[])
    verified(desk, time)
    desk.declare("Down", service="db")
    desk.run_due()
    assert "problem_owner_called" not in world.names(desk, "PRB-1")


def test_a_call_without_a_channel_is_said(open_desk: Open, time: ManualTime) -> None:
    pager = world.pager("sms", MessageKind.PAGE)
    desk = open_desk("memory:", time=time, channels={"sms": pager})
    verified(desk, time)
    desk.declare("Down", service="db")
    desk.run_due()
    assert "no channel takes the message" in str(desk.timeline("PRB-1")[-1])


def test_notes_stay_inside(desk: Any, sms: Any) -> None:
    owned(desk)
    desk.execute(NoteProblem("PRB-1", text="the vendor knows"), by="bo")
    desk.run_due()
    assert not sms.messages
    assert str(desk.timeline("PRB-1")[-1]).endswith("bo noted: the vendor knows")
