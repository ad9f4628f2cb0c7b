"""Planned work: every state and every command written out, and what time makes of it."""

from __future__ import annotations

from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentkit.errors import (
    ConditionError,
    InvalidValue,
    MissingFields,
    NotAuthorised,
    TransitionNotAllowed,
)
from incidentkit.model import incident_events as e
from incidentkit.model import maintenance_changes as m
from incidentkit.model.impact import Place
from incidentkit.model.incident import Link
from incidentkit.model.incident_commands import AddNote, Command
from incidentkit.model.journal import Event
from incidentkit.model.maintenance import OVER, STARTED, Maintenance, MaintenanceCard
from incidentkit.model.record_events import AlertsReleased, RecordLinked, RecordUnlinked
from incidentkit.model.words import LinkKind, MaintenanceState
from incidentkit.rules import maintain_evolve
from incidentkit.rules.downtime import (
    concerns,
    counts_as_downtime,
    downtime,
    planned_part,
    planned_time,
)
from incidentkit.rules.maintain import MAINTENANCE_MOVES, allowed, ask_at, decide, planned
from incidentkit.rules.maintain_evolve import birth, elsewhere, evolve, holder, wake, wakes_at
from incidentkit.rules.record_terms import MaintenanceTerms
from incidentkit.timing.intervals import Interval
from tests.rules.builders import START, at
from tests.rules.tables import cells

TERMS = MaintenanceTerms()
S = MaintenanceState
# The window is from minute 100 to minute 160.
CARD = MaintenanceCard("Upgrade", services=("checkout",), owner="ana", audiences=("customers",))
RELATED = Link(LinkKind.RELATED, "incident/2", "INC-2")

COMMANDS: dict[str, m.MaintenanceCommand] = {
    "approve": m.ApproveMaintenance("MNT-1"),
    "announce": m.AnnounceMaintenance("MNT-1"),
    "start": m.StartMaintenance("MNT-1"),
    "verify": m.VerifyMaintenance("MNT-1"),
    "complete": m.CompleteMaintenance("MNT-1"),
    "reschedule": m.RescheduleMaintenance("MNT-1", at(500), at(560), "a fair"),
    "extend": m.ExtendMaintenance("MNT-1", at(200), "slow disks"),
    "roll back": m.RollBackMaintenance("MNT-1", "too slow"),
    "cancel": m.CancelMaintenance("MNT-1", "not needed"),
    "edit": m.EditMaintenance("MNT-1", summary="version 17"),
    "edit scope": m.EditMaintenance("MNT-1", services=("search",)),
    "note": m.NoteMaintenance("MNT-1", "disks ordered"),
}
# . refused; = the state stays; ! refused as a value; P planned  A approved  N announced
# I in progress  V verifying  C completed  R rolled back  X cancelled
TABLE = """
             P A N I V C R X
approve      A . . . . . . .
announce     . N . . . . . .
start        . I I . . . . .
verify       . . . V . . . .
complete     . . . C C . . .
reschedule   P P P . . . . .
extend       . . . = = . . .
roll back    . . . R R . . .
cancel       X X X . . . . .
edit         = = = = = . . .
edit scope   = P P ! ! . . .
note         = = = = = = = =
"""
LETTERS = dict(zip("PANIVCRX", S, strict=True))
CELLS = cells(TABLE, LETTERS)


def after(work: Maintenance, *events: Event, when: float = 110) -> Maintenance:
    for event in events:
        work = evolve(work, event, at(when))
    return work


def work(state: S = S.PLANNED, **more: Any) -> Maintenance:
    """Work in a state, reached by events."""
    card = attrs.evolve(CARD, **more)
    found = birth(m.MaintenancePlanned("1", "MNT-1", card, at(100), at(160)), START)
    approved = m.MaintenanceApproved("bob", True)
    announced = m.MaintenanceAnnounced(("customers",))
    started = m.MaintenanceStarted(at(110), at(130))
    way: dict[S, tuple[Event, ...]] = {
        S.PLANNED: (),
        S.APPROVED: (approved,),
        S.ANNOUNCED: (approved, announced),
        S.IN_PROGRESS: (approved, announced, started),
        S.VERIFYING: (approved, announced, started, m.MaintenanceVerifying()),
        S.COMPLETED: (approved, started, m.MaintenanceCompleted(at(110))),
        S.ROLLED_BACK: (approved, started, m.MaintenanceRolledBack(at(110), "-")),
        S.CANCELLED: (m.MaintenanceCancelled("-"),),
    }
    return after(found, *way[state])


def test_the_table_here_is_whole() -> None:
    assert len(CELLS) == len(COMMANDS) * len(S)
    every = {
        x for x in vars(m).values() if isinstance(x, type) and issubclass(x, m.MaintenanceCommand)
    }
    assert {type(x) for x in COMMANDS.values()} == every - {m.MaintenanceCommand, m.PlanMaintenance}


@pytest.mark.parametrize(("name", "state", "cell"), CELLS, ids=lambda x: getattr(x, "value", x))
def test_cell(name: str, state: S, cell: str) -> None:
    before, command = work(state), COMMANDS[name]
    if cell == ".":
        with pytest.raises(TransitionNotAllowed) as caught:
            decide(before, command, at(120), "bob", TERMS)
        assert caught.value.allowed == allowed(state)
        return
    if cell == "!":
        with pytest.raises(InvalidValue, match="silence further alerts"):
            decide(before, command, at(120), "bob", TERMS)
        return
    events = decide(before, command, at(120), "bob", TERMS)
    now = after(before, *events, when=120)
    assert now.state is (state if cell == "=" else LETTERS[cell])
    assert now.version == before.version + len(events)
    if now.state is not state:
        assert now.since == now.reached[now.state] == at(120)


@pytest.mark.parametrize("state", S)
def test_what_is_allowed_is_what_the_cells_lead_to(state: S) -> None:
    leads = {COMMANDS[x].action for x, s, cell in CELLS if s is state and cell != "."}
    assert set(allowed(state)) == leads


def test_where_a_row_leads_is_told() -> None:
    told = {(move.command.action, move.to) for move in MAINTENANCE_MOVES if move.to is not None}
    leads = {(COMMANDS[x].action, LETTERS[c]) for x, _, c in CELLS if c not in ".=!"}
    assert leads - told == {("edit_maintenance", S.PLANNED)}
    assert told <= leads


# --- planning ------------------------------------------------------------------------------------


def plan(
    command: m.PlanMaintenance, **terms: Any
) -> tuple[m.MaintenancePlanned, tuple[Event, ...]]:
    return planned("1", "MNT-1", command, START, "ana", MaintenanceTerms(**terms))


def test_a_plan_is_owned_by_who_makes_it_and_routine() -> None:
    made, more = plan(m.PlanMaintenance("Upgrade", at(100), at(160)))
    assert (made.card.owner, made.card.priority, more) == ("ana", "routine", ())
    made, more = plan(
        m.PlanMaintenance("Upgrade", at(100), at(160), owner="cy", priority="urgent"), approvals=0
    )
    assert (made.card.owner, made.card.priority) == ("cy", "urgent")
    assert more == (m.MaintenanceApproved("policy", True),)


@pytest.mark.parametrize(
    ("given_", "error", "said"),
    [
        ({}, MissingFields, "start, end"),
        ({"start": at(1)}, MissingFields, "end"),
        ({"start": at(60), "end": at(60)}, InvalidValue, "after the start"),
        ({"start": at(-60), "end": at(0)}, InvalidValue, "over already"),
        ({"start": at(1), "end": at(2), "priority": "P1"}, InvalidValue, "none of routine"),
        ({"start": at(1), "end": at(2), "expected": "a b"}, ConditionError, "a b"),
    ],
)
def test_a_plan_without_a_window_that_can_be_is_refused(
    given_: dict[str, Any], error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        plan(m.PlanMaintenance("Upgrade", **given_))


def test_names_are_a_list_of_names() -> None:
    assert m.PlanMaintenance("x", services=["a"]).services == ("a",)
    assert m.EditMaintenance("x", services=["a"]).services == ("a",)
    assert m.EditMaintenance("x").services is None
    with pytest.raises(InvalidValue, match="not 'checkout'"):
        m.PlanMaintenance("x", services="checkout")
    with pytest.raises(InvalidValue, match="no name"):
        m.PlanMaintenance("x", services=[" "])


# --- approval ------------------------------------------------------------------------------------


def approve(before: Maintenance, by: str, **terms: Any) -> tuple[Event, ...]:
    return decide(before, m.ApproveMaintenance("MNT-1"), at(1), by, MaintenanceTerms(**terms))


def test_the_owner_may_not_approve_unless_the_policy_says_so() -> None:
    with pytest.raises(NotAuthorised, match="owner"):
        approve(work(), "ana")
    assert approve(work(), "ana", own_approval=True) == (m.MaintenanceApproved("ana", True),)


def test_only_the_approvers_named_approve_and_as_many_as_needed() -> None:
    two = work(approvers=("bob", "cy"))
    with pytest.raises(NotAuthorised, match="bob, cy"):
        approve(two, "dan", approvals=2)
    first = approve(two, "bob", approvals=2)
    assert first == (m.MaintenanceApproved("bob", False),)
    waiting = after(two, *first, when=1)
    assert (waiting.state, waiting.approvals) == (S.PLANNED, ("bob",))
    assert approve(waiting, "bob", approvals=2) == ()
    assert approve(waiting, "cy", approvals=2) == (m.MaintenanceApproved("cy", True),)
    # Nobody is asked for more approvals than there are approvers.
    alone = work(approvers=("bob",))
    assert approve(alone, "bob", approvals=3) == (m.MaintenanceApproved("bob", True),)


def test_another_window_or_scope_must_be_approved_again() -> None:
    for name in ("reschedule", "edit scope"):
        events = decide(work(S.ANNOUNCED), COMMANDS[name], at(1), "ana", TERMS)
        now = after(work(S.ANNOUNCED), *events, when=1)
        assert (now.state, now.approvals) == (S.PLANNED, ())
        assert now.announced, "the audiences have heard of it, so they hear of what comes"
        free = decide(
            work(S.ANNOUNCED), COMMANDS[name], at(1), "ana", MaintenanceTerms(approvals=0)
        )
        assert after(work(S.ANNOUNCED), *free, when=1).state is S.APPROVED


def test_an_edit_that_changes_nothing_is_none() -> None:
    assert decide(work(), m.EditMaintenance("MNT-1", title="Upgrade"), at(1), "ana", TERMS) == ()
    with pytest.raises(MissingFields):
        decide(work(), m.EditMaintenance("MNT-1"), at(1), "ana", TERMS)


# --- fields --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "command", "missing"),
    [
        (S.APPROVED, m.RescheduleMaintenance("MNT-1"), ("start", "end", "reason")),
        (S.IN_PROGRESS, m.ExtendMaintenance("MNT-1"), ("end", "reason")),
        (S.IN_PROGRESS, m.RollBackMaintenance("MNT-1"), ("reason",)),
        (S.APPROVED, m.CancelMaintenance("MNT-1"), ("reason",)),
        (S.PLANNED, m.NoteMaintenance("MNT-1"), ("text",)),
    ],
)
def test_missing_fields_are_named(state: S, command: Command, missing: tuple[str, ...]) -> None:
    with pytest.raises(MissingFields) as caught:
        decide(work(state), command, at(120), "ana", TERMS)
    assert caught.value.fields == missing


def test_announcing_needs_audiences() -> None:
    with pytest.raises(MissingFields, match="audiences"):
        decide(work(S.APPROVED, audiences=()), COMMANDS["announce"], at(1), "ana", TERMS)


@pytest.mark.parametrize(
    ("state", "command", "said"),
    [
        (S.IN_PROGRESS, m.ExtendMaintenance("MNT-1", at(160), "-"), "after the end in force"),
        (S.APPROVED, m.StartMaintenance("MNT-1", at(999)), "started_at"),
        (S.IN_PROGRESS, m.CompleteMaintenance("MNT-1", at(999)), "ended_at"),
        (S.IN_PROGRESS, m.CompleteMaintenance("MNT-1", at(109)), "ended_at"),
        (S.APPROVED, m.RescheduleMaintenance("MNT-1", at(90), at(99), "-"), "over already"),
    ],
)
def test_instants_that_cannot_be_are_refused(state: S, command: Command, said: str) -> None:
    with pytest.raises(InvalidValue, match=said):
        decide(work(state), command, at(120), "ana", TERMS)


def test_a_window_that_is_over_cannot_be_started() -> None:
    with pytest.raises(InvalidValue, match="reschedule it"):
        decide(work(S.APPROVED), COMMANDS["start"], at(160), "ana", TERMS)


def test_late_entries_count_from_when_it_happened() -> None:
    start = m.StartMaintenance("MNT-1", at(105))
    begun = after(
        work(S.APPROVED), *decide(work(S.APPROVED), start, at(120), "ana", TERMS), when=120
    )
    assert (begun.started_at, begun.since) == (at(105), at(120))
    done = decide(begun, m.CompleteMaintenance("MNT-1", at(118)), at(120), "ana", TERMS)
    over = after(begun, *done, when=120)
    assert (over.ended_at, planned_time(over)) == (at(118), (Interval(at(105), at(118)),))


# --- the end -------------------------------------------------------------------------------------


def test_somebody_is_asked_before_the_end_and_half_way_through_a_short_rest() -> None:
    assert ask_at(at(100), at(160), TERMS) == at(130)
    assert ask_at(at(150), at(160), TERMS) == at(155)


def woken(before: Maintenance, when: float) -> Maintenance:
    return after(before, *wake(before, at(when)), when=when)


def test_time_asks_then_says_that_it_overran() -> None:
    going = work(S.IN_PROGRESS)
    assert wakes_at(going) == at(130)
    assert wake(going, at(129)) == ()
    assert wake(going, at(130)) == (m.MaintenanceAsked(),)
    asked = woken(going, 130)
    assert wakes_at(asked) == at(160)
    assert wake(asked, at(160)) == (m.MaintenanceOverran(at(160)),)
    overran = woken(asked, 170)
    assert overran.overran_at == at(160)
    assert overran.release_at == wakes_at(overran) == at(170)
    assert wake(overran, at(170)) == ()
    assert wakes_at(after(overran, AlertsReleased(2, 1), when=170)) is None


def test_who_sleeps_past_both_is_told_only_that_it_overran() -> None:
    assert wake(work(S.IN_PROGRESS), at(170)) == (m.MaintenanceOverran(at(160)),)


def test_an_extension_holds_back_what_fires_from_then_on() -> None:
    overran = woken(work(S.IN_PROGRESS), 170)
    assert holder(overran, at(170)) is None
    longer = after(overran, m.MaintenanceExtended(at(200), at(160), "-", at(190)), when=180)
    held = holder(longer, at(180))
    assert held is not None
    assert (held.start, held.until) == (at(180), at(200))
    assert longer.overran_at == at(160), "the flag stays"
    assert downtime(longer) == (Interval(at(160), at(180)),)
    again = woken(longer, 200)
    assert downtime(again) == (Interval(at(160), at(180)), Interval(at(200)))


def test_an_extension_in_time_moves_the_end_in_force() -> None:
    longer = after(work(S.IN_PROGRESS), m.MaintenanceExtended(at(200), at(160), "-", at(190)))
    held = holder(longer, at(150))
    assert held is not None
    assert (held.name, held.start, held.until) == ("maintenance/1", at(100), at(200))
    assert downtime(longer) == ()


@pytest.mark.parametrize("state", S)
def test_alerts_are_held_back_only_while_it_goes_on(state: S) -> None:
    assert (holder(work(state), at(110)) is not None) is (state in STARTED)
    assert (state in OVER) is (state in (S.COMPLETED, S.ROLLED_BACK, S.CANCELLED))


def test_what_overran_is_let_go_once() -> None:
    overran = woken(work(S.IN_PROGRESS), 170)
    released = after(overran, AlertsReleased(200, 0, True), AlertsReleased(5, 3), when=170)
    assert (released.held, released.release_at) == (208, None)
    assert after(released, m.MaintenanceCompleted(at(180)), when=180).release_at is None
    assert after(overran, m.MaintenanceCompleted(at(180)), when=180).release_at == at(170)
    assert after(work(S.IN_PROGRESS), m.MaintenanceCompleted(at(110))).release_at == at(110)


def test_an_overrun_noticed_after_a_late_entry_was_none() -> None:
    overran = woken(work(S.IN_PROGRESS), 170)
    assert downtime(after(overran, m.MaintenanceRolledBack(at(150), "-"), when=180)) == ()
    assert downtime(after(overran, m.MaintenanceRolledBack(at(175), "-"), when=180)) == (
        Interval(at(160), at(175)),
    )


def test_a_second_overrun_owes_what_the_first_still_owes() -> None:
    overran = woken(work(S.IN_PROGRESS), 170)
    longer = after(overran, m.MaintenanceExtended(at(200), at(160), "-", at(190)), when=180)
    assert longer.release_at == at(170), "an extension does not forget the alerts to let go"
    assert woken(longer, 210).release_at == at(210)


# --- downtime ------------------------------------------------------------------------------------


def test_only_the_overrun_counts_as_downtime() -> None:
    overran = after(woken(work(S.IN_PROGRESS), 170), m.MaintenanceCompleted(at(190)), when=190)
    assert planned_time(overran) == (Interval(at(110), at(160)),)
    down = Interval(at(90), at(200))
    assert counts_as_downtime(down, (overran,)) == (
        Interval(at(90), at(110)),
        Interval(at(160), at(200)),
    )
    assert counts_as_downtime(Interval(at(120)), (overran,)) == (Interval(at(160)),)
    assert counts_as_downtime(Interval(at(120), at(150)), (overran,)) == ()
    assert counts_as_downtime(down, ()) == (down,)
    assert planned_part(down, (overran,)) == (Interval(at(110), at(160)),)
    assert planned_part(Interval(at(120), at(150)), (overran,)) == (Interval(at(120), at(150)),)
    assert planned_part(down, ()) == ()


def test_work_concerns_the_very_service_or_component() -> None:
    both = work(components=("db",))
    assert concerns(both, Place.SERVICE, "checkout")
    assert concerns(both, Place.COMPONENT, "db")
    assert not concerns(both, Place.SERVICE, "db")
    assert not concerns(both, Place.COMPONENT, "checkout")
    assert not concerns(both, Place.LOCATION, "checkout")


def test_nothing_is_planned_time_before_it_began_or_outside_its_window() -> None:
    assert planned_time(work(S.ANNOUNCED)) == ()
    early = after(work(S.APPROVED), m.MaintenanceStarted(at(50)), m.MaintenanceCompleted(at(90)))
    assert planned_time(early) == ()
    assert planned_time(work(S.IN_PROGRESS)) == (Interval(at(110)),)


# --- links ---------------------------------------------------------------------------------------


def test_links_are_told_to_the_other_end() -> None:
    linked = RecordLinked(RELATED)
    tied = after(work(), linked)
    assert tied.links == (RELATED,)
    assert after(tied, RecordUnlinked(RELATED)).links == ()
    assert [x.id for x in elsewhere(tied, linked)] == ["2"]
    assert elsewhere(tied, e.Noted("-")) == ()
    assert after(work(), m.IncidentProposed(RELATED)).proposed == "incident/2"


def test_it_is_called_by_its_title_and_state() -> None:
    assert (work().title, work().status, work().ended_at) == ("Upgrade", S.PLANNED, None)


# --- laws ----------------------------------------------------------------------------------------

steps = st.lists(
    st.tuples(
        st.sampled_from([*COMMANDS, "wake"]), st.integers(0, 40), st.sampled_from(["ana", "bob"])
    ),
    max_size=25,
)


@given(steps)
def test_whatever_is_asked_the_table_holds(lives: list[tuple[str, int, str]]) -> None:
    now, minute = work(), 0
    for name, wait, by in lives:
        minute += wait
        before = now
        if name == "wake":
            now = woken(now, minute)
            assert now.state is before.state
        else:
            command = COMMANDS[name]
            if name == "extend":
                command = m.ExtendMaintenance("MNT-1", at(minute + 30), "-")
            cell = next(c for x, s, c in CELLS if (x, s) == (name, before.state))
            try:
                now = after(now, *decide(now, command, at(minute), by, TERMS), when=minute)
            except (TransitionNotAllowed, MissingFields, InvalidValue, NotAuthorised):
                assert now is before
            else:
                assert cell != "."
        assert now.state in S
        assert now.end > now.start
        wakes = wakes_at(now)
        assert wakes is None or now.state in STARTED or now.release_at is not None
        held = holder(now, at(minute))
        assert held is None or held.until == now.end
        ends = [x.end for x in now.overruns]
        assert None not in ends[:-1], "only the last overrun may still run"
        assert now.state in STARTED or None not in ends
        lost = [x for x in planned_time(now) for y in now.overruns if x == y]
        assert not lost


def test_what_is_no_mirror_asks_nothing_of_planned_work() -> None:
    work: Any = None
    assert maintain_evolve.decide(work, AddNote("MNT-1", text="x"), START) == ()
