"""What a host's tickets come to, rule by rule: who is enrolled, whose word counts, what is sent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentkit import Condition, FrozenMap, Mode, SetMode, rerun
from incidentkit.errors import InvalidValue, MissingFields
from incidentkit.model import hosting_changes as h
from incidentkit.model import incident_events as e
from incidentkit.model.delivery import Delivery
from incidentkit.model.history import Imported
from incidentkit.model.hosting import FIELDS, Enrolment, Hosted, TicketMove, TicketNote
from incidentkit.model.incident import Incident
from incidentkit.model.reason import Plain, Reason
from incidentkit.model.words import ClockState, DeliveryState, MessageKind, Moment, Priority, State
from incidentkit.policy.load import default_policy
from incidentkit.rules import adopting, enrol, hosting, ownership, sends
from incidentkit.rules.clocks import Target, follow
from incidentkit.rules.importing import Importing
from incidentkit.rules.ownership import Owner, Ownership
from incidentkit.rules.terms import LifecycleTerms
from incidentkit.rules.wake import wakes_at
from incidentkit.timing.terms import Term
from tests.rules.builders import START, after, at, declared, do, minutes, rated, standing
from tests.rules.test_small_rules import delivery

POLICY = default_policy()
RESOLVE = Target("resolve", Moment.RESOLVED, FrozenMap({"P1": Term(minutes(60))}))
IT = enrol.EnrolTerms(Mode.SHADOW, Condition.parse('ticket.queue == "it"'), 10)


def adopted(incident: Incident | None = None, **more: Any) -> Incident:
    stated = FrozenMap(more.pop("stated", {}))
    said = h.TicketAdopted("desk", "17", more.pop("mode", Mode.ENFORCE), stated)
    return after(incident or declared(), said)


# --- enrolment ------------------------------------------------------------------------------------


def decided(
    key: str, terms: enrol.EnrolTerms = IT, queue: str | None = "it", **more: Any
) -> Reason:
    facts = {} if queue is None else {"queue": queue}
    return enrol.enrol("desk", key, facts, terms, **more)


@given(st.text(min_size=1, max_size=30), st.integers(0, 100), st.integers(0, 100))
def test_a_share_that_grows_keeps_every_ticket_it_had(key: str, one: int, other: int) -> None:
    small, large = sorted((one, other))
    few, many = (attrs.evolve(IT, share=x) for x in (small, large))
    if decided(key, few).outcome == "shadow":
        assert decided(key, many).outcome == "shadow"
    assert decided(key, attrs.evolve(IT, share=0)).outcome == "none"
    assert decided(key, attrs.evolve(IT, share=100)).outcome == "shadow"
    assert rerun(decided(key, few)) == decided(key, few).outcome


def test_a_tenth_of_many_is_about_a_tenth() -> None:
    taken = sum(decided(str(number)).outcome == "shadow" for number in range(5_000))
    assert 430 <= taken <= 570


def test_what_the_condition_does_not_hold_of_is_left_out_and_says_what_it_did_not_know() -> None:
    everything = attrs.evolve(IT, share=100)
    assert decided("1", everything, queue="hr").outcome == "none"
    unknown = decided("1", everything, queue=None)
    assert (unknown.outcome, unknown.unknowns) == ("none", ("ticket.queue",))


def test_what_a_person_says_counts_before_all_rules() -> None:
    said = decided("1", queue="hr", stated=Mode.ADVISE, why="a pilot")
    assert (said.outcome, said.inputs["why"], said.unknowns) == ("advise", "a pilot", ())
    assert rerun(said, stated="") == "none"
    assert rerun(said, stated="", facts=FrozenMap({"ticket.queue": "it"}), share="all") == "none"


# --- whose word counts ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("owner", "before", "ours", "theirs", "seen", "outcome", "disputed"),
    [
        ("last_writer", "P3", "P3", "P3", None, "same", False),
        ("last_writer", "P3", "P1", "P3", None, "library", False),
        ("last_writer", "P3", "P3", "P2", None, "host", False),
        ("last_writer", "P3", "P1", "P2", None, "host", True),
        ("last_writer", "P3", "P1", "P2", 7, "host", True),
        ("last_writer", "P3", "P1", "P2", 6, "library", True),
        ("host", "P3", "P3", "P2", None, "host", False),
        ("host", "P3", "P1", "P2", 1, "host", True),
        ("library", "P3", "P3", "P2", None, "library", True),
        ("library", "P3", "P1", "P2", 9, "library", True),
        ("library", "P3", "P1", "P3", None, "library", False),
    ],
)
def test_one_table_says_who_wins(
    owner: str,
    before: str,
    ours: str,
    theirs: str,
    seen: int | None,
    outcome: str,
    disputed: bool,
) -> None:
    table = Ownership(FrozenMap({"priority": Owner(owner)}))
    hosted = Hosted("desk", "17", stated=FrozenMap({"priority": before}))
    reason = ownership.heard("priority", ours, theirs, hosted, table, seen=seen, changed_in=7)
    assert (reason.outcome, ownership.disputed(reason)) == (outcome, disputed)
    assert rerun(reason) == outcome


def test_a_sync_tells_what_changed_here_and_what_is_ours_and_never_what_is_the_hosts() -> None:
    table = Ownership(FrozenMap({"priority": Owner.LIBRARY, "team": Owner.HOST}))
    ticket = adopted(stated={"priority": "P4"})
    hosted = hosting.hosted_of(ticket)
    assert ownership.outward(ticket, hosted, table) == {"priority": ticket.priority.value}
    assert ownership.outward(ticket, hosted, ownership.SHARED) == {
        "priority": ticket.priority.value
    }, "it stands otherwise here than the host stated"
    told = after(ticket, h.FieldsSent(FrozenMap({"priority": ticket.priority.value})))
    assert ownership.outward(told, hosting.hosted_of(told), table) == {}, "it was told"
    taken = after(told, e.Assigned("ana", None), e.TeamChanged("net", None))
    assert ownership.outward(taken, hosting.hosted_of(taken), table) == {
        "assignee": "ana",
        "priority": ticket.priority.value,
    }


def test_our_own_change_that_comes_back_goes_no_further() -> None:
    ticket = after(adopted(), e.Assigned("ana", None))
    sent = ownership.outward(ticket, hosting.hosted_of(ticket), ownership.SHARED)
    assert sent == {"assignee": "ana"}
    echoed = after(ticket, h.FieldsSent(sent), h.TicketHeard(2, sent))
    hosted = hosting.hosted_of(echoed)
    assert (hosted.told, hosted.ticket_version) == ({}, 2)
    assert ownership.outward(echoed, hosted, ownership.SHARED) == {}


def test_what_the_host_repeats_unchanged_does_not_take_back_what_it_was_told() -> None:
    ticket = after(adopted(), e.Assigned("ana", None))
    told = after(ticket, h.FieldsSent(FrozenMap({"assignee": "ana"})))
    late = after(told, h.TicketHeard(2, FrozenMap({"assignee": ""})))
    assert hosting.hosted_of(late).told == {"assignee": "ana"}


def test_every_field_can_be_read_of_an_incident() -> None:
    assert tuple(ownership.current(declared())) == FIELDS


# --- the mode -------------------------------------------------------------------------------------


def test_the_mode_is_set_with_a_reason_in_every_state() -> None:
    for state in State:
        before = standing(state)
        moved = do(before, SetMode("INC-1", "shadow", reason="a trial"), 1)
        assert (moved.mode, moved.life) == (Mode.SHADOW, before.life)
        assert hosting.hosted_of(moved).turn == 1
    with pytest.raises(MissingFields):
        do(declared(), SetMode("INC-1", "shadow"), 1)
    same = declared()
    assert do(same, SetMode("INC-1", "enforce"), 1) == same
    with pytest.raises(InvalidValue, match="detach"):
        do(declared(), SetMode("INC-1", "none", reason="x"), 1)
    with pytest.raises(InvalidValue, match="adopt its ticket again"):
        do(let_go(adopted()), SetMode("INC-1", "shadow", reason="x"), 1)


def test_a_candidate_stays_one_when_its_mode_is_set() -> None:
    assert do(declared(candidate=True), SetMode("INC-1", "advise", reason="x"), 1).life.candidate


SENT = delivery(MessageKind.PAGE)


@pytest.mark.parametrize(
    ("hosted", "of", "outcome"),
    [
        (Hosted(), SENT, "send"),
        (Hosted(mode=Mode.SHADOW), SENT, "shadow"),
        (Hosted(mode=Mode.ADVISE), SENT, "advise"),
        (Hosted(mode=Mode.NONE), SENT, "shadow"),
        (Hosted(mode=Mode.ADVISE), attrs.evolve(SENT, released_by="ana"), "send"),
        (Hosted(mode=Mode.SHADOW), attrs.evolve(SENT, released_by="ana"), "shadow"),
        (Hosted(turn=1), SENT, sends.TURNED),
        (Hosted(turn=1), attrs.evolve(SENT, turn=1), "send"),
        (Hosted(detached_at=START), SENT, sends.DETACHED),
    ],
)
def test_what_the_mode_lets_out(hosted: Hosted, of: Delivery, outcome: str) -> None:
    reason = sends.still(hosted, of)
    assert (reason.outcome, rerun(reason)) == (outcome, outcome)


def test_what_is_kept_begins_in_a_state_of_its_own() -> None:
    outcomes = [
        str(sends.sends(Hosted(mode=mode), MessageKind.SYNC).outcome)
        for mode in (Mode.SHADOW, Mode.ADVISE, Mode.ENFORCE)
    ]
    assert [sends.KEPT[x] for x in outcomes] == [
        DeliveryState.SHADOWED,
        DeliveryState.DRAFTED,
        DeliveryState.QUEUED,
    ]


# --- the way out ----------------------------------------------------------------------------------


def let_go(incident: Incident) -> Incident:
    return after(incident, *(x for x, _ in hosting.detach(incident, "we go back", at(5))))


def test_letting_go_cancels_what_ticks_and_nothing_is_due_any_more() -> None:
    urgent = rated(adopted(), Priority.P1)
    running = after(urgent, follow(urgent, (RESOLVE,))[0][0])
    held = after(running, e.PagingPlanned(1, at(9)), e.Held("vendor", "acme", at(8)))
    assert wakes_at(held) is not None
    said = hosting.detach(held, "we go back", at(5))
    gone = let_go(held)
    assert [x.state for x in gone.clocks] == [ClockState.CANCELLED]
    assert (gone.detached, gone.active, wakes_at(gone)) == (True, False, None)
    assert gone.attention.next_page_at is None
    assert gone.course.holds[-1].remind_at is None
    assert [rerun(why) for _, why in said if why is not None] == ["resolve is cancelled"]
    assert said[-1][0] == h.TicketDetached("we go back", ("resolve",))
    assert hosting.detach(gone, "again", at(6))[0][0] == h.TicketDetached("again", ())


def test_one_that_comes_back_begins_another_turn() -> None:
    gone = let_go(adopted())
    back = after(gone, h.TicketAdopted("desk", "17", Mode.ADVISE, FrozenMap(), 3, again=True))
    hosted = hosting.hosted_of(back)
    assert (hosted.turn, hosted.mode, back.detached, back.active) == (1, Mode.ADVISE, False, True)


def test_a_move_that_the_life_cycle_lacks_is_counted_once_on_the_ticket() -> None:
    moved = after(adopted(), Imported(State.CLOSED, State.NEW, "new -> gone"))
    assert hosting.hosted_of(moved).outside == {"new -> gone": 1}
    assert moved.dossier.replayed is None


def test_a_disputed_field_only_stands_in_the_journal() -> None:
    ticket = adopted()
    said = after(ticket, h.FieldDisputed("title", "a", "b", "host"))
    assert (said.version, said.more) == (ticket.version + 1, ticket.more)


# --- adopting -------------------------------------------------------------------------------------

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
IMPORTING = Importing(POLICY.matrix, LifecycleTerms(), "", (RESOLVE,))
LEASE = timedelta(minutes=30)


def taken(hours: float = 2, **more: Any) -> adopting.Taken:
    opened = NOW - timedelta(hours=hours)
    fields = FrozenMap({"title": "No mail", "impact": "high", "urgency": "high"})
    return adopting.Taken("desk", "17", "HD-17", "clerk", opened, **{"fields": fields, **more})


def begun(ticket: adopting.Taken) -> tuple[Incident, list[str]]:
    incident, said = adopting.begun("01I", ticket, IMPORTING, NOW, LEASE, live=False)
    return incident, [type(x.event).__name__ for x in said]


def test_its_clocks_have_run_as_its_own_past_says() -> None:
    hold = TicketMove(NOW - timedelta(minutes=110), "on_hold", reason="caller")
    back = TicketMove(NOW - timedelta(minutes=30), "in_progress", "bob")
    incident, said = begun(taken(moves=(hold, back)))
    (clock,) = incident.clocks
    assert clock.due_at == NOW - timedelta(hours=2) + timedelta(minutes=60 + 80)
    assert (incident.status, incident.course.holds[0].court) == (State.IN_PROGRESS, "caller")
    assert said[0] == "Declared"
    assert "ClockBreached" not in said


def test_what_was_missed_was_missed_then() -> None:
    incident, said = begun(taken(hours=5))
    assert incident.clocks[0].breached_at is not None
    assert said.count("ClockBreached") == 1
    assert incident.ref == "HD-17"
    assert incident.moment(Moment.DECLARED) == NOW - timedelta(hours=5)


def test_who_took_it_on_holds_it_from_now_on_and_notes_stand_at_their_times() -> None:
    then = NOW - timedelta(minutes=90)
    ticket = taken(
        acknowledged_at=then,
        responded_at=then,
        notes=(TicketNote("called back", "bob", then), TicketNote("opened by phone", "bob")),
    )
    incident, said = begun(ticket)
    (lease,) = incident.attention.leases
    assert (lease.holder, lease.until) == ("clerk", NOW + LEASE)
    assert incident.moment(Moment.ACKNOWLEDGED) == incident.moment(Moment.RESPONDED) == then
    assert said.count("Noted") == 2
    over = attrs.evolve(ticket, moves=(TicketMove(then, "resolved", code="fixed"),))
    ended, _ = begun(over)
    assert (ended.status, ended.course.ending.code) == (State.RESOLVED, "fixed")
    assert ended.attention.leases == ()


@pytest.mark.parametrize(
    ("ticket", "outcome"),
    [
        (taken(0.01), "live"),
        (taken(1), "silent"),
        (taken(0.01, acknowledged_at=NOW), "silent"),
        (taken(0.01, moves=(TicketMove(NOW, "in_progress"),)), "silent"),
    ],
)
def test_only_a_ticket_that_was_just_opened_wakes_anybody(
    ticket: adopting.Taken, outcome: str
) -> None:
    reason = adopting.past(ticket, NOW, timedelta(minutes=5))
    assert (reason.outcome, rerun(reason)) == (outcome, outcome)
    assert rerun(reason, fresh_for="x") == "silent"
    incident, said = adopting.begun("01I", ticket, IMPORTING, NOW, LEASE, live=outcome == "live")
    after_, told = adopting.joined(incident, ticket, Mode.SHADOW, reason, NOW)
    quiet = [x.event for x in told if isinstance(x.event, e.PagingPlanned)]
    waits = outcome == "silent" and ticket.acknowledged_at is None
    assert bool(quiet) is waits
    assert after_.mode is Mode.SHADOW
    assert said


def test_words_that_are_none_of_ours_are_refused() -> None:
    for fields in ({"priority": "urgent"}, {"state": "open"}):
        with pytest.raises(InvalidValue):
            adopting.checked(fields)
    adopting.checked({"priority": "P1", "state": "new"})
    with pytest.raises(InvalidValue, match="waited for"):
        adopting.standing_of(TicketMove(NOW, "on_hold"))


REASONS: list[tuple[Reason, Plain, dict[str, Plain], Plain]] = [
    (decided("1", attrs.evolve(IT, share=100)), "shadow", {"share": 0}, "none"),
    (
        ownership.heard(
            "title", "ours", "theirs", Hosted(stated=FrozenMap({"title": "ours"})), ownership.SHARED
        ),
        "host",
        {"owner": "library"},
        "library",
    ),
    (
        sends.sends(Hosted(mode=Mode.SHADOW), MessageKind.PAGE),
        "shadow",
        {"mode": "enforce"},
        "send",
    ),
    (
        adopting.past(taken(), NOW, timedelta(minutes=5)),
        "silent",
        {"opened_at": NOW.isoformat()},
        "live",
    ),
    (
        sends.let_go("resolve", "we go back"),
        "resolve is cancelled",
        {"clock": "respond"},
        "respond is cancelled",
    ),
]
"""The reasons of these rules, for `test_rerun`."""


def test_an_answer_says_whether_the_library_has_to_do_with_the_ticket() -> None:
    for mode in Mode:
        answer = Enrolment("host", "7", mode, Reason("enrol.decide", 1, FrozenMap(), mode.value))
        assert answer.enrolled is (mode is not Mode.NONE)
