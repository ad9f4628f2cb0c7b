"""Due dates, against an oracle that counts minute by minute, and what moves them afterwards."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentkit.model import incident_commands as c
from incidentkit.model import incident_events as e
from incidentkit.model.clock import Clock
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.incident import Incident
from incidentkit.model.words import ClockState, Moment, Priority, State
from incidentkit.rules.clocks import Target, due_at, follow, reckon, ring, rings_at
from incidentkit.rules.evolve import evolve
from incidentkit.rules.rerun import rerun
from incidentkit.timing.intervals import Interval
from incidentkit.timing.terms import Term
from tests.rules.builders import (
    START,
    at,
    bare,
    declared,
    do,
    minutes,
    paused,
    rated,
    reached,
    standing,
)

TARGET = Target(
    "resolve", Moment.RESOLVED, FrozenMap({"P1": Term(minutes(60)), "P2": Term(minutes(240))})
)
ACKNOWLEDGE = Target("acknowledge", Moment.ACKNOWLEDGED, FrozenMap({"P1": Term(minutes(15))}))


def urgent(incident: Incident | None = None) -> Incident:
    return rated(incident or declared(), Priority.P1)


def running(incident: Incident, minute: float = 0, *targets: Target) -> Incident:
    """With its clocks followed, as a flow does after every command."""
    for event, _ in follow(incident, targets or (TARGET,)):
        incident = evolve(incident, event, at(minute), "system")
    return incident


def rung(incident: Incident, minute: float) -> tuple[Incident, list[str]]:
    said = ring(incident, at(minute))
    for event in said:
        incident = evolve(incident, event, at(minute), "system")
    return incident, [type(event).__name__ for event in said]


def clock_of(incident: Incident, target: str = "resolve") -> Clock:
    found = incident.clock(target)
    assert found is not None
    return found


# --- when it is due -------------------------------------------------------------------------------


def oracle(term: int, pauses: list[tuple[int, int | None]]) -> int | None:
    """The minute at which `term` minutes outside the pauses have passed, counted one by one."""
    minute = 0
    while term:
        if any(start <= minute and end is None for start, end in pauses):
            return None
        if not any(start <= minute and minute < (end or 0) for start, end in pauses):
            term -= 1
        minute += 1
    return minute


spans = st.tuples(st.integers(0, 120), st.integers(0, 60)).map(lambda x: (x[0], x[0] + x[1]))
open_spans = st.tuples(st.integers(0, 120), st.none())


@given(st.integers(1, 150), st.lists(spans, max_size=6), st.lists(open_spans, max_size=1))
def test_pauses_put_it_off_by_exactly_what_they_cover(
    term: int, closed: list[tuple[int, int]], open_: list[tuple[int, None]]
) -> None:
    every: list[tuple[int, int | None]] = [*closed, *open_]
    pauses = tuple(Interval(at(a), None if b is None else at(b)) for a, b in every)
    expected = oracle(term, every)
    found = due_at(START, Term(minutes(term)), pauses)
    assert found == (None if expected is None else at(expected))


def test_a_pause_that_begins_when_it_is_due_does_not_matter() -> None:
    assert due_at(START, Term(minutes(60)), (Interval(at(60)),)) == at(60)
    assert due_at(START, Term(minutes(60)), (Interval(at(59)),)) is None
    assert due_at(START, Term(minutes(60)), (Interval(at(0)),)) is None


def test_months_follow_the_calendar() -> None:
    january = datetime(2024, 1, 31, 9, tzinfo=UTC)
    assert due_at(january, Term(timedelta(), 1)) == datetime(2024, 2, 29, 9, tzinfo=UTC)
    hold = (Interval(january, january + timedelta(days=2)),)
    assert due_at(january, Term(timedelta(), 1), hold) == datetime(2024, 3, 2, 9, tzinfo=UTC)


# --- the clock of an incident ---------------------------------------------------------------------


def test_it_runs_from_the_declaration_and_warns_before_the_end() -> None:
    clock = reckon(urgent(), TARGET)
    assert clock == Clock("resolve", ClockState.RUNNING, START, at(60), at(45), history=(at(60),))
    sooner = reckon(urgent(), attrs.evolve(TARGET, warn_percent=50))
    assert sooner is not None
    assert sooner.warn_at == at(30)


def test_a_priority_without_a_term_has_no_clock() -> None:
    assert reckon(rated(declared(), Priority.P5), TARGET) is None
    assert follow(rated(declared(), Priority.P5), (TARGET,)) == ()


def test_a_candidates_clock_is_dormant_until_it_is_accepted() -> None:
    candidate = running(urgent(declared(candidate=True)))
    assert clock_of(candidate) == Clock("resolve", ClockState.DORMANT, None, None)
    ((_, reason),) = follow(urgent(declared(candidate=True)), (TARGET,))
    assert (rerun(reason), reason.inputs["from"]) == ("", "")
    accepted = running(do(candidate, c.Accept("INC-1"), 10), 10)
    assert clock_of(accepted).state is ClockState.RUNNING
    assert clock_of(accepted).due_at == at(70), "it starts when it is accepted"


def test_a_hold_pauses_and_its_end_puts_off() -> None:
    held = running(do(running(urgent()), c.Hold("INC-1", reason="vendor", court="ACME"), 20), 20)
    clock = clock_of(held)
    assert (clock.state, clock.due_at, clock.warn_at) == (ClockState.PAUSED, None, None)
    assert clock.pauses == (Interval(at(20)),)
    back = clock_of(running(do(held, c.Resume("INC-1"), 50), 50))
    assert (back.state, back.due_at, back.warn_at) == (ClockState.RUNNING, at(90), at(75))
    assert back.history == (at(60), at(90))


@pytest.mark.parametrize(
    ("pausing", "due"),
    [(("*",), 90), (("vendor",), 90), (("customer",), 60), (("customer", "vendor"), 90), ((), 60)],
)
def test_only_the_named_reasons_pause(pausing: tuple[str, ...], due: int) -> None:
    held = paused(urgent(), [Interval(at(20), at(50))], "vendor")
    clock = reckon(held, attrs.evolve(TARGET, pausing=pausing))
    assert clock is not None
    assert clock.due_at == at(due)


def test_a_change_of_priority_reckons_anew_and_keeps_the_history() -> None:
    lowered = running(rated(running(urgent()), Priority.P2), 30)
    assert clock_of(lowered).due_at == at(240)
    raised = running(urgent(lowered), 40)
    assert clock_of(raised).due_at == at(60)
    assert clock_of(raised).history == (at(60), at(240), at(60))
    gone = running(rated(raised, Priority.P5), 50)
    assert clock_of(gone).state is ClockState.CANCELLED
    assert clock_of(gone).history == (at(60), at(240), at(60))
    assert clock_of(running(urgent(gone), 55)).state is ClockState.RUNNING


def test_the_history_is_bounded_and_keeps_the_latest() -> None:
    incident = urgent()
    for count in range(30):
        incident = running(paused(incident, [Interval(at(1), at(2 + count))]), count)
    assert clock_of(incident).history == tuple(at(61 + count) for count in range(10, 30))


def test_reaching_its_moment_stops_it() -> None:
    done = running(reached(running(urgent()), Moment.RESOLVED, at(30)), 31)
    clock = clock_of(done)
    assert (clock.state, clock.stopped_at, clock.due_at) == (ClockState.STOPPED, at(30), at(60))
    again = running(do(standing(State.RESOLVED), c.Reopen("INC-1", reason="again"), 90), 90)
    assert clock_of(running(urgent(again))).state is ClockState.RUNNING


def test_the_end_of_the_incident_ends_it() -> None:
    """Cancelled with it, or stopped at the instant it was resolved, whenever it was closed."""
    cancelled = reckon(urgent(standing(State.CANCELLED)), ACKNOWLEDGE)
    assert cancelled is not None
    since = standing(State.CANCELLED).life.since
    assert (cancelled.state, cancelled.stopped_at) == (ClockState.CANCELLED, since)
    resolve = c.Resolve("INC-1", code="fixed", remedy="restarted")
    resolved = running(do(running(urgent(), 0, ACKNOWLEDGE), resolve, 10), 10, ACKNOWLEDGE)
    stopped = clock_of(resolved, "acknowledge")
    assert (stopped.state, stopped.stopped_at) == (ClockState.STOPPED, at(10))
    closed = do(resolved, c.Close("INC-1"), 30)
    assert follow(closed, (ACKNOWLEDGE,)) == ()
    assert reckon(attrs.evolve(closed, clocks=()), ACKNOWLEDGE) == stopped


def test_no_acknowledgement_is_owed_on_a_replayed_history() -> None:
    """The source states none, so that every one of them would be missed."""
    from incidentkit.model.replayed import Replayed

    incident = urgent()
    dossier = attrs.evolve(incident.dossier, replayed=Replayed("log", "A1", 1, at(0)))
    replayed = attrs.evolve(incident, more=dossier)
    assert reckon(replayed, ACKNOWLEDGE) is None
    assert reckon(replayed, TARGET) == reckon(incident, TARGET)
    # Nor once somebody acknowledges it here, long after it began.
    late = reached(replayed, Moment.ACKNOWLEDGED, at(10**6))
    assert reckon(late, ACKNOWLEDGE) is None
    # One that ran already goes on.
    assert reckon(attrs.evolve(running(incident, 0, ACKNOWLEDGE), more=dossier), ACKNOWLEDGE)
    # Other things told beside a record do not make it one.
    described = attrs.evolve(incident, more=incident.dossier)
    assert reckon(described, ACKNOWLEDGE) == reckon(incident, ACKNOWLEDGE)


def test_an_import_that_ended_unresolved_stops_its_clocks_when_it_ended() -> None:
    clock = reckon(urgent(bare(State.CLOSED, at(30))), ACKNOWLEDGE)
    assert clock is not None
    assert (clock.state, clock.stopped_at) == (ClockState.STOPPED, at(30))


def test_nothing_moves_when_nothing_changed() -> None:
    incident = running(urgent())
    assert follow(incident, (TARGET,)) == ()
    ((event, reason),) = follow(urgent(), (TARGET,), "abc")
    assert event == e.ClockMoved(clock_of(incident))
    assert reason.policy == "abc"
    assert reason.outcome == at(60).isoformat() == rerun(reason)


# --- ringing --------------------------------------------------------------------------------------


def test_it_warns_once_and_breaches_once() -> None:
    incident = running(urgent())
    assert rings_at(incident) == at(45)
    assert rung(incident, 44)[1] == []
    incident, said = rung(incident, 45)
    assert said == ["ClockWarned"]
    assert rings_at(incident) == at(60)
    assert rung(incident, 59)[1] == []
    incident, said = rung(incident, 60)
    assert said == ["ClockBreached"]
    assert rings_at(incident) is None
    assert rung(incident, 999)[1] == []
    assert (clock_of(incident).warned_at, clock_of(incident).breached_at) == (at(45), at(60))


def test_who_comes_too_late_to_warn_tells_the_breach_alone() -> None:
    incident, said = rung(running(urgent()), 61)
    assert said == ["ClockBreached"]
    assert rung(incident, 62)[1] == []


def test_flags_stay_when_it_is_put_off() -> None:
    incident, _ = rung(running(urgent()), 61)
    later = running(rated(incident, Priority.P2), 62)
    assert clock_of(later).due_at == at(240)
    assert clock_of(later).breached_at == at(61)
    assert rings_at(later) is None


def test_a_paused_clock_does_not_ring_for_what_it_was_spared() -> None:
    held = running(do(running(urgent()), c.Hold("INC-1", reason="vendor", court="ACME"), 20), 20)
    assert rings_at(held) is None
    assert rung(held, 999)[1] == []


def test_a_pause_begun_too_late_spares_nothing() -> None:
    """Nobody looked between the end of the term and the hold; it was missed all the same."""
    held = running(do(running(urgent()), c.Hold("INC-1", reason="vendor", court="ACME"), 61), 61)
    assert clock_of(held).state is ClockState.PAUSED
    assert rings_at(held) == at(45)
    assert rung(held, 61)[1] == ["ClockBreached"]


@pytest.mark.parametrize(
    ("minute", "said"), [(59, []), (60, []), (60.01, ["ClockBreached"]), (90, ["ClockBreached"])]
)
def test_what_was_done_too_late_was_missed(minute: float, said: list[str]) -> None:
    """Though no worker looked in between; in time is up to and with the instant it was due."""
    resolve = c.Resolve("INC-1", code="fixed", remedy="restarted")
    done = running(do(running(urgent()), resolve, minute), minute)
    done, found = rung(done, minute)
    assert found == said
    assert rung(done, 999)[1] == []
    assert rings_at(done) is None


def test_what_was_cancelled_was_not_missed() -> None:
    gone = running(do(running(urgent()), c.Cancel("INC-1"), 90), 90)
    assert rung(gone, 90)[1] == []


def test_the_next_of_several_clocks_rings_first() -> None:
    incident = running(urgent(), 0, TARGET, ACKNOWLEDGE)
    assert rings_at(incident) == at(11.25)
    assert rung(incident, 15)[1] == ["ClockBreached"]
    assert rings_at(rung(incident, 15)[0]) == at(45)
    assert rings_at(declared()) is None
