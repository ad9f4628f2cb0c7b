"""Readers: for each class one straight-line function from parsed JSON to the value.

A reader takes the good case only: every key there, every type right. It calls constructors by
position, so validators run. Whatever goes wrong in it, the careful reader then reads the same
document again, slowly, and either fills in defaults or says where the damage is.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeAlias, cast

from incidentkit.codec import leaves
from incidentkit.codec.shapes import (
    BOOL,
    INSTANT,
    INT,
    PLAIN,
    SPAN,
    TEXT,
    Leaf,
    Many,
    Mapped,
    Maybe,
    Record,
    Shape,
    Word,
    fields_of,
    members,
)
from incidentkit.model.frozen import FrozenMap

Reader: TypeAlias = Callable[[Any], Any]

_TYPES = {TEXT: "str", INT: "int", BOOL: "bool"}


def _of_type(type_: type[Any]) -> Reader:
    def check(value: Any) -> Any:
        if type(value) is not type_:
            raise TypeError(value)
        return value

    return check


_GIVEN: dict[str, Any] = {
    "FrozenMap": FrozenMap,
    "UTC": UTC,
    "plain": leaves.read_plain,
    "span": leaves.read_span,
    "instant": leaves.read_instant,
    "fromisoformat": datetime.fromisoformat,
    "text_": _of_type(str),
    "int_": _of_type(int),
    "bool_": _of_type(bool),
}
_CALLS = {
    TEXT: "text_",
    INT: "int_",
    BOOL: "bool_",
    INSTANT: "instant",
    SPAN: "span",
    PLAIN: "plain",
}

_made: dict[type[Any], Reader] = {}


def reader(cls: type[Any]) -> Reader:
    """The function that builds a value of the class from parsed JSON; made at first use."""
    found = _made.get(cls)
    if found is None:
        found = _made[cls] = _Maker().make(cls)
    return found


def part_reader(shape: Shape) -> Reader:
    """The function that builds one value of a shape from parsed JSON."""
    maker = _Maker()
    return maker.finish(maker.field("d", shape), "a part")


class _Maker:
    """Collects the lines of one reader, and what has to hold of its locals."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.wrong: list[str] = []
        self.names: dict[str, Any] = dict(_GIVEN)

    def make(self, cls: type[Any]) -> Reader:
        return self.finish(self.record("d", cls), cls.__name__)

    def finish(self, value: str, of: str) -> Reader:
        if self.wrong:
            self.lines.append(f"if {' or '.join(self.wrong)}: raise TypeError")
        body = "".join(f"    {line}\n" for line in self.lines)
        source = f"def read(d):\n{body}    return {value}\n"
        exec(compile(source, f"<reader of {of}>", "exec"), self.names)
        return cast("Reader", self.names["read"])

    def local(self, expression: str) -> str:
        name = f"x{len(self.lines)}"
        self.lines.append(f"{name} = {expression}")
        return name

    def name(self, value: Any) -> str:
        name = f"n{len(self.names)}"
        self.names[name] = value
        return name

    def record(self, at: str, cls: type[Any]) -> str:
        fields = fields_of(cls)
        if not fields:
            self.wrong.append(f"type({at}) is not dict")
        given = [self.field(self.local(f'{at}["{each.name}"]'), each.shape) for each in fields]
        return f"{self.name(cls)}({', '.join(given)})"

    def field(self, at: str, shape: Shape) -> str:
        """An expression for a local's value; what must hold of it is noted."""
        match shape:
            case Record(type_):
                return self.record(at, type_)
            case Leaf() if shape in _TYPES:
                self.wrong.append(f"type({at}) is not {_TYPES[shape]}")
                return at
            case Maybe(Leaf() as of) if of in _TYPES:
                self.wrong.append(f"{at} is not None and type({at}) is not {_TYPES[of]}")
                return at
            case Leaf() if shape is INSTANT:
                made = self.local(f"fromisoformat({at})")
                self.wrong.append(f"{made}.tzinfo is not UTC")
                return made
            case Maybe(of) if of is INSTANT:
                made = self.local(f"None if {at} is None else fromisoformat({at})")
                self.wrong.append(f"{made} is not None and {made}.tzinfo is not UTC")
                return made
            case Many(of):
                self.wrong.append(f"type({at}) is not list")
                return f"(tuple(map({self.call(of)}, {at})) if {at} else ())"
            case Mapped(key, value):
                return self.mapped(at, key, value)
            case _:
                return self.expression(at, shape)

    def mapped(self, at: str, key: Leaf | Word, value: Shape) -> str:
        if key is TEXT and value is TEXT:
            # Joining raises at the first value that is no text, at the speed of C.
            self.lines.append(f'"".join({at}.values())')
            return f"FrozenMap({at})"
        keys = at if key is TEXT else f"map({self.call(key)}, {at})"
        return f"FrozenMap(zip({keys}, map({self.call(value)}, {at}.values())))"

    def expression(self, at: str, shape: Shape) -> str:
        """An expression that by itself builds the value, or raises."""
        match shape:
            case Maybe(of):
                return f"(None if {at} is None else {self.expression(at, of)})"
            case Word(type_):
                return f"{self.name(members(type_))}[{at}]"
            case _:
                return f"{self.call(shape)}({at})"

    def call(self, shape: Shape) -> str:
        """The name of a function that reads one value of the shape."""
        match shape:
            case Leaf():
                return _CALLS[shape]
            case Record(type_):
                return self.name(reader(type_))
            case Word(type_):
                return self.name(members(type_).__getitem__)
            case _:
                return self.name(part_reader(shape))
