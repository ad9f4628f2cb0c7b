"""Which places were impaired, and for how long in all, as intervals that are corrected late."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentkit.errors import InvalidValue, MissingFields, NotFound
from incidentkit.model import impact_changes as c
from incidentkit.model import incident_events as e
from incidentkit.model.impact import ImpactInterval, Place
from incidentkit.model.incident import Incident
from incidentkit.model.incident_commands import Command
from incidentkit.model.words import Outcome
from incidentkit.rules.impair import impact_times, impaired, spans
from incidentkit.timing.intervals import Interval
from tests.rules.builders import after, at, declared, do, minutes


def recorded(incident: Incident, from_: float, to: float | None = None, **more: str) -> Incident:
    command = c.RecordImpactInterval(
        "INC-1",
        Place(more.get("kind", "component")),
        more.get("place", "db"),
        more.get("level", "down"),
        at(from_),
        None if to is None else at(to),
    )
    return do(incident, command, 100)


def test_overlaps_count_once_and_places_are_apart() -> None:
    incident = recorded(declared(), 0, 10)
    incident = recorded(incident, 5, 20, level="slow")
    incident = recorded(incident, 30, 40)
    incident = recorded(incident, 0, 7, kind="location", place="Graz")
    assert impact_times(incident, at(200)) == {
        "component/db": minutes(30),
        "location/Graz": minutes(7),
    }
    assert impaired(incident.dossier.scope.intervals, at(35), at(8))["component/db"] == minutes(17)


several = st.lists(
    st.tuples(st.integers(0, 60), st.integers(0, 60)).map(lambda x: (min(x), max(x))), max_size=8
)


@given(several, st.integers(0, 60))
def test_the_total_is_the_minutes_that_some_interval_covers(
    given_: list[tuple[int, int]], end: int
) -> None:
    intervals = [
        ImpactInterval(f"I{n}", Place.COMPONENT, "db", "down", Interval(at(a), at(b)))
        for n, (a, b) in enumerate(given_)
    ]
    covered = sum(any(a <= m < b for a, b in given_) for m in range(end))
    found = impaired(intervals, at(end), at(0)).get("component/db", timedelta())
    assert found == minutes(covered)


def test_what_nobody_ended_lasts_until_the_service_was_restored() -> None:
    incident = recorded(declared(), 10)
    assert impact_times(incident, at(25)) == {"component/db": minutes(15)}
    mitigated = after(incident, e.Mitigated(at(40)), when=at(41))
    assert impact_times(mitigated, at(100)) == {"component/db": minutes(30)}
    late = recorded(mitigated, 60)
    assert impact_times(late, at(100)) == {"component/db": minutes(30)}
    end = e.Resolved("fixed", "x", at(30), "", Outcome.ACTUAL)
    assert impact_times(after(incident, end, when=at(50)), at(100)) == {"component/db": minutes(20)}


def test_spans_are_open_until_the_service_was_restored() -> None:
    incident = recorded(recorded(declared(), 10), 0, 5, kind="service", place="web")
    here, there = (Place.COMPONENT, "db"), (Place.SERVICE, "web")
    assert spans(incident) == (
        (*here, Interval(at(10))),
        (*there, Interval(at(0), at(5))),
    )
    mitigated = after(incident, e.Mitigated(at(40)), when=at(41))
    assert spans(mitigated)[0] == (*here, Interval(at(10), at(40)))
    # What is said to have begun after that lasted for nothing.
    assert spans(recorded(mitigated, 60))[2] == (*here, Interval(at(60), at(60)))
    withdrawn = do(incident, c.WithdrawImpactInterval("INC-1", "I1", "was another"), 100)
    assert spans(withdrawn) == ((*there, Interval(at(0), at(5))),)


def test_an_interval_ends_is_corrected_and_withdrawn() -> None:
    incident = recorded(declared(), 10)
    incident = do(incident, c.EndImpactInterval("INC-1", "I1", at(20)), 101)
    first = incident.dossier.scope.intervals[0]
    assert (first.id, first.interval) == ("I1", Interval(at(10), at(20)))
    fix = c.CorrectImpactInterval("INC-1", "I1", "slow", at(5), at(25), reason="logs")
    incident = do(incident, fix, 102)
    second = incident.dossier.scope.intervals[0]
    assert (second.level, second.interval) == ("slow", Interval(at(5), at(25)))
    assert do(incident, fix, 103) is incident
    open_ = c.CorrectImpactInterval("INC-1", "I1", still_open=True, reason="it is not over")
    incident = do(incident, open_, 104)
    assert incident.dossier.scope.intervals[0].interval == Interval(at(5))
    same = do(incident, c.EndImpactInterval("INC-1", "I1"), 105)
    assert same.dossier.scope.intervals[0].interval.end == at(105)
    incident = do(incident, c.WithdrawImpactInterval("INC-1", "I1", "another place"), 106)
    assert impact_times(incident, at(200)) == {}
    assert incident.dossier.scope.intervals[0].withdrawn == "another place"
    assert recorded(incident, 0).dossier.scope.intervals[1].id == "I2"


def test_since_now_unless_said_since_when() -> None:
    command = c.RecordImpactInterval("INC-1", "service", "checkout", "degraded")
    incident = do(declared(), command, 3)
    assert incident.dossier.scope.intervals[0].interval == Interval(at(3))


ONE = recorded(declared(), 10)
ENDED = do(ONE, c.EndImpactInterval("INC-1", "I1"), 101)
GONE = do(ONE, c.WithdrawImpactInterval("INC-1", "I1", "no"), 101)


@pytest.mark.parametrize(
    ("incident", "command", "error", "said"),
    [
        (ONE, c.EndImpactInterval("x", "I1", at(9)), InvalidValue, "before it began"),
        (ONE, c.EndImpactInterval("x", "I1", at(500)), InvalidValue, "to_at: .* future"),
        (ONE, c.EndImpactInterval("x", "I2"), NotFound, "there is I1"),
        (ENDED, c.EndImpactInterval("x", "I1"), InvalidValue, "has ended already"),
        (GONE, c.EndImpactInterval("x", "I1"), InvalidValue, "was withdrawn"),
        (ONE, c.CorrectImpactInterval("x", "I1", "slow"), MissingFields, "reason"),
        (
            ENDED,
            c.CorrectImpactInterval("x", "I1", from_at=at(199), reason="r"),
            InvalidValue,
            "before it began",
        ),
        (
            ONE,
            c.CorrectImpactInterval("x", "I1", to_at=at(20), still_open=True, reason="r"),
            InvalidValue,
            "still open",
        ),
        (ONE, c.WithdrawImpactInterval("x", "I1"), MissingFields, "reason"),
        (
            ONE,
            c.RecordImpactInterval("x", "component", "db", "down", at(500)),
            InvalidValue,
            "from_at: .* future",
        ),
        (
            ONE,
            c.RecordImpactInterval("x", "component", "db", "down", at(9), at(8)),
            InvalidValue,
            "before it began",
        ),
    ],
)
def test_impossible_orders_are_refused(
    incident: Incident, command: Command, error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        do(incident, command, 200)


def test_a_place_is_one_of_three() -> None:
    with pytest.raises(InvalidValue, match="none of component, location, service"):
        c.RecordImpactInterval("x", "room", "db", "down")
