"""Overrides of the priority: what each effect does, in which order, and how it is explained."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentkit.errors import InvalidValue
from incidentkit.lang.conditions import ALWAYS, Condition
from incidentkit.model.words import Priority
from incidentkit.policy.load import default_policy
from incidentkit.rules.kept import given_all, keep_all
from incidentkit.rules.override import Effect, Override, moved, override
from incidentkit.rules.prioritise import overridden, prioritise
from incidentkit.rules.rerun import rerun

P = tuple(Priority)
# effect value: what becomes of P1 P2 P3 P4 P5
EFFECTS = """
set      P2  P2 P2 P2 P2 P2
at_least P2  P1 P2 P2 P2 P2
at_least P5  P1 P2 P3 P4 P5
at_most  P3  P3 P3 P3 P4 P5
at_most  P1  P1 P2 P3 P4 P5
raise_by 1   P1 P1 P2 P3 P4
raise_by 4   P1 P1 P1 P1 P1
"""
ROWS = [row.split() for row in EFFECTS.strip().splitlines()]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: " ".join(row[:2]))
def test_each_effect(row: list[str]) -> None:
    effect, value, *after = row
    assert {x[0] for x in ROWS} == set(Effect)
    assert [moved(priority, Effect(effect), value).value for priority in P] == after


@pytest.mark.parametrize(
    ("effect", "value"),
    [
        (Effect.SET, "P6"),
        (Effect.AT_LEAST, ""),
        (Effect.RAISE_BY, "0"),
        (Effect.RAISE_BY, "5"),
        (Effect.RAISE_BY, "P1"),
        (Effect.AT_MOST, "1"),
    ],
)
def test_an_effect_that_makes_no_sense_is_refused(effect: Effect, value: str) -> None:
    with pytest.raises(InvalidValue, match=effect.value):
        Override("x", ALWAYS, effect, value)


def rule(name: str, when: str, effect: str, value: str) -> Override:
    return Override(name, Condition.parse(when), Effect(effect), value)


def test_an_effect_may_be_named_by_its_word() -> None:
    assert Override("x", ALWAYS, "at_least", "P2").effect is Effect.AT_LEAST
    with pytest.raises(InvalidValue, match="'raise' is none of set, at_least"):
        Override("x", ALWAYS, "raise", "1")


VIP = rule("vip", "reporter.vip == true", "raise_by", "1")
CORE = rule("core", 'service.criticality == "critical"', "at_least", "P2")
TEST = rule("test", 'incident.labels.env == "test"', "at_most", "P4")


def test_each_applies_to_what_those_before_it_left() -> None:
    facts = {"reporter": {"vip": True}, "service": {"criticality": "critical"}}
    seen = override(Priority.P4, (VIP, CORE), facts)
    assert seen.priority is Priority.P2
    assert [(x.name, x.was.value, x.priority.value) for x in seen.steps] == [
        ("vip", "P4", "P3"),
        ("core", "P3", "P2"),
    ]
    other = override(Priority.P4, (CORE, VIP), facts)
    assert [x.name for x in other.steps] == ["core", "vip"]
    assert other.priority is Priority.P1


def test_what_changes_nothing_is_no_step_and_what_is_unknown_never_fires() -> None:
    seen = override(Priority.P1, (VIP, CORE, TEST), {"reporter": {"vip": True}})
    assert (seen.priority, seen.steps) == (Priority.P1, ())
    assert seen.unknowns == ("service.criticality", "incident.labels.env")


def test_the_reason_tells_the_matrix_and_every_override_and_reruns() -> None:
    facts: dict[str, Any] = {
        "reporter": {"vip": True},
        "service": {"criticality": "low"},
        "incident": {"labels": {}},
    }
    drawn = prioritise("low", "medium", default_policy().matrix, "abc", (VIP, CORE, TEST), facts)
    assert (drawn.priority, drawn.provisional) == (Priority.P3, False)
    reason = drawn.reason
    assert (reason.rule, reason.version, reason.policy) == ("prioritise.matrix", 2, "abc")
    assert reason.unknowns == ("incident.labels.env",)
    assert reason.inputs["facts"] == {"reporter.vip": True, "service.criticality": "low"}
    assert rerun(reason) == reason.outcome == "P3"
    assert [step.name for step in overridden(reason.inputs).steps] == ["vip"]
    assert rerun(reason, impact="high") == "P1"


def test_a_level_unknown_is_provisional_but_an_unknown_fact_is_not() -> None:
    matrix = default_policy().matrix
    drawn = prioritise("unknown", "high", matrix, "", (CORE,))
    assert (drawn.provisional, drawn.reason.unknowns) == (True, ("impact", "service.criticality"))
    assert not prioritise("low", "high", matrix, "", (CORE,)).provisional


# --- laws -----------------------------------------------------------------------------------------

effects = st.one_of(
    st.builds(
        lambda effect, value: Override("x", ALWAYS, effect, value),
        st.sampled_from([Effect.SET, Effect.AT_LEAST, Effect.AT_MOST]),
        st.sampled_from([x.value for x in P]),
    ),
    st.builds(lambda steps: Override("x", ALWAYS, Effect.RAISE_BY, str(steps)), st.integers(1, 4)),
)


@given(st.sampled_from(P), st.lists(effects, max_size=6))
def test_the_steps_lead_from_the_drawn_priority_to_the_last(
    drawn: Priority, rules: list[Override]
) -> None:
    seen = override(drawn, tuple(rules), {})
    way = [drawn, *(x.priority for x in seen.steps)]
    assert [x.was for x in seen.steps] == way[:-1]
    assert way[-1] is seen.priority
    assert all(a is not b for a, b in itertools.pairwise(way))


@given(st.lists(effects, max_size=6), st.sampled_from(P), st.sampled_from(P))
def test_overrides_never_turn_two_cases_round(
    rules: list[Override], one: Priority, other: Priority
) -> None:
    """What was drawn higher is not lower in the end: every effect is monotone."""
    high, low = min(one, other), max(one, other)
    assert override(high, tuple(rules), {}).priority <= override(low, tuple(rules), {}).priority


# --- facts as a reason keeps them -----------------------------------------------------------------

values = st.one_of(
    st.text(max_size=5),
    st.booleans(),
    st.integers(-9, 9),
    st.decimals(allow_nan=False, allow_infinity=False, places=2),
    st.timedeltas(timedelta(0), timedelta(days=99)),
    st.datetimes(timezones=st.just(UTC)),
)


@given(st.dictionaries(st.text("abc.", min_size=1, max_size=5), values, max_size=4))
def test_what_was_read_can_be_read_again(facts: dict[str, Any]) -> None:
    again = given_all(keep_all(facts))
    assert again == facts
    assert [type(x) for x in again.values()] == [type(x) for x in facts.values()]


def test_lists_and_the_rest_are_kept_too() -> None:
    kept = keep_all({"tags": ["b", "a"], "other": 1.5})
    assert kept == {"tags": ("a", "b"), "other": "1.5"}
    assert given_all("") == {}


@pytest.mark.parametrize(
    ("value", "when"),
    [
        (datetime(2026, 3, 1, tzinfo=UTC), 'incident.fact.x < "2026-03-02T00:00:00Z"'),
        (timedelta(minutes=5), "incident.fact.x < 10m"),
        (Decimal("0.5"), "incident.fact.x < 0.75"),
        (7, "incident.fact.x > 5"),
        (["db", "net"], 'incident.fact.x contains "net"'),
    ],
)
def test_a_rule_over_any_type_reruns_to_its_outcome(value: object, when: str) -> None:
    rules = (rule("r", when, "set", "P1"),)
    facts = {"incident": {"fact": {"x": value}}}
    drawn = prioritise("low", "low", default_policy().matrix, "", rules, facts)
    assert drawn.priority is Priority.P1
    assert rerun(drawn.reason) == "P1"
