"""Which assertion of a fact wins, what types accept, and what conditions see of it."""

from __future__ import annotations

import itertools
from datetime import timedelta
from decimal import Decimal
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentkit.errors import InvalidValue, LimitExceeded
from incidentkit.lang.conditions import Condition, FactType
from incidentkit.model.fact_changes import AssertFact
from incidentkit.model.facts import Confidence, Fact
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.labels import Label, Tlp
from incidentkit.rules.assert_facts import checked, winner, winners
from incidentkit.rules.communicate import facts as known
from incidentkit.rules.dossier_terms import DossierTerms
from incidentkit.rules.terms import LifecycleTerms
from tests.rules.builders import at, declared, do

TYPES = {x.value: x.value for x in FactType}
TERMS = LifecycleTerms(dossier=DossierTerms(facts=FrozenMap(TYPES)))
CLOSED = LifecycleTerms(dossier=DossierTerms(facts=FrozenMap({"lost": "int"}), closed=True))

assertions = st.builds(
    Fact,
    st.sampled_from(["a", "b"]),
    st.just("int"),
    st.integers(0, 99),
    st.integers(0, 3).map(at),
    st.none(),
    st.just(""),
    st.sampled_from(Confidence),
)


@given(st.lists(assertions, max_size=6))
def test_the_winner_is_known_latest_then_surest_then_entered_last(given_: list[Fact]) -> None:
    found = winners(given_)
    for key, fact in found.items():
        of_key = [(x.known_at, x.confidence.rank, n) for n, x in enumerate(given_) if x.key == key]
        assert fact is given_[max(of_key)[2]]
    assert set(found) == {x.key for x in given_}


@given(st.lists(assertions, max_size=5, unique_by=lambda x: (x.key, x.known_at, x.confidence)))
def test_the_order_of_entry_matters_only_between_equals(given_: list[Fact]) -> None:
    found = winners(given_)
    assert all(winners(each) == found for each in itertools.permutations(given_))


@given(st.lists(assertions, max_size=8))
def test_one_by_one_is_the_same_as_all_at_once(given_: list[Fact]) -> None:
    kept: dict[str, Fact] = {}
    for fact in given_:
        kept[fact.key] = winner(kept[fact.key], fact) if fact.key in kept else fact
    assert kept == winners(given_)


def test_the_record_keeps_the_winner() -> None:
    incident = do(declared(), AssertFact("INC-1", "lost", 5, known_at=at(3)), 9, terms=TERMS)
    late = AssertFact("INC-1", "lost", 7, known_at=at(2), confidence="high", source="an old log")
    incident = do(incident, late, 10, terms=TERMS)
    assert incident.dossier.findings.facts["lost"].value == "5"
    surer = AssertFact("INC-1", "lost", 6, known_at=at(3), confidence="high", label="amber")
    incident = do(incident, surer, 11, terms=TERMS)
    fact = incident.dossier.findings.facts["lost"]
    assert (fact.value, fact.label) == ("6", Label(Tlp.AMBER))
    assert do(incident, surer, 12, terms=TERMS) is incident
    unknown = do(incident, AssertFact("INC-1", "lost"), 13, terms=TERMS)
    assert unknown.dossier.findings.facts["lost"].value is None
    assert known(unknown)["fact"] == {}


@pytest.mark.parametrize(
    ("type_", "value", "kept", "seen"),
    [
        ("text", "x", "x", "x"),
        ("text", 5, "5", "5"),
        ("text", True, "true", "true"),
        ("int", 5, 5, 5),
        ("int", "-5", -5, -5),
        ("decimal", Decimal("0.50"), "0.50", Decimal("0.50")),
        ("decimal", 3, "3", Decimal(3)),
        ("bool", True, True, True),
        ("bool", "false", False, False),
        ("instant", at(0), "2026-03-02T09:00:00+00:00", at(0)),
        ("instant", "2026-03-02T10:00:00+01:00", "2026-03-02T09:00:00+00:00", at(0)),
        ("duration", timedelta(minutes=90), "1h30m", timedelta(minutes=90)),
        ("duration", "90m", "1h30m", timedelta(minutes=90)),
        ("duration", timedelta(), "0s", timedelta()),
        ("list", ["a", "b"], ("a", "b"), ("a", "b")),
        ("list", "a", ("a",), ("a",)),
    ],
)
def test_values_by_type(type_: str, value: Any, kept: Any, seen: Any) -> None:
    incident = do(declared(), AssertFact("INC-1", type_, value), 1, terms=TERMS)
    fact = incident.dossier.findings.facts[type_]
    assert (fact.type, fact.value) == (type_, kept)
    values: Any = known(incident)["fact"]
    assert values[type_] == seen
    assert type(values[type_]) is type(seen)


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        ("int", True),
        ("int", "five"),
        ("int", "1" * 30),
        ("int", ("a",)),
        ("decimal", "NaN"),
        ("decimal", "much"),
        ("decimal", True),
        ("decimal", "1" * 65),
        ("bool", "yes"),
        ("bool", 1),
        ("instant", "yesterday"),
        ("instant", 5),
        ("duration", "1mo"),
        ("duration", 5),
        ("list", 5),
    ],
)
def test_values_of_another_type_are_refused(type_: str, value: Any) -> None:
    with pytest.raises(InvalidValue, match=f"{type_}: .* is not "):
        do(declared(), AssertFact("INC-1", type_, value), 1, terms=TERMS)


def test_a_list_has_a_text() -> None:
    assert checked("x", ("a", "b"), FactType.TEXT) == "a, b"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0.5, "give a Decimal"),
        (object(), "must be plain data"),
        (2**63, "64 bits"),
        (timedelta(seconds=-1), "no length of time"),
        (timedelta(microseconds=1), "no length of time"),
        ("x" * 4_097, "at most 4096"),
        (["x" * 3_000, "y" * 3_000], "at most 4096"),
        (["x"] * 1_001, "at most 1000"),
        (["x", 5], "must be text"),
        ("\0", "NUL"),
    ],
)
def test_what_is_no_value(value: Any, said: str) -> None:
    with pytest.raises(InvalidValue, match=said):
        AssertFact("INC-1", "x", value)


def test_a_closed_world_knows_its_keys() -> None:
    incident = do(declared(), AssertFact("INC-1", "lost", 5), 1, terms=CLOSED)
    assert incident.dossier.findings.facts["lost"].type == "int"
    with pytest.raises(InvalidValue, match="did you mean 'lost'"):
        do(declared(), AssertFact("INC-1", "lots", 5), 1, terms=CLOSED)


def test_nothing_is_known_before_it_is() -> None:
    with pytest.raises(InvalidValue, match=r"known_at: .* future"):
        do(declared(), AssertFact("INC-1", "lost", 5, known_at=at(2)), 1)
    forecast = AssertFact("INC-1", "flood", "comes", occurred_at=at(500))
    assert do(declared(), forecast, 1).dossier.findings.facts["flood"].occurred_at == at(500)


def test_facts_are_limited_by_key() -> None:
    incident = declared()
    facts = FrozenMap({f"k{x}": Fact(f"k{x}", "text", "v", at(0)) for x in range(1_000)})
    findings = attrs.evolve(incident.dossier.findings, facts=facts)
    full = attrs.evolve(incident, more=attrs.evolve(incident.dossier, findings=findings))
    with pytest.raises(LimitExceeded, match="facts: are 1001"):
        do(full, AssertFact("INC-1", "one_more", "v"), 1)
    assert do(full, AssertFact("INC-1", "k7", "w"), 1).dossier.findings.facts["k7"].value == "w"


def test_conditions_compare_facts_by_their_type() -> None:
    incident = do(declared(), AssertFact("INC-1", "int", 1200), 1, terms=TERMS)
    incident = do(incident, AssertFact("INC-1", "duration", "2h"), 1, terms=TERMS)
    facts = {"incident": known(incident)}
    assert Condition.parse("incident.fact.int > 1000 and incident.fact.duration >= 90m").holds(
        facts
    )
    assert not Condition.parse("incident.fact.int > 2000").holds(facts)
    assert not Condition.parse('incident.fact.other == "x"').holds(facts)
    assert "fact" not in known(declared())


def test_words_are_refused_when_they_are_none() -> None:
    with pytest.raises(InvalidValue, match="none of low, medium, high"):
        AssertFact("x", "k", 1, confidence="sure")
    with pytest.raises(InvalidValue, match="none of clear, green, amber"):
        AssertFact("x", "k", 1, label="pink")
