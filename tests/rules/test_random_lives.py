"""Whatever is asked, in whatever order: an incident never leaves the table, and its journal is it.

Lives are drawn at random from commands (complete or not) and from what systems report. The table is
the one written out in `test_lifecycle_table`, not the code's.
"""

from __future__ import annotations

import pickle
from datetime import datetime, timedelta
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentkit.errors import InvalidValue, MissingFields, NotFound, TransitionNotAllowed
from incidentkit.model import incident_commands as c
from incidentkit.model import incident_events as e
from incidentkit.model.clock import Clock
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.incident import Incident
from incidentkit.model.journal import Event
from incidentkit.model.words import (
    CancelReason,
    ClockState,
    LinkKind,
    MessageKind,
    Moment,
    Outcome,
    Priority,
    Response,
    State,
)
from incidentkit.rules import lifecycle
from incidentkit.rules.evolve import EVOLVE, birth, evolve
from incidentkit.timing.intervals import Interval
from tests.rules.builders import START, TERMS, at, declared, standing
from tests.rules.test_lifecycle_table import CELLS, COMMANDS, LETTERS

LEADS: dict[tuple[type[c.Command], State], set[str]] = {}
for _name, _state, _cell in CELLS:
    LEADS.setdefault((type(COMMANDS[_name]), _state), set()).add(_cell)

words = st.sampled_from(["", "vendor", "fixed", "restarted", "INC-2"])
people = st.sampled_from(["ana", "bob"])
levels = st.none() | st.sampled_from(["high", "low"])
instants = st.integers(-100, 5_000).map(at)
maybe = st.none() | instants
ties = st.sampled_from(["incident/1", "incident/2|INC-2", "problem/9|PRB-9"])
subject = st.just("INC-1")
commands: st.SearchStrategy[c.Command] = st.one_of(
    st.sampled_from(list(COMMANDS.values())),
    st.builds(c.Hold, subject, words, words),
    st.builds(c.Triage, subject, levels, levels),
    st.builds(c.Mitigate, subject, maybe),
    st.builds(c.Observe, subject, maybe, words),
    st.builds(c.Resolve, subject, words, words, maybe, words),
    st.builds(c.Close, subject, words, words, maybe, words),
    st.builds(c.Reopen, subject, words, words, words),
    st.builds(c.Cancel, subject, st.sampled_from(CancelReason), words, st.just("") | ties),
    st.builds(c.Assign, subject, st.none() | people, st.none() | people),
    st.builds(c.TakeRole, subject, st.sampled_from(["scribe", "lead"]), st.none() | people),
    st.builds(c.LeaveRole, subject, st.sampled_from(["scribe", "lead"])),
    st.builds(c.Prioritise, subject, levels, levels, st.none() | st.sampled_from(Priority)),
    st.builds(c.Correct, subject, st.sampled_from(Moment), instants, words),
    st.builds(c.LinkTo, subject, st.sampled_from(LinkKind), ties),
    st.builds(c.Unlink, subject, st.sampled_from(LinkKind), ties),
)

CLOCK = Clock("resolve", ClockState.RUNNING, START, at(60), at(45))
# One event of each class that can happen to an incident.
JOINED = e.AlertJoined("a1", "CPU")
CLEARED = e.AlertCleared("a1", "CPU")
REFIRED = e.AlertRefired("a1", "CPU")
EVENTS: tuple[Event, ...] = (
    e.Rated("high", "low", "sev1"),
    e.Prioritised(Priority.P1, Priority.P3, False, True, "the board is in the shop"),
    e.Accepted(),
    e.Triaged(),
    e.Started(),
    e.Held("vendor", "ACME"),
    e.Resumed(State.TRIAGED),
    e.Mitigated(at(1)),
    e.ObservationBegun(at(99), ""),
    e.Regressed("errors again"),
    e.Resolved("fixed", "restarted", at(1), "", Outcome.ACTUAL),
    e.Closed(),
    e.Reopened(State.IN_PROGRESS, "again"),
    e.Cancelled(CancelReason.FALSE_ALARM, "a test", ""),
    e.Acknowledged("ana", at(60)),
    e.LeaseLapsed("ana"),
    e.ResponseCleared(),
    e.ResponseRefired(),
    e.Assigned("bob", None),
    e.OwnerChanged("bob", None),
    e.TeamChanged("net", None),
    e.WatchersChanged(("bob",), ("bob",)),
    e.StatusStated("Awaiting caller"),
    e.RoleTaken("scribe", "bob", None),
    e.RoleLeft("scribe", "bob"),
    e.Noted("x"),
    e.Replied("carl", "x"),
    e.Edited("Slow", None, None, FrozenMap({"a": "b"})),
    e.MomentCorrected(Moment.AWARE, None, at(1), "said so"),
    e.Linked(LinkKind.RELATED, "incident/2", "INC-2"),
    e.Unlinked(LinkKind.RELATED, "incident/2", "INC-2"),
    JOINED,
    CLEARED,
    REFIRED,
    e.ReportJoined("carl", "it hangs", "", "", "", ""),
    e.ProblemProposed("3 alike in 30d", ("INC-2",)),
    e.PageQueued("d1", "ana", "sms", 1),
    e.PageBundled("ana", "sms", 4, 3),
    e.PageWithheld(1),
    e.PagingPlanned(1, at(5)),
    e.NoticeQueued("customers", "x", 2),
    e.DeliverySettled("d1", MessageKind.PAGE, "ana", "sms", "sent", ""),
    e.ClockMoved(CLOCK),
    e.ClockWarned("resolve", at(60)),
    e.ClockBreached("resolve", at(60)),
    e.PriorityQuestioned(Priority.P4, Priority.P1),
    e.PriorityReturned(Priority.P4, "no demo"),
)
# Events that leave every part as it was.
SILENT = (
    e.Noted,
    e.Replied,
    e.ProblemProposed,
    e.PageQueued,
    e.PageBundled,
    e.PageWithheld,
    e.NoticeQueued,
    e.DeliverySettled,
    e.PriorityQuestioned,
)
COUNTED = (e.AlertJoined, e.ReportJoined)
reports = st.sampled_from(
    [x for x in EVENTS if isinstance(x, (*SILENT, *COUNTED, e.PagingPlanned, e.ClockMoved))]
)
steps = st.lists(st.tuples(commands | reports, people, st.integers(0, 50)), max_size=30)
REFUSALS = (TransitionNotAllowed, MissingFields, InvalidValue, NotFound)


def lawful(incident: Incident) -> None:
    """What is true of every incident, whatever happened to it."""
    life, holds = incident.life, incident.course.holds
    on_hold = life.state is State.ON_HOLD
    assert [hold.interval.end is None for hold in holds] == [
        on_hold and last for last in (hold is holds[-1] for hold in holds)
    ]
    assert on_hold is (life.resume_to is not None)
    assert life.resume_to is not State.ON_HOLD
    assert (life.response is Response.ACKNOWLEDGED) or not incident.attention.leases
    assert not life.candidate or life.state is State.NEW
    held = [role.role for role in incident.people.roles if role.until is None]
    assert len(held) == len(set(held))
    ended = incident.course.ending
    assert (ended.cancelled is not None) is (life.state is State.CANCELLED)
    assert bool(ended.code) is (life.state in (State.RESOLVED, State.CLOSED))
    known = incident.course.moments
    assert not (incident.active and {Moment.RESOLVED, Moment.CLOSED} & set(known))
    assert (Moment.CLOSED in known) is (life.state is State.CLOSED)
    assert incident.active is (not (ended.cancelled or ended.code))


@given(st.booleans(), steps)
def test_no_life_leaves_the_table(candidate: bool, life: list[tuple[Any, str, int]]) -> None:
    incident = declared(candidate=candidate)
    journal: list[tuple[Event, datetime, str]] = []
    now = START
    for step, by, wait in life:
        now += timedelta(minutes=wait)
        before = incident
        if isinstance(step, c.Command):
            cells = LEADS[type(step), before.life.state]
            try:
                events = lifecycle.decide(before, step, now, by, TERMS)
            except REFUSALS as refusal:
                events = ()
                if not isinstance(refusal, TransitionNotAllowed):
                    assert cells != {"."} or candidate
        else:
            cells, events = {"="}, (step,)
        for event in events:
            version = incident.version
            incident = evolve(incident, event, now, by)
            assert incident.version == version + 1
            journal.append((event, now, by))
        lawful(incident)
        if events and not isinstance(step, c.Accept | c.Decline | c.Resume | c.Reopen):
            targets = {before.life.state if x == "=" else LETTERS.get(x) for x in cells}
            assert incident.life.state in targets
    again = declared(candidate=candidate)
    for event, when, by in journal:
        again = evolve(again, event, when, by)
    assert again == incident
    assert incident.version == 1 + len(journal)
    assert pickle.loads(pickle.dumps(incident)) == incident


def test_every_event_has_its_consequence() -> None:
    every = {x for x in vars(e).values() if isinstance(x, type) and issubclass(x, Event)}
    assert set(EVOLVE) == {type(event) for event in EVENTS} == every - {Event, e.Declared}


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("event", EVENTS, ids=lambda x: type(x).__name__)
def test_evolve_is_total(event: Event, state: State) -> None:
    before = standing(state)
    after = evolve(before, event, at(90), "system")
    assert after.version == before.version + 1
    if isinstance(event, (*SILENT, e.ClockWarned, e.ClockBreached, e.Unlinked)):
        assert attrs.evolve(after, version=before.version) == before


@pytest.mark.parametrize("candidate", [False, True])
def test_birth_keeps_what_was_declared(candidate: bool) -> None:
    """A candidate is declared an incident when it is accepted."""
    born = e.Declared("1", "INC-1", declared().card, candidate, at(-9), at(-5))
    incident = birth(born, START)
    assert (incident.id, incident.ref, incident.version) == ("1", "INC-1", 1)
    assert incident.life.candidate is candidate
    known = {Moment.OCCURRED: at(-9), Moment.DETECTED: at(-5)}
    if candidate:
        assert dict(incident.course.moments) == known
        incident = evolve(incident, e.Accepted(), START, "ana")
    assert dict(incident.course.moments) == {**known, Moment.DECLARED: START}


def test_alerts_are_counted() -> None:
    incident = declared()
    for event in (JOINED, JOINED, CLEARED, REFIRED):
        incident = evolve(incident, event, at(1), "system")
    assert (incident.ties.alerts, incident.ties.firing) == (2, 2)


def test_clocks_are_kept_by_target_and_flags_stay() -> None:
    incident = evolve(declared(), e.ClockMoved(CLOCK), at(1), "system")
    other = attrs.evolve(CLOCK, target="acknowledge")
    incident = evolve(incident, e.ClockMoved(other), at(1), "system")
    incident = evolve(incident, e.ClockWarned("resolve", at(60)), at(46), "system")
    incident = evolve(incident, e.ClockBreached("resolve", at(60)), at(61), "system")
    assert incident.clocks == (attrs.evolve(CLOCK, warned_at=at(46), breached_at=at(61)), other)
    paused = attrs.evolve(CLOCK, pauses=(Interval(at(2)),))
    assert evolve(incident, e.ClockMoved(paused), at(2), "system").clocks == (paused, other)
