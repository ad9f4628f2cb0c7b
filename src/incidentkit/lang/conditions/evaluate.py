"""Conditions evaluated in Kleene's three-valued logic, by walking.

A missing fact is unknown, never false: `not (environment == "test")` must not silence an alert
of which nobody knows the environment. Values of the wrong type are unknown too, because a rule
must not crash the ingestion of an alert.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from operator import contains, eq, ge, gt, le, lt, ne
from typing import Any, Final, cast

import attrs

from incidentkit.errors import InvalidValue
from incidentkit.lang.conditions.globs import matches
from incidentkit.lang.conditions.nodes import (
    Always,
    And,
    Comparison,
    Literal,
    Membership,
    Node,
    Not,
    Operator,
    Or,
    Presence,
    TextOperator,
    TextTest,
)
from incidentkit.lang.names import Name, value_of
from incidentkit.timing.instants import as_utc, parse_instant

_TEST: Final[dict[Operator, Callable[[Any, Any], bool]]] = {
    Operator.EQ: eq,
    Operator.NE: ne,
    Operator.LT: lt,
    Operator.LE: le,
    Operator.GT: gt,
    Operator.GE: ge,
}
_TEXT_TEST: Final[dict[TextOperator, Callable[[str, str], bool]]] = {
    TextOperator.MATCHES: lambda value, pattern: matches(pattern, value),
    TextOperator.STARTSWITH: str.startswith,
    TextOperator.ENDSWITH: str.endswith,
    TextOperator.CONTAINS: contains,
}
_ORDERED: Final = frozenset({"number", "instant", "duration"})


class Truth(StrEnum):
    """True, false, or not known."""

    TRUE = "true"
    FALSE = "false"
    UNKNOWN = "unknown"


_TRUTH: Final = {True: Truth.TRUE, False: Truth.FALSE, None: Truth.UNKNOWN}


@attrs.frozen
class Verdict:
    """What came out, and from what.

    `unknowns` are the names that were missing (or of the wrong type) and mattered: with their
    values the verdict could differ. `read` holds the values read; evaluated on `read` alone, the
    condition gives the same verdict again.
    """

    truth: Truth
    unknowns: tuple[str, ...] = ()
    read: Mapping[str, object] = attrs.field(factory=dict[str, object], hash=False)

    @property
    def holds(self) -> bool:
        """Whether a rule with this verdict fires: on true only."""
        return self.truth is Truth.TRUE


def evaluate(node: Node, facts: Mapping[str, object]) -> Verdict:
    """The verdict of a node on the facts. It never raises, whatever the facts hold."""
    walker = _Walker(facts)
    truth, unknowns = walker.truth(node)
    return Verdict(_TRUTH[truth], tuple(dict.fromkeys(unknowns)), walker.read)


_Outcome = tuple[bool | None, tuple[str, ...]]


class _Walker:
    def __init__(self, facts: Mapping[str, object]) -> None:
        self._facts = facts
        self.read: dict[str, object] = {}

    def truth(self, node: Node) -> _Outcome:
        if isinstance(node, And):
            return self._joined(node.parts, False)
        if isinstance(node, Or):
            return self._joined(node.parts, True)
        if isinstance(node, Not):
            truth, unknowns = self.truth(node.part)
            return (None if truth is None else not truth), unknowns
        if isinstance(node, Always):
            return node.value, ()
        value = self._value(node.name)
        if isinstance(node, Presence):
            return value is not None, ()
        truth = None if value is None else _leaf(node, value)
        return truth, (node.name.dotted,) if truth is None else ()

    def _joined(self, parts: tuple[Node, ...], decisive: bool) -> _Outcome:
        missing: tuple[str, ...] = ()
        known = True
        for part in parts:
            truth, unknowns = self.truth(part)
            if truth is decisive:
                return decisive, ()
            if truth is None:
                known = False
                missing += unknowns
        return (not decisive if known else None), missing

    def _value(self, name: Name) -> object | None:
        value = value_of(self._facts, name)
        if value is not None:
            self.read[name.dotted] = value
        return value


def _leaf(node: Comparison | Membership | TextTest, value: object) -> bool | None:
    if isinstance(node, Comparison):
        return _compare(value, node.operator, node.literal)
    if isinstance(node, TextTest):
        return _text_test(value, node.operator, node.text)
    if _plain(value) is None:
        return None
    answers = [_compare(value, Operator.EQ, literal) for literal in node.literals]
    if True in answers:
        return True
    return None if answers and False not in answers else False


def _compare(value: object, operator: Operator, literal: Literal) -> bool | None:
    left = _plain(value)
    if left is None:
        return None
    instant = left[0] == "instant" and isinstance(literal, str)
    right = _instant(literal) if instant else _plain(literal)
    if right is None or left[0] != right[0]:
        return None
    if operator.orders and left[0] not in _ORDERED:
        return None
    return _TEST[operator](left[1], right[1])


def _text_test(value: object, operator: TextOperator, text: str) -> bool | None:
    if isinstance(value, str):
        return _TEXT_TEST[operator](str.__str__(value), text)
    if operator is TextOperator.CONTAINS and isinstance(value, list | tuple | set | frozenset):
        return text in cast("list[object]", value)
    return None


def _plain(value: object) -> tuple[str, object] | None:
    """The value with the name of its kind; None for what no literal can equal."""
    if isinstance(value, bool):
        return "bool", value
    if isinstance(value, str):
        return "text", str.__str__(value)
    if isinstance(value, int):
        return "number", value
    if isinstance(value, Decimal):
        return ("number", value) if value.is_finite() else None
    if isinstance(value, float):
        # As written, not as stored: 0.1 in a document equals 0.1 in a condition.
        return ("number", Decimal(float.__repr__(value))) if math.isfinite(value) else None
    if isinstance(value, timedelta):
        return "duration", value
    return _instant(value)


def _instant(value: object) -> tuple[str, object] | None:
    try:
        if isinstance(value, str):
            return "instant", parse_instant(value)
        return ("instant", as_utc(value)) if isinstance(value, datetime) else None
    except InvalidValue:
        return None
