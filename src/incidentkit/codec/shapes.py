"""How a class looks to the codec: its fields and their types, resolved once at first use.

Writers, readers and the careful reader all work from these shapes, so that a type is either known
to every one of them or refused by name when the class is first met.
"""

from __future__ import annotations

import types
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import Enum, IntEnum, StrEnum
from typing import (
    Any,
    Final,
    NamedTuple,
    TypeAlias,
    Union,
    cast,
    get_args,
    get_origin,
    get_type_hints,
)

import attrs

from incidentkit.model.frozen import FrozenMap


class Leaf(NamedTuple):
    """A type that JSON knows by itself, or that one function writes and one reads."""

    name: str


TEXT: Final = Leaf("text")
INT: Final = Leaf("int")
BOOL: Final = Leaf("bool")
INSTANT: Final = Leaf("instant")
SPAN: Final = Leaf("span")
PLAIN: Final = Leaf("plain")


class Word(NamedTuple):
    """A member of a StrEnum or IntEnum, kept as its value."""

    type: type[Enum]


class Maybe(NamedTuple):
    """The shape, or None."""

    of: Shape


class Many(NamedTuple):
    """A tuple of any length."""

    of: Shape


class Mapped(NamedTuple):
    """A FrozenMap; its keys are text or the members of a StrEnum."""

    key: Leaf | Word
    value: Shape


class Record(NamedTuple):
    """An attrs class, or an event without fields. Its own shape is asked for by `fields_of`."""

    type: type[Any]


Shape: TypeAlias = Leaf | Word | Maybe | Many | Mapped | Record


class Field(NamedTuple):
    """One field: its name, its shape, and its default (attrs.NOTHING: none)."""

    name: str
    shape: Shape
    default: Any


class PlainData:
    """Stands for the alias `Plain` while hints are resolved: it is recursive, and a string."""


_LEAVES: Mapping[Any, Leaf] = {
    str: TEXT,
    int: INT,
    bool: BOOL,
    datetime: INSTANT,
    timedelta: SPAN,
    PlainData: PLAIN,
}

_known: dict[type[Any], tuple[Field, ...]] = {}


def fields_of(cls: type[Any]) -> tuple[Field, ...]:
    """The fields of an attrs class in order; none for a plain class without fields.

    Raises TypeError naming the field whose type the codec cannot keep.
    """
    found = _known.get(cls)
    if found is None:
        found = _known[cls] = _resolve(cls)
    return found


def _resolve(cls: type[Any]) -> tuple[Field, ...]:
    if not attrs.has(cls):
        return ()
    hints = get_type_hints(cls, localns={"Plain": PlainData})
    found: list[Field] = []
    for each in attrs.fields(cls):
        if each.kw_only or not each.init or each.alias != each.name:
            raise TypeError(f"{cls.__name__}.{each.name} is not built by position and name")
        if hasattr(each.default, "factory"):
            raise TypeError(f"{cls.__name__}.{each.name} has a factory; give it a frozen default")
        try:
            shape = shape_of(hints[each.name])
        except TypeError as error:
            raise TypeError(f"{cls.__name__}.{each.name}: {error}") from None
        found.append(Field(each.name, shape, each.default))
    return tuple(found)


def shape_of(hint: Any) -> Shape:
    """The shape of a resolved type hint, or TypeError when the codec cannot keep it."""
    while hasattr(hint, "__supertype__"):
        hint = hint.__supertype__
    leaf = _LEAVES.get(hint)
    if leaf is not None:
        return leaf
    origin, args = get_origin(hint), get_args(hint)
    if origin in (types.UnionType, Union):
        rest = [each for each in args if each is not type(None)]
        if len(rest) == 1 and len(args) == 2:
            return Maybe(shape_of(rest[0]))
    elif origin is tuple and len(args) == 2 and args[1] is Ellipsis:
        return Many(shape_of(args[0]))
    elif origin is FrozenMap:
        key = shape_of(args[0])
        if key == TEXT:
            return Mapped(TEXT, shape_of(args[1]))
        if isinstance(key, Word) and issubclass(key.type, StrEnum):
            return Mapped(key, shape_of(args[1]))
    elif isinstance(hint, type):
        cls = cast("type[Any]", hint)
        if issubclass(cls, StrEnum | IntEnum):
            return Word(cls)
        if attrs.has(cls):
            return Record(cls)
    raise TypeError(f"{hint!r} cannot be kept; see incidentkit.codec.shapes")


def holds(cls: type[Any], leaves: frozenset[Shape]) -> bool:
    """Whether one of these shapes stands anywhere in a class."""
    return any(_holds(each.shape, leaves) for each in fields_of(cls))


def _holds(shape: Shape, leaves: frozenset[Shape]) -> bool:
    match shape:
        case Maybe(of) | Many(of) | Mapped(_, of):
            return _holds(of, leaves)
        case Record(type_):
            return holds(type_, leaves)
        case _:
            return shape in leaves


def members(type_: type[Enum]) -> dict[Any, Enum]:
    """Value -> member: one lookup in C, where calling the enum costs ten times as much."""
    return {each.value: each for each in type_}
