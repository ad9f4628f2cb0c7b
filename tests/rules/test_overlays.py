"""What follows by itself beside the life-cycle, step by step, and what must not follow."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentkit.errors import (
    CallerError,
    InvalidValue,
    LimitExceeded,
    NotFound,
    TransitionNotAllowed,
)
from incidentkit.lang.conditions import ALWAYS, NEVER, Condition
from incidentkit.model import custody_changes as k
from incidentkit.model import handover_changes as h
from incidentkit.model import incident_commands as c
from incidentkit.model import incident_events as e
from incidentkit.model import incident_task_changes as t
from incidentkit.model import major_changes as m
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.incident import UNATTENDED, Incident
from incidentkit.model.incident_task import IncidentTask
from incidentkit.model.journal import Event
from incidentkit.model.public_changes import PublicStated, SetPublic
from incidentkit.model.reason import Plain
from incidentkit.model.region_changes import MoveRegion
from incidentkit.model.review_changes import ReviewBegun
from incidentkit.model.status_changes import SetStatus
from incidentkit.model.words import (
    CancelReason,
    LinkKind,
    MajorState,
    Moment,
    Priority,
    PublicState,
    State,
)
from incidentkit.rules import (
    autoclose,
    beyond,
    checklists,
    clocks,
    incident_tasks,
    lifecycle,
    major_follow,
    overlay_calls,
    overlays,
    public,
    statuses,
)
from incidentkit.rules.communicate import Audience, members
from incidentkit.rules.custody import held
from incidentkit.rules.escalate import CALLS, PagingTerms, call
from incidentkit.rules.evolve import evolve
from incidentkit.rules.look import Look, Said, holds
from incidentkit.rules.open_ends import every_task, open_ends
from incidentkit.rules.overlay_terms import (
    AutoClose,
    Checklist,
    ChecklistItem,
    MajorRule,
    MajorTerms,
    OverlayTerms,
    PublicTerms,
    RegionTerm,
    RoleTerm,
    StatusTerm,
)
from incidentkit.rules.rerun import rerun
from incidentkit.rules.terms import LifecycleTerms
from incidentkit.rules.wake import wakes_at
from incidentkit.timing.intervals import Interval
from incidentkit.timing.terms import Term
from tests.rules.builders import after, at, declared, do, minutes, standing
from tests.rules.overlay_reasons import PROPOSED, RESOLVED, TERMS, URGENT, look

ACCEPTED = after(PROPOSED, m.MajorAccepted(""))


def let(incident: Incident, said: Said, when: float = 60) -> Incident:
    """The incident after what was concluded."""
    for event, _ in said:
        incident = evolve(incident, event, at(when), "system")
    return incident


def kinds(said: Said) -> list[str]:
    return [type(event).__name__ for event, _ in said]


# --- majors ---------------------------------------------------------------------------------------


def test_the_first_rule_that_holds_proposes() -> None:
    rules = (
        MajorRule("never", NEVER),
        MajorRule("at once", ALWAYS, accepts=True),
        MajorRule("later", ALWAYS),
    )
    terms = attrs.evolve(TERMS, major=MajorTerms(duty="mim", rules=rules))
    ((event, reason),) = major_follow.trigger(look(URGENT, terms=terms))
    assert event == m.MajorAccepted("", "at once")
    assert reason is not None
    assert reason.outcome == "at once: accepted"
    asked = reason.inputs["rules"]
    assert isinstance(asked, tuple)
    assert len(asked) == 2, "what was not asked is not told"
    ((event, _),) = major_follow.trigger(look(URGENT, when=5))
    assert event == m.MajorProposed("", "every P1", at(20))


@pytest.mark.parametrize(
    "incident",
    [
        declared(),
        attrs.evolve(URGENT, life=declared(candidate=True).life),
        after(URGENT, e.Linked(LinkKind.CHILD_OF, "incident/9", "INC-9")),
        after(URGENT, e.Cancelled(CancelReason.WITHDRAWN, "", "")),
        PROPOSED,
        after(PROPOSED, m.MajorRejected("a test")),
        after(ACCEPTED, m.MajorDemoted("no")),
    ],
    ids=["P3", "candidate", "child", "over", "proposed", "rejected", "demoted"],
)
def test_no_rule_proposes(incident: Incident) -> None:
    assert major_follow.trigger(look(incident)) == ()


def test_without_a_duty_or_a_rule_nothing_is_proposed() -> None:
    for terms in (MajorTerms(rules=TERMS.major.rules), MajorTerms(duty="mim")):
        assert major_follow.trigger(look(URGENT, terms=attrs.evolve(TERMS, major=terms))) == ()


def test_silence_accepts_where_the_policy_says_so() -> None:
    assert major_follow.silence(look(PROPOSED, when=14)) == ()
    assert major_follow.silence(look(URGENT)) == ()
    ((event, _),) = major_follow.silence(look(PROPOSED, when=15))
    assert isinstance(event, m.MajorAccepted)
    assert event.rule == major_follow.SILENCE
    assert wakes_at(PROPOSED) == at(15)
    patient = attrs.evolve(TERMS, major=MajorTerms(duty="mim", accept_when_silent=False))
    said = major_follow.silence(look(PROPOSED, when=15, terms=patient))
    assert kinds(said) == ["MajorUnanswered"]
    still = let(PROPOSED, said)
    assert still.dossier.overlays.major is MajorState.PROPOSED
    assert wakes_at(still) is None
    assert major_follow.silence(look(still, when=99)) == ()


def test_what_is_over_is_never_accepted_by_silence() -> None:
    over = after(PROPOSED, e.Resolved("fixed", "x", at(3), "", PROPOSED.course.outcome))
    assert kinds(major_follow.silence(look(over))) == ["MajorUnanswered"]


@pytest.mark.parametrize(
    ("incident", "becomes"),
    [(PROPOSED, MajorState.REJECTED), (ACCEPTED, MajorState.STOOD_DOWN)],
)
def test_the_overlay_ends_with_the_incident(incident: Incident, becomes: MajorState) -> None:
    assert major_follow.end(look(incident)) == ()
    over = after(incident, e.Cancelled(CancelReason.FALSE_ALARM, "", ""))
    ended = let(over, major_follow.end(look(over)))
    assert ended.dossier.overlays.major is becomes
    assert wakes_at(ended) is None
    assert major_follow.end(look(ended)) == ()


def test_missing_roles_become_an_alarm_once() -> None:
    said = major_follow.staffing(look(ACCEPTED, when=10))
    assert [event for event, _ in said] == [
        m.MajorStaffing(("commander", "communications"), at(15))
    ]
    waiting = let(ACCEPTED, said, 10)
    assert wakes_at(waiting) == at(15)
    assert major_follow.staffing(look(waiting, when=14)) == ()
    led = do(waiting, c.TakeRole("INC-1", "commander"), 12)
    ((fewer, _),) = major_follow.staffing(look(led, when=12))
    assert fewer == m.MajorStaffing(("communications",), at(15)), "the first vacancy counts"
    at_last = do(waiting, c.TakeRole("INC-1", "commander"), 15)
    assert [event for event, _ in major_follow.staffing(look(at_last, when=15))] == [
        m.MajorStaffing(("communications",), at(15)),
        m.MajorUnstaffed(("communications",)),
    ], "and one role too late is still an alarm about the other"
    led = let(led, ((fewer, None),), 12)
    ((alarm, _),) = major_follow.staffing(look(led, when=15))
    assert alarm == m.MajorUnstaffed(("communications",))
    alarmed = let(led, ((alarm, None),), 15)
    assert wakes_at(alarmed) is None
    assert major_follow.staffing(look(alarmed, when=90)) == ()
    left = do(alarmed, c.LeaveRole("INC-1", "commander"), 20)
    ((again, _),) = major_follow.staffing(look(left, when=20))
    assert again == m.MajorStaffing(("commander", "communications"), at(25)), "a new vacancy"


def test_fewer_missing_after_the_alarm_is_no_new_one() -> None:
    alarmed = after(ACCEPTED, m.MajorUnstaffed(("commander", "communications")))
    led = do(alarmed, c.TakeRole("INC-1", "commander"), 20)
    ((event, _),) = major_follow.staffing(look(led))
    assert event == m.MajorStaffing(("communications",), None)
    staffed = do(let(led, ((event, None),)), c.TakeRole("INC-1", "communications"), 21)
    assert [x for x, _ in major_follow.staffing(look(staffed))] == [m.MajorStaffing((), None)]


def test_a_problem_is_proposed_once_for_a_major_without_one() -> None:
    over = e.Resolved("fixed", "x", at(3), "", URGENT.course.outcome)
    assert major_follow.problem(look(ACCEPTED)) == ()
    assert major_follow.problem(look(URGENT, over)) == ()
    said = major_follow.problem(look(ACCEPTED, over))
    assert kinds(said) == ["ProblemProposed"]
    assert major_follow.problem(look(let(ACCEPTED, said), over)) == ()
    known = after(ACCEPTED, e.Linked(LinkKind.CAUSED_BY, "problem/1", "PRB-1"))
    assert major_follow.problem(look(known, over)) == ()
    silent = attrs.evolve(TERMS, major=MajorTerms(proposes_problem=False))
    assert major_follow.problem(look(ACCEPTED, over, terms=silent)) == ()


def test_the_judges_are_total() -> None:
    assert major_follow.judge_trigger({"rules": "", "facts": ""}) == ""
    assert major_follow.judge_trigger({"rules": ("x",), "facts": ""}) == ""
    assert statuses.judge({"statuses": "", "state": "new", "was": ""}) == ""
    assert statuses.judge({"statuses": ("x",), "state": "new", "was": ""}) == ""
    assert overlay_calls.judge({"calls": "", "occasion": "x"}) == ()
    assert autoclose.judge({"hindrances": (), "after_seconds": "x", "from": ""}) == ""
    assert not holds('incident.priority == "P1"', "")
    given: dict[str, Plain] = {
        "state": "in_progress",
        "was": "resolved",
        "working": "identified",
        "begins": False,
        "failed": True,
        "follows": "",
    }
    assert public.judge(given) == "identified"


def test_calls_of_a_major_reach_the_duty_whatever_the_priority() -> None:
    low = after(declared(), m.MajorProposed("", "", at(15)))
    paging = PagingTerms(priorities=())
    proposed = overlay_calls.called(low, m.MajorProposed("many call", "", at(15)), paging, TERMS)
    assert proposed is not None
    assert (proposed[0].to, proposed[1]) == (("mim",), "proposed as a major incident: many call")
    nobody = overlay_calls.called(low, m.MajorProposed("", "", None), paging, OverlayTerms())
    assert nobody is not None
    assert (nobody[0].to, nobody[1]) == (("on-call",), "proposed as a major incident")
    for event, about in (
        (m.MajorUnanswered(), "nobody has answered whether it is a major incident"),
        (m.MajorAccepted("", "hospital"), "a major incident from now on: hospital"),
        (m.MajorUnstaffed(("commander",)), "a major incident without commander"),
    ):
        found = overlay_calls.called(low, event, paging, TERMS)
        assert found is not None
        assert (found[0].to, found[1]) == (("mim",), about)
    quiet = attrs.evolve(paging, calls=("clock_warned",))
    muted = overlay_calls.called(low, m.MajorUnanswered(), quiet, TERMS)
    assert muted is not None
    assert muted[0].to == ()
    assert overlay_calls.called(low, m.MajorAccepted("by hand"), paging, TERMS) is None
    over = after(low, e.Cancelled(CancelReason.WITHDRAWN, "", ""))
    assert overlay_calls.called(over, m.MajorUnanswered(), paging, TERMS) is None


def test_a_major_is_not_paused_where_its_target_says_so() -> None:
    target = clocks.Target("resolve", Moment.RESOLVED, FrozenMap({"P1": Term(minutes(60))}))
    steady = attrs.evolve(target, major_never_pauses=True)
    held_ = attrs.evolve(after(URGENT, e.Held("vendor", "ACME"), when=at(10)))
    assert clocks.reckon(held_, steady) == clocks.reckon(held_, target)
    major = after(held_, m.MajorAccepted(""), when=at(20))
    plain, never = clocks.reckon(major, target), clocks.reckon(major, steady)
    assert plain is not None
    assert never is not None
    assert (plain.due_at, never.due_at) == (None, at(70)), "paused until it became a major"
    ended = after(major, m.MajorStoodDown(""), when=at(40))
    again = clocks.reckon(ended, steady)
    assert again is not None
    assert again.due_at is None
    resumed = clocks.reckon(after(ended, e.Resumed(State.NEW), when=at(50)), steady)
    assert resumed is not None
    assert resumed.due_at == at(80), "ten minutes before and ten after the spell"


# --- roles ----------------------------------------------------------------------------------------


def test_the_first_to_acknowledge_is_acting_commander() -> None:
    both = do(do(URGENT, c.Acknowledge("INC-1"), 1, "ana"), c.Acknowledge("INC-1"), 2, "bob")
    assert overlays.acting(look(both)) == ()
    major = after(both, m.MajorAccepted(""))
    ((event, _),) = overlays.acting(look(major))
    assert event == e.RoleTaken("commander", "ana", None, acting=True)
    led = let(major, ((event, None),))
    assert led.people.roles[-1].acting
    named = do(led, c.TakeRole("INC-1", "commander", "cy"), 70)
    assert [(x.holder, x.acting, x.until is None) for x in named.people.roles] == [
        ("ana", True, False),
        ("cy", False, True),
    ]
    gone = do(named, c.LeaveRole("INC-1", "commander"), 80)
    assert overlays.acting(look(gone)) == (), "who was named is not replaced by a rule"
    always = attrs.evolve(TERMS, acting_always=True)
    assert kinds(overlays.acting(look(both, terms=always))) == ["RoleTaken"]
    over = attrs.evolve(major, life=standing(State.CANCELLED).life)
    assert overlays.acting(look(over)) == ()


MANY = LifecycleTerms(overlays=OverlayTerms(roles=FrozenMap({"scribe": RoleTerm(many=True)})))


def test_a_role_of_many_keeps_its_holders() -> None:
    one = do(declared(), c.TakeRole("INC-1", "scribe"), 1, "ana", MANY)
    two = do(one, c.TakeRole("INC-1", "scribe"), 2, "bob", MANY)
    assert two.people.holders("scribe") == ("ana", "bob")
    assert do(two, c.TakeRole("INC-1", "scribe"), 3, "bob", MANY) == two
    with pytest.raises(InvalidValue, match="scribe is held by ana, bob"):
        lifecycle.decide(two, c.LeaveRole("INC-1", "scribe"), at(4), "cy", MANY)
    with pytest.raises(NotFound, match="there is ana, bob"):
        lifecycle.decide(two, c.LeaveRole("INC-1", "scribe", "cy"), at(4), "cy", MANY)
    assert do(two, c.LeaveRole("INC-1", "scribe"), 4, "bob", MANY).people.holders("scribe") == (
        "ana",
    )
    left = do(two, c.LeaveRole("INC-1", "scribe", "ana"), 4, "cy", MANY)
    assert left.people.holders("scribe") == ("bob",)


def test_a_call_goes_to_the_assignee_else_the_lead_else_the_fallback() -> None:
    led = do(URGENT, c.TakeRole("INC-1", "commander"), 1)
    for incident, to, reached in (
        (URGENT, "", "on-call"),
        (led, "", "ana"),
        (do(led, c.Assign("INC-1", "bob"), 2), "", "bob"),
        (led, "cy", "cy"),
    ):
        leads = ("scribe", "commander")
        found = call(incident, "task_overdue", PagingTerms(), "", leads=leads, to=to)
        assert found is not None
        assert found.to == (reached,)
    assert set(CALLS) >= {"major_proposed", "major_unstaffed", "task_overdue"}


# --- handover -------------------------------------------------------------------------------------


def handed(incident: Incident, role: str, to: str = "bob") -> Incident:
    incident = do(incident, h.OfferHandover("INC-1", role, to, brief="x"), 10, terms=MANY)
    return do(incident, h.AcceptHandover("INC-1", role), 20, to, MANY)


def test_a_lease_passes_with_a_command() -> None:
    led = do(do(URGENT, c.Acknowledge("INC-1"), 1), c.TakeRole("INC-1", "commander"), 2)
    led = do(led, c.Acknowledge("INC-1"), 3, "cy")
    over = handed(led, "commander")
    assert [x.holder for x in over.attention.leases] == ["bob", "cy"]
    assert over.attention.leases[0].until == at(20) + MANY.lease_for
    both = do(led, c.Acknowledge("INC-1"), 4, "bob")
    assert [x.holder for x in handed(both, "commander").attention.leases] == ["bob", "cy"]
    scribe = do(led, c.TakeRole("INC-1", "scribe"), 4)
    kept = handed(scribe, "scribe")
    assert [x.holder for x in kept.attention.leases] == ["ana", "cy"]
    assert kept.people.holders("scribe") == ("bob",)


def test_assignment_and_ownership_are_handed_over_too() -> None:
    incident = do(URGENT, c.Assign("INC-1", "ana", "olga"), 1)
    incident = handed(handed(incident, "assignee"), "owner", "pia")
    assert (incident.people.assignee, incident.people.owner) == ("bob", "pia")
    unheld = handed(do(URGENT, c.TakeRole("INC-1", "lead"), 1), "lead")
    assert unheld.people.holder("lead") == "bob"


def test_an_offer_must_make_sense() -> None:
    two = do(declared(), c.TakeRole("INC-1", "scribe"), 1, "ana", MANY)
    two = do(two, c.TakeRole("INC-1", "scribe"), 2, "bob", MANY)
    for command, error in (
        (h.OfferHandover("INC-1", "lead", "cy"), NotFound),
        (h.OfferHandover("INC-1", "assignee", "cy"), NotFound),
        (h.OfferHandover("INC-1", "owner", "cy"), NotFound),
        (h.OfferHandover("INC-1", "scribe", "cy", "dan"), NotFound),
        (h.OfferHandover("INC-1", "scribe", "cy"), InvalidValue),
        (h.OfferHandover("INC-1", "scribe", "bob", "ana"), InvalidValue),
    ):
        with pytest.raises(error):
            lifecycle.decide(two, command, at(3), "ana", MANY)
    over = do(two, h.OfferHandover("INC-1", "scribe", "cy", "ana", "x"), 3, terms=MANY)
    assert do(over, h.AcceptHandover("INC-1", "scribe"), 4, "cy", MANY).people.holders(
        "scribe"
    ) == ("bob", "cy")


def test_a_role_that_was_taken_meanwhile_cannot_be_accepted() -> None:
    led = do(declared(), c.TakeRole("INC-1", "lead"), 1)
    offered = do(led, h.OfferHandover("INC-1", "lead", "bob", brief="x"), 2)
    taken = do(offered, c.TakeRole("INC-1", "lead", "cy"), 3)
    with pytest.raises(InvalidValue, match="lead is held by cy now, not by ana"):
        lifecycle.decide(taken, h.AcceptHandover("INC-1", "lead"), at(4), "bob", MANY)
    gone = do(offered, c.LeaveRole("INC-1", "lead"), 3)
    with pytest.raises(InvalidValue, match="held by nobody now"):
        lifecycle.decide(gone, h.AcceptHandover("INC-1", "lead"), at(4), "bob", MANY)


def test_the_end_of_an_unknown_handover_changes_nothing_but_the_version() -> None:
    ended = after(declared(), h.HandoverDeclined("lead", "bob"))
    assert (ended.version, ended.dossier.overlays.handovers) == (2, ())


# --- tasks and checklists -------------------------------------------------------------------------


def test_the_order_of_tasks_is_kept_and_the_blocker_named() -> None:
    incident = do(declared(), t.AddTask("INC-1", "Isolate"), 1)
    incident = do(incident, t.AddTask("INC-1", "Restore", after=("T1",)), 2)
    incident = do(incident, t.StartTask("INC-1", "T2"), 3)
    with pytest.raises(TransitionNotAllowed, match=r"waiting for T1 \(Isolate\)") as caught:
        lifecycle.decide(incident, t.CompleteTask("INC-1", "T2"), at(4), "ana", MANY)
    assert caught.value.allowed == ("complete_task T1", "cancel_task T1")
    for first in (t.CompleteTask("INC-1", "T1"), t.CancelTask("INC-1", "T1", "no need")):
        done = do(do(incident, first, 4), t.CompleteTask("INC-1", "T2", "log 7"), 5)
        task = done.dossier.task("T2")
        assert task is not None
        assert (task.done_by, task.done_at, task.evidence) == ("ana", at(5), "log 7")
        reopened = do(done, t.ReopenTask("INC-1", "T2", "not so"), 6).dossier.task("T2")
        assert reopened is not None
        assert (reopened.done_by, reopened.evidence) == (None, "")


def test_tasks_that_are_not_there_are_refused() -> None:
    one = do(declared(), t.AddTask("INC-1", "x"), 1)
    for command in (t.AddTask("INC-1", "y", after=("T7",)), t.StartTask("INC-1", "T7")):
        with pytest.raises(NotFound, match="no task 'T7'; there is T1"):
            lifecycle.decide(one, command, at(2), "ana", MANY)
    full = attrs.evolve(one, more=attrs.evolve(one.dossier, tasks=one.dossier.tasks * 1_000))
    with pytest.raises(LimitExceeded, match="at most 1000"):
        lifecycle.decide(full, t.AddTask("INC-1", "y"), at(2), "ana", MANY)
    with pytest.raises(InvalidValue, match="must be several names"):
        t.AddTask("INC-1", "y", after="T1")


def test_a_task_changes_hands_and_is_late_once_for_each_due_time() -> None:
    incident = do(declared(), t.AddTask("INC-1", "x", "ana", at(30)), 1)
    assert wakes_at(incident) == at(30)
    assert incident_tasks.ring(look(incident, when=29)) == ()
    said = incident_tasks.ring(look(incident, when=30))
    assert [event for event, _ in said] == [t.TaskOverdue("T1", "x", "ana", at(30))]
    late = let(incident, said, 30)
    assert incident_tasks.ring(look(late, when=99)) == ()
    assert wakes_at(late) is None
    assert do(late, t.AssignTask("INC-1", "T1", "ana"), 31) == late
    taken = do(late, t.AssignTask("INC-1", "T1"), 31).dossier.task("T1")
    assert taken is not None
    assert (taken.assignee, taken.due_at, taken.overdue_at) == (None, at(30), at(30))
    later = do(late, t.AssignTask("INC-1", "T1", "bob", at(60)), 31)
    assert wakes_at(later) == at(60)
    assert kinds(incident_tasks.ring(look(later, when=61))) == ["TaskOverdue"]
    done = do(later, t.CompleteTask("INC-1", "T1"), 32)
    assert wakes_at(done) is None


def test_resolving_over_open_tasks_needs_a_reason_but_those_of_the_review_do_not_count() -> None:
    incident = do(declared(), t.AddTask("INC-1", "x"), 1)
    incident = do(incident, t.AddTask("INC-1", "learn", phase="review"), 2)
    assert open_ends(incident) == ("1 task(s) are open (T1)",)
    assert every_task(incident) == "2 task(s) are open (T1, T2)"
    firing = after(incident, e.AlertJoined("a", "disk full"))
    assert open_ends(firing) == ("1 alert(s) still fire", "1 task(s) are open (T1)")
    more = incident
    for number in range(6):
        more = do(more, t.AddTask("INC-1", f"t{number}"), 3)
    assert every_task(more) == "8 task(s) are open (T1, T2, T3, T4, T5, ...)"


LISTS = (
    Checklist(
        "first",
        (
            ChecklistItem("Open the bridge", "$commander", timedelta(minutes=10)),
            ChecklistItem("Tell the board", "bob", None, "communication", (1,)),
        ),
        ALWAYS,
    ),
    Checklist("by hand", (ChecklistItem("Look"),)),
    Checklist("second", (ChecklistItem("Write", "$owner", None, "review"),), ALWAYS),
    Checklist("never", (ChecklistItem("x"),), NEVER),
)


def test_checklists_come_once_and_their_numbers_go_on() -> None:
    terms = attrs.evolve(TERMS, checklists=LISTS)
    led = do(do(declared(), t.AddTask("INC-1", "x"), 1), c.TakeRole("INC-1", "commander"), 2)
    full = let(led, checklists.follow(look(led, terms=terms)))
    assert full.dossier.checklists == ("first", "second")
    assert [(x.id, x.assignee, x.due_at, x.depends_on) for x in full.dossier.tasks] == [
        ("T1", None, None, ()),
        ("T2", "ana", at(70), ()),
        ("T3", "bob", None, ("T2",)),
        ("T4", None, None, ()),
    ]
    assert checklists.follow(look(full, terms=terms)) == ()
    for nobody in (declared(candidate=True), standing(State.CANCELLED)):
        assert checklists.follow(look(nobody, terms=terms)) == ()


def test_a_checklist_by_hand() -> None:
    terms = LifecycleTerms(overlays=OverlayTerms(checklists=LISTS))
    once = do(declared(), t.AttachChecklist("INC-1", "by hand"), 1, terms=terms)
    assert len(once.dossier.tasks) == 1
    assert do(once, t.AttachChecklist("INC-1", "by hand"), 2, terms=terms) == once
    with pytest.raises(NotFound, match="there is first, by hand"):
        lifecycle.decide(once, t.AttachChecklist("INC-1", "x"), at(2), "ana", terms)


# --- public, regions, statuses --------------------------------------------------------------------


def test_the_public_state_goes_back_with_a_fix_that_fails() -> None:
    incident = do(declared(), SetPublic("INC-1", PublicState.IDENTIFIED), 1)
    incident = do(incident, c.Mitigate("INC-1"), 2)
    quiet = attrs.evolve(TERMS, public=PublicTerms())
    assert public.follow(look(incident, terms=quiet)) == ()
    said = public.follow(look(incident, e.Mitigated(at(2)), terms=quiet))
    assert [event for event, _ in said] == [
        PublicStated(PublicState.MONITORING, PublicState.IDENTIFIED)
    ]
    watched = do(let(incident, said), c.Regress("INC-1", "no"), 70)
    said = public.follow(look(watched, e.Regressed("no"), terms=quiet))
    assert [event for event, _ in said] == [
        PublicStated(PublicState.IDENTIFIED, PublicState.MONITORING)
    ]
    back = let(watched, said)
    assert public.follow(look(back, e.Regressed("no"), terms=quiet)) == ()


def test_the_public_state_begins_where_the_policy_says() -> None:
    begun = public.follow(look(declared()))
    assert [event for event, _ in begun] == [PublicStated(PublicState.INVESTIGATING, None)]
    never = attrs.evolve(TERMS, public=PublicTerms(when=NEVER))
    for incident, terms in (
        (declared(candidate=True), TERMS),
        (standing(State.CLOSED), TERMS),
        (declared(), never),
    ):
        assert public.follow(look(incident, terms=terms)) == ()
    late = standing(State.MITIGATED)
    assert public.follow(look(late, e.Mitigated(at(2)), terms=never)) == (), "never told before"
    fixed = public.follow(look(late))
    assert [event for event, _ in fixed] == [PublicStated(PublicState.MONITORING, None)]


def test_an_unknown_public_state_is_told() -> None:
    with pytest.raises(InvalidValue, match="none of investigating, identified"):
        SetPublic("INC-1", "fine")


REGION = RegionTerm(
    "security",
    ("contain", "eradicate", "recover"),
    (("contain", "eradicate", "clean up"), ("eradicate", "recover", "rebuild")),
)
HOST = LifecycleTerms(
    overlays=OverlayTerms(
        regions=FrozenMap({"security": REGION}),
        statuses=(
            StatusTerm("Open", State.NEW),
            StatusTerm("Active", State.IN_PROGRESS),
            StatusTerm("Deep work", State.IN_PROGRESS, default=True),
            StatusTerm("Caller", State.ON_HOLD, False, "caller", "the caller"),
            StatusTerm("Vendor", State.ON_HOLD, False, "vendor", "ACME"),
            StatusTerm("Waiting", State.ON_HOLD),
            StatusTerm("Fixed", State.RESOLVED),
        ),
    )
)


def test_a_region_moves_only_as_it_is_listed() -> None:
    moved = do(declared(), MoveRegion("INC-1", "security", "eradicate", "isolated"), 1, terms=HOST)
    assert moved.dossier.overlays.regions == {"security": "eradicate"}
    assert do(moved, MoveRegion("INC-1", "security", "eradicate"), 2, terms=HOST) == moved
    with pytest.raises(TransitionNotAllowed) as caught:
        lifecycle.decide(moved, MoveRegion("INC-1", "security", "contain"), at(2), "ana", HOST)
    assert caught.value.allowed == ("rebuild (recover)",)
    for region, to, named in (("x", "contain", "security"), ("security", "x", "contain")):
        with pytest.raises(NotFound, match=named):
            lifecycle.decide(moved, MoveRegion("INC-1", region, to), at(2), "ana", HOST)


def test_a_status_inside_its_category_is_only_stated() -> None:
    active = do(declared(), SetStatus("INC-1", "Active"), 1, terms=HOST)
    assert active.life.state is State.IN_PROGRESS
    deep = do(active, SetStatus("INC-1", "Deep work"), 2, terms=HOST)
    assert (deep.version, deep.life) == (active.version + 1, active.life)
    assert do(deep, SetStatus("INC-1", "Deep work"), 3, terms=HOST) == deep


def test_another_hold_begins_where_a_status_waits_for_another() -> None:
    waiting = do(declared(), SetStatus("INC-1", "Caller"), 1, terms=HOST)
    vendor = do(waiting, SetStatus("INC-1", "Vendor"), 2, terms=HOST)
    assert [(x.reason, x.court) for x in vendor.course.holds] == [
        ("caller", "the caller"),
        ("vendor", "ACME"),
    ]
    plain = do(vendor, SetStatus("INC-1", "Waiting"), 3, terms=HOST)
    assert len(plain.course.holds) == 2
    other = do(plain, SetStatus("INC-1", "Waiting", court="bob"), 4, terms=HOST)
    assert other.course.holds[-1].court == "bob"


def test_an_unknown_status_names_the_nearest() -> None:
    for name, near in (("Fixd", "Fixed"), ("zzz", "")):
        with pytest.raises(InvalidValue, match=f"did you mean '{near}"):
            lifecycle.decide(declared(), SetStatus("INC-1", name), at(1), "ana", HOST)
    with pytest.raises(InvalidValue, match="the policy declares no statuses"):
        lifecycle.decide(declared(), SetStatus("INC-1", "Open"), at(1), "ana", LifecycleTerms())


@pytest.mark.parametrize(
    ("state", "was", "status"),
    [
        (State.NEW, "", "Open"),
        (State.IN_PROGRESS, "Open", "Deep work"),
        (State.IN_PROGRESS, "Active", None),
        (State.ON_HOLD, "Active", "Caller"),
        (State.MITIGATED, "Active", ""),
        (State.MITIGATED, "", None),
    ],
)
def test_a_plain_move_sets_the_default(state: State, was: str, status: str | None) -> None:
    incident = after(standing(state), e.StatusStated(was, ""))
    said = statuses.follow(look(incident, terms=HOST.overlays))
    expected = [] if status is None else [e.StatusStated(status, was)]
    assert [event for event, _ in said] == expected
    assert statuses.follow(look(incident, terms=OverlayTerms())) == ()


# --- custody and closing by itself ----------------------------------------------------------------

DAY = OverlayTerms(autoclose=AutoClose(FrozenMap({Priority.P3: timedelta(days=1)})))
UPDATED = attrs.evolve(DAY, autoclose=attrs.evolve(DAY.autoclose, from_updates=True))
RESOLVED_AT = RESOLVED.life.since
ENDED = e.Resolved("fixed", "x", at(3), "", RESOLVED.course.outcome)


def test_what_was_resolved_closes_by_itself_after_its_time() -> None:
    said = autoclose.follow(look(RESOLVED, ENDED, terms=DAY))
    assert [event for event, _ in said] == [k.AutoClosePlanned(RESOLVED_AT + timedelta(days=1))]
    planned = let(RESOLVED, said)
    assert wakes_at(planned) == RESOLVED_AT + timedelta(days=1)
    assert autoclose.follow(look(planned, terms=DAY)) == ()
    due = look(planned, when=24 * 60 + 60, terms=DAY)
    closed = let(planned, autoclose.follow(due), 24 * 60 + 60)
    assert closed.life.state is State.CLOSED
    assert wakes_at(closed) is None
    assert autoclose.follow(look(closed, terms=DAY)) == ()


def test_every_change_by_a_person_begins_the_time_anew_where_the_policy_says_so() -> None:
    planned = let(RESOLVED, autoclose.follow(look(RESOLVED, ENDED, when=3, terms=UPDATED)))
    assert wakes_at(planned) == at(3) + timedelta(days=1)
    assert autoclose.follow(look(planned, touched=False, terms=UPDATED)) == ()
    ((event, _),) = autoclose.follow(look(planned, when=50, terms=UPDATED))
    assert event == k.AutoClosePlanned(at(50) + timedelta(days=1))
    untouched = autoclose.follow(look(RESOLVED, touched=False, terms=UPDATED))
    assert [event for event, _ in untouched] == [
        k.AutoClosePlanned(RESOLVED_AT + timedelta(days=1))
    ]


@pytest.mark.parametrize(
    ("event", "why"),
    [
        (m.MajorAccepted(""), "major: accepted"),
        (k.LegalHoldPlaced("claim 7", "cy"), "on legal hold since .* by cy: claim 7"),
        (t.TaskAdded(IncidentTask("T1", "learn", phase="review")), "1 task"),
        (ReviewBegun("PIR-1"), "open review PIR-1"),
    ],
)
def test_what_hinders_closing_is_told(event: Event, why: str) -> None:
    planned = let(RESOLVED, autoclose.follow(look(RESOLVED, ENDED, terms=DAY)))
    hindered = after(planned, event)
    ((dropped, reason),) = autoclose.follow(look(hindered, terms=DAY))
    assert isinstance(dropped, k.AutoClosePlanned)
    assert dropped.closes_at is None
    assert reason is not None
    assert reason.outcome == ""
    assert re.match(why, dropped.why)
    off = let(hindered, ((dropped, None),))
    assert wakes_at(off) is None
    assert autoclose.follow(look(off, terms=DAY)) == ()
    assert kinds(autoclose.follow(look(off, ENDED, terms=DAY))) == ["AutoClosePlanned"]


def test_open_children_hinder_closing_and_others_do_not() -> None:
    parent = after(RESOLVED, e.Linked(LinkKind.PARENT_OF, "incident/2", "INC-2"))
    planned = let(parent, autoclose.follow(look(parent, ENDED, terms=DAY)))
    assert planned.dossier.overlays.closes_at is not None
    seen = attrs.evolve(look(planned, terms=DAY), open_children=("INC-2",))
    ((dropped, _),) = autoclose.follow(seen)
    assert dropped == k.AutoClosePlanned(None, "1 child incident(s) are open (INC-2)")
    many = tuple(f"INC-{n}" for n in range(2, 9))
    ((dropped, _),) = autoclose.follow(attrs.evolve(seen, open_children=many))
    assert dropped == k.AutoClosePlanned(
        None, "7 child incident(s) are open (INC-2, INC-3, INC-4, INC-5, INC-6, ...)"
    )


def test_without_a_time_nothing_closes_by_itself() -> None:
    assert autoclose.follow(look(RESOLVED, ENDED, terms=OverlayTerms())) == ()
    planned = let(RESOLVED, autoclose.follow(look(RESOLVED, ENDED, terms=DAY)))
    ((dropped, _),) = autoclose.follow(look(planned, terms=OverlayTerms()))
    assert dropped == k.AutoClosePlanned(None, "")


def test_a_legal_hold_says_why_and_refuses_redaction() -> None:
    held_ = do(declared(), k.PlaceLegalHold("INC-1", "claim 7"), 1, "cy")
    assert held(held_) == "on legal hold since 2026-03-02 09:01:00+00:00 by cy: claim 7"
    for command in (k.Redact("INC-1", (1,), "x"), k.PlaceLegalHold("INC-1", "again")):
        with pytest.raises(TransitionNotAllowed, match="claim 7") as caught:
            lifecycle.decide(held_, command, at(2), "ana", LifecycleTerms())
        assert caught.value.allowed == ("lift_legal_hold",)
    lifted = do(held_, k.LiftLegalHold("INC-1", "settled"), 3)
    assert held(lifted) == ""
    with pytest.raises(TransitionNotAllowed, match="not on legal hold"):
        lifecycle.decide(lifted, k.LiftLegalHold("INC-1", "x"), at(4), "ana", LifecycleTerms())


@pytest.mark.parametrize("seqs", [(0,), (-1,), ("1",), (True,)])
def test_only_numbers_of_entries_are_redacted(seqs: tuple[int, ...]) -> None:
    with pytest.raises(InvalidValue, match="from 1 on"):
        k.Redact("INC-1", seqs, "x")
    alone: Any = 3
    with pytest.raises(InvalidValue, match=r"such as \(3,\), not 3"):
        k.Redact("INC-1", alone, "x")
    with pytest.raises(InvalidValue, match=r"such as \('T1',\), not 3"):
        t.AddTask("INC-1", "x", after=alone)


def test_entries_that_are_not_there_are_not_redacted() -> None:
    with pytest.raises(InvalidValue, match="ends at 1"):
        lifecycle.decide(declared(), k.Redact("INC-1", (2,), "x"), at(1), "ana", LifecycleTerms())
    assert k.Redact("INC-1", [3, 1, 3], "x").seqs == (1, 3)


# --- who hears, and what belongs to nobody --------------------------------------------------------


def test_whoever_it_is_then_hears_of_it() -> None:
    incident = do(declared(), c.Assign("INC-1", "ana", "olga", "net"), 1)
    incident = do(incident, c.Watch("INC-1", "wally"), 2)
    incident = do(incident, c.TakeRole("INC-1", "commander", "ana"), 3)
    incident = do(incident, c.TakeRole("INC-1", "scribe", "sid"), 4)
    incident = do(incident, h.OfferHandover("INC-1", "commander", "bob"), 5)
    incident = do(incident, h.OfferHandover("INC-1", "scribe", "dan", brief="x"), 5)
    incident = do(incident, h.DeclineHandover("INC-1", "scribe", "asleep"), 6, "dan")
    audiences = {
        "board": Audience("board", ("eve", "$owner", "$watchers", "eve")),
        "$team": Audience("$team", ("own name wins",)),
    }
    for name, who in (
        ("board", ("eve", "olga", "wally")),
        ("$assignee", ("ana",)),
        ("$owner", ("olga",)),
        ("$reporter", ("carl",)),
        ("$team", ("own name wins",)),
        ("$responders", ("ana", "sid")),
        ("$watchers", ("wally",)),
        ("$offered", ("bob",)),
        ("nobody's", None),
    ):
        assert members(incident, audiences, name) == who
    assert members(declared(reporter=None), {}, "$reporter") == ()
    assert members(declared(), {}, "$responders") == ()


def test_watching_twice_changes_nothing_and_can_be_stopped() -> None:
    watched = do(declared(), c.Watch("INC-1"), 1)
    assert watched.people.watchers == ("ana",)
    assert do(watched, c.Watch("INC-1"), 2) == watched
    assert do(watched, c.Watch("INC-1", "bob", stop=True), 3) == watched
    assert do(watched, c.Watch("INC-1", stop=True), 4).people.watchers == ()


def test_a_late_task_calls_who_does_it() -> None:
    late = t.TaskOverdue("T1", "Tell the board", "bob", at(30))
    found = overlay_calls.called(URGENT, late, PagingTerms(), TERMS)
    assert found is not None
    assert found[0].to == ("bob",)
    assert found[1] == "task T1 was due 2026-03-02 09:30:00+00:00: Tell the board"
    over = attrs.evolve(URGENT, life=standing(State.RESOLVED).life)
    assert overlay_calls.called(over, late, PagingTerms(), TERMS) is None


def test_an_event_of_nobody_is_refused() -> None:
    class Strange(Event):
        __slots__ = ()

    with pytest.raises(KeyError):
        evolve(declared(), Strange(), at(1), "ana")
    assert len(beyond.every_part()) == len(beyond.HOMES)


# --- what concerns nobody -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("terms", "idle"),
    [
        (OverlayTerms(), True),
        (OverlayTerms(major=MajorTerms(duty="mim")), True),
        (OverlayTerms(checklists=(LISTS[1],)), True),
        (OverlayTerms(major=MajorTerms("mim", TERMS.major.rules)), False),
        (OverlayTerms(checklists=LISTS), False),
        (OverlayTerms(acting_always=True), False),
        (OverlayTerms(public=PublicTerms(ALWAYS)), False),
        (HOST.overlays, False),
        (DAY, False),
    ],
)
def test_terms_that_cannot_concern_an_everyday_incident_are_idle(
    terms: OverlayTerms, idle: bool
) -> None:
    assert terms.idle is idle
    said = [x for step in overlays.STEPS for x in step(look(standing(State.NEW), terms=terms))]
    assert not (idle and said)


def test_a_look_sees_only_what_happened() -> None:
    seen = look(declared(), e.Started())
    assert seen.saw(e.Started, e.Closed)
    assert not seen.saw(e.Closed)
    assert isinstance(seen, Look)
    assert Condition.parse("true").root == ALWAYS.root


# --- any life at all ------------------------------------------------------------------------------

BUSY = LifecycleTerms(
    overlays=attrs.evolve(
        HOST.overlays,
        major=MajorTerms("mim", TERMS.major.rules),
        checklists=LISTS,
        public=PublicTerms(ALWAYS),
        autoclose=AutoClose(FrozenMap(dict.fromkeys(Priority, timedelta(hours=1)))),
    )
)
ANYTHING = st.sampled_from(
    [
        m.ProposeMajor("INC-1"),
        m.AcceptMajor("INC-1"),
        m.RejectMajor("INC-1", "x"),
        m.StandDown("INC-1"),
        m.Demote("INC-1", "x"),
        c.TakeRole("INC-1", "commander"),
        c.TakeRole("INC-1", "communications"),
        c.LeaveRole("INC-1", "commander"),
        c.Acknowledge("INC-1"),
        c.Mitigate("INC-1"),
        c.Regress("INC-1", "x"),
        c.Resolve("INC-1", "fixed", "x", override="x"),
        c.Close("INC-1"),
        c.Reopen("INC-1", "x"),
        c.Cancel("INC-1"),
        c.Prioritise("INC-1", priority=Priority.P1, reason="x"),
        SetPublic("INC-1", PublicState.IDENTIFIED),
        SetStatus("INC-1", "Caller"),
        SetStatus("INC-1", "Active", "x"),
        t.AddTask("INC-1", "x", due_at=at(40)),
        t.CompleteTask("INC-1", "T1"),
        t.ReopenTask("INC-1", "T1"),
        k.PlaceLegalHold("INC-1", "x"),
        k.LiftLegalHold("INC-1", "x"),
        h.OfferHandover("INC-1", "commander", "bob", brief="x"),
        h.AcceptHandover("INC-1", "commander"),
    ]
)


@given(st.lists(st.tuples(ANYTHING, st.sampled_from(["ana", "bob"]), st.integers(0, 30))))
def test_every_timer_has_an_end_and_every_reason_holds(
    lived: list[tuple[c.Command, str, int]],
) -> None:
    """After everything is concluded nothing is due, so no timer can ring for ever."""
    incident, when = declared(), 0
    for command, by, later in lived:
        when += later
        happened: tuple[Event, ...] = ()
        try:
            happened = lifecycle.decide(incident, command, at(when), by, BUSY)
        except CallerError:
            happened = ()
        for event in happened:
            incident = evolve(incident, event, at(when), by)
        for step in overlays.STEPS:
            seen = look(incident, *happened, when=when, terms=BUSY.overlays)
            for event, reason in step(seen):
                incident = evolve(incident, event, at(when), "system")
                assert reason is None or rerun(reason) == reason.outcome
        due = wakes_at(attrs.evolve(incident, attention=UNATTENDED))
        assert due is None or due > at(when)
        over = incident.life.state in (State.CLOSED, State.CANCELLED)
        assert not (over and incident.dossier.overlays.major in ("proposed", "accepted"))
        assert sum(x.role == "commander" and x.until is None for x in incident.people.roles) <= 1


# --- what is left of an interval ------------------------------------------------------------------

spans = st.tuples(st.integers(0, 50), st.none() | st.integers(0, 50)).map(
    lambda x: Interval(at(x[0]), None if x[1] is None else at(x[0] + x[1]))
)


@given(spans, spans, st.integers(0, 120))
def test_what_is_left_of_an_interval_is_what_lies_outside(
    one: Interval, other: Interval, minute: int
) -> None:
    instant = at(minute)
    left = one.without(other)
    inside = [x for x in left if x.contains(instant)]
    assert len(inside) == (1 if one.contains(instant) and not other.contains(instant) else 0)
