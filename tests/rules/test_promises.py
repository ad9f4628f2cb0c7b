"""Promises of another word: begun, kept, late, and over with their incident."""

from __future__ import annotations

from datetime import timedelta

import attrs
import pytest

from incidentkit.errors import InvalidValue
from incidentkit.model import incident_events as e
from incidentkit.model.incident import Incident
from incidentkit.model.incident_commands import Notify
from incidentkit.model.words import ClockState, Moment, State
from incidentkit.rules.clocks import PROMISE, ring, rings_at
from incidentkit.rules.evolve import evolve
from incidentkit.rules.promises import let_go, notified, promise_of
from incidentkit.rules.rerun import rerun
from tests.rules.builders import at, declared

HALF = timedelta(minutes=30)


def told(
    incident: Incident, minutes: int, again_in: timedelta | None = None, audience: str = "board"
) -> tuple[Incident, list[object]]:
    said: list[object] = []
    for event, reason in notified(incident, audience, again_in, at(minutes), "policy"):
        incident = evolve(incident, event, at(minutes), "system")
        said.append(event)
        if reason is not None:
            assert rerun(reason) == reason.outcome
    return incident, said


def state(incident: Incident, audience: str = "board") -> ClockState | None:
    clock = promise_of(incident, audience)
    return None if clock is None else clock.state


def test_a_promise_warns_and_is_missed_like_any_clock() -> None:
    incident, said = told(declared(), 0, HALF)
    (moved,) = said
    assert isinstance(moved, e.ClockMoved)
    assert (moved.clock.target, moved.clock.due_at) == ("next update to board", at(30))
    assert rings_at(incident) == at(22.5)
    assert ring(incident, at(22)) == ()
    assert ring(incident, at(23)) == (e.ClockWarned("next update to board", at(30)),)
    assert ring(incident, at(30)) == (e.ClockBreached("next update to board", at(30)),)


def test_the_next_notice_keeps_it_and_may_promise_again() -> None:
    incident, _ = told(declared(), 0, HALF)
    incident, said = told(incident, 20, HALF)
    assert [x.clock.state for x in said if isinstance(x, e.ClockMoved)] == ["stopped", "running"]
    clock = promise_of(incident, "board")
    assert clock is not None
    assert (clock.due_at, clock.history) == (at(50), (at(30), at(50)))
    incident, said = told(incident, 40)
    assert state(incident) is ClockState.STOPPED
    assert len(said) == 1
    assert told(incident, 41)[1] == [], "nothing was promised any more"


def test_a_notice_to_others_does_not_keep_it() -> None:
    incident, _ = told(declared(), 0, HALF)
    incident, said = told(incident, 10, audience="shops")
    assert (said, state(incident)) == ([], ClockState.RUNNING)
    incident, _ = told(incident, 10, HALF, audience="shops")
    assert (state(incident), state(incident, "shops")) == ("running", "running")


def test_what_came_too_late_was_missed_even_if_nobody_looked() -> None:
    incident, _ = told(declared(), 0, HALF)
    incident, said = told(incident, 45, HALF)
    assert e.ClockBreached(PROMISE + "board", at(30)) in said
    clock = promise_of(incident, "board")
    assert clock is not None
    assert clock.breached_at is None, "the new promise was not broken"


def test_what_was_said_to_be_missed_is_not_said_again() -> None:
    incident, _ = told(declared(), 0, HALF)
    incident = evolve(incident, e.ClockBreached(PROMISE + "board", at(30)), at(30), "system")
    _, said = told(incident, 45)
    assert [type(x) for x in said] == [e.ClockMoved]


@pytest.mark.parametrize(
    ("ended", "becomes"),
    [(State.RESOLVED, "stopped"), (State.CLOSED, "stopped"), (State.CANCELLED, "cancelled")],
)
@pytest.mark.parametrize("resolved", [True, False])
def test_it_ends_with_its_incident(ended: State, becomes: str, resolved: bool) -> None:
    incident, _ = told(declared(), 0, HALF)
    assert let_go(incident, "") == ()
    life = attrs.evolve(incident.life, state=ended, since=at(20))
    moments = incident.course.moments.with_(Moment.RESOLVED, at(10) if resolved else at(20))
    course = attrs.evolve(incident.course, moments=moments)
    over = attrs.evolve(incident, life=life, course=course)
    ((event, reason),) = let_go(over, "")
    assert isinstance(event, e.ClockMoved)
    assert (event.clock.state, event.clock.stopped_at) == (becomes, at(10 if resolved else 20))
    assert reason is not None
    assert let_go(evolve(over, event, at(20), "system"), "") == ()


def test_it_does_not_end_before_it_began() -> None:
    """An incident can be resolved as of an instant that lies before the promise."""
    incident, _ = told(declared(), 30, HALF)
    course = attrs.evolve(
        incident.course, moments=incident.course.moments.with_(Moment.RESOLVED, at(1))
    )
    life = attrs.evolve(incident.life, state=State.RESOLVED, since=at(40))
    ((event, _),) = let_go(attrs.evolve(incident, life=life, course=course), "")
    assert isinstance(event, e.ClockMoved)
    assert event.clock.stopped_at == at(30)


@pytest.mark.parametrize(
    "again_in",
    [timedelta(), -HALF, timedelta(seconds=1.5), timedelta(days=367), 30, "30m"],
)
def test_a_time_that_nobody_could_keep_is_refused(again_in: object) -> None:
    with pytest.raises(InvalidValue, match="next_update_in"):
        Notify("INC-1", "board", "x", next_update_in=again_in)  # type: ignore[arg-type]
