"""What recurs, and where most of it comes from: laws, edges, and a brute-force reference."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentkit.errors import InvalidValue
from incidentkit.lang.conditions import Condition
from incidentkit.model import incident_events as e
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.incident import Card, Course, Incident, Link, Ties
from incidentkit.model.words import CancelReason, LinkKind, Moment, Outcome, State
from incidentkit.rules import grouping
from incidentkit.rules.pareto import Pareto, ParetoRow, Tally
from incidentkit.rules.problem_terms import RecurrenceRule
from incidentkit.rules.recur import Groups, Recurring, group, starts, within
from incidentkit.rules.rerun import rerun
from incidentkit.timing.terms import Term
from tests.rules.builders import START, after, at, bare, declared, minutes, standing

WINDOW = Term.parse("1h")
RULE = RecurrenceRule("alike", ("service", "category"), WINDOW, 3)


def made(
    number: int,
    when: float = 0,
    down: float | None = 10,
    service: str | None = "login",
    category: str = "auth",
    **labels: str,
) -> Incident:
    """An incident declared so many minutes after the start, and down for so many minutes."""
    moments = {Moment.DECLARED: at(when)}
    if down is not None:
        moments[Moment.MITIGATED] = at(when + down)
    card = Card("x", service=service, category=category, labels=FrozenMap(labels))
    return attrs.evolve(
        declared(), ref=f"INC-{number}", card=card, course=Course(FrozenMap(moments))
    )


def found(incidents: list[Incident], rule: RecurrenceRule = RULE, when: float = 30) -> Recurring:
    groups = Groups((rule,), at(when))
    for each in incidents:
        groups.add(each)
    return groups.found("h")


# --- grouping -------------------------------------------------------------------------------------


def test_every_key_has_a_value() -> None:
    rich = made(1, symptom="slow", location="Graz", asset="pc-7", cause="pool")
    rich = after(rich, e.Assigned("ana", None), e.TeamChanged("net", None))
    rich = attrs.evolve(rich, card=attrs.evolve(rich.card, source="am", reporter="carl"))
    rich = after(rich, e.Resolved("fixed", "x", at(1), "", Outcome.ACTUAL))
    assert {key: grouping.value(rich, key) for key in (*grouping.KEYS, "labels.asset")} == {
        "service": "login",
        "category": "auth",
        "team": "net",
        "priority": "P3",
        "code": "fixed",
        "source": "am",
        "reporter": "carl",
        "assignee": "ana",
        "cause": "pool",
        "symptom": "slow",
        "location": "Graz",
        "asset": "pc-7",
        "labels.asset": "pc-7",
    }
    assert grouping.value(after(rich, e.Linked(LinkKind.CAUSED_BY, "problem/9", "PRB-9")), "cause")
    poor = bare(State.NEW)
    assert {grouping.value(poor, key) for key in grouping.KEYS} == {"", "P3"}
    assert grouping.value(poor, "labels.x") == ""


@pytest.mark.parametrize("key", ["sevice", "labels.", "", "labels"])
def test_unknown_keys_are_refused(key: str) -> None:
    with pytest.raises(InvalidValue, match="is no key to group by"):
        grouping.check_key("by", key)
    assert grouping.check_key("by", "labels.team") == "labels.team"


def test_what_is_real_and_how_long_it_was_down() -> None:
    assert not grouping.real(declared(candidate=True))
    assert not grouping.real(standing(State.CANCELLED))
    one = made(1)
    for outcome, real, down in (
        (Outcome.ACTUAL, True, True),
        (Outcome.NEAR_MISS, True, False),
        (Outcome.NO_FAULT_FOUND, True, False),
        (Outcome.FALSE_ALARM, False, False),
        (Outcome.EXERCISE, False, True),
    ):
        other = attrs.evolve(one, course=attrs.evolve(one.course, outcome=outcome))
        assert grouping.real(other) is real
        assert (grouping.down(other, at(60)) is not None) is down
    running = grouping.down(made(1, down=None), at(45))
    assert running is not None
    assert running.end == at(45)
    assert grouping.down(made(1, when=60, down=None), at(45)) is None
    reported = attrs.evolve(one, course=Course(FrozenMap({Moment.REPORTED: at(3)})))
    assert grouping.declared(reported) == at(3)
    assert grouping.declared(bare(State.NEW)) == grouping.began(bare(State.NEW)) == START


# --- recurrence -----------------------------------------------------------------------------------


def test_three_alike_within_the_window() -> None:
    result = found([made(2, 5), made(1), made(3, 6), made(4, 1, service="web"), made(5, 2)][:4])
    (one,) = result
    assert (one.incidents, one.count, one.score) == (("INC-1", "INC-2", "INC-3"), 3, 1_000)
    assert dict(one.keys) == {"service": "login", "category": "auth"}
    assert (one.problems, one.unlinked) == ((), 3)
    assert (result.examined, result.unkeyed) == (4, 0)
    assert str(one) == "service login, category auth: 3 incidents, down 16m (alike)"
    assert one.reason.policy == "h"


def test_overlaps_are_down_once() -> None:
    (one,) = found([made(1, 0, 30), made(2, 10, 5), made(3, 50, 10)], when=59)
    assert one.downtime == timedelta(minutes=39)
    (none,) = found([made(n, down=0) for n in range(3)])
    assert none.downtime == timedelta()
    assert "down 0s" in str(none)


def test_the_window_has_edges() -> None:
    rule = attrs.evolve(RULE, minimum=1)
    assert len(found([made(1, 0)], rule, 59.99).found) == 1
    assert len(found([made(1, 0)], rule, 60).found) == 0
    assert len(found([made(1, 10)], rule, 9).found) == 0
    months = attrs.evolve(rule, window=Term.parse("6mo"))
    assert starts(months, START) <= START - timedelta(days=181)
    assert within(months, made(1), at(60 * 24 * 183))
    assert not within(months, made(1), at(60 * 24 * 184))


def test_what_lacks_a_key_is_counted_apart() -> None:
    result = found([made(1), made(2, category=""), made(3, service=None), made(4)])
    assert (len(result.found), result.unkeyed, result.examined) == (0, 2, 4)
    assert group(RULE, made(2, category="")) is None


def test_downtime_alone_may_be_enough() -> None:
    rule = attrs.evolve(RULE, minimum=0, downtime=minutes(30))
    assert not found([made(1, 0, 29)], rule).found
    (one,) = found([made(1, 0, 20), made(2, 20, 25)], rule, 50)
    assert one.score == 1_500


def test_a_condition_and_links() -> None:
    rule = attrs.evolve(RULE, minimum=2, when=Condition.parse('incident.labels.env == "live"'))
    link = Ties((Link(LinkKind.CAUSED_BY, "problem/9", "PRB-9"),))
    linked = attrs.evolve(made(1, env="live"), ties=link)
    (one,) = found([linked, made(2, env="live"), made(3, env="test"), made(4)], rule)
    assert (one.incidents, one.problems, one.unlinked) == (("INC-1", "INC-2"), ("PRB-9",), 1)


def test_what_was_none_does_not_recur() -> None:
    gone = after(made(3), e.Cancelled(CancelReason.WITHDRAWN, "", ""))
    assert not found([made(1), made(2), gone]).found


def test_the_highest_score_comes_first() -> None:
    many = [made(n, service="web") for n in range(6)] + [made(n) for n in range(6, 9)]
    assert [x.score for x in found(many)] == [2_000, 1_000]


def test_reasons_rerun() -> None:
    (one,) = found([made(1), made(2), made(3)])
    assert rerun(one.reason) == one.score
    assert rerun(one.reason, count=2) == 0
    assert rerun(one.reason, minimum=0) == 0
    assert rerun(one.reason, minimum=0, downtime=90, least_downtime=60) == 1_500
    assert rerun(one.reason, count="") == 0


incidents = st.lists(
    st.builds(
        made,
        st.integers(1, 99),
        st.integers(-90, 59),
        st.integers(0, 40),
        st.sampled_from([None, "login", "web"]),
        st.sampled_from(["", "auth", "net"]),
    ),
    max_size=25,
    unique_by=lambda x: x.ref,
)


@given(incidents, st.integers(1, 4))
def test_groups_are_those_of_a_plain_count(known: list[Incident], least: int) -> None:
    rule = attrs.evolve(RULE, minimum=least)
    plain: dict[tuple[str, str], set[str]] = defaultdict(set)
    for each in known:
        when = each.course.moments[Moment.DECLARED]
        if (
            at(59) - timedelta(hours=1) < when <= at(59)
            and each.card.service
            and each.card.category
        ):
            plain[each.card.service, each.card.category].add(each.ref)
    expected = {key: refs for key, refs in plain.items() if len(refs) >= least}
    result = found(known, rule, 59)
    assert {(x.keys["service"], x.keys["category"]): set(x.incidents) for x in result} == expected
    assert found(known[::-1], rule, 59).found == result.found


# --- Pareto ---------------------------------------------------------------------------------------


def counted(known: list[Incident], by: str = "service", since: float | None = None) -> Pareto:
    tally = Tally(by, None if since is None else at(since), at(100), at(100))
    for each in known:
        tally.add(each)
    return tally.counted()


def test_two_orders() -> None:
    web = [made(n, n, 1, "web") for n in range(3)]
    result = counted([made(9, 0, 60), *web, made(7, 0, 3, None)])
    assert (result.count, result.downtime) == (5, timedelta(minutes=66))
    assert [(x.group, x.count, x.share, x.running) for x in result.by_count] == [
        ("web", 3, 600, 600),
        ("", 1, 200, 800),
        ("login", 1, 200, 1_000),
    ]
    assert [(x.group, x.share, x.running) for x in result.by_downtime] == [
        ("login", 909, 909),
        ("", 45, 954),
        ("web", 45, 1_000),
    ]
    assert result.by_count[0].incidents == ("INC-0", "INC-1", "INC-2")


def test_only_what_was_declared_in_the_time() -> None:
    assert counted([made(1, 5), made(2, 4), made(3, 100)], since=5).by_count == (
        ParetoRow("login", 1, timedelta(minutes=10), 1_000, 1_000, ("INC-1",)),
    )
    empty = counted([])
    assert (empty.by_count, empty.by_downtime, empty.count) == ((), (), 0)
    assert counted([made(1, down=0)]).by_downtime[0].share == 0
    with pytest.raises(InvalidValue, match="by: "):
        counted([], "servce")


@given(incidents)
def test_shares_add_up(known: list[Incident]) -> None:
    result = counted(known, "category")
    for rows in (result.by_count, result.by_downtime):
        assert {x.group for x in rows} == {x.card.category for x in known}
        assert [x.running for x in rows] == sorted(x.running for x in rows)
    assert sum(x.count for x in result.by_count) == len(known) == result.count
    assert [x.count for x in result.by_count] == sorted(x.count for x in result.by_count)[::-1]
    if known:
        assert result.by_count[-1].running == 1_000


def test_counting_asks_for_nothing_around_an_incident() -> None:
    assert Tally("service", None, None, at(100)).asks() == ()
