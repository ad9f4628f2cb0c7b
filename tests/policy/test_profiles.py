"""The profiles and matrices that come with the library: every cell, every law, every finding."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest

from incidentkit.model.words import Moment, Priority
from incidentkit.policy.lint import lint
from incidentkit.policy.load import adopted_policy, default_policy, load_policy
from incidentkit.policy.merging import MATRICES, PROFILES
from incidentkit.rules.prioritise import prioritise
from incidentkit.timing.terms import Term

BY_PROFILE = {name: load_policy({"profile": name}) for name in PROFILES}
BY_MATRIX = {name: load_policy({"matrix": {"use": name}}) for name in MATRICES}
EVERY = {**BY_PROFILE, **BY_MATRIX}


def test_folders_hold_what_is_listed() -> None:
    from importlib import resources

    for folder, names in (("profiles", PROFILES), ("matrices", MATRICES)):
        files = resources.files("incidentkit.policy").joinpath(folder).iterdir()
        assert {x.name.removesuffix(".toml") for x in files} == set(names)


# --- the matrices, as the products have them ------------------------------------------------------

SERVICENOW = {(i, u): i + u - 1 for i in (1, 2, 3) for u in (1, 2, 3)}
ITOP = {
    (impact, urgency): priority
    for impact, row in {1: (1, 1, 2, 4), 2: (1, 2, 3, 4), 3: (2, 3, 3, 4)}.items()
    for urgency, priority in enumerate(row, 1)
}
# GLPI counts from 1 (very low) to 5 (very high), priorities too.
GLPI = {
    (urgency, impact): priority
    for urgency, row in {
        1: (1, 1, 2, 2, 2),
        2: (1, 2, 2, 3, 3),
        3: (2, 2, 3, 4, 4),
        4: (2, 3, 4, 4, 5),
        5: (2, 3, 4, 5, 5),
    }.items()
    for impact, priority in enumerate(row, 1)
}
THREE = {1: "high", 2: "medium", 3: "low"}
FIVE = {1: "very_low", 2: "low", 3: "medium", 4: "high", 5: "very_high"}


@pytest.mark.parametrize(("pair", "number"), SERVICENOW.items())
def test_servicenow(pair: tuple[int, int], number: int) -> None:
    impact, urgency = (THREE[x] for x in pair)
    drawn = prioritise(impact, urgency, BY_MATRIX["servicenow"].matrix)
    assert drawn.priority == f"P{number}"


@pytest.mark.parametrize(("pair", "number"), ITOP.items())
def test_itop(pair: tuple[int, int], number: int) -> None:
    impact = {1: "department", 2: "service", 3: "person"}[pair[0]]
    urgency = {1: "critical", 2: "high", 3: "medium", 4: "low"}[pair[1]]
    assert prioritise(impact, urgency, BY_MATRIX["itop"].matrix).priority == f"P{number}"


@pytest.mark.parametrize(("pair", "number"), GLPI.items())
def test_glpi(pair: tuple[int, int], number: int) -> None:
    urgency, impact = (FIVE[x] for x in pair)
    drawn = prioritise(impact, urgency, BY_MATRIX["glpi"].matrix)
    assert drawn.priority == f"P{6 - number}"


SRE = {
    "sev1": ("P1", "P2"),
    "sev2": ("P2", "P3"),
    "sev3": ("P3", "P4"),
    "sev4": ("P4", "P5"),
    "sev5": ("P5", "P5"),
}


@pytest.mark.parametrize("impact", SRE)
def test_sre(impact: str) -> None:
    matrix = BY_PROFILE["sre"].matrix
    drawn = [prioritise(impact, urgency, matrix).priority for urgency in ("high", "low")]
    assert tuple(drawn) == SRE[impact]


@pytest.mark.parametrize("name", EVERY)
def test_every_cell_is_counted_and_the_worse_case_never_waits_longer(name: str) -> None:
    matrix = EVERY[name].matrix
    assert len(matrix.cells) == len(matrix.impacts) * len(matrix.urgencies)
    for urgency in matrix.urgencies:
        column = [matrix.cells[f"{impact}/{urgency}"] for impact in matrix.impacts]
        assert column == sorted(column)
    for impact in matrix.impacts:
        row = [matrix.cells[f"{impact}/{urgency}"] for urgency in matrix.urgencies]
        assert row == sorted(row)
    assert matrix.cells[f"{matrix.impacts[0]}/{matrix.urgencies[0]}"] == "P1"


@pytest.mark.parametrize("name", EVERY)
def test_an_unknown_level_is_assumed_and_the_priority_provisional(name: str) -> None:
    drawn = prioritise("unknown", "unknown", EVERY[name].matrix)
    assert drawn.provisional
    expected = {"sre": "P2"}.get(name, "P3")
    assert drawn.priority == expected


@pytest.mark.parametrize(
    ("matrix", "path"),
    [
        ({"use": "glpi", "cells": {"low": {"low": "P5"}}}, "matrix.cells"),
        ({"use": "itop", "assume": "medium"}, "matrix.cells"),
        ({"use": "glpy"}, "matrix.use"),
        ({"use": 3}, "matrix.use"),
        ({"worst": "top"}, "matrix.worst"),
    ],
)
def test_holes_levels_off_the_scale_and_unknown_names_are_refused(
    matrix: dict[str, Any], path: str
) -> None:
    from incidentkit.errors import PolicyError

    with pytest.raises(PolicyError) as caught:
        load_policy({"matrix": matrix})
    assert path in {place for place, _ in caught.value.problems}


def test_a_matrix_can_be_used_and_yet_differ() -> None:
    own = load_policy({"matrix": {"use": "glpi", "name": "ours", "assume": "high"}})
    assert (own.matrix.name, own.matrix.assume) == ("ours", "high")
    assert own.matrix.cells == BY_MATRIX["glpi"].matrix.cells


def test_the_direction_can_be_written_either_way() -> None:
    turned = {"impacts": ["low", "medium", "high"], "urgencies": ["low", "medium", "high"]}
    own = load_policy({"matrix": {**turned, "worst": "last"}})
    assert own.matrix == default_policy().matrix


# --- the profiles ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", EVERY)
def test_a_complete_document_is_itself_whatever_comes_later(name: str) -> None:
    policy = EVERY[name]
    assert adopted_policy(policy.source) == policy
    assert load_policy(json.loads(policy.source)) == policy
    assert len({x.hash for x in EVERY.values()}) == len(EVERY)


def test_an_adopted_document_takes_nothing_from_a_profile() -> None:
    document = json.loads(default_policy().source)
    del document["targets"]
    policy = adopted_policy(json.dumps(document))
    assert policy.targets == ()


@pytest.mark.parametrize("name", EVERY)
def test_lint_finds_only_what_a_host_must_say(name: str) -> None:
    found = {finding.path for finding in lint(EVERY[name])}
    assert found == {"paging.fallback", "audiences.stakeholders"}


def terms(name: str, target: str) -> dict[str, str]:
    (found,) = [x for x in BY_PROFILE[name].targets if x.name == target]
    return {priority: str(term) for priority, term in found.within.items()}


def test_sre_is_led_by_severity_and_mitigates_first() -> None:
    policy = BY_PROFILE["sre"]
    assert [(x.name, x.until) for x in policy.targets] == [
        ("acknowledge", Moment.ACKNOWLEDGED),
        ("mitigate", Moment.MITIGATED),
    ]
    assert terms("sre", "acknowledge") == {"P1": "5m", "P2": "5m", "P3": "30m"}
    assert all(x.pausing == () for x in policy.targets)
    assert policy.lifecycle.reopen_closed
    assert policy.lifecycle.refire_reopens_for > Term.parse("90w").elapsed
    assert policy.paging.priorities == (Priority.P1, Priority.P2, Priority.P3)


def test_itil_never_reopens_what_is_closed_and_has_a_target_for_every_priority() -> None:
    policy = BY_PROFILE["itil"]
    assert not policy.lifecycle.reopen_closed
    assert [x.name for x in policy.targets] == ["acknowledge", "classify", "resolve"]
    for target in policy.targets:
        assert set(target.within) == set(Priority)
    assert policy.matrix.name == "servicenow"
    assert {"known_error", "by_problem", "duplicate"} <= set(policy.lifecycle.codes)
    assert "network" in policy.catalogue.categories


def test_what_is_based_on_a_profile_says_so() -> None:
    own = load_policy({"profile": "itil", "name": "ours", "targets": {"classify": False}})
    assert (own.name, own.profile) == ("ours", "itil")
    assert [x.name for x in own.targets] == ["acknowledge", "resolve"]
    assert own.matrix == BY_PROFILE["itil"].matrix
    assert load_policy(json.loads(own.source)) == own


def test_profiles_differ_in_pairs() -> None:
    for one, other in itertools.combinations(PROFILES, 2):
        assert BY_PROFILE[one].matrix.name != BY_PROFILE[other].matrix.name
