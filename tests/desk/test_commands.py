"""Every command that the library exports is carried out once, by `execute`.

Guarded here: none is exported that does nothing, and each leaves the entry that it promises.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import attrs
import pytest

import incidentkit as ik
from incidentkit.flows.kinds import MAINTENANCE, REPORT, SILENCE
from tests.desk.cases import Case, inc
from tests.desk.describing import DESCRIBING, PLANNED
from tests.flows import world

Open = Callable[..., Any]


def prb(make: Callable[[str], ik.Command]) -> Callable[[Any], ik.Command]:
    return lambda desk: make("PRB-1")


def rev(make: Callable[[str], ik.Command]) -> Callable[[Any], ik.Command]:
    return lambda desk: make("REV-1")


def rev_(desk: Any) -> None:
    """A review with a summary and a follow-up."""
    desk.execute(ik.OpenReview("INC-1", owner="eve"))
    desk.execute(ik.EditReview("REV-1", "summary", "x"))
    desk.execute(ik.AddFollowUp("REV-1", "x"))


def submitted(desk: Any) -> None:
    rev_(desk)
    desk.execute(ik.SubmitReview("REV-1"))


def approved(desk: Any) -> None:
    submitted(desk)
    desk.execute(ik.ApproveReview("REV-1"))


def later(desk: Any) -> Any:
    return desk.ports.now() + timedelta(days=1)


def resolved(desk: Any) -> None:
    desk.resolve("INC-1", code="fixed", remedy="x")


def fixing(desk: Any) -> None:
    desk.execute(ik.Fix("PRB-1"))


def published(desk: Any) -> None:
    fixing(desk)
    desk.execute(ik.PublishKnownError("PRB-1", symptoms="slow"))


def led(desk: Any) -> None:
    desk.execute(ik.TakeRole("INC-1", role="lead", holder="bob"))


def offered(desk: Any) -> None:
    led(desk)
    desk.execute(ik.OfferHandover("INC-1", role="lead", to="ana", brief="all is quiet"))


def tasked(desk: Any) -> None:
    desk.execute(ik.AddTask("INC-1", title="Look"))


def done(desk: Any) -> None:
    tasked(desk)
    desk.execute(ik.CompleteTask("INC-1", task="T1"))


CASES: dict[type[ik.Command], Case] = {
    ik.Declare: Case(lambda desk: ik.Declare("Another"), "declared"),
    ik.Accept: Case(lambda desk: ik.Accept("INC-2"), "accepted"),
    ik.Decline: Case(lambda desk: ik.Decline("INC-2", reason="noise"), "cancelled"),
    ik.Triage: Case(inc(lambda ref: ik.Triage(ref, impact="low", urgency="low")), "triaged"),
    ik.Start: Case(inc(ik.Start), "started"),
    ik.Hold: Case(inc(lambda ref: ik.Hold(ref, reason="vendor", court="acme")), "held"),
    ik.Resume: Case(
        inc(ik.Resume), "resumed", lambda desk: desk.hold("INC-1", reason="x", court="y")
    ),
    ik.Mitigate: Case(inc(ik.Mitigate), "mitigated"),
    ik.Observe: Case(lambda desk: ik.Observe("INC-1", until=later(desk)), "observation_begun"),
    ik.Regress: Case(
        inc(lambda ref: ik.Regress(ref, reason="no")), "regressed", lambda d: d.mitigate("INC-1")
    ),
    ik.Resolve: Case(inc(lambda ref: ik.Resolve(ref, code="fixed", remedy="x")), "resolved"),
    ik.Close: Case(inc(ik.Close), "closed", resolved),
    ik.Reopen: Case(inc(lambda ref: ik.Reopen(ref, reason="again")), "reopened", resolved),
    ik.Cancel: Case(inc(lambda ref: ik.Cancel(ref, why="a drill")), "cancelled"),
    ik.Acknowledge: Case(inc(ik.Acknowledge), "acknowledged"),
    ik.Assign: Case(inc(lambda ref: ik.Assign(ref, assignee="ana")), "assigned"),
    ik.TakeRole: Case(inc(lambda ref: ik.TakeRole(ref, role="scribe")), "role_taken"),
    ik.LeaveRole: Case(
        inc(lambda ref: ik.LeaveRole(ref, role="scribe")),
        "role_left",
        lambda desk: desk.execute(ik.TakeRole("INC-1", role="scribe")),
    ),
    ik.AddNote: Case(inc(lambda ref: ik.AddNote(ref, text="hm")), "noted"),
    ik.Reply: Case(inc(lambda ref: ik.Reply(ref, text="we know")), "replied"),
    ik.Edit: Case(inc(lambda ref: ik.Edit(ref, title="Better words")), "edited"),
    ik.Prioritise: Case(inc(lambda ref: ik.Prioritise(ref, severity="sev1")), "rated"),
    ik.Correct: Case(
        lambda desk: ik.Correct("INC-1", moment="occurred", to=desk.ports.now(), reason="log"),
        "moment_corrected",
    ),
    ik.LinkTo: Case(
        inc(lambda ref: ik.LinkTo(ref, kind=ik.LinkKind.RELATED, target="INC-2")), "linked"
    ),
    ik.Unlink: Case(
        inc(lambda ref: ik.Unlink(ref, kind=ik.LinkKind.RELATED, target="INC-2")),
        "unlinked",
        lambda d: d.execute(ik.LinkTo("INC-1", kind=ik.LinkKind.RELATED, target="INC-2")),
    ),
    ik.Notify: Case(inc(lambda ref: ik.Notify(ref, audience="board", text="x")), "notice_queued"),
    ik.Watch: Case(inc(ik.Watch), "watchers_changed"),
    ik.ProposeMajor: Case(inc(ik.ProposeMajor), "major_proposed"),
    ik.AcceptMajor: Case(inc(ik.AcceptMajor), "major_accepted"),
    ik.RejectMajor: Case(
        inc(lambda ref: ik.RejectMajor(ref, reason="no")),
        "major_rejected",
        lambda desk: desk.execute(ik.ProposeMajor("INC-1")),
    ),
    ik.StandDown: Case(
        inc(ik.StandDown), "major_stood_down", lambda desk: desk.execute(ik.AcceptMajor("INC-1"))
    ),
    ik.Demote: Case(
        inc(lambda ref: ik.Demote(ref, reason="no")),
        "major_demoted",
        lambda desk: desk.execute(ik.AcceptMajor("INC-1")),
    ),
    ik.SetPublic: Case(
        inc(lambda ref: ik.SetPublic(ref, state=ik.PublicState.IDENTIFIED)), "public_stated"
    ),
    ik.MoveRegion: Case(
        inc(lambda ref: ik.MoveRegion(ref, region="security", to="eradicate")), "region_moved"
    ),
    ik.SetStatus: Case(inc(lambda ref: ik.SetStatus(ref, status="Active")), "status_stated"),
    ik.OfferHandover: Case(
        inc(lambda ref: ik.OfferHandover(ref, role="lead", to="ana")), "handover_offered", led
    ),
    ik.BriefHandover: Case(
        inc(lambda ref: ik.BriefHandover(ref, role="lead", brief="x")), "handover_briefed", offered
    ),
    ik.AcceptHandover: Case(
        inc(lambda ref: ik.AcceptHandover(ref, role="lead")), "handover_accepted", offered
    ),
    ik.DeclineHandover: Case(
        inc(lambda ref: ik.DeclineHandover(ref, role="lead", reason="x")),
        "handover_declined",
        offered,
    ),
    ik.WithdrawHandover: Case(
        inc(lambda ref: ik.WithdrawHandover(ref, role="lead")), "handover_withdrawn", offered
    ),
    ik.AddTask: Case(inc(lambda ref: ik.AddTask(ref, title="Look")), "task_added"),
    ik.StartTask: Case(inc(lambda ref: ik.StartTask(ref, task="T1")), "task_started", tasked),
    ik.CompleteTask: Case(
        inc(lambda ref: ik.CompleteTask(ref, task="T1")), "task_completed", tasked
    ),
    ik.CancelTask: Case(
        inc(lambda ref: ik.CancelTask(ref, task="T1", reason="x")), "task_cancelled", tasked
    ),
    ik.AssignTask: Case(
        inc(lambda ref: ik.AssignTask(ref, task="T1", assignee="bob")), "task_assigned", tasked
    ),
    ik.ReopenTask: Case(inc(lambda ref: ik.ReopenTask(ref, task="T1")), "task_reopened", done),
    ik.AttachChecklist: Case(
        inc(lambda ref: ik.AttachChecklist(ref, checklist="bridge")), "checklist_attached"
    ),
    ik.PlaceLegalHold: Case(
        inc(lambda ref: ik.PlaceLegalHold(ref, reason="claim 7")), "legal_hold_placed"
    ),
    ik.LiftLegalHold: Case(
        inc(lambda ref: ik.LiftLegalHold(ref, reason="settled")),
        "legal_hold_lifted",
        lambda desk: desk.execute(ik.PlaceLegalHold("INC-1", reason="claim 7")),
    ),
    ik.Redact: Case(inc(lambda ref: ik.Redact(ref, seqs=(1,), reason="a name")), "redacted"),
    ik.RaiseProblem: Case(lambda desk: ik.RaiseProblem("Another"), "problem_raised"),
    ik.Assess: Case(prb(ik.Assess), "problem_moved"),
    ik.Analyse: Case(prb(ik.Analyse), "problem_moved"),
    ik.Fix: Case(prb(lambda ref: ik.Fix(ref, cause="x")), "fix_begun"),
    ik.Verify: Case(
        lambda desk: ik.Verify("PRB-1", until=later(desk), criterion="x"),
        "verification_begun",
        fixing,
    ),
    ik.ResolveProblem: Case(
        prb(lambda ref: ik.ResolveProblem(ref, remedy="x")), "problem_resolved"
    ),
    ik.CloseProblem: Case(
        prb(ik.CloseProblem),
        "problem_moved",
        lambda desk: desk.execute(ik.ResolveProblem("PRB-1", remedy="x")),
    ),
    ik.Reanalyse: Case(prb(lambda ref: ik.Reanalyse(ref, reason="x")), "problem_moved", fixing),
    ik.AcceptRisk: Case(
        lambda desk: ik.AcceptRisk("PRB-1", expires_at=later(desk), reason="x"), "risk_accepted"
    ),
    ik.CancelProblem: Case(prb(lambda ref: ik.CancelProblem(ref, reason="x")), "problem_moved"),
    ik.OpenReview: Case(inc(ik.OpenReview), "review_opened"),
    ik.EditReview: Case(rev(lambda ref: ik.EditReview(ref, "lessons", "x")), "review_edited", rev_),
    ik.AssignReview: Case(rev(lambda ref: ik.AssignReview(ref, "dan")), "review_assigned", rev_),
    ik.SubmitReview: Case(rev(ik.SubmitReview), "review_moved", rev_),
    ik.ReturnReview: Case(
        rev(lambda ref: ik.ReturnReview(ref, reason="x")), "review_moved", submitted
    ),
    ik.ApproveReview: Case(rev(ik.ApproveReview), "review_moved", submitted),
    ik.PublishReview: Case(rev(ik.PublishReview), "review_moved", approved),
    ik.ReviseReview: Case(
        rev(lambda ref: ik.ReviseReview(ref, reason="x")), "review_moved", approved
    ),
    ik.WaiveReview: Case(rev(lambda ref: ik.WaiveReview(ref, reason="x")), "review_moved", rev_),
    ik.AddFollowUp: Case(rev(lambda ref: ik.AddFollowUp(ref, "x")), "follow_up_added", rev_),
    ik.ChangeFollowUp: Case(
        rev(lambda ref: ik.ChangeFollowUp(ref, "F1", owner="dan")), "follow_up_changed", rev_
    ),
    ik.CompleteFollowUp: Case(
        rev(lambda ref: ik.CompleteFollowUp(ref, "F1")), "follow_up_ended", rev_
    ),
    ik.CancelFollowUp: Case(
        rev(lambda ref: ik.CancelFollowUp(ref, "F1", reason="x")), "follow_up_ended", rev_
    ),
    ik.EditProblem: Case(prb(lambda ref: ik.EditProblem(ref, title="Other")), "problem_edited"),
    ik.AssignProblem: Case(
        prb(lambda ref: ik.AssignProblem(ref, owner="bob", team="dba")), "problem_assigned"
    ),
    ik.PrioritiseProblem: Case(
        prb(lambda ref: ik.PrioritiseProblem(ref, impact="high", urgency="high")), "problem_rated"
    ),
    ik.NoteProblem: Case(prb(lambda ref: ik.NoteProblem(ref, text="x")), "problem_noted"),
    ik.CorrectProblem: Case(
        lambda desk: ik.CorrectProblem(
            "PRB-1", moment="raised", to=desk.ports.now() - timedelta(days=1), reason="log"
        ),
        "problem_moment_corrected",
    ),
    ik.StateCause: Case(prb(lambda ref: ik.StateCause(ref, text="a leak")), "cause_stated"),
    ik.WithdrawCause: Case(
        prb(lambda ref: ik.WithdrawCause(ref, reason="no leak")),
        "cause_withdrawn",
        lambda desk: desk.execute(ik.StateCause("PRB-1", text="a leak")),
    ),
    ik.StateWorkaround: Case(
        prb(lambda ref: ik.StateWorkaround(ref, text="restart")), "workaround_stated"
    ),
    ik.WithdrawWorkaround: Case(
        prb(lambda ref: ik.WithdrawWorkaround(ref, reason="loses carts")),
        "workaround_withdrawn",
        lambda desk: desk.execute(ik.StateWorkaround("PRB-1", text="restart")),
    ),
    ik.CommunicateWorkaround: Case(
        prb(lambda ref: ik.CommunicateWorkaround(ref, text="restart")), "workaround_communicated"
    ),
    ik.CommunicateFix: Case(
        prb(lambda ref: ik.CommunicateFix(ref, text="tonight")), "fix_communicated", fixing
    ),
    ik.PublishKnownError: Case(
        prb(lambda ref: ik.PublishKnownError(ref, symptoms="slow")), "known_error_published", fixing
    ),
    ik.ReviseKnownError: Case(
        prb(lambda ref: ik.ReviseKnownError(ref, workaround="wait")),
        "known_error_revised",
        published,
    ),
    ik.RetireKnownError: Case(
        prb(lambda ref: ik.RetireKnownError(ref, reason="x")), "known_error_retired", published
    ),
    ik.UseKnownError: Case(
        prb(lambda ref: ik.UseKnownError(ref, incident="INC-1", worked=True)),
        "known_error_used",
        published,
    ),
}

CASES |= {
    ik.Merge: Case(inc(lambda ref: ik.Merge(ref, target="INC-2", reason="x")), "absorbed"),
    ik.Unmerge: Case(
        lambda _: ik.Unmerge("INC-2", reason="x"),
        "reopened",
        lambda desk: desk.execute(ik.Merge("INC-1", target="INC-2", reason="x")),
    ),
    ik.Split: Case(
        inc(lambda ref: ik.Split(ref, title="Else", reports=("REP-1",))),
        "contents_moved_in",
        lambda desk: desk.report("No mail", reporter="joe", incident="INC-1"),
    ),
    ik.MoveReports: Case(
        inc(lambda ref: ik.MoveReports(ref, target="INC-2", reports=("REP-1",))),
        "contents_moved_out",
        lambda desk: desk.report("No mail", reporter="joe", incident="INC-1"),
    ),
    ik.MoveAlerts: Case(
        lambda desk: ik.MoveAlerts("INC-3", target="INC-1", alerts=world.alert_ids(desk)),
        "contents_moved_out",
        lambda desk: desk.receive("alertmanager", world.payload(world.alert())),
    ),
    ik.OpenSuccessor: Case(inc(lambda ref: ik.OpenSuccessor(ref, reason="x")), "linked", resolved),
    ik.ConfirmResolution: Case(
        lambda _: ik.ConfirmResolution("REP-1"), "resolution_confirmed", lambda d: told(d)
    ),
    ik.RejectResolution: Case(
        lambda _: ik.RejectResolution("REP-1", reason="x"),
        "resolution_rejected",
        lambda d: told(d),
    ),
}


def told(desk: Any) -> None:
    desk.report("No mail", reporter="joe", incident="INC-1")
    resolved(desk)


CASES |= DESCRIBING | PLANNED
CASES |= {
    ik.MakePrivate: Case(inc(lambda ref: ik.MakePrivate(ref, reason="a colleague")), "privacy_set"),
    ik.LiftPrivacy: Case(
        inc(lambda ref: ik.LiftPrivacy(ref, reason="settled")),
        "privacy_lifted",
        lambda desk: desk.execute(ik.MakePrivate("INC-1", reason="a colleague")),
    ),
    ik.BreakGlass: Case(inc(lambda ref: ik.BreakGlass(ref, reason="nobody else")), "glass_broken"),
}
CASES[ik.SetMode] = Case(inc(lambda ref: ik.SetMode(ref, "shadow", reason="trial")), "mode_set")


def exported() -> set[type[ik.Command]]:
    found = {getattr(ik, name) for name in ik.__all__ if name != "errors"}
    return {
        each
        for each in found
        if isinstance(each, type) and issubclass(each, ik.Command) and each is not ik.Command
    }


def test_no_exported_command_is_missing_here() -> None:
    assert set(CASES) == exported()


def opened(open_desk: Open, url: str = "memory:") -> Any:
    policy = {
        "audiences": {"board": {"members": ["eve"]}},
        "notices": [],
        "statuses": [{"name": "Open", "category": "new"}, {"name": "Active", "category": "new"}],
        "regions": {
            "security": {
                "states": ["contain", "eradicate"],
                "moves": [{"from": "contain", "to": "eradicate"}],
            }
        },
        "checklists": {"bridge": {"items": [{"title": "Open the bridge"}]}},
    }
    desk = open_desk(url, time=ik.ManualTime(), channels={"sms": world.pager()}, policy=policy)
    desk.declare("Down", reporter="joe")
    desk.declare("Perhaps", candidate=True)
    desk.execute(ik.RaiseProblem("Leak"))
    return desk


@pytest.mark.parametrize("kind", CASES, ids=lambda kind: kind.__name__)
def test_a_command_leaves_its_entry(open_desk: Open, kind: type[ik.Command]) -> None:
    desk = opened(open_desk)
    case = CASES[kind]
    case.before(desk)
    command = case.make(desk)
    assert type(command) is kind
    there = (desk.find(), desk.find_problems(), desk.find_reviews())
    known = {each.ref: each.version for page in there for each in page.items}
    for stored in (REPORT, MAINTENANCE, SILENCE):
        known |= {each.ref: each.version for each in world.records(desk, stored)}
    found = desk.execute(command, by="ana")
    fresh = desk.journal(found)[known.get(found.ref, 0) :]
    assert case.event in [entry.kind for entry in fresh]
    mine = next(entry for entry in fresh if entry.kind == case.event)
    assert mine.recorded.by in ("ana", "system" if kind is ik.Notify else "ana")
    assert found.version == fresh[-1].seq
    assert desk.get(found) == found, "what is given back is what is stored"


@pytest.mark.parametrize("kind", CASES, ids=lambda kind: kind.__name__)
def test_a_command_repeated_by_request_id_is_done_once(
    open_desk: Open, kind: type[ik.Command]
) -> None:
    """Also where it would be refused the second time: what is resolved cannot be resolved."""
    desk = opened(open_desk)
    case = CASES[kind]
    case.before(desk)
    command = case.make(desk)
    first = desk.execute(command, by="ana", request="r-1")
    before = desk.journal(first)
    assert desk.execute(command, by="ana", request="r-1").id == first.id
    assert desk.journal(first) == before
    with pytest.raises(ik.errors.RequestReused):
        desk.execute(command, by="bob", request="r-1")
    assert desk.journal(first) == before


# --- roles and corrections ------------------------------------------------------------------------


def test_a_role_has_one_holder_at_a_time(open_desk: Open, url: str) -> None:
    desk = opened(open_desk, url)
    desk.execute(ik.TakeRole("INC-1", role="commander"), by="ana")
    found = desk.execute(ik.TakeRole("INC-1", role="commander", holder="bob"), by="ana")
    assert found.people.holder("commander") == "bob"
    assert [(x.holder, x.until is None) for x in found.people.roles] == [
        ("ana", False),
        ("bob", True),
    ]
    version = found.version
    assert desk.execute(ik.TakeRole("INC-1", role="commander"), by="bob").version == version
    found = desk.execute(ik.LeaveRole("INC-1", role="commander"), by="bob")
    assert found.people.holder("commander") is None
    with pytest.raises(ik.errors.NotFound, match="commander"):
        desk.execute(ik.LeaveRole("INC-1", role="commander"))


def test_a_correction_leaves_the_old_entry_and_recomputes_what_follows(open_desk: Open) -> None:
    desk = opened(open_desk)
    desk.prioritise("INC-1", impact="high", urgency="high")
    before = desk.incident("INC-1").clock("resolve").due_at
    journal = desk.journal("INC-1")
    time = desk.ports.time
    time.move(hours=1)
    earlier = journal[0].at - timedelta(minutes=30)
    command = ik.Correct("INC-1", moment=ik.Moment.DECLARED, to=earlier, reason="the phone log")
    found = desk.execute(command, by="ana")
    assert found.moment(ik.Moment.DECLARED) == earlier
    assert found.clock("resolve").due_at == before - timedelta(minutes=30)
    assert desk.journal("INC-1")[: len(journal)] == journal
    with pytest.raises(ik.errors.InvalidValue, match="future"):
        desk.execute(attrs.evolve(command, to=time.now() + timedelta(seconds=1)))
    with pytest.raises(ik.errors.MissingFields, match="reason"):
        desk.execute(attrs.evolve(command, reason=""))
