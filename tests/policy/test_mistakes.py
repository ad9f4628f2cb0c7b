"""One mistake, one problem: told where it was made, in words that say what to write, and alone."""

from __future__ import annotations

import json
from typing import Any

import pytest

from incidentkit.errors import PolicyError
from incidentkit.policy.load import adopted_policy, load_policy
from incidentkit.policy.merging import completed
from incidentkit.policy.people import load_directory


def rule(**changed: Any) -> dict[str, Any]:
    """A document of one automation rule."""
    whole = {"name": "a", "on": ["declared"], "do": [{"action": "start"}], **changed}
    return {"automation": [whole]}


def doing(action: str, **fields: Any) -> dict[str, Any]:
    """A document whose one rule takes one action."""
    return rule(do=[{"action": action, "with": fields}])


def problems(document: Any) -> list[tuple[str, str]]:
    """All that is wrong in a document."""
    with pytest.raises(PolicyError) as caught:
        load_policy(document)
    return list(caught.value.problems)


FIELD = "automation[0].do[0].with"


@pytest.mark.parametrize(
    ("document", "path", "told"),
    [
        (doing("assign", asignee="ana"), f"{FIELD}.asignee", "has no such field; did you mean"),
        (
            doing("prioritise", priority="P9", reason="x"),
            f"{FIELD}.priority",
            "'P9' is none of P1, P2, P3, P4, P5",
        ),
        (doing("note", text=3), f"{FIELD}.text", "cannot be 3"),
        (doing("link"), "automation[0].do[0].action", "link: needs kind, target"),
        (doing("nte", text="x"), "automation[0].do[0].action", "did you mean 'note'"),
        (doing("note", text="$nothing"), f"{FIELD}.text", "there is no field 'nothing'"),
        (rule(on=["declard"]), "automation[0].on", "did you mean 'declared'"),
        (rule(on=[]), "automation[0].on", "needs at least one event"),
        (rule(do=[]), "automation[0].do", "needs at least one action"),
        ({"overrides": [{"raise_by": -1}]}, "overrides[0].raise_by", "must be between 0 and"),
        ({"overrides": [{"set": "P0"}]}, "overrides[0].set", "there is P1, P2, P3, P4, P5"),
        ({"overrides": [{}]}, "overrides[0]", "it has 0"),
        ({"matrix": []}, "matrix", "must be a table, not list"),
        ({"matrix": {"cells": []}}, "matrix.cells", "must be a table, not list"),
        ({"matrix": {"impacts": "x"}}, "matrix.impacts", "must be a list of texts"),
        ({"matrix": {"use": "jira"}}, "matrix.use", "; there is glpi, itop, servicenow"),
        ({"autoclose": {"after": {"P3": 3}}}, "autoclose.after.P3", "must be str, not int"),
        (
            {"checklists": {"a": {"items": [{"title": "x", "after": [2]}]}}},
            "checklists.a.items[0].after",
            "nothing comes before the first item",
        ),
        (
            {"checklists": {"a": {"items": [{"title": "x"}, {"title": "y", "after": 2}]}}},
            "checklists.a.items[1].after",
            "2: may be between 1 and 1",
        ),
        (
            {"parties": {"a": {"members": ["b"]}, "b": {"members": ["c", "a"]}}},
            "parties.a",
            "is a member of itself: a > b > a",
        ),
        (
            {
                "parties": {"a": {"kind": "team", "members": ["b"]}},
                "directory": {"b": {"kind": "team", "members": ["a"]}},
            },
            "parties.a",
            "is a member of itself: a > b > a",
        ),
        (
            {"directory": {"b": {"kind": "team", "members": ["b"]}}},
            "directory.b",
            "is a member of itself: b > b",
        ),
        (
            {"parties": {"a": {"zone": "Mars/Base"}}},
            "parties.a.zone",
            "no time zone is called 'Mars/Base'",
        ),
        ({"directory": {"a": {"zone": "Europe/Berln"}}}, "directory.a.zone", "'Europe/Berlin'?"),
        ({"parties": {"a": {"zone": "1"}}}, "parties.a.zone", "is no zone; write e.g."),
        ("itli", "(document)", "'itli' is no profile; did you mean 'itil'?"),
        ("acme.toml", "(document)", "'acme.toml' is the name of a file; hand it over as Path(...)"),
        ("acme.JSON", "(document)", "hand it over as Path(...)"),
        ("etc/acme", "(document)", "is not TOML: "),
        ('a = "\nx.toml', "(document)", "is not TOML: "),
    ],
)
def test_one_mistake_is_one_problem(document: Any, path: str, told: str) -> None:
    ((where, problem),) = problems(document)
    assert where == path
    assert told in problem
    assert "there is ," not in problem


def test_every_wrong_field_of_an_action_is_told() -> None:
    found = problems(doing("link", kind="parnt", taget="x"))
    assert [path for path, _ in found] == [
        f"{FIELD}.kind",
        f"{FIELD}.taget",
        "automation[0].do[0].action",
    ]
    assert found[-1][1] == "link: needs target"


@pytest.mark.parametrize("name", ["default", "itil", "sre"])
def test_a_word_names_a_profile(name: str) -> None:
    assert load_policy(name) == load_policy({"profile": name})


@pytest.mark.parametrize(
    "parties", [{"a": {"members": ["a"]}}, {"a": {"zone": "Mars/Base"}}], ids=["circle", "zone"]
)
def test_what_was_adopted_is_not_judged_by_newer_rules(parties: dict[str, Any]) -> None:
    """Whether there is a zone depends on the machine; no desk stands still because of it."""
    document = completed({"parties": parties})
    assert set(adopted_policy(json.dumps(document)).parties) == {"a"}


def test_a_directory_of_its_own_is_judged_alike() -> None:
    with pytest.raises(PolicyError) as caught:
        load_directory({"ana": {"zone": "Mars/Base"}})
    ((path, problem),) = caught.value.problems
    assert (path, problem.partition(";")[0]) == ("ana.zone", "no time zone is called 'Mars/Base'")


def test_a_comment_that_ends_like_a_file_name_is_still_a_document() -> None:
    assert load_policy("# see acme.toml") == load_policy({})
