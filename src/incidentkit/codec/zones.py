"""Whether every instant in a value is in UTC, by one compiled test a class.

msgspec writes and reads whatever zone it meets, or none. What this test does not pass takes the
way of the standard library, which turns instants into UTC or refuses them.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC
from typing import Any, TypeAlias, cast

from incidentkit.codec.shapes import (
    INSTANT,
    Many,
    Mapped,
    Maybe,
    Record,
    Shape,
    Word,
    fields_of,
)

Test: TypeAlias = Callable[[Any], bool]

_made: dict[type[Any], Test] = {}


def in_utc(cls: type[Any]) -> Test:
    """The test for values of a class; made at first use."""
    found = _made.get(cls)
    if found is None:
        found = _made[cls] = _compiled(lambda names: _record("v", cls, names), cls.__name__)
    return found


def _compiled(conditions: Callable[[dict[str, Any]], list[str]], of: str) -> Test:
    names: dict[str, Any] = {"UTC": UTC}
    test = " and ".join(conditions(names)) or "True"
    exec(compile(f"def test(v):\n    return {test}\n", f"<zones of {of}>", "exec"), names)
    return cast("Test", names["test"])


def _record(at: str, cls: type[Any], names: dict[str, Any]) -> list[str]:
    return [
        condition
        for each in fields_of(cls)
        for condition in _conditions(f"{at}.{each.name}", each.shape, names)
    ]


def _conditions(at: str, shape: Shape, names: dict[str, Any]) -> list[str]:
    """What has to hold of an expression of a shape; nothing where no instant is in it."""
    match shape:
        case Record(type_):
            return _record(at, type_, names)
        case Maybe(of):
            inner = _conditions(at, of, names)
            return [f"({at} is None or ({' and '.join(inner)}))"] if inner else []
        case Many(of):
            return _all(at, of, names)
        case Mapped(_, value):
            return _all(f"{at}.values()", value, names)
        case Word():
            return []
        case _:
            return [f"{at}.tzinfo is UTC"] if shape is INSTANT else []


def _all(at: str, of: Shape, names: dict[str, Any]) -> list[str]:
    if not _conditions("v", of, {}):
        return []
    name = f"n{len(names)}"
    names[name] = _compiled(lambda inner: _conditions("v", of, inner), "a part")
    return [f"all(map({name}, {at}))"]
