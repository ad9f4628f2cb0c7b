"""The JSON Schema and the loader know the same keys, and say the same of plain mistakes."""

from __future__ import annotations

import json
import re
import sys
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from incidentkit.errors import PolicyError
from incidentkit.policy import sections
from incidentkit.policy.load import ABOUT, load_policy
from incidentkit.policy.merging import MATRICES, PROFILES, completed, matrix, profile
from incidentkit.policy.reading import Problems
from incidentkit.policy.schema import DIALECT, description, json_schema, nodes
from incidentkit.policy.sketch import Sketch
from incidentkit.policy.table import Table

SCHEMA = json_schema()
NODES = {".".join(path): node for path, node in nodes(SCHEMA)}
TYPES = {"string": str, "boolean": bool, "integer": int, "array": list, "object": dict}


def wrong(value: Any, schema: dict[str, Any], path: str = "") -> list[str]:
    """What this value breaks of the schema: the few words of JSON Schema that ours is made of."""
    found: list[str] = []
    if "anyOf" in schema:
        ways = [wrong(value, each, path) for each in schema["anyOf"]]
        return [] if [] in ways else min(ways, key=len)
    if "const" in schema and value is not schema["const"]:
        return [f"{path}: const"]
    if "enum" in schema and value not in schema["enum"]:
        return [f"{path}: enum"]
    if "type" in schema and type(value) is not TYPES[schema["type"]]:
        return [f"{path}: type"]
    if isinstance(value, str) and not re.search(schema.get("pattern", ""), value):
        found.append(f"{path}: pattern")
    if isinstance(value, int) and not schema.get("minimum", value) <= value <= schema.get(
        "maximum", value
    ):
        found.append(f"{path}: bounds")
    if isinstance(value, list) and len(value) < schema.get("minItems", 0):
        found.append(f"{path}: too few")
    if isinstance(value, list) and "items" in schema:
        for number, each in enumerate(value):
            found += wrong(each, schema["items"], f"{path}[{number}]")
    if isinstance(value, dict):
        for key, each in value.items():
            inner = schema.get("properties", {}).get(key, schema.get("additionalProperties", {}))
            place = f"{path}.{key}".strip(".")
            found += [f"{place}: unknown"] if inner is False else wrong(each, inner, place)
    return found


def test_the_words_of_our_schema_are_those_the_test_knows() -> None:
    known = {"type", "enum", "const", "pattern", "minimum", "maximum", "items", "anyOf"}
    known |= {"minItems", "properties", "additionalProperties", "description", "default"}
    for node in NODES.values():
        assert set(node) <= known
    assert SCHEMA["$schema"] == DIALECT
    assert json.loads(json.dumps(SCHEMA)) == SCHEMA


@pytest.mark.parametrize("name", PROFILES)
def test_profiles_are_of_the_schema(name: str) -> None:
    assert wrong(profile(name), SCHEMA) == []
    assert wrong(completed({"profile": name}), SCHEMA) == []


@pytest.mark.parametrize("name", MATRICES)
def test_matrices_are_of_the_schema(name: str) -> None:
    assert wrong(matrix(name), SCHEMA) == []


# --- both know the same keys ----------------------------------------------------------------------


def example(schema: dict[str, Any]) -> Any:
    """Some value of the schema, with every key in it."""
    if "anyOf" in schema:
        return example(schema["anyOf"][-1 if schema["anyOf"][-1].get("type") else 0])
    if "enum" in schema:
        return schema["enum"][-1]
    kind = schema["type"]
    if kind == "object":
        made = {key: example(each) for key, each in schema.get("properties", {}).items()}
        more = schema.get("additionalProperties")
        return {**made, "some": example(more)} if more else made
    if kind == "array":
        return [example(schema["items"])]
    if kind == "integer":
        return schema.get("minimum", 1)
    formed = "labels.x" if "labels" in schema.get("pattern", "") else "1h"
    return {"string": formed if "pattern" in schema else "P1", "boolean": True}[kind]


def told(document: Any) -> dict[str, str]:
    """What the loader says of a document, by path."""
    try:
        load_policy(document)
    except PolicyError as error:
        return dict(error.problems)
    return {}


def test_the_loader_knows_every_key_of_the_schema() -> None:
    whole = example(SCHEMA)
    assert wrong(whole, SCHEMA) == []
    unknown = {path for path, problem in told(whole).items() if problem.startswith("is not known")}
    assert unknown == set()


@pytest.mark.parametrize("path", [path for path, node in NODES.items() if "properties" in node])
def test_a_key_that_the_schema_lacks_the_loader_refuses(path: str) -> None:
    """So whatever the loader accepts is in the schema."""
    document: Any = "x"
    for key in ("zzz", *reversed(path.split("."))):
        # A list in the document is a `*` whose parent holds `items`.
        document = {"some" if key == "*" else key: document}
    document = _with_lists(document, SCHEMA)
    assert wrong(document, SCHEMA)
    assert any(place.endswith("zzz") for place in told(document))


def _with_lists(value: Any, schema: dict[str, Any]) -> Any:
    """The document with a list wherever the schema wants one of tables."""
    schema = schema["anyOf"][0] if schema.get("anyOf", [{}])[0].get("type") == "object" else schema
    schema = schema["anyOf"][1] if schema.get("anyOf", [{}])[0].get("type") == "array" else schema
    if schema.get("type") == "array" and isinstance(value, dict):
        return [_with_lists(value["some"], schema["items"])]
    if not isinstance(value, dict):
        return value
    named, more = schema.get("properties", {}), schema.get("additionalProperties") or {}
    return {key: _with_lists(each, named.get(key, more)) for key, each in value.items()}


def test_every_key_is_described_and_nothing_else_is() -> None:
    rows = {f"{path}.*" for path, node in NODES.items() if node.get("type") == "array"}
    missing = [path for path, node in NODES.items() if not node.get("description")]
    assert set(missing) <= rows
    described = set(ABOUT)
    for name in NODES:
        top = name.partition(".")[0]
        if f"{sections.__name__}.{top}" in sys.modules:
            described |= {f"{top}.{key}".strip(".") for key in section(top).ABOUT}
    wild = set(NODES) | {re.sub(r"[^.]+$", "*", path) for path in NODES}
    assert described <= wild


def section(name: str) -> Any:
    return import_module(f"{sections.__name__}.{name}")


# --- whatever is of the schema --------------------------------------------------------------------


def of(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Documents of the schema."""
    if "anyOf" in schema:
        return st.one_of([of(each) for each in schema["anyOf"]])
    if "const" in schema:
        return st.just(schema["const"])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    kind = schema["type"]
    if kind == "object":
        named = {key: of(each) for key, each in schema.get("properties", {}).items()}
        known = st.fixed_dictionaries({}, optional=named)
        more = schema.get("additionalProperties")
        if not more:
            return known
        names = st.sampled_from(["ana", "high", "P1", " x", ""]) | st.text(max_size=3)
        return st.builds(dict.__or__, st.dictionaries(names, of(more), max_size=2), known)
    if kind == "array":
        return st.lists(of(schema["items"]), min_size=schema.get("minItems", 0), max_size=2)
    if kind == "integer":
        return st.integers(schema.get("minimum"), schema.get("maximum"))
    if kind == "boolean":
        return st.booleans()
    if "pattern" in schema:
        return st.from_regex(schema["pattern"], fullmatch=True).filter(lambda x: "\n" not in x)
    words = ["ana", "high", "true", "incident.priority == 'P1'", "$incident.ref", "INC", ""]
    return st.sampled_from(words) | st.text(max_size=4)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(of(SCHEMA))
def test_any_document_of_the_schema_loads_or_says_what_is_wrong_where(document: Any) -> None:
    assert wrong(document, SCHEMA) == []
    for path, problem in told(document).items():
        assert path
        assert problem
        assert not re.match(r"must be (str|bool|int|a table|a list)", problem), (path, problem)


@pytest.mark.parametrize(
    "document",
    [
        {"automation": [{"name": "a", "on": ["declared"], "do": []}]},
        {"recurrence": [{"keys": ["servce"], "minimum": 2}]},
        {"recurrence": [{"keys": ["labels."], "minimum": 2}]},
    ],
)
def test_the_schema_refuses_what_the_loader_refuses(document: Any) -> None:
    assert wrong(document, SCHEMA)
    assert told(document)


def test_what_is_no_key_has_no_meaning() -> None:
    assert description(("nonsense", "x")) == ""
    assert description(("paging", "nonsense")) == ""
    assert description(("targets", "ours", "within", "P1")).startswith("How long it may take")


def test_whatever_a_table_can_read_a_sketch_records() -> None:
    """A way of reading that the sketch does not know would be missing from the schema."""
    plain = {"made", "done", "wrong", "refused", "flag", "text", "name", "names"}  # of other ways
    ways = {name for name, each in vars(Table).items() if callable(each) and name[0] != "_"}
    assert ways - plain <= set(vars(Sketch))
    assert plain <= ways


def test_a_list_of_numbers() -> None:
    problems: Problems = []
    table = Table({"good": [1, 3], "odd": [1, "x"], "far": [9], "one": 2}, "t", problems)
    assert table.numbers("good", 1, 3) == (1, 3)
    assert (table.numbers("odd", 1, 3), table.numbers("far", 1, 3)) == ((1,), ())
    assert table.numbers("one", 1, 3) == (2,)
    assert table.numbers("none", 1, 3) == ()
    assert [path for path, _ in problems] == ["t.odd", "t.far"]
    sketch = Sketch()
    _ = sketch.numbers("after", 1, 0)
    schema = sketch.finished()
    assert not wrong({"after": [1, 2]}, schema)
    assert not wrong({"after": 1}, schema)
    assert wrong({"after": ["x"]}, schema)


def test_a_word_may_stand_for_a_term() -> None:
    sketch = Sketch()
    if sketch.text("after") != "never":
        _ = sketch.span("after", timedelta())
    _ = sketch.span("wait", timedelta())
    found = sketch.finished()["properties"]
    assert found["after"] == {"type": "string"}
    assert "pattern" in found["wait"]
