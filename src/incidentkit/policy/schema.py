"""The JSON Schema of a policy document, for editors that complete and check while one types.

It is drawn from the sections' own reading (`Sketch`) and from what each says about its keys, so it
knows every key and no other. An editor cannot know what depends on the rest of the document: that
an audience exists, that a matrix has no hole, that a condition is sound. `policy lint` does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, cast

from incidentkit.policy import sections
from incidentkit.policy.load import ABOUT, compose
from incidentkit.policy.merging import profile
from incidentkit.policy.sketch import ANY, Sketch

_SECTIONS = tuple(each.name for each in iter_modules(sections.__path__))
DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema() -> dict[str, Any]:
    """The schema as a document of its own, with the default profile's values as defaults."""
    sketch = Sketch()
    _ = compose(sketch, "")
    drawn = sketch.finished()
    standard = profile("default")
    for path, node in nodes(drawn):
        if said := description(path):
            node["description"] = said
        value = _at(standard, path)
        if value is not None and not isinstance(value, dict):
            node["default"] = value
    return {"$schema": DIALECT, "title": "incidentkit policy", **drawn}


def nodes(
    schema: Mapping[str, Any], path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    """Every key of a schema with its path; `*` stands for a chosen name or a place in a list."""
    for key, node in schema.get("properties", {}).items():
        yield (*path, key), node
        yield from nodes(node, (*path, key))
    for key in ("items", "additionalProperties"):
        inner = schema.get(key)
        if isinstance(inner, dict):
            below = cast("dict[str, Any]", inner)
            if _is_table(below):
                yield (*path, ANY), below
                yield from nodes(below, (*path, ANY))
            elif key == "additionalProperties":
                yield (*path, ANY), below
    for each in schema.get("anyOf", ()):
        yield from nodes(each, path)


def _is_table(schema: Mapping[str, Any]) -> bool:
    each = (schema, *schema.get("anyOf", ()))
    return any(one.get("type") == "object" for one in each)


def description(path: tuple[str, ...]) -> str:
    """What a key means, in the words of its section."""
    if len(path) == 1 and path[0] in ABOUT:
        return ABOUT[path[0]]
    if path[0] in _SECTIONS:
        return _said(path[0], path[1:])
    # A section that is no table of its own says what its keys mean under their whole names.
    key = ".".join(path)
    return next((said for name in _SECTIONS if (said := _about(name).get(key))), "")


def _about(section: str) -> Mapping[str, str]:
    module = import_module(f"{sections.__name__}.{section}")
    # One that only puts other sections together says nothing of its own.
    about: Mapping[str, str] = getattr(module, "ABOUT", {})
    return about


def _said(section: str, path: tuple[str, ...]) -> str:
    for key, said in _about(section).items():
        if _covers(key.split(".") if key else [], path):
            return said
    return ""


def _covers(pattern: list[str], path: tuple[str, ...]) -> bool:
    """Whether `targets.*.until` means this path."""
    return len(pattern) == len(path) and all(
        wanted in (ANY, key) for wanted, key in zip(pattern, path, strict=True)
    )


def _at(document: Mapping[str, Any], path: tuple[str, ...]) -> object:
    """The value at a path of a document; None where there is none."""
    found: object = document
    for key in path:
        if not isinstance(found, dict):
            return None
        found = cast("dict[str, object]", found).get(key)
    return found
