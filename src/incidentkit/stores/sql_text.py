"""SQL text from table specs: plain enough for every SQL database with row values.

Text is built once per shape; values always travel as parameters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from incidentkit.ports.query import AllOf, AnyOf, Compare, Filter, Not, OneOf, Op

_OPERATORS = {Op.EQ: "=", Op.NE: "<>", Op.LT: "<", Op.LE: "<=", Op.GT: ">", Op.GE: ">="}


def quoted(name: str) -> str:
    """An identifier that may also be a keyword (`key`)."""
    return f'"{name}"'


def listed(names: Iterable[str]) -> str:
    """Identifiers with commas between."""
    return ", ".join(map(quoted, names))


def equals(names: Iterable[str], mark: str, between: str = " AND ") -> str:
    """`"a" = ? AND "b" = ?`."""
    return between.join(f"{quoted(name)} = {mark}" for name in names)


def marks(n: int, mark: str) -> str:
    """`?, ?, ?`."""
    return ", ".join([mark] * n)


def insert(table: str, names: Sequence[str], mark: str) -> str:
    """Add one row."""
    return f"INSERT INTO {quoted(table)} ({listed(names)}) VALUES ({marks(len(names), mark)})"


def update(table: str, changed: Sequence[str], where: Sequence[str], mark: str) -> str:
    """Change rows that equal."""
    return f"UPDATE {quoted(table)} SET {equals(changed, mark, ', ')} WHERE {equals(where, mark)}"


def delete(table: str, where: Sequence[str], mark: str) -> str:
    """Remove rows that equal."""
    return f"DELETE FROM {quoted(table)} WHERE {equals(where, mark)}"


def beyond(names: Sequence[str], descending: bool, mark: str) -> str:
    """Rows strictly beyond a place, compared as tuples."""
    sign = "<" if descending else ">"
    if len(names) == 1:
        return f"{quoted(names[0])} {sign} {mark}"
    return f"({listed(names)}) {sign} ({marks(len(names), mark)})"


def ordered(names: Sequence[str], descending: bool) -> str:
    """The ORDER BY list."""
    way = " DESC" if descending else ""
    return ", ".join(quoted(name) + way for name in names)


def condition(
    where: Filter, mark: str, values: list[Any], named: Callable[[str], str] = quoted
) -> str:
    """The filter as an expression; its values are appended in the order of their marks."""
    match where:
        case Compare(column, op, value):
            values.append(value)
            return f"{named(column)} {_OPERATORS[op]} {mark}"
        case OneOf(column, wanted):
            if not wanted:
                return "1 = 0"
            values.extend(wanted)
            return f"{named(column)} IN ({marks(len(wanted), mark)})"
        case AllOf(parts):
            texts = [condition(part, mark, values, named) for part in parts]
            return _joined(texts, "AND", "1 = 1")
        case AnyOf(parts):
            texts = [condition(part, mark, values, named) for part in parts]
            return _joined(texts, "OR", "1 = 0")
        case Not(part):
            return f"NOT ({condition(part, mark, values, named)})"


def _joined(texts: list[str], word: str, empty: str) -> str:
    # Balanced, because databases limit how deep an expression may be.
    if not texts:
        return empty
    if len(texts) == 1:
        return texts[0]
    half = len(texts) // 2
    left, right = _joined(texts[:half], word, empty), _joined(texts[half:], word, empty)
    return f"({left} {word} {right})"


Execute = Callable[[str, Sequence[Any]], Any]
"""Runs one statement and gives a DB-API cursor."""
