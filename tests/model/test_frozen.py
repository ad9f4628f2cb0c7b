"""A FrozenMap cannot be changed by any way there is, hashes by content, and travels."""

from __future__ import annotations

import copy
import json
import operator
import pickle
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentkit.model.frozen import FrozenMap

maps = st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=6)

CHANGES: dict[str, Callable[[Any], Any]] = {
    "set": lambda x: operator.setitem(x, "a", "z"),
    "add": lambda x: operator.setitem(x, "new", "z"),
    "delete": lambda x: operator.delitem(x, "a"),
    "|=": lambda x: operator.ior(x, {"new": "z"}),
    "clear": lambda x: x.clear(),
    "pop": lambda x: x.pop("a"),
    "pop with default": lambda x: x.pop("new", None),
    "popitem": lambda x: x.popitem(),
    "setdefault": lambda x: x.setdefault("new", "z"),
    "update": lambda x: x.update(new="z"),
    "update from map": lambda x: x.update({"new": "z"}),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_every_way_of_changing_it_is_closed(change: Callable[[Any], Any]) -> None:
    frozen = FrozenMap({"a": "b"})
    with pytest.raises(TypeError, match="cannot be changed; use with_"):
        change(frozen)
    assert frozen == {"a": "b"}


def test_the_ways_are_all_that_a_dict_has() -> None:
    changing = {"clear", "pop", "popitem", "setdefault", "update"}
    reading = {"copy", "fromkeys", "get", "items", "keys", "values"}
    assert {name for name in dir(dict) if not name.startswith("_")} == changing | reading
    plain: Any = {}
    assert [x for x in changing if getattr(FrozenMap, x) is getattr(type(plain), x)] == []


@given(maps)
def test_equal_maps_hash_alike_whatever_their_order(given_: dict[str, str]) -> None:
    frozen = FrozenMap(given_)
    other = FrozenMap(dict(reversed(list(given_.items()))))
    assert frozen == other == given_
    assert hash(frozen) == hash(other)
    assert len({frozen, other}) == 1


@given(maps)
def test_it_travels(given_: dict[str, str]) -> None:
    frozen = FrozenMap(given_)
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        back = pickle.loads(pickle.dumps(frozen, protocol))
        assert type(back) is FrozenMap
        assert back == frozen
    assert type(copy.deepcopy(frozen)) is FrozenMap
    assert copy.copy(frozen) == frozen
    assert json.loads(json.dumps(frozen)) == given_


@given(maps, st.text(max_size=5), st.text(max_size=5))
def test_with_gives_another(given_: dict[str, str], key: str, value: str) -> None:
    frozen = FrozenMap(given_)
    changed = frozen.with_(key, value)
    assert changed == {**given_, key: value}
    assert type(changed) is FrozenMap
    assert frozen == given_
