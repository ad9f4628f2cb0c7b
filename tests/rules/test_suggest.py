"""Likeness and nearness: laws, and the figures of small examples written out."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentkit.model.frozen import FrozenMap
from incidentkit.model.incident import Card, Incident
from incidentkit.model.labels import Label, Tlp
from incidentkit.model.reason import Plain
from incidentkit.rules import suggest
from incidentkit.rules.dossier_parts import with_scope
from incidentkit.rules.evolve_parts import part
from incidentkit.rules.suggest import Traits, likeness, nearness, of_incident, of_problem
from tests.rules.builders import declared, problem

TRAITS = st.dictionaries(
    st.sampled_from([f"word:{x}" for x in "abcdefgh"]), st.integers(1, 4), max_size=8
).map(lambda found: Traits(FrozenMap(found)))


@given(TRAITS, TRAITS)
def test_likeness_is_symmetric_and_bounded(one: Traits, other: Traits) -> None:
    score = likeness(one, other, "x").outcome
    assert score == likeness(other, one, "x").outcome
    assert isinstance(score, int)
    assert 0 <= score <= 1000
    assert (score == 1000) == (one == other and bool(one.weights))
    assert (score == 0) or bool(one.weights.keys() & other.weights.keys())


def traits(card: Card) -> Traits:
    return of_incident(part(declared(), card=card))


def test_what_a_record_is_made_of() -> None:
    card = Card(
        "The logins are slow",
        "Logins: Monday!",
        "vpn",
        FrozenMap({"site": "north"}),
        category="access/login",
    )
    assert traits(card).weights == {
        "word:login": 2,
        "word:slow": 2,
        "word:mondai": 1,
        "label:site=north": 2,
        "service:vpn": 4,
        "category:access/login": 4,
    }


def test_the_words_in_common_are_said_as_people_wrote_them() -> None:
    here = part(declared(), card=Card("Categories of Züge", "The CATEGORY; slowness", "vpn"))
    there = traits(Card("category", "zuge: slow, categorised", "vpn"))
    found = likeness(suggest.at_hand(here), there, "INC-2")
    # In the order of the incident at hand, the first form of each word.
    assert found.inputs["words"] == ("Categories", "Züge", "slowness")
    assert found.outcome == likeness(traits(here.card), there, "INC-2").outcome
    assert suggest.at_hand(here) == traits(here.card)


def test_what_nobody_wrote_down_is_said_by_its_stem() -> None:
    one = Traits(FrozenMap({"word:login": 2, "word:slow": 2}), FrozenMap({"slow": "Slowly"}))
    assert likeness(one, one, "x").inputs["words"] == ("Slowly", "login")
    # Two letters and a mark are no word as it stands, but one when it is folded.
    split = part(declared(), card=Card("q\u0308q fails"))
    assert suggest.at_hand(split).written == {"qq": "qq", "fail": "fails"}


def test_a_problem_with_symptoms() -> None:
    found = of_problem(problem(), "frozen screens").weights
    assert found["word:frozen"] == found["word:screen"] == 1


LIKE = [
    # title, title, service, service: weights 2+2+4 each; shared over all
    ("login slow", "login slow", "vpn", "vpn", 1000),
    ("login slow", "login slow", "vpn", "db", 4 * 1000 // 12),
    ("login slow", "login fast", "vpn", "vpn", 6 * 1000 // 10),
    ("login slow", "disk full", "vpn", "db", 0),
    ("login", "login", None, None, 1000),
    ("the", "the", None, None, 0),
]


@pytest.mark.parametrize(("one", "other", "here", "there", "score"), LIKE)
def test_how_alike(one: str, other: str, here: str | None, there: str | None, score: int) -> None:
    first, second = Card(one, service=here), Card(other, service=there)
    assert likeness(traits(first), traits(second), "INC-2").outcome == score


NEAR = [
    (timedelta(0), True, 1000),
    (timedelta(0), False, 500),
    (timedelta(hours=12), True, 750),
    (timedelta(hours=12), False, 250),
    (timedelta(hours=24), True, 500),
    (timedelta(hours=24), False, 0),
    (timedelta(hours=25), True, 0),
    (timedelta(seconds=-1), True, 0),
]


@pytest.mark.parametrize(("before", "same", "score"), NEAR)
def test_how_near(before: timedelta, same: bool, score: int) -> None:
    assert nearness(before, "c1", same_service=same).outcome == score


@pytest.mark.parametrize(
    ("inputs", "score"),
    [
        ({"shared": "", "whole": 5}, 0),
        ({"shared": FrozenMap({"a": 1}), "whole": 0}, 0),
        ({"shared": FrozenMap({"a": 1}), "whole": ""}, 0),
        ({"shared": FrozenMap({"a": 1, "b": ""}), "whole": 4}, 250),
    ],
)
def test_damaged_inputs_score_nothing(inputs: dict[str, Plain], score: int) -> None:
    assert suggest.judge(inputs) == score


@pytest.mark.parametrize(
    ("own", "other", "may"),
    [
        (None, None, True),
        (None, Label(Tlp.AMBER), True),
        (None, Label(Tlp.AMBER_STRICT), False),
        (None, Label(Tlp.CLEAR, ("patients",)), False),
        (Label(Tlp.RED), Label(Tlp.AMBER_STRICT), True),
        (Label(Tlp.RED), Label(Tlp.GREEN, ("patients",)), False),
        (Label(Tlp.RED, ("legal", "patients")), Label(Tlp.RED, ("patients",)), True),
        (Label(Tlp.GREEN), Label(Tlp.AMBER), False),
        (Label(Tlp.GREEN), None, True),
    ],
    ids=str,
)
def test_what_may_stand_beside_it(own: Label | None, other: Label | None, may: bool) -> None:
    def under(label: Label | None) -> Incident:
        return with_scope(declared(), label=label)

    assert suggest.may_carry(under(own), under(other)) is may
