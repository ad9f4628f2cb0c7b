"""What is measured of one incident, entry by entry."""

from __future__ import annotations

import attrs
import pytest

from incidentkit.ids import SYSTEM_ACTOR
from incidentkit.model import incident_events as e
from incidentkit.model.clock import Clock
from incidentkit.model.impact import ImpactInterval, Place
from incidentkit.model.impact_changes import ImpactIntervalRecorded
from incidentkit.model.incident import Incident
from incidentkit.model.journal import Event, JournalEntry, Recorded
from incidentkit.model.words import CancelReason, ClockState, Moment, Outcome, State
from incidentkit.rules.evolve import evolve
from incidentkit.rules.evolve_parts import part
from incidentkit.rules.measure import Measured, Page, measure
from incidentkit.timing.intervals import Interval
from tests.rules.builders import START, at, declared, minutes

RESOLVED = e.Resolved("fixed", "r", at(0), "", Outcome.ACTUAL)
ACKNOWLEDGED = e.Acknowledged("ana", at(90))


def life(*events: tuple[float, Event], incident: Incident | None = None) -> Measured:
    """An incident after these events, each so many minutes after the start."""
    now = declared() if incident is None else incident
    journal: list[JournalEntry] = []
    for seq, (minute, event) in enumerate(events, start=1):
        now = evolve(now, event, at(minute), "ana")
        recorded = Recorded(at(minute), "ana", event)
        journal.append(JournalEntry("incident/1", seq, at(minute), "x", recorded))
    journal.append(JournalEntry("incident/1", len(journal) + 1, at(0), "noted", None))
    return measure(now, journal)


def test_nothing_happened_yet() -> None:
    found = life()
    assert (found.declared_at, found.service, found.state) == (START, "checkout", State.NEW)
    flags = (found.over, found.at_first_contact, found.candidate, found.declined)
    assert not any(flags)
    assert (found.acknowledged_at, found.mitigated_at, found.resolved_at) == (None, None, None)
    assert (found.pages, found.targets, found.holds, found.reopened) == ((), (), (), 0)


def test_the_first_acknowledgement_by_a_person() -> None:
    by_rule = e.Acknowledged(SYSTEM_ACTOR, at(90))
    found = life((1, by_rule), (2, ACKNOWLEDGED), (3, e.Acknowledged("bob", at(90))))
    assert found.acknowledged_at == at(2)
    assert life((1, by_rule)).acknowledged_at is None


def test_a_corrected_instant_counts() -> None:
    other = e.MomentCorrected(Moment.DETECTED, None, at(-9))
    wrong = e.MomentCorrected(Moment.ACKNOWLEDGED, at(2), at(1))
    assert life((2, ACKNOWLEDGED), (3, other)).acknowledged_at == at(2)
    assert life((2, ACKNOWLEDGED), (3, other), (4, wrong)).acknowledged_at == at(1)


def test_endings_and_reopenings() -> None:
    back = e.Reopened(State.IN_PROGRESS, "again")
    found = life((10, RESOLVED), (30, back), (40, RESOLVED), (70, back), (75, RESOLVED))
    assert (found.first_resolved_at, found.first_reopened_at) == (at(10), at(30))
    assert (found.resolved_at, found.reopened) == (at(75), 2)
    assert found.reopened_for == minutes(15)
    open_again = life((10, RESOLVED), (30, back))
    assert (open_again.resolved_at, open_again.reopened_for) == (None, minutes(0))
    # What was cancelled and comes back was never resolved.
    gone = e.Cancelled(CancelReason.WITHDRAWN, "", "")
    assert life((1, gone), (2, back)).reopened == 0


def test_at_first_contact() -> None:
    first = e.Assigned("ana", None)
    assert life((1, first), (9, RESOLVED)).at_first_contact
    for spoiling in (
        e.Assigned("bob", "ana"),
        e.TeamChanged("dba", "desk"),
        e.Held("vendor", "acme"),
    ):
        assert not life((1, first), (2, spoiling), (9, RESOLVED)).at_first_contact
    harmless = (e.Assigned(None, "ana"), e.TeamChanged("dba", None))
    found = life((1, first), *((2, each) for each in harmless), (9, RESOLVED))
    assert found.at_first_contact
    assert (found.reassigned, found.moved) == (0, 0)


def promised(state: str, due: float, target: str = "next update to board") -> e.ClockMoved:
    return e.ClockMoved(Clock(target, ClockState(state), at(0), at(due)))


def test_every_promise_counts_once() -> None:
    board, shops = "next update to board", "next update to shops"
    found = life(
        (0, promised("running", 30)),
        (1, promised("running", 60, shops)),
        (29, promised("stopped", 30)),
        (29, promised("running", 59)),
        (60, promised("stopped", 59)),
        (60, e.ClockBreached(board, at(59))),
        (60, promised("running", 90)),
        (61, promised("cancelled", 60, shops)),
        (80, promised("stopped", 90)),
    )
    assert found.targets == ((board, False), (board, True), (board, False))


def test_pages_and_targets() -> None:
    paged = life((3, e.PageQueued("d", "ana", "sms", 1)))
    assert paged.pages == (Page("ana", at(3)),)
    clock = Clock("resolve", ClockState.RUNNING, START, at(60))
    clocks = (
        attrs.evolve(clock, breached_at=at(60)),
        attrs.evolve(clock, target="acknowledge", state=ClockState.STOPPED),
        attrs.evolve(clock, target="dormant", started_at=None),
        attrs.evolve(clock, target="cancelled", state=ClockState.CANCELLED),
    )
    found = life(incident=part(declared(), clocks=clocks))
    assert found.targets == (("resolve", True), ("acknowledge", False))


def test_which_places_were_impaired() -> None:
    interval = ImpactInterval("I1", Place.SERVICE, "web", "down", Interval(at(0), at(9)))
    found = life((9, ImpactIntervalRecorded(interval)))
    assert found.impaired == ((Place.SERVICE, "web", interval.interval),)


@pytest.mark.parametrize(
    ("candidate", "reporter", "wanted"),
    [(False, "carl", at(0)), (True, "carl", at(0)), (True, None, at(0))],
)
def test_when_it_counts_from(candidate: bool, reporter: str | None, wanted: object) -> None:
    found = life(incident=declared(candidate=candidate, reporter=reporter))
    assert (found.declared_at, found.candidate) == (wanted, candidate)
    declined = e.Cancelled(CancelReason.DECLINED, "none", "")
    assert life((5, declined), incident=declared(candidate=True)).declined
