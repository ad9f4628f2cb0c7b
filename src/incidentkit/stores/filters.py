"""Filters in Python: for stores that cannot hand them to a database, and checked before any does.

A filter is refused when it names an undeclared column, compares a column with a value of another
type, or is so large that a database's own limits would answer in its place.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from incidentkit.errors import InvalidValue, LimitExceeded
from incidentkit.ports.query import AllOf, AnyOf, Compare, Filter, Not, OneOf, Op, Query
from incidentkit.ports.rows import Column, ColumnType, Scalar

INT64_MIN = -(2**63)
INT64_MAX = 2**63 - 1
MAX_DEPTH = 50
MAX_TERMS = 5000

_COMPARE: dict[Op, Callable[[Any, Any], bool]] = {
    Op.EQ: operator.eq,
    Op.NE: operator.ne,
    Op.LT: operator.lt,
    Op.LE: operator.le,
    Op.GT: operator.gt,
    Op.GE: operator.ge,
}


def matches(where: Filter, columns: Mapping[str, Any]) -> bool:
    """Whether the filter holds for columns given by name."""
    match where:
        case Compare(column, op, value):
            return _COMPARE[op](columns[column], value)
        case OneOf(column, values):
            return columns[column] in values
        case AllOf(parts):
            return all(matches(part, columns) for part in parts)
        case AnyOf(parts):
            return any(matches(part, columns) for part in parts)
        case Not(part):
            return not matches(part, columns)


def predicate(where: Filter, position: Mapping[str, int]) -> Callable[[Sequence[Scalar]], bool]:
    """The filter as one function of a row's columns, for scans of many rows."""
    match where:
        case Compare(column, op, value):
            place, test, wanted = position[column], _COMPARE[op], value
            return lambda columns: test(columns[place], wanted)
        case OneOf(column, values):
            place, allowed = position[column], frozenset(values)
            return lambda columns: columns[place] in allowed
        case AllOf(parts):
            inner = [predicate(part, position) for part in parts]
            return lambda columns: all(test(columns) for test in inner)
        case AnyOf(parts):
            inner = [predicate(part, position) for part in parts]
            return lambda columns: any(test(columns) for test in inner)
        case Not(part):
            negated = predicate(part, position)
            return lambda columns: not negated(columns)


def renamed(where: Filter, name: Callable[[str], str]) -> Filter:
    """The same filter over columns of other names."""
    match where:
        case Compare(column, op, value):
            return Compare(name(column), op, value)
        case OneOf(column, values):
            return OneOf(name(column), values)
        case AllOf(parts):
            return AllOf(tuple(renamed(part, name) for part in parts))
        case AnyOf(parts):
            return AnyOf(tuple(renamed(part, name) for part in parts))
        case Not(part):
            return Not(renamed(part, name))


def equalities(where: Filter) -> Iterator[tuple[str, tuple[Scalar, ...]]]:
    """Columns that every matching row has at one of a few values: ways into an index."""
    match where:
        case Compare(column, Op.EQ, value):
            yield column, (value,)
        case OneOf(column, values):
            yield column, values
        case AllOf(parts):
            for part in parts:
                yield from equalities(part)
        case _:
            return


def check_scalar(field: str, column: ColumnType, value: object) -> None:
    """Refuse a value that is not what the column holds."""
    if column is ColumnType.TEXT:
        good = isinstance(value, str)
    elif column is ColumnType.BOOL:
        good = isinstance(value, bool)
    else:
        good = isinstance(value, int) and not isinstance(value, bool)
    if not good:
        raise InvalidValue(field, f"{value!r} is not {column.value}")
    if isinstance(value, int):
        check_int(field, value)


def check_int(field: str, value: int) -> None:
    """Refuse what does not fit into 64 bits: stores would disagree about it."""
    if not INT64_MIN <= value <= INT64_MAX:
        raise InvalidValue(field, f"{value} does not fit into a signed 64-bit integer")


def check_filter(where: Filter, column: Callable[[str], Column]) -> None:
    """Refuse a filter that some store could not answer."""
    terms = 0
    waiting: list[tuple[Filter, int]] = [(where, 1)]
    while waiting:
        part, depth = waiting.pop()
        terms += 1
        match part:
            case Compare(name, _, value):
                check_scalar(f"filter on {name}", column(name).type, value)
            case OneOf(name, values):
                terms += len(values)
                kind = column(name).type
                for value in values:
                    check_scalar(f"filter on {name}", kind, value)
            case AllOf(parts) | AnyOf(parts):
                waiting.extend((inner, depth + 1) for inner in parts)
            case Not(inner):
                waiting.append((inner, depth + 1))
        if depth > MAX_DEPTH:
            raise LimitExceeded("filter", f"nested deeper than {MAX_DEPTH}")
        if terms > MAX_TERMS:
            raise LimitExceeded("filter", f"more than {MAX_TERMS} terms")


def check_query(query: Query, column: Callable[[str], Column]) -> None:
    """Refuse a query whose order, cursor, limit or filter cannot be."""
    if query.limit < 1:
        raise InvalidValue("limit", f"{query.limit} is less than 1")
    check_int("limit", query.limit)
    if query.order != "id":
        ordered = column(query.order)
        if query.after is not None:
            check_scalar("cursor", ordered.type, query.after.value)
    check_filter(query.where, column)
