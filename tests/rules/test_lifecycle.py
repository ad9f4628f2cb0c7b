"""What the moves mean beyond their cells: holds, endings, ways back, corrections, and no-ops."""

from __future__ import annotations

import attrs
import pytest

from incidentkit.errors import InvalidValue, MissingFields, NotFound, TransitionNotAllowed
from incidentkit.model import incident_commands as c
from incidentkit.model import incident_events as e
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.incident import Ending, Incident, Link
from incidentkit.model.words import CancelReason, LinkKind, Moment, Outcome, Priority, State
from incidentkit.rules import endings, lifecycle
from incidentkit.rules.lifecycle import decide
from incidentkit.rules.terms import LifecycleTerms
from incidentkit.timing.intervals import Interval
from tests.rules.builders import TERMS, at, declared, do, firing, minutes, reached, standing

HOLD = c.Hold("INC-1", reason="vendor", court="ACME")
RESOLVE = c.Resolve("INC-1", code="fixed", remedy="restarted")
REOPEN = c.Reopen("INC-1", reason="it came back")


# --- holds ----------------------------------------------------------------------------------------

BEFORE = [State.NEW, State.TRIAGED, State.IN_PROGRESS, State.MITIGATED, State.OBSERVING]


@pytest.mark.parametrize("state", BEFORE)
def test_resuming_returns_to_the_last_state_that_was_no_hold(state: State) -> None:
    held = do(standing(state), HOLD, 60)
    again = do(held, c.Hold("INC-1", reason="customer", court="carl"), 70)
    assert again.life.resume_to is state
    assert [(x.reason, x.court) for x in again.course.holds] == [
        ("vendor", "ACME"),
        ("customer", "carl"),
    ]
    back = do(again, c.Resume("INC-1"), 80)
    assert back.life.state is state
    assert back.life.resume_to is None
    assert [x.interval for x in back.course.holds] == [
        Interval(at(60), at(70)),
        Interval(at(70), at(80)),
    ]


LEAVES = [
    c.Start("INC-1"),
    c.Resume("INC-1"),
    c.Mitigate("INC-1"),
    c.Observe("INC-1", condition="quiet"),
    RESOLVE,
    c.Close("INC-1", code="fixed", remedy="restarted"),
    c.Cancel("INC-1"),
]


@pytest.mark.parametrize("leave", LEAVES, ids=lambda x: x.action)
def test_leaving_a_hold_ends_its_interval_at_that_instant(leave: c.Command) -> None:
    held = do(standing(State.NEW), HOLD, 10)
    assert held.course.holds[-1].interval == Interval(at(10))
    left = do(held, leave, 25)
    assert left.course.holds[-1].interval == Interval(at(10), at(25))


def test_a_clock_that_went_back_ends_no_hold_before_it_began() -> None:
    left = do(do(declared(), HOLD, 10), c.Start("INC-1"), 9)
    assert left.course.holds[-1].interval == Interval(at(10), at(10))


def test_hold_words_are_names() -> None:
    for bad in (c.Hold("x", "ven\ndor", "ACME"), c.Hold("x", "vendor", " ACME")):
        with pytest.raises(InvalidValue, match="is no name"):
            do(declared(), bad, 1)


# --- restored, observed ---------------------------------------------------------------------------


def test_restored_is_now_unless_said() -> None:
    now = do(declared(), c.Mitigate("INC-1"), 30)
    assert now.moment(Moment.MITIGATED) == at(30)
    said = do(declared(), c.Mitigate("INC-1", restored_at=at(20)), 30)
    assert said.moment(Moment.MITIGATED) == at(20)
    assert said.life.since == at(30)


@pytest.mark.parametrize("command", [c.Mitigate("INC-1"), RESOLVE], ids=lambda x: x.action)
def test_restored_lies_neither_ahead_nor_before_it_occurred(command: c.Mitigate) -> None:
    incident = reached(declared(), Moment.OCCURRED, at(-10))
    with pytest.raises(InvalidValue, match=r"restored_at: .* lies in the future"):
        decide(incident, attrs.evolve(command, restored_at=at(31)), at(30), "ana", TERMS)
    with pytest.raises(InvalidValue, match=r"restored_at: .* lies before it occurred"):
        decide(incident, attrs.evolve(command, restored_at=at(-11)), at(30), "ana", TERMS)
    on_the_edges = [attrs.evolve(command, restored_at=x) for x in (at(30), at(-10))]
    for each in on_the_edges:
        assert do(incident, each, 30).moment(Moment.MITIGATED) == each.restored_at


def test_resolving_keeps_when_it_was_restored() -> None:
    restored = do(declared(), c.Mitigate("INC-1"), 30)
    resolved = do(restored, RESOLVE, 60)
    assert resolved.moment(Moment.MITIGATED) == at(30)
    assert resolved.moment(Moment.RESOLVED) == at(60)
    assert do(declared(), RESOLVE, 60).moment(Moment.MITIGATED) == at(60)


def test_observing_needs_an_end_to_come() -> None:
    with pytest.raises(InvalidValue, match=r"until: .* is already past"):
        decide(declared(), c.Observe("INC-1", until=at(30)), at(30), "ana", TERMS)
    (event,) = decide(declared(), c.Observe("INC-1", until=at(31)), at(30), "ana", TERMS)
    assert event == e.ObservationBegun(at(31), "")


# --- resolving ------------------------------------------------------------------------------------


def test_a_code_is_one_of_the_hosts() -> None:
    with pytest.raises(InvalidValue, match="code: 'magic' is none of fixed, workaround"):
        decide(declared(), attrs.evolve(RESOLVE, code="magic"), at(1), "ana", TERMS)


def test_while_alerts_fire_a_reason_overrides() -> None:
    incident = firing(declared(), 2)
    with pytest.raises(MissingFields, match=r"override \(a reason, since 2 alert\(s\) still fire"):
        decide(incident, RESOLVE, at(1), "ana", TERMS)
    with pytest.raises(MissingFields, match="close needs override"):
        decide(incident, c.Close("INC-1", "fixed", "restarted"), at(1), "ana", TERMS)
    (event,) = decide(
        incident, attrs.evolve(RESOLVE, override="the check is broken"), at(1), "ana", TERMS
    )
    assert isinstance(event, e.Resolved)
    assert event.override == "the check is broken"


@pytest.mark.parametrize(
    ("command", "outcome"),
    [
        (RESOLVE, Outcome.ACTUAL),
        (attrs.evolve(RESOLVE, code="no_fault_found"), Outcome.NO_FAULT_FOUND),
        (attrs.evolve(RESOLVE, outcome=Outcome.NEAR_MISS), Outcome.NEAR_MISS),
        (c.Close("INC-1", code="no_fault_found", remedy="none"), Outcome.NO_FAULT_FOUND),
        (c.Close("INC-1", code="fixed", remedy="none"), Outcome.ACTUAL),
    ],
)
def test_the_outcome(command: c.Command, outcome: Outcome) -> None:
    assert do(declared(), command, 1).course.outcome is outcome


def test_resolving_writes_the_ending_and_ends_attention() -> None:
    held = do(declared(), c.Acknowledge("INC-1"), 1)
    resolved = do(held, RESOLVE, 2)
    assert resolved.course.ending == Ending("fixed", "restarted")
    assert not resolved.attention.leases


def test_closing_from_an_active_state_is_both() -> None:
    events = decide(declared(), c.Close("INC-1", "fixed", "restarted"), at(5), "ana", TERMS)
    assert [type(x) for x in events] == [e.Resolved, e.Closed]
    closed = do(declared(), c.Close("INC-1", "fixed", "restarted"), 5)
    assert closed.moment(Moment.RESOLVED) == closed.moment(Moment.CLOSED) == at(5)
    later = do(do(declared(), RESOLVE, 5), c.Close("INC-1"), 9)
    assert (later.moment(Moment.RESOLVED), later.moment(Moment.CLOSED)) == (at(5), at(9))


# --- cancelling -----------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [State.NEW, State.RESOLVED])
def test_a_false_alarm_is_the_outcome_too(state: State) -> None:
    gone = do(standing(state), c.Cancel("INC-1", CancelReason.FALSE_ALARM, "a test"), 60)
    assert gone.course.outcome is Outcome.FALSE_ALARM
    assert gone.course.ending.cancelled is CancelReason.FALSE_ALARM


def test_resolved_is_cancelled_only_as_none_or_double() -> None:
    with pytest.raises(TransitionNotAllowed) as caught:
        decide(standing(State.RESOLVED), c.Cancel("INC-1"), at(60), "ana", TERMS)
    assert caught.value.allowed == ("cancel (duplicate)", "cancel (false_alarm)")


def test_a_duplicate_is_tied_to_the_one_it_doubles() -> None:
    command = c.Cancel("INC-1", CancelReason.DUPLICATE, target="incident/2|INC-2")
    gone = do(declared(), command, 5)
    assert gone.ties.links == (Link(LinkKind.DUPLICATE_OF, "incident/2", "INC-2"),)
    assert gone.course.ending == Ending(cancelled=CancelReason.DUPLICATE, target="INC-2")
    itself = attrs.evolve(command, target="incident/1|INC-1")
    with pytest.raises(InvalidValue, match="cannot duplicate itself"):
        decide(declared(), itself, at(5), "ana", TERMS)


def test_a_tie_that_stands_is_not_tied_twice() -> None:
    tied = do(declared(), c.LinkTo("INC-1", LinkKind.DUPLICATE_OF, "incident/2|INC-2"), 1)
    command = c.Cancel("INC-1", CancelReason.DUPLICATE, target="incident/2|INC-2")
    assert len(do(tied, command, 5).ties.links) == 1


def test_redirecting_names_where_without_a_tie() -> None:
    gone = do(declared(), c.Cancel("INC-1", CancelReason.REDIRECTED, target="the bank"), 5)
    assert gone.course.ending.target == "the bank"
    assert gone.ties.links == ()


# --- coming back ----------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [State.RESOLVED, State.CLOSED, State.CANCELLED])
def test_reopening_begins_again(state: State) -> None:
    ended = standing(state)
    back = do(ended, REOPEN, 60)
    assert back.life.state is State.IN_PROGRESS
    assert back.life.reopened == 1
    assert back.course.ending == Ending()
    assert back.course.outcome is Outcome.ACTUAL
    gone = {Moment.MITIGATED, Moment.RESOLVED, Moment.VERIFIED, Moment.CLOSED}
    assert not gone & set(back.course.moments)
    assert do(do(back, RESOLVE, 70), REOPEN, 80).life.reopened == 2


def test_reopening_into_a_hold_needs_what_a_hold_needs() -> None:
    command = attrs.evolve(REOPEN, hold_reason="vendor", court="ACME")
    back = do(standing(State.CLOSED), command, 60)
    assert back.life.state is State.ON_HOLD
    assert back.life.resume_to is State.IN_PROGRESS
    assert back.course.holds[-1].interval == Interval(at(60))
    assert do(back, c.Resume("INC-1"), 70).life.state is State.IN_PROGRESS


def test_where_closed_stays_closed_a_successor_is_named() -> None:
    terms = LifecycleTerms(reopen_closed=False)
    with pytest.raises(TransitionNotAllowed, match="OpenSuccessor") as caught:
        decide(standing(State.CLOSED), REOPEN, at(60), "ana", terms)
    assert caught.value.state == "closed"
    assert "reopen" not in lifecycle.open_to(standing(State.CLOSED), at(60), terms)
    assert do(standing(State.RESOLVED), REOPEN, 60, terms=terms).active
    assert do(standing(State.CANCELLED), REOPEN, 60, terms=terms).active


def test_what_is_over_for_long_is_not_reopened_by_a_person() -> None:
    terms = LifecycleTerms(reopen_within=minutes(30))
    over = standing(State.RESOLVED)
    assert endings.stays_shut(over, at(10), terms) == ""
    assert endings.stays_shut(over, at(99), terms) == "resolved for longer than 30m"
    assert endings.stays_shut(over, at(99), terms, by_rule=True) == ""
    assert endings.stays_shut(standing(State.CANCELLED), at(99), terms) == ""


def test_a_duplicate_comes_back_only_with_its_tie_undone() -> None:
    incident = do(declared(), c.LinkTo("INC-1", LinkKind.RELATED, "incident/3|INC-3"), 1)
    cancel = c.Cancel("INC-1", CancelReason.DUPLICATE, target="incident/2|INC-2")
    gone = do(incident, cancel, 5)
    events = decide(gone, REOPEN, at(60), "ana", TERMS)
    assert events[0] == e.Unlinked(LinkKind.DUPLICATE_OF, "incident/2", "INC-2")
    assert [type(x) for x in events] == [e.Unlinked, e.Reopened]
    assert do(gone, REOPEN, 60).ties.links == (Link(LinkKind.RELATED, "incident/3", "INC-3"),)


def test_regressing_undoes_what_was_reached_but_is_no_reopening() -> None:
    back = do(standing(State.MITIGATED), c.Regress("INC-1", reason="errors again"), 60)
    assert back.life.state is State.IN_PROGRESS
    assert back.life.reopened == 0
    assert back.moment(Moment.MITIGATED) is None


# --- instants -------------------------------------------------------------------------------------


def test_moves_set_their_instants_once() -> None:
    incident = do(declared(), c.Triage("INC-1", impact="high", urgency="high"), 1)
    incident = do(incident, c.Start("INC-1"), 2)
    incident = do(incident, c.Acknowledge("INC-1"), 3)
    incident = do(do(incident, HOLD, 4), c.Start("INC-1"), 5)
    incident = do(incident, c.Acknowledge("INC-1"), 6)
    assert dict(incident.course.moments) == {
        Moment.DECLARED: at(0),
        Moment.CLASSIFIED: at(1),
        Moment.RESPONDED: at(2),
        Moment.ACKNOWLEDGED: at(3),
    }


def correction(moment: Moment, minute: float) -> c.Correct:
    return c.Correct("INC-1", moment, at(minute), "from the logs")


def whole() -> Incident:
    """Occurred -20, detected -10, acknowledged 5, mitigated 20, resolved 30, closed 40."""
    incident = reached(declared(), Moment.OCCURRED, at(-20))
    incident = reached(incident, Moment.DETECTED, at(-10))
    incident = do(incident, c.Acknowledge("INC-1"), 5)
    incident = do(incident, c.Mitigate("INC-1"), 20)
    return do(do(incident, RESOLVE, 30), c.Close("INC-1"), 40)


@pytest.mark.parametrize(
    ("moment", "minute", "first", "second"),
    [
        (Moment.OCCURRED, -9, "occurred", "detected"),
        (Moment.DETECTED, -21, "occurred", "detected"),
        (Moment.MITIGATED, -21, "occurred", "mitigated"),
        (Moment.DECLARED, 6, "declared", "acknowledged"),
        (Moment.ACKNOWLEDGED, -1, "declared", "acknowledged"),
        (Moment.MITIGATED, 31, "mitigated", "resolved"),
        (Moment.RESOLVED, 19, "mitigated", "resolved"),
        (Moment.RESOLVED, 41, "resolved", "closed"),
        (Moment.CLOSED, 29, "resolved", "closed"),
    ],
)
def test_impossible_orders_are_refused(
    moment: Moment, minute: float, first: str, second: str
) -> None:
    with pytest.raises(InvalidValue, match=f"to: {first} would come after {second}"):
        decide(whole(), correction(moment, minute), at(60), "ana", TERMS)


def test_a_correction_keeps_what_was() -> None:
    (event,) = decide(whole(), correction(Moment.RESOLVED, 35), at(60), "ana", TERMS)
    assert event == e.MomentCorrected(Moment.RESOLVED, at(30), at(35), "from the logs")
    assert do(whole(), correction(Moment.RESOLVED, 35), 60).moment(Moment.RESOLVED) == at(35)
    assert decide(whole(), correction(Moment.RESOLVED, 30), at(60), "ana", TERMS) == ()


def test_a_correction_knows_no_future() -> None:
    with pytest.raises(InvalidValue, match=r"to: .* lies in the future"):
        decide(declared(), correction(Moment.AWARE, 61), at(60), "ana", TERMS)


@pytest.mark.parametrize("moment", [Moment.MITIGATED, Moment.RESOLVED, Moment.CLOSED])
def test_what_a_move_sets_cannot_be_stated_before_it(moment: Moment) -> None:
    """Else an incident would be resolved by its instants, its clocks stopped, and yet active."""
    with pytest.raises(InvalidValue, match=f"moment: it is not {moment} yet; .* it first"):
        decide(declared(), correction(moment, 1), at(60), "ana", TERMS)


# --- people, words, ties --------------------------------------------------------------------------


def test_assignee_and_owner_change_apart() -> None:
    incident = do(declared(), c.Assign("INC-1", assignee="bob", owner="ana"), 1)
    assert (incident.people.assignee, incident.people.owner) == ("bob", "ana")
    assert decide(incident, c.Assign("INC-1", "bob", "ana"), at(2), "ana", TERMS) == ()
    (event,) = decide(incident, c.Assign("INC-1", owner="cem"), at(2), "ana", TERMS)
    assert event == e.OwnerChanged("cem", "ana")
    (event,) = decide(incident, c.Assign("INC-1"), at(2), "ana", TERMS)
    assert event == e.Assigned(None, "bob")


def test_a_role_has_one_holder_at_a_time() -> None:
    one = do(declared(), c.TakeRole("INC-1", role="commander"), 1, by="ana")
    assert one.people.holder("commander") == "ana"
    assert decide(one, c.TakeRole("INC-1", role="commander"), at(2), "ana", TERMS) == ()
    two = do(one, c.TakeRole("INC-1", role="commander", holder="bob"), 3)
    assert two.people.holder("commander") == "bob"
    none = do(two, c.LeaveRole("INC-1", role="commander"), 7)
    assert none.people.holder("commander") is None
    assert [(x.holder, x.since, x.until) for x in none.people.roles] == [
        ("ana", at(1), at(3)),
        ("bob", at(3), at(7)),
    ]
    with pytest.raises(NotFound, match="no holder of role 'commander'"):
        decide(none, c.LeaveRole("INC-1", role="commander"), at(8), "ana", TERMS)


def test_an_edit_records_only_what_differs() -> None:
    incident = declared()
    same = c.Edit("INC-1", title=incident.title, summary="", service="checkout", labels=FrozenMap())
    assert decide(incident, same, at(1), "ana", TERMS) == ()
    (event,) = decide(
        incident, attrs.evolve(same, summary="all cards", labels=FrozenMap({"a": "b"})), at(1),
        "ana", TERMS,
    )  # fmt: skip
    assert event == e.Edited(None, "all cards", None, FrozenMap({"a": "b"}))
    edited = do(incident, c.Edit("INC-1", title="Slow", service="pay"), 1).card
    assert (edited.title, edited.summary, edited.service, edited.reporter) == (
        "Slow", "", "pay", "carl",
    )  # fmt: skip
    with pytest.raises(InvalidValue, match="title: must not be empty"):
        decide(incident, c.Edit("INC-1", title="  "), at(1), "ana", TERMS)


def test_ratings_are_recorded_when_they_differ() -> None:
    incident = do(declared(), c.Prioritise("INC-1", impact="high", urgency="low"), 1)
    same = c.Prioritise("INC-1", impact="high", urgency="low")
    assert decide(incident, same, at(2), "ana", TERMS) == ()
    (event,) = decide(incident, c.Prioritise("INC-1", severity="sev1"), at(2), "ana", TERMS)
    assert event == e.Rated("high", "low", "sev1")
    known = decide(incident, c.Triage("INC-1"), at(2), "ana", TERMS)
    assert [type(x) for x in known] == [e.Triaged]
    by_hand = c.Prioritise("INC-1", priority=Priority.P1, reason="the board is in the shop")
    (event,) = decide(incident, by_hand, at(2), "ana", TERMS)
    assert event == e.Prioritised(Priority.P1, Priority.P3, False, True, "the board is in the shop")
    rated = do(incident, by_hand, 2).rating
    assert (rated.priority, rated.by_hand, rated.impact) == (Priority.P1, True, "high")


def test_a_link_is_made_once_and_taken_away_by_either_name() -> None:
    link = c.LinkTo("INC-1", LinkKind.RELATED, "incident/3|INC-3")
    tied = do(declared(), link, 1)
    assert decide(tied, link, at(2), "ana", TERMS) == ()
    for name in ("incident/3", "INC-3", "incident/3|INC-3"):
        untied = do(tied, c.Unlink("INC-1", LinkKind.RELATED, name), 2)
        assert untied.ties.links == ()
    for missing in (
        c.Unlink("INC-1", LinkKind.BLOCKS, "INC-3"),
        c.Unlink("INC-1", LinkKind.RELATED, "INC-4"),
    ):
        with pytest.raises(NotFound, match="link"):
            decide(tied, missing, at(2), "ana", TERMS)
    bare = do(declared(), c.LinkTo("INC-1", LinkKind.RELATED, "problem/9"), 1)
    assert bare.ties.links[0].ref == "problem/9"
    with pytest.raises(InvalidValue, match="cannot be linked to itself"):
        decide(declared(), c.LinkTo("INC-1", LinkKind.RELATED, "incident/1"), at(1), "ana", TERMS)
