"""The lists of words that a policy closes bind problems as they bind incidents."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from incidentkit import EditProblem, RaiseProblem
from incidentkit.errors import InvalidValue

POLICY = {
    "categories": ["network", "database"],
    "closed_categories": True,
    "origins": ["trend", "debt"],
    "closed_origins": True,
}


@pytest.fixture
def desk(open_desk: Callable[..., Any], url: str) -> Any:
    desk = open_desk(url, policy=POLICY)
    desk.execute(RaiseProblem("Db slow", category="network", origin="debt"))
    return desk


@pytest.mark.parametrize(
    ("command", "field"),
    [
        (RaiseProblem("Other", origin="det"), "origin"),
        (RaiseProblem("Other", category="netwrk"), "category"),
        (EditProblem("PRB-1", origin="det"), "origin"),
        (EditProblem("PRB-1", category="netwrk"), "category"),
    ],
    ids=lambda x: f"{type(x).__name__}" if not isinstance(x, str) else x,
)
def test_a_closed_list_refuses_every_other_word(desk: Any, command: Any, field: str) -> None:
    before = desk.journal("PRB-1")
    with pytest.raises(InvalidValue, match="the list is closed") as refused:
        desk.execute(command)
    assert refused.value.field == field
    assert desk.journal("PRB-1") == before


def test_listed_words_and_none_are_taken(desk: Any) -> None:
    problem = desk.execute(EditProblem("PRB-1", category="database", origin="trend"))
    assert (problem.category, problem.origin) == ("database", "trend")
    problem = desk.execute(EditProblem("PRB-1", category="", origin=""))
    assert (problem.category, problem.origin) == ("", "")
    assert desk.execute(EditProblem("PRB-1", title="Db slower")).title == "Db slower"
