"""Whether every field of a command is of its type: asked once, before anybody decides.

Rules and flows trust types, and what they journal stands for ever: a number among the labels would
make a record that nobody can read again. Constructors see text, names and words of closed sets; of
the rest they see what is given only. So each class of commands is resolved once, from its type
hints, and a command at hand costs one look at the type of each field.
"""

from __future__ import annotations

import types
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any, Final, TypeAlias, Union, cast, get_args, get_origin, get_type_hints

import attrs

from incidentkit.errors import InvalidValue, LimitExceeded
from incidentkit.model.checks import LABELS_LIMIT, NAME_LIMIT, check_count, check_text
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.incident_commands import Command

Test: TypeAlias = Callable[[Any, str], object]
"""Raises InvalidValue for a value that does not fit the field of this name."""
Row: TypeAlias = tuple[str, frozenset[type[Any]], Test]
"""A field, the types of which any value fits, and the test of all others."""

LARGEST: Final = 2**63 - 1
"""Whole numbers beyond this are not kept alike by every store."""
_NONE: Final = type(None)
_known: Final[dict[type[Command], tuple[Row, ...]]] = {}


def check(command: Command) -> None:
    """Refuse a command with a field of the wrong type, or a version of what does not exist yet.

    Raises InvalidValue naming the field.
    """
    kind = type(command)
    rows = _known.get(kind)
    if rows is None:
        rows = _known[kind] = _resolve(kind)
    for name, sure, test in rows:
        value = getattr(command, name)
        if type(value) not in sure:
            _ = test(value, name)
    if command.begins and command.if_version is not None:
        problem = f"{command.action} begins a record, which has no version yet; leave it out"
        raise InvalidValue("if_version", problem)


def _resolve(kind: type[Command]) -> tuple[Row, ...]:
    # A value of any kind that JSON knows is converted where the command is made.
    hints = get_type_hints(kind, localns={"Plain": object})
    found: list[Row] = []
    for each in attrs.fields(kind):
        try:
            sure, test = _fit(hints[each.name])
        except TypeError as error:
            raise TypeError(f"{kind.__name__}.{each.name}: {error}") from None
        # Text that no validator has seen yet is looked at, and not only its type.
        clean = sure if each.validator is not None else sure - {str}
        found.append((each.name, clean, test))
    return tuple(found)


def _fit(hint: Any) -> tuple[frozenset[type[Any]], Test]:
    origin, args = get_origin(hint), get_args(hint)
    if origin in (types.UnionType, Union) and len(args) == 2 and args[1] is _NONE:
        sure, test = _fit(args[0])
        return sure | {_NONE}, test
    if origin is tuple and len(args) == 2 and args[1] is Ellipsis:
        return frozenset(), _each(_fit(args[0])[1])
    if hint == FrozenMap[str, str]:
        return frozenset(), _texts
    if hint in _PLAIN:
        return _PLAIN[hint]
    if isinstance(hint, type):
        cls = cast("type[Any]", hint)
        return frozenset((cls,)), _one_of(cls) if issubclass(cls, Enum) else _a(cls, cls.__name__)
    raise TypeError(f"{hint!r} is a type that no command can have; see {__name__}")


def _wrong(value: object, field: str, needed: str) -> InvalidValue:
    return InvalidValue(field, f"must be {needed}, not {type(value).__name__}")


def _a(kind: type[Any], needed: str) -> Test:
    def test(value: object, field: str) -> None:
        if not isinstance(value, kind):
            raise _wrong(value, field, needed)

    return test


def _one_of(kind: type[Enum]) -> Test:
    needed = f"one of {', '.join(str(each) for each in kind)}"

    def test(value: object, field: str) -> None:
        raise _wrong(value, field, needed)

    return test


def _each(inner: Test) -> Test:
    def test(value: object, field: str) -> None:
        if not isinstance(value, tuple):
            raise _wrong(value, field, "several values in a tuple, such as (x,)")
        for each in cast("tuple[object, ...]", value):
            _ = inner(each, field)

    return test


def _texts(value: object, field: str) -> None:
    if not isinstance(value, FrozenMap):
        raise _wrong(value, field, "names with their texts, such as {'team': 'db'}")
    table = cast("FrozenMap[object, object]", value)
    check_count(len(table), field, LABELS_LIMIT)
    for key, text in table.items():
        _ = check_text(text, f"{field}.{check_text(key, field, NAME_LIMIT)}")


def _bool(value: object, field: str) -> None:
    raise _wrong(value, field, "True or False")


def _int(value: object, field: str) -> None:
    if type(value) is not int:  # True is an int to isinstance, and never meant as one
        raise _wrong(value, field, "a whole number")
    if not -LARGEST <= value <= LARGEST:
        raise LimitExceeded(field, f"is beyond {LARGEST}, the largest whole number that is kept")


def _instant(value: object, field: str) -> None:
    if not isinstance(value, datetime) or value.tzinfo is not UTC:
        raise _wrong(value, field, "an aware datetime in UTC")


def _anything(_value: object, _field: str) -> None:
    """Whatever it is, a converter has seen it."""


_PLAIN: Final[dict[Any, tuple[frozenset[type[Any]], Test]]] = {
    str: (frozenset((str,)), check_text),
    bool: (frozenset((bool,)), _bool),
    int: (frozenset(), _int),
    datetime: (frozenset(), _instant),
    timedelta: (frozenset((timedelta,)), _a(timedelta, "a timedelta")),
    object: (frozenset(), _anything),
}
