"""`[impact.*]`: scales that fit the matrix, or every mistake with its path."""

from __future__ import annotations

from typing import Any

import pytest

from incidentkit.errors import PolicyError
from incidentkit.model.causes import CAUSE_CATEGORIES
from incidentkit.model.impact import DIMENSIONS
from incidentkit.policy.load import default_policy, load_policy
from incidentkit.rules.dossier_terms import DEFAULT_TERMS, DossierTerms

SITES: dict[str, Any] = {
    "impacts": ["site", "team"],
    "urgencies": ["now", "later"],
    "assume": "team/later",
    "cells": {"site": {"now": "P1", "later": "P2"}, "team": {"now": "P3", "later": "P4"}},
}
LEVELS = {
    x: "site/now" if x in ("critical", "error") else "team/later"
    for x in ("critical", "error", "warning", "info")
}


def terms(document: dict[str, Any]) -> DossierTerms:
    return load_policy(document).lifecycle.dossier


def problems(document: dict[str, Any]) -> dict[str, str]:
    with pytest.raises(PolicyError) as raised:
        load_policy(document)
    return dict(raised.value.problems)


def test_the_default_profile_says_what_the_class_says() -> None:
    found = default_policy().lifecycle.dossier
    assert tuple(found.dimensions) == DIMENSIONS
    assert {x: (d.levels, d.fold) for x, d in found.dimensions.items()} == {
        x: (d.levels, d.fold) for x, d in DEFAULT_TERMS.dimensions.items()
    }
    assert found.cause_categories == CAUSE_CATEGORIES
    assert (found.impacts, found.closed, found.services) == (("high", "medium", "low"), False, ())


def test_scales_follow_the_matrix_unless_they_say_how() -> None:
    found = terms({"matrix": SITES, "alerts": {"levels": LEVELS}})
    assert set(found.dimensions["data"].fold.values()) == {"site", "team"}
    document: dict[str, Any] = {"impact": {"animals": {"levels": ["herd", "one"]}}}
    assert terms(document).dimensions["animals"].fold == {"herd": "high", "one": "medium"}
    fold = {"herd": "medium", "one": "low"}
    document = {"impact": {"animals": {"levels": ["herd", "one"], "fold": fold}}}
    assert terms(document).dimensions["animals"].fold == fold


def test_a_closed_world_is_known_to_dossiers() -> None:
    found = terms({"closed": True, "services": ["shop"], "cause_categories": ["magic"]})
    assert (found.closed, found.services, found.cause_categories) == (True, ("shop",), ("magic",))


@pytest.mark.parametrize(
    ("table", "path", "said"),
    [
        ({"levels": []}, "impact.data.levels", "at least one"),
        ({"levels": ["a", "a"]}, "impact.data.levels", "twice"),
        ({"levels": ["a", "unknown"]}, "impact.data.levels", "every scale has"),
        ({"levels": ["a", "b"], "fold": {"a": "high"}}, "impact.data.fold", "no impact for b"),
        ({"levels": ["a"], "fold": {"a": "huge"}}, "impact.data.fold.a", "none of high"),
        ({"levels": ["a"], "fold": {"a": "unknown"}}, "impact.data.fold.a", "must be an impact"),
        ({"levels": ["a"], "fold": {"x": "high"}}, "impact.data.fold.x", "did you mean|there is"),
        ({"level": ["a"]}, "impact.data.level", "did you mean 'levels'"),
    ],
)
def test_mistakes_have_their_paths(table: dict[str, Any], path: str, said: str) -> None:
    import re

    found = problems({"impact": {"data": table}})
    assert re.search(said, found[path]), found


def test_a_wrong_matrix_is_said_once() -> None:
    fold = {"impact": {"data": {"levels": ["a"], "fold": {"a": "site"}}}}
    matrix = {**SITES, "cells": {}}
    found = problems({"matrix": matrix, "alerts": {"levels": LEVELS}, **fold})
    assert list(found) == ["matrix.cells"]
