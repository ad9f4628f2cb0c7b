"""The careful reader: slow, with paths, for documents that the fast readers would not take.

Two things bring a document here: it was written by another minor version and lacks fields, whose
defaults are then filled in; or it is damaged, and then the first place of damage is named.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import attrs

from incidentkit.codec import leaves
from incidentkit.codec.damage import Misfit
from incidentkit.codec.shapes import (
    BOOL,
    INSTANT,
    INT,
    PLAIN,
    SPAN,
    TEXT,
    Field,
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
from incidentkit.errors import InvalidValue
from incidentkit.model.frozen import FrozenMap


def _of_type(type_: type[Any], name: str) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        if type(value) is not type_:
            raise InvalidValue("", f"expected {name}, got {leaves.name_of(value)}")
        return value

    return read


_LEAVES: dict[Leaf, Callable[[Any], Any]] = {
    TEXT: _of_type(str, "text"),
    INT: _of_type(int, "a whole number"),
    BOOL: _of_type(bool, "true or false"),
    INSTANT: leaves.read_instant,
    SPAN: leaves.read_span,
    PLAIN: leaves.read_plain,
}
_list = _of_type(list, "a list")
_object = _of_type(dict, "an object")


def read(cls: type[Any], document: Any, path: str = "$") -> Any:
    """The value, with defaults for missing keys.

    Raises Misfit with the path of the first thing that does not fit.
    """
    given = cast("dict[str, Any]", _at(path, _object, document))
    values = [_field(each, given, path) for each in fields_of(cls)]
    try:
        return cls(*values)
    except InvalidValue as error:
        raise Misfit(f"{path}.{error.field}", error.problem) from None
    except (TypeError, ValueError) as error:
        raise Misfit(path, str(error)) from None


def _field(field: Field, given: dict[str, Any], path: str) -> Any:
    if field.name in given:
        return _read(field.shape, given[field.name], f"{path}.{field.name}")
    if field.default is attrs.NOTHING:
        raise Misfit(f"{path}.{field.name}", "is missing")
    return field.default


def _read(shape: Shape, value: Any, path: str) -> Any:
    match shape:
        case Leaf():
            return _at(path, _LEAVES[shape], value)
        case Maybe(of):
            return None if value is None else _read(of, value, path)
        case Many(of):
            items = enumerate(_at(path, _list, value))
            return tuple([_read(of, each, f"{path}[{i}]") for i, each in items])
        case Mapped(key, of):
            items = _at(path, _object, value).items()
            return FrozenMap(
                {_read(key, k, f"{path}.{k}"): _read(of, e, f"{path}.{k}") for k, e in items}
            )
        case Word(type_):
            known = members(type_)
            if type(value) not in (str, int) or value not in known:
                words = ", ".join(map(str, known))
                raise Misfit(path, f"{str(value)[:64]!r} is none of {words}")
            return known[value]
        case Record(type_):
            return read(type_, value, path)


def _at(path: str, reading: Callable[[Any], Any], value: Any) -> Any:
    try:
        return reading(value)
    except InvalidValue as error:
        raise Misfit(path, error.problem) from None
