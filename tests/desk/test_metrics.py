"""Metrics against a slow and simple reference over random lives, and examples written out."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from incidentkit import (
    ApproveMaintenance,
    CompleteMaintenance,
    Condition,
    Desk,
    ManualTime,
    PlanMaintenance,
    RecordImpactInterval,
    StartMaintenance,
)
from incidentkit.errors import IncidentKitError, InvalidValue, NotFound
from incidentkit.flows import measuring
from incidentkit.views.metrics import Metric, Unit, shown
from incidentkit.views.metrics_defined import DEFINITIONS
from incidentkit.views.metrics_numbers import counted, hours, per_mille, percentile, spread
from tests.desk.test_searching import Web
from tests.flows.world import URGENT, alert, payload

Open = Callable[..., Any]
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


# --- examples -------------------------------------------------------------------------------------


def told(desk: Any) -> Any:
    """Four incidents whose figures can be worked out by head, a candidate, and an exercise."""
    time = desk.ports.time
    desk.declare("One", assign="ana", service="web", by="host", **URGENT)
    time.move(minutes=10)
    desk.acknowledge("INC-1", by="ana")
    time.move(minutes=50)
    desk.mitigate("INC-1", by="ana")
    time.move(hours=1)
    desk.resolve("INC-1", code="fixed", remedy="r", by="ana")  # after 2 h, restored after 1 h
    desk.declare("Two", service="web", impact="low", urgency="low")
    desk.assign("INC-2", "ana")
    time.move(hours=1)
    desk.hold("INC-2", reason="vendor", court="acme", by="ana")
    time.move(hours=4)
    desk.resume("INC-2", by="ana")
    desk.assign("INC-2", "bob")
    time.move(hours=1)
    desk.resolve("INC-2", code="fixed", remedy="r", by="bob")  # after 6 h, 2 h without the hold
    time.move(hours=12)
    desk.reopen("INC-2", reason="again", by="carl")
    time.move(hours=2)
    desk.resolve("INC-2", code="fixed", remedy="r", by="bob")  # after 20 h in all, 2 h reopened
    desk.declare("Three", impact="low", urgency="low")
    time.move(minutes=30)
    desk.resolve("INC-3", code="cleared", remedy="r", outcome="false_alarm", by="ana")
    desk.declare("Four", service="db", impact="low", urgency="low")
    desk.declare("Perhaps", candidate=True)
    desk.decline("INC-5", reason="none", by="ana")
    desk.declare("A drill")
    desk.resolve("INC-6", code="fixed", remedy="r", outcome="exercise", by="ana")
    time.move(hours=1)
    return desk


@pytest.fixture
def desk(open_desk: Open, url: str) -> Any:
    start = datetime(2026, 3, 2, 6, tzinfo=UTC)
    return told(open_desk(url, time=ManualTime(start), channels={"sms": lambda _message: None}))


EXPECTED: dict[str, dict[str, Any]] = {
    "incidents_by_priority": {"P5": 3, "P1": 1},
    "incidents_by_state": {"resolved": 3, "new": 1},
    "incidents_by_service": {"web": 2, "db": 1, "unknown": 1},
    "incidents_by_outcome": {"actual": 3, "exercise": 1, "false_alarm": 1},
    "time_to_acknowledge": {"median": 10 * MINUTE, "p90": 10 * MINUTE, "mean": 10 * MINUTE},
    "time_to_restore": {
        "median": HOUR,
        "p90": 20 * HOUR,
        "mean": (HOUR + 20 * HOUR + 30 * MINUTE) // 3,
    },
    "time_to_resolve": {
        "median": 2 * HOUR,
        "p90": 20 * HOUR,
        "mean": (2 * HOUR + 20 * HOUR + 30 * MINUTE) // 3,
    },
    "time_to_resolve_without_holds": {
        "median": 2 * HOUR,
        "p90": 16 * HOUR,
        "mean": (2 * HOUR + 16 * HOUR + 30 * MINUTE) // 3,
    },
    "time_reopened": {"median": 2 * HOUR, "p90": 2 * HOUR, "mean": 2 * HOUR},
    "reopened": {"share": 333},
    "reopened_within_7_days": {"share": 333},
    "resolved_at_first_contact": {"share": 666},
    "reassignments": {"to people": 1, "to teams": 0, "incidents": 1},
    "alerts": {},
    "false_alarms": {"share": 250},
    "candidates": {"declined": 1, "waiting": 0},
    # The second page is for the candidate, which nobody was assigned to.
    "pages_by_person": {"ana": 1, "on-call": 1},
    "pages_by_hours": {"ana sleep": 1, "on-call sleep": 1},
}


def test_figures_worked_out_by_head(desk: Any) -> None:
    found = desk.metrics()
    assert [each.name for each in found.metrics] == [each.name for each in DEFINITIONS]
    for name, wanted in EXPECTED.items():
        assert found[name].values == wanted, name
    assert found["targets_missed"].value("resolve") in range(1001)


def test_each_says_what_it_is_and_what_stands_behind_it(desk: Any) -> None:
    found = desk.metrics()
    for each in found.metrics:
        assert each.version == 1
        assert each.definition.endswith(".")
        assert len(each.definition) > 40
        assert each.unit in Unit
        for value in each.values.values():
            assert type(value) is (timedelta if each.unit is Unit.DURATION else int)
        assert len(each.ids) == len(set(each.ids))
    refs = {desk.get(f"incident/{id_}").ref for id_ in found["time_to_resolve"].ids}
    assert refs == {"INC-1", "INC-2", "INC-3"}
    assert found["time_to_resolve"].n == 3
    assert found["time_reopened"].ids == (desk.get("INC-2").id,)
    with pytest.raises(NotFound, match="time_to_resolve"):
        found["mttr"]


def test_a_window_and_filters(desk: Any) -> None:
    first = desk.get("INC-1").moment("declared")
    assert desk.metrics(until=first)["incidents_by_state"].n == 0
    early = desk.metrics(until=first + MINUTE)
    assert early["incidents_by_state"].n == 1
    assert (early.since, early.until) == (first + MINUTE - timedelta(days=30), first + MINUTE)
    assert desk.metrics(since=first)["incidents_by_state"].n == 4
    assert desk.metrics(since=first + MINUTE)["incidents_by_state"].n == 3
    assert desk.metrics(service="web")["incidents_by_service"].values == {"web": 2}
    with pytest.raises(InvalidValue, match="lies before"):
        desk.metrics(since=first, until=first - MINUTE)
    with pytest.raises(InvalidValue, match="nothere"):
        desk.metrics(nothere=1)
    with pytest.raises(InvalidValue, match="time zone"):
        desk.metrics(zone="Nowhere/Land")


def test_people_are_paged_at_their_own_hours(desk: Any) -> None:
    # Ana at 06:00 UTC on a Monday: 15:00 in Tokyo, and 22:00 of Sunday in Los Angeles.
    # The fallback at 04:30 UTC on Tuesday: 13:30 in Tokyo.
    by_hours = desk.metrics(zone="Asia/Tokyo")["pages_by_hours"]
    assert by_hours.values == {"ana business": 1, "on-call business": 1}
    away = {"ana": "America/Los_Angeles"}
    by_hours = desk.metrics(zone="Asia/Tokyo", zones=away)["pages_by_hours"]
    assert by_hours.values == {"ana sleep": 1, "on-call business": 1}


def test_it_reads_well(desk: Any) -> None:
    text = str(desk.metrics())
    assert "time to resolve: median 2h, p90 20h, mean 7h30m" in text
    assert "reopened: share 33.3 %" in text
    assert text.splitlines()[-1] == (
        "nothing to measure: planned downtime, unplanned downtime, alerts"
    )
    assert text.count("nothing to measure") == 1
    assert str(desk.metrics()["alerts"]) == "alerts: nothing to measure"


def test_of_no_incidents_nothing_is_said_once(open_desk: Open, url: str) -> None:
    found = open_desk(url, time=ManualTime()).metrics()
    assert str(found).splitlines()[1:] == ["nothing to measure: there are no incidents"]
    assert found.measured == ()
    assert len(found.metrics) == len(DEFINITIONS), "machines are given all of them"


def test_what_one_may_see(open_desk: Open, url: str) -> None:
    desk = open_desk(url, authoriser=Web(), time=ManualTime())
    desk.declare("Seen", service="web")
    desk.declare("Hidden", service="vpn")
    desk.ports.time.move(minutes=1)
    assert desk.as_("ana").metrics()["incidents_by_service"].values == {"web": 1}
    assert desk.as_("nobody").metrics()["incidents_by_service"].n == 0


def test_noise(open_desk: Open, url: str) -> None:
    desk = open_desk(url, time=ManualTime())
    desk.receive("alertmanager", payload(alert("a"), alert("b")))
    desk.ports.time.move(minutes=1)
    assert desk.metrics()["candidates"].values == {"declined": 0, "waiting": 1}
    desk.accept("INC-1")
    desk.ports.time.move(minutes=1)
    assert desk.metrics()["alerts"].values == {"alerts": 2, "most": 2}


# --- downtime -------------------------------------------------------------------------------------


def impair(desk: Any, ref: str, kind: str, place: str, start: datetime, end: Any) -> None:
    desk.execute(RecordImpactInterval(ref, kind, place, "down", start, end))


def upgraded(desk: Any) -> datetime:
    """Work on checkout from 10 to 11 that lasted until 11:20, and what was impaired meanwhile."""
    time = desk.ports.time
    ten = time.now() + HOUR
    work = PlanMaintenance("Upgrade", start=ten, end=ten + HOUR, services=("checkout",))
    desk.execute(work, by="bob")
    desk.execute(ApproveMaintenance("MNT-1"), by="ana")
    time.set(ten)
    desk.execute(StartMaintenance("MNT-1"))
    time.move(minutes=65)
    desk.run_due()
    time.move(minutes=15)
    desk.execute(CompleteMaintenance("MNT-1"))
    time.move(minutes=10)
    desk.declare("Checkout down")
    impair(desk, "INC-1", "service", "checkout", ten - 10 * MINUTE, ten + 70 * MINUTE)
    desk.declare("Checkout, too")
    impair(desk, "INC-2", "service", "checkout", ten + 50 * MINUTE, ten + 75 * MINUTE)
    desk.declare("Database down")
    impair(desk, "INC-3", "component", "db", ten + 30 * MINUTE, ten + 45 * MINUTE)
    desk.declare("Nothing was impaired")
    return ten


def test_planned_downtime_is_apart_from_what_was_not_planned(open_desk: Open, url: str) -> None:
    desk = open_desk(url, time=ManualTime())
    upgraded(desk)
    found = desk.metrics(until=desk.ports.time.now() + HOUR)
    planned, unplanned = found["planned_downtime"], found["unplanned_downtime"]
    # The hour of its window, and no minute of the overrun.
    assert planned.values == {"any place": HOUR, "service/checkout": HOUR}
    ids = {x.ref: x.id for x in (*desk.find().items, desk.get("MNT-1"))}
    assert planned.ids == (ids["INC-1"], ids["INC-2"], ids["MNT-1"])
    # 10 minutes before, 15 of the overrun; the database was not worked on.
    assert unplanned.values == {
        "any place": 40 * MINUTE,
        "service/checkout": 25 * MINUTE,
        "component/db": 15 * MINUTE,
    }
    assert unplanned.ids == (ids["INC-1"], ids["INC-2"], ids["INC-3"])
    assert (planned.n, unplanned.n) == (3, 3)
    assert "the end then in force" in planned.definition


def test_what_is_not_over_counts_until_now(open_desk: Open, url: str) -> None:
    desk = open_desk(url, time=ManualTime())
    time = desk.ports.time
    desk.declare("Down")
    work = PlanMaintenance("Work", start=time.now(), end=time.now() + HOUR, services=("a",))
    desk.execute(work, by="bob")
    desk.execute(ApproveMaintenance("MNT-1"), by="ana")
    desk.execute(StartMaintenance("MNT-1"))
    impair(desk, "INC-1", "service", "a", time.now(), None)
    impair(desk, "INC-1", "location", "Graz", time.now(), None)
    time.move(minutes=30)
    found = desk.metrics()
    assert found["planned_downtime"].value("service/a") == 30 * MINUTE
    assert found["unplanned_downtime"].values == {
        "any place": 30 * MINUTE,
        "location/Graz": 30 * MINUTE,
    }
    desk.mitigate("INC-1", by="ana")
    time.move(hours=5)
    assert desk.metrics()["planned_downtime"].value("any place") == 30 * MINUTE


def test_without_work_nothing_was_planned(open_desk: Open, url: str) -> None:
    desk = open_desk(url, time=ManualTime())
    time = desk.ports.time
    desk.declare("Down")
    desk.declare("A drill")
    for ref in ("INC-1", "INC-2"):
        impair(desk, ref, "service", "a", time.now() - HOUR, time.now())
    desk.resolve("INC-2", code="fixed", remedy="r", outcome="exercise", by="ana")
    time.move(minutes=1)
    found = desk.metrics()
    assert found["planned_downtime"].values == {"any place": timedelta()}
    assert (found["planned_downtime"].n, found["planned_downtime"].ids) == (1, ())
    assert found["unplanned_downtime"].value("service/a") == HOUR


def test_work_is_read_page_by_page(
    open_desk: Open, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(measuring, "PAGE", 1)
    desk = open_desk(url, time=ManualTime())
    time = desk.ports.time
    start = time.now()
    for place in "ab":
        work = PlanMaintenance("Work", start=start, end=start + HOUR, services=(place,))
        ref = desk.execute(work, by="bob").ref
        desk.execute(ApproveMaintenance(ref), by="ana")
        desk.execute(StartMaintenance(ref))
        desk.declare("Down")
    impair(desk, "INC-1", "service", "a", start, None)
    impair(desk, "INC-2", "service", "b", start, None)
    time.move(minutes=30)
    assert desk.metrics()["planned_downtime"].values == {
        "any place": 30 * MINUTE,
        "service/a": 30 * MINUTE,
        "service/b": 30 * MINUTE,
    }


class OnlyIncidents(Web):
    """Does not let eve see planned work."""

    def scope(self, actor: str, kind: str) -> Condition | None:
        return None if (actor, kind) == ("eve", "maintenance") else Condition.parse("true")


def test_work_that_one_may_not_see_was_not_planned(open_desk: Open, url: str) -> None:
    """What a figure says of hidden work would be a word about it."""
    desk = open_desk(url, time=ManualTime(), authoriser=OnlyIncidents())
    upgraded(desk)
    desk.ports.time.move(minutes=1)
    found = desk.as_("eve").metrics()
    assert found["planned_downtime"].values == {"any place": timedelta()}
    assert found["unplanned_downtime"].value("service/checkout") == 85 * MINUTE


def test_a_scope_over_columns_of_incidents_shows_no_planned_work(open_desk: Open, url: str) -> None:
    desk = open_desk(url, time=ManualTime(), authoriser=Web())
    time = desk.ports.time
    desk.declare("Down", service="web")
    impair(desk, "INC-1", "service", "web", time.now() - HOUR, time.now())
    time.move(minutes=1)
    found = desk.as_("ana").metrics()
    assert found["planned_downtime"].values == {"any place": timedelta()}
    assert found["unplanned_downtime"].value("any place") == HOUR


def test_corrected_and_imported_instants_count(open_desk: Open, url: str) -> None:
    from incidentkit import Correct, Moment

    desk = open_desk(url, time=ManualTime())
    desk.declare("One")
    desk.ports.time.move(hours=2)
    desk.acknowledge("INC-1", by="ana")
    declared = desk.get("INC-1").moment("declared")

    def corrected(to: datetime) -> Any:
        desk.execute(Correct("INC-1", moment=Moment.ACKNOWLEDGED, to=to, reason="by the phone log"))
        return desk.metrics()["time_to_acknowledge"].value("median")

    assert corrected(declared + 5 * MINUTE) == 5 * MINUTE
    assert corrected(declared) == timedelta()


# --- random lives against a reference -------------------------------------------------------------

STEPS = st.sampled_from(
    (
        *("acknowledge", "start", "hold", "resume", "mitigate"),
        *("resolve", "reopen", "ana", "bob", "wait"),
    )
)
LIFE = st.lists(st.tuples(STEPS, st.integers(0, 3000)), max_size=12)
LIVES = st.lists(LIFE, min_size=1, max_size=4)


def live(desk: Any, life: list[tuple[str, int]]) -> None:
    """One incident from its declaration on; what makes no sense is not done."""
    ref = desk.declare("Down", impact="low", urgency="low").ref
    for step, minutes in life:
        desk.ports.time.move(minutes=minutes)
        calls: dict[str, Callable[[], Any]] = {
            "acknowledge": lambda: desk.acknowledge(ref, by="ana"),
            "start": lambda: desk.start(ref, by="ana"),
            "hold": lambda: desk.hold(ref, reason="vendor", court="acme", by="ana"),
            "resume": lambda: desk.resume(ref, by="ana"),
            "mitigate": lambda: desk.mitigate(ref, by="ana"),
            "resolve": lambda: desk.resolve(ref, code="fixed", remedy="r", by="ana"),
            "reopen": lambda: desk.reopen(ref, reason="again", by="ana"),
            "ana": lambda: desk.assign(ref, "ana"),
            "bob": lambda: desk.assign(ref, "bob"),
            "wait": lambda: None,
        }
        try:
            calls[step]()
        except IncidentKitError:
            continue


class Reference:
    """The same figures from nothing but the names and times of journal entries."""

    def __init__(self, desk: Any) -> None:
        journals = [desk.journal(incident) for incident in desk.find(limit=1000).items]
        self.lives = [[(x.kind, x.at, x.recorded.event) for x in journal] for journal in journals]

    def first(self, kind: str) -> list[timedelta]:
        found = []
        for life in self.lives:
            times = [at for name, at, _ in life if name == kind]
            if times:
                found.append(times[0] - life[0][1])
        return found

    def ended(self, life: Any) -> datetime | None:
        """When it last came to an end, if it stands there."""
        end = None
        for name, at, _ in life:
            if name == "resolved":
                end = at
            elif name == "reopened":
                end = None
        return end

    def resolve(self) -> list[timedelta]:
        return [end - life[0][1] for life in self.lives if (end := self.ended(life))]

    def working(self) -> list[timedelta]:
        found = []
        for life in self.lives:
            end = self.ended(life)
            if end is None:
                continue
            left, on_hold = timedelta(), False
            for (name, at, _), following in zip(life, [*life[1:], life[-1]], strict=True):
                if name in ("held", "resumed", "mitigated", "resolved", "reopened", "started"):
                    on_hold = name == "held"
                until = min(following[1], end)
                if not on_hold and until > at:
                    left += until - at
            found.append(left)
        return found

    def reopened_for(self) -> list[timedelta]:
        found = []
        for life in self.lives:
            spent, since = timedelta(), None
            for name, at, _ in life:
                if name == "reopened":
                    since = at
                elif name == "resolved" and since is not None:
                    spent, since = spent + (at - since), None
            if self.ended(life) and any(name == "reopened" for name, _, _ in life):
                found.append(spent)
        return found

    def share(self, of: Callable[[Any], bool], among: Callable[[Any], bool]) -> dict[str, int]:
        all_ = [life for life in self.lives if among(life)]
        return {"share": sum(map(of, all_)) * 1000 // len(all_)} if all_ else {}


def figures(values: list[timedelta]) -> dict[str, timedelta]:
    if not values:
        return {}
    ordered = sorted(values)

    def least(percent: int) -> timedelta:
        enough = (
            x for x in ordered if sum(y <= x for y in ordered) * 100 >= percent * len(ordered)
        )
        return next(enough)

    micros = sum(x // timedelta(microseconds=1) for x in values)
    mean = timedelta(microseconds=micros // len(values))
    return {"median": least(50), "p90": least(90), "mean": mean}


def has(*kinds: str) -> Callable[[Any], bool]:
    return lambda life: any(name in kinds for name, _, _ in life)


def soon(life: Any) -> bool:
    ends = [at for name, at, _ in life if name == "resolved"]
    back = [at for name, at, _ in life if name == "reopened"]
    return bool(back) and back[0] - ends[0] <= timedelta(days=7)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(LIVES)
def test_metrics_agree_with_the_reference(lives: list[list[tuple[str, int]]]) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    with Desk.open(time=ManualTime(start), channels={"sms": lambda _message: None}) as desk:
        for life in lives:
            live(desk, life)
        desk.ports.time.move(minutes=1)  # type: ignore[union-attr]
        found = desk.metrics(since=start)
        slow = Reference(desk)
    assert found["time_to_acknowledge"].values == figures(slow.first("acknowledged"))
    assert found["time_to_resolve"].values == figures(slow.resolve())
    assert found["time_to_resolve_without_holds"].values == figures(slow.working())
    assert found["time_reopened"].values == figures(slow.reopened_for())
    assert found["reopened"].values == slow.share(has("reopened"), has("resolved"))
    assert found["reopened_within_7_days"].values == slow.share(soon, has("resolved"))
    handed = sum(
        1
        for life in slow.lives
        for name, _, event in life
        if name == "assigned" and event.was and event.assignee
    )
    assert found["reassignments"].value("to people") == handed
    untouched = slow.share(
        lambda x: (
            not has("held", "reopened")(x)
            and not any(n == "assigned" and e.was and e.assignee for n, _, e in x)
        ),
        lambda x: slow.ended(x) is not None,
    )
    assert found["resolved_at_first_contact"].values == untouched


# --- numbers --------------------------------------------------------------------------------------


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=50), st.integers(1, 100))
def test_a_percentile_is_the_least_value_that_so_many_do_not_exceed(
    numbers: list[int], percent: int
) -> None:
    ordered = sorted(timedelta(seconds=number) for number in numbers)
    found = percentile(ordered, percent)
    assert found in ordered
    assert sum(x <= found for x in ordered) * 100 >= percent * len(ordered)
    assert sum(x < found for x in ordered) * 100 < percent * len(ordered)
    assert percentile(ordered, 50).total_seconds() == statistics.median_low(numbers)


def test_small_numbers() -> None:
    assert spread([]) == {}
    assert (per_mille(1, 3), per_mille(0, 0), per_mille(3, 3)) == (333, 0, 1000)
    assert list(counted(["b", "a", "c", "c"]).items()) == [("c", 2), ("a", 1), ("b", 1)]


HOURS = [
    (datetime(2026, 3, 2, 7, 59, tzinfo=UTC), "sleep"),
    (datetime(2026, 3, 2, 8, 0, tzinfo=UTC), "business"),
    (datetime(2026, 3, 6, 17, 59, tzinfo=UTC), "business"),
    (datetime(2026, 3, 6, 18, 0, tzinfo=UTC), "off"),
    (datetime(2026, 3, 6, 21, 59, tzinfo=UTC), "off"),
    (datetime(2026, 3, 6, 22, 0, tzinfo=UTC), "sleep"),
    (datetime(2026, 3, 7, 12, 0, tzinfo=UTC), "off"),
]


@pytest.mark.parametrize(("at", "what"), HOURS)
def test_what_a_page_interrupts(at: datetime, what: str) -> None:
    from zoneinfo import ZoneInfo

    assert hours(at, ZoneInfo("UTC")) == what


def test_many_values_are_cut_in_a_line() -> None:
    from incidentkit import FrozenMap

    values: FrozenMap[str, Any] = FrozenMap({f"p{number}": number for number in range(10)})
    line = shown(Metric("pages", 1, "", Unit.COUNT, values, 10, ()))
    assert line.endswith("p7 7, and 2 others")
