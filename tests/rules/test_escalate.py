"""Whom to page, how often, and when to stop: a ladder that always ends at a human."""

from __future__ import annotations

from datetime import datetime

import attrs
import pytest

from incidentkit.model import incident_commands as c
from incidentkit.model import incident_events as e
from incidentkit.model.incident import Attention, Incident, Lease
from incidentkit.model.words import ACTIVE, Priority, Response, State
from incidentkit.rules.escalate import CALLS, PagingTerms, call, escalate, pages_at
from incidentkit.rules.evolve import evolve
from incidentkit.rules.rerun import rerun
from tests.rules.builders import at, declared, do, minutes, rated, standing

TERMS = PagingTerms(fallback="duty")


def urgent(assignee: str | None = None) -> Incident:
    incident = rated(declared(), Priority.P1)
    return incident if assignee is None else do(incident, c.Assign("INC-1", assignee), 0)


def ladder(incident: Incident, terms: PagingTerms = TERMS) -> list[tuple[tuple[str, ...], int]]:
    """Every round until the ladder ends: whom, and how long after the first."""
    rounds: list[tuple[tuple[str, ...], int]] = []
    now: datetime | None = at(0)
    while now is not None:
        found = escalate(incident, terms, now)
        assert found is not None
        assert found.number == len(rounds) + 1
        assert rerun(found.reason) == found.to
        rounds.append((found.to, int((now - at(0)) / minutes(1))))
        planned = e.PagingPlanned(found.number, found.next_at)
        incident = evolve(incident, planned, now, "system")
        early = now + minutes(4.99)
        assert escalate(incident, terms, early) is None
        now = pages_at(incident)
        assert now == found.next_at
    assert escalate(incident, terms, at(10_000)) is None
    return rounds


def test_the_assignee_first_then_the_fallback_as_well() -> None:
    assert ladder(urgent("ana")) == [(("ana",), 0), (("ana", "duty"), 5), (("ana", "duty"), 10)]


def test_without_an_assignee_the_fallback_from_the_start() -> None:
    assert ladder(urgent()) == [(("duty",), 0), (("duty",), 5), (("duty",), 10)]


def test_nobody_is_paged_twice_in_a_round() -> None:
    assert {to for to, _ in ladder(urgent("duty"))} == {("duty",)}


def test_the_host_sets_the_number_of_rounds() -> None:
    assert len(ladder(urgent(), attrs.evolve(TERMS, rounds=1))) == 1


@pytest.mark.parametrize(
    ("priority", "candidate", "paged"),
    [
        (Priority.P1, False, True),
        (Priority.P2, False, True),
        (Priority.P3, False, False),
        (Priority.P5, False, False),
        (Priority.P5, True, True),
        (Priority.P1, True, True),
    ],
)
def test_who_is_urgent_enough(priority: Priority, candidate: bool, paged: bool) -> None:
    incident = rated(declared(candidate=candidate), priority)
    found = escalate(incident, TERMS, at(0), "abc")
    assert found is not None
    assert found.to == (("duty",) if paged else ())
    assert (found.next_at is not None) is paged
    assert found.reason.outcome == found.to == rerun(found.reason)
    assert found.reason.policy == "abc"


@pytest.mark.parametrize("state", State)
def test_what_is_over_pages_nobody(state: State) -> None:
    incident = rated(standing(state), Priority.P1)
    assert (escalate(incident, TERMS, at(0)) is not None) is (state in ACTIVE)


@pytest.mark.parametrize(
    ("response", "pages"),
    [
        (Response.UNACKNOWLEDGED, True),
        (Response.LAPSED, True),
        (Response.ACKNOWLEDGED, False),
        (Response.CLEARED, False),
    ],
)
def test_the_response_stops_and_starts_it(response: Response, pages: bool) -> None:
    incident = urgent()
    incident = attrs.evolve(incident, life=attrs.evolve(incident.life, response=response))
    assert (escalate(incident, TERMS, at(0)) is not None) is pages
    waiting = attrs.evolve(incident, attention=Attention((), 1, at(5)))
    assert (escalate(waiting, TERMS, at(5)) is not None) is pages
    assert (pages_at(waiting) is not None) is (response is not Response.CLEARED and pages)


def test_a_lapse_begins_the_ladder_again() -> None:
    paged = evolve(urgent("ana"), e.PagingPlanned(3, None), at(10), "system")
    held = do(paged, c.Acknowledge("INC-1"), 11)
    assert pages_at(held) == at(41)
    lapsed = evolve(held, e.LeaseLapsed("ana"), at(41), "system")
    assert ladder(lapsed)[0] == (("ana",), 0)


def test_a_refire_goes_on_where_the_ladder_paused() -> None:
    paged = evolve(urgent("ana"), e.PagingPlanned(1, at(5)), at(0), "system")
    cleared = evolve(paged, e.ResponseCleared(), at(1), "system")
    assert pages_at(cleared) is None
    assert escalate(cleared, TERMS, at(20)) is None
    fired = evolve(cleared, e.ResponseRefired(), at(20), "system")
    found = escalate(fired, TERMS, at(20))
    assert found is not None
    assert (found.number, found.to) == (2, ("ana", "duty"))


def test_the_next_page_or_the_next_lapse_whichever_is_first() -> None:
    leases = (Lease("ana", at(0), at(30)), Lease("bob", at(0), at(20)))
    held = attrs.evolve(urgent(), attention=Attention(leases))
    assert pages_at(held) == at(20)
    assert pages_at(attrs.evolve(held, attention=Attention(leases, 1, at(5)))) == at(5)
    assert pages_at(urgent()) is None


# --- calls beside the ladder ----------------------------------------------------------------------


@pytest.mark.parametrize("occasion", CALLS)
def test_an_occasion_calls_whoever_works_on_it_acknowledged_or_not(occasion: str) -> None:
    for incident in (urgent("ana"), do(urgent("ana"), c.Acknowledge("INC-1"), 1)):
        called = call(incident, occasion, TERMS, "abc")
        assert called is not None
        assert (called.number, called.to, called.next_at) == (0, ("ana",), None)
        assert called.reason.policy == "abc"
    alone = call(urgent(), occasion, TERMS)
    assert alone is not None
    assert alone.to == ("duty",)


def test_what_is_no_occasion_or_not_urgent_calls_nobody() -> None:
    silent = attrs.evolve(TERMS, calls=("clock_breached",))
    for incident, occasion, terms in (
        (urgent("ana"), "held", TERMS),
        (urgent("ana"), "clock_warned", silent),
        (rated(declared(), Priority.P3), "clock_breached", TERMS),
    ):
        called = call(incident, occasion, terms)
        assert called is not None
        assert called.to == ()
        assert rerun(called.reason) == ()


@pytest.mark.parametrize("state", State)
def test_nobody_is_called_for_what_is_over(state: State) -> None:
    incident = rated(standing(state), Priority.P1)
    assert (call(incident, "clock_breached", TERMS) is not None) is (state in ACTIVE)
