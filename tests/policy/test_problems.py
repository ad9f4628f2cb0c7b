"""The sections `[problems]` and `[[recurrence]]`, and the presets of laws."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from incidentkit.errors import InvalidValue, PolicyError
from incidentkit.policy.load import default_policy, load_policy
from incidentkit.policy.presets import PRESETS, recurrence_preset
from incidentkit.rules.problem_terms import EFFECTS, ProblemTerms
from incidentkit.timing.terms import Term


def test_the_default_is_what_the_class_says() -> None:
    assert default_policy().problems == ProblemTerms()
    (rule,) = default_policy().recurrence
    assert (rule.keys, rule.minimum, rule.propose) == (("service", "category"), 3, False)


def test_what_a_host_sets() -> None:
    policy = load_policy(
        {
            "problems": {
                "effects": {"resolved": ["resolve", "tell"]},
                "calls": ["review_due"],
                "fix_not_holding": "ask",
                "verified": "ask",
                "watch": False,
                "audience": "service desk",
                "review_within": "0s",
                "change_done": ["shipped"],
                "symptoms": 300,
            },
            "recurrence": [
                {
                    "name": "slow",
                    "keys": ["labels.site", "symptom"],
                    "window": "6mo",
                    "downtime": "4h",
                    "when": 'incident.category == "auth"',
                    "propose": True,
                    "source": "house rule 7",
                }
            ],
        }
    )
    terms = policy.problems
    assert terms.effects == {**EFFECTS, "resolved": ("resolve", "tell")}
    assert (terms.fix_not_holding, terms.verified, terms.watch) == ("ask", "ask", False)
    assert (terms.audience, terms.review_within) == ("service desk", timedelta())
    assert (terms.change_done, terms.symptoms, terms.calls) == (("shipped",), 300, ("review_due",))
    (rule,) = policy.recurrence
    assert (rule.window, rule.minimum, rule.downtime) == (Term.parse("6mo"), 0, timedelta(hours=4))
    assert (rule.keys, rule.source) == (("labels.site", "symptom"), "house rule 7")
    assert str(rule.when) == 'incident.category == "auth"'


ALIKE = {"keys": ["service"], "minimum": 2}


@pytest.mark.parametrize(
    ("document", "path", "said"),
    [
        ({"problems": {"effects": {"fixed": []}}}, "problems.effects.fixed", "not known"),
        ({"problems": {"effects": {"fix": ["shout"]}}}, "problems.effects.fix", "'shout'"),
        ({"problems": {"calls": ["never"]}}, "problems.calls", "'never'"),
        ({"problems": {"fix_not_holding": "weep"}}, "problems.fix_not_holding", "'weep'"),
        ({"problems": {"verified": "yes"}}, "problems.verified", "'yes'"),
        ({"problems": {"symptoms": 0}}, "problems.symptoms", "between 1 and 1000"),
        ({"problems": {"review_within": "soon"}}, "problems.review_within", "no term"),
        ({"problems": {"colour": "red"}}, "problems.colour", "not known"),
        ({"recurrence": [{"minimum": 2}]}, "recurrence[0].keys", "must name something"),
        ({"recurrence": [ALIKE | {"keys": ["sevice"]}]}, "recurrence[0].keys", "'sevice'"),
        ({"recurrence": [{"keys": ["service"]}]}, "recurrence[0].minimum", "everything recurs"),
        ({"recurrence": [ALIKE | {"minimum": 1}]}, "recurrence[0].minimum", "at least 2"),
        ({"recurrence": [ALIKE | {"when": "incident.x == 1"}]}, "recurrence[0].when", "no fact"),
        ({"recurrence": [ALIKE | {"window": "x"}]}, "recurrence[0].window", "no term"),
    ],
)
def test_mistakes_are_told_with_their_place(document: dict[str, Any], path: str, said: str) -> None:
    with pytest.raises(PolicyError) as caught:
        load_policy(document)
    assert any(place == path and said in problem for place, problem in caught.value.problems)


@pytest.mark.parametrize("name", PRESETS)
def test_presets_are_sections_with_their_source(name: str) -> None:
    rules = load_policy({"recurrence": recurrence_preset(name)}).recurrence
    assert all(rule.source and rule.keys and rule.minimum >= 2 for rule in rules)
    assert not any(rule.propose for rule in rules)


def test_an_unknown_preset_is_named() -> None:
    with pytest.raises(InvalidValue, match="'dora' is none of eu-finance, eu-nis2"):
        recurrence_preset("dora")
