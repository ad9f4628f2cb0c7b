"""Writers: for each class one straight-line function that puts its JSON text together.

A dict built only to be handed to a JSON writer costs as much again as the text itself; one
f-string a record costs neither the dict nor the walk over it. Parts that are always there are
written in line, lists and maps by a comprehension. The source is made from field names and
literals of this module alone, never from data.
"""

from __future__ import annotations

from collections.abc import Callable
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
)

Writer: TypeAlias = Callable[[Any], str]

_CALLS = {
    TEXT: "quote",
    INT: "int_",
    BOOL: "bool_",
    INSTANT: "instant",
    SPAN: "span",
    PLAIN: "plain",
}
_GIVEN: dict[str, Any] = {
    "quote": leaves.quote,
    "instant": leaves.write_instant,
    "span": leaves.write_span,
    "plain": leaves.write_plain,
    "plain_map": leaves.write_plain_map,
    "int_": int.__repr__,
    "bool_": {True: "true", False: "false"}.__getitem__,
}

REMEMBERED = frozenset(("Incident",))
"""Roots that are written again and again with most of their parts unchanged."""
LABELLED = frozenset(("Card",))
"""Parts whose maps stay the same object while their texts change."""
_PARTS = 8_192

_made: dict[type[Any], Writer] = {}


def writer(cls: type[Any]) -> Writer:
    """The function that writes a value of the class; made at first use."""
    found = _made.get(cls)
    if found is None:
        found = _made[cls] = _Maker(writer).make(cls)
    return found


def forgetful(cls: type[Any]) -> Writer:
    """The same without a memory of parts, for values of which each is written once."""
    return _Maker(writer, remembers=False).make(cls)


def rooted(cls: type[Any], of: Callable[[type[Any]], Writer]) -> Writer:
    """A writer of a remembered root whose parts are written by what `of` gives for their class."""
    return _Maker(of).make(cls)


def remembering(write: Writer) -> Writer:
    """The same writer for parts that come again: the same object gives the text it gave before.

    Parts are frozen, so identity is enough; the memory keeps them alive, so an identity is never
    another object's. Bounded: emptied when it is full.
    """
    texts: dict[int, tuple[Any, str]] = {}

    def part(value: Any) -> str:
        found = texts.get(id(value))
        if found is not None and found[0] is value:
            return found[1]
        text = write(value)
        if len(texts) >= _PARTS:
            texts.clear()
        texts[id(value)] = (value, text)
        return text

    return part


class _Maker:
    """Collects the lines of one writer."""

    def __init__(self, of: Callable[[type[Any]], Writer], *, remembers: bool = True) -> None:
        self.remembers = remembers
        self.lines: list[str] = []
        self.names: dict[str, Any] = dict(_GIVEN)
        self.of = of

    def make(self, cls: type[Any]) -> Writer:
        root = self.remembers and cls.__name__ in REMEMBERED
        text = self.parts("v", cls) if root else self.record("v", cls)
        body = "".join(f"    {line}\n" for line in self.lines)
        source = f"def write(v):\n{body}    return f'{text}'\n"
        exec(compile(source, f"<writer of {cls.__name__}>", "exec"), self.names)
        return cast("Writer", self.names["write"])

    def local(self, expression: str) -> str:
        name = f"x{len(self.lines)}"
        self.lines.append(f"{name} = {expression}")
        return name

    def name(self, value: Any) -> str:
        name = f"n{len(self.names)}"
        self.names[name] = value
        return name

    def parts(self, at: str, cls: type[Any]) -> str:
        """The same for a root: each part by a writer of its own that remembers."""
        parts: list[str] = []
        for field in fields_of(cls):
            place = f"{at}.{field.name}"
            if isinstance(field.shape, Record | Many):
                inside = f"{{{self.name(remembering(self.writer_of(field.shape)))}({place})}}"
            else:
                inside = self.piece(place, field.shape)
            parts.append(f'"{field.name}":{inside}')
        return "{{" + ",".join(parts) + "}}"

    def writer_of(self, shape: Record | Many) -> Writer:
        """A function that writes a part of this shape."""
        if isinstance(shape, Record):
            return self.of(shape.type)
        inner = shape.of
        each = self.of(inner.type) if isinstance(inner, Record) else self.names[self.call(inner)]
        return lambda values: "[" + ",".join(map(each, values)) + "]"

    def record(self, at: str, cls: type[Any]) -> str:
        """The inside of an f-string for a record that is there for certain."""
        parts: list[str] = []
        for field in fields_of(cls):
            place = f"{at}.{field.name}"
            labelled = self.remembers and cls.__name__ in LABELLED
            if isinstance(field.shape, Mapped) and labelled:
                each = eval(f"lambda m: {self.expression('m', field.shape)}", self.names)
                inside = f"{{{self.name(remembering(each))}({place})}}"
            elif isinstance(field.shape, Record):
                inside = self.record(self.local(place), field.shape.type)
            else:
                simple = isinstance(field.shape, Leaf) and field.shape is not BOOL
                held = place if simple or isinstance(field.shape, Word) else self.local(place)
                inside = self.piece(held, field.shape)
            parts.append(f'"{field.name}":{inside}')
        return "{{" + ",".join(parts) + "}}"

    def piece(self, at: str, shape: Shape) -> str:
        if shape is INT:
            return f"{{{at}}}"
        expression = self.expression(at, shape)
        if "'" in expression or '"' in expression or "{" in expression:
            expression = self.local(expression)
        return f"{{{expression}}}"

    def expression(self, at: str, shape: Shape) -> str:
        match shape:
            case Maybe(of):
                return f'"null" if {at} is None else {self.expression(at, of)}'
            case Many(of):
                each = self.call(of)
                return f'"[" + ",".join(map({each}, {at})) + "]" if {at} else "[]"'
            case Mapped(key, value):
                return self.mapped(at, key, value)
            case Word(type_):
                table = {each: leaves.write_plain(each.value) for each in type_}
                return f"{self.name(table)}[{at}]"
            case _ if shape is BOOL:
                return f'"true" if {at} else "false"'
            case _:
                return f"{self.call(shape)}({at})"

    def mapped(self, at: str, key: Leaf | Word, value: Shape) -> str:
        if value is PLAIN and key is TEXT:
            return f"plain_map({at})"
        keys = "quote(k)" if key is TEXT else self.expression("k", key)
        values = self.expression("e", value)
        item = f'{keys} + ":" + ({values})' if '"' in values else f"f'{{{keys}}}:{{{values}}}'"
        return f'"{{" + ",".join([{item} for k, e in {at}.items()]) + "}}" if {at} else "{{}}"'

    def call(self, shape: Shape) -> str:
        """The name of a function that writes one value of the shape."""
        match shape:
            case Leaf():
                return _CALLS[shape]
            case Record(type_):
                return self.name(writer(type_))
            case Word(type_):
                table = {each: leaves.write_plain(each.value) for each in type_}
                return self.name(table.__getitem__)
            case _:
                source = f"lambda e: {self.expression('e', shape)}"
                return self.name(eval(source, self.names))
