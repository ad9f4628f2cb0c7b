"""Whatever document is handed in: a Policy or a PolicyError, never anything else, and soon."""

from __future__ import annotations

import copy
import json
import tomllib
from importlib import resources
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from incidentkit.errors import PolicyError
from incidentkit.policy.document import Policy
from incidentkit.policy.lint import lint
from incidentkit.policy.load import load_policy

WRITTEN = resources.files("incidentkit.policy").joinpath("profiles/default.toml").read_text("utf-8")
DEFAULT: dict[str, Any] = tomllib.loads(WRITTEN)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a document."""
    found = [path] if path else []
    if isinstance(value, dict):
        for key, below in value.items():
            found += places(below, (*path, key))
    if isinstance(value, list):
        for at, below in enumerate(value):
            found += places(below, (*path, at))
    return found


PLACES = places(DEFAULT)
NAMES = sorted({key for path in PLACES for key in path if isinstance(key, str)})
odd = st.sampled_from(
    ["", "P1", "high", "high/low", "1h", "1mo", "999999w", "true", "$incident.ref", "\0", "\ud800"]
)
junk = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=12)
    | odd
    | st.binary(max_size=4)
    | st.dates(),
    lambda below: (
        st.lists(below, max_size=4)
        | st.tuples(below, below)
        | st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=6), below, max_size=4)
        | st.dictionaries(st.integers() | st.none(), below, max_size=2)
    ),
    max_leaves=15,
)


def found(document: Any) -> Policy | PolicyError:
    try:
        return load_policy(document)
    except PolicyError as error:
        return error


def lawful(document: Any) -> None:
    answer = found(document)
    if isinstance(answer, PolicyError):
        assert answer.problems
        assert all(path and problem for path, problem in answer.problems)
        assert str(answer).count("\n") >= len(answer.problems)
    else:
        assert load_policy(json.loads(answer.source)) == answer
        assert all(finding.path and finding.problem for finding in lint(answer))


@given(junk)
def test_junk(document: Any) -> None:
    lawful(document)


@given(st.dictionaries(st.sampled_from(list(DEFAULT)), junk, max_size=4))
def test_junk_in_the_known_tables(document: dict[str, Any]) -> None:
    lawful(document)


@given(st.lists(st.tuples(st.sampled_from(PLACES), junk), min_size=1, max_size=3))
def test_a_good_document_with_junk_in_places(changes: list[tuple[tuple[Any, ...], Any]]) -> None:
    document = copy.deepcopy(DEFAULT)
    for path, value in changes:
        at: Any = document
        try:
            for key in path[:-1]:
                at = at[key]
            at[path[-1]] = value
        except (KeyError, IndexError, TypeError):
            continue  # an earlier change took this place away
    lawful(document)


@given(st.text(max_size=80) | st.text("[]{}=.\"'\n aeinpg1#", max_size=80))
def test_any_text(text: str) -> None:
    lawful(text)


@given(st.integers(0, len(WRITTEN) - 1), st.characters(), st.booleans())
def test_a_good_text_with_one_character_changed(at: int, other: str, cut: bool) -> None:
    lawful(WRITTEN[:at] + ("" if cut else other) + WRITTEN[at + 1 :])
