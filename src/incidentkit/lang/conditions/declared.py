"""Which facts there are and of what type, so that a misspelt rule fails when it is written.

A rule that names an undeclared fact would be unknown for ever and never fire; nobody notices a
page that was not sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Final

import attrs

from incidentkit.errors import InvalidValue
from incidentkit.lang.conditions.nodes import Literal, Operator, TextOperator
from incidentkit.lang.conditions.printing import show_literal
from incidentkit.lang.names import declares, nearest
from incidentkit.timing.instants import parse_instant


class FactType(StrEnum):
    """What kind of value a fact has."""

    TEXT = "text"
    INT = "int"
    DECIMAL = "decimal"
    BOOL = "bool"
    INSTANT = "instant"
    DURATION = "duration"
    LIST = "list"
    """A list of text."""


_SHOWN: Final = {
    FactType.TEXT: 'text, written "..."',
    FactType.INT: "a number",
    FactType.DECIMAL: "a number",
    FactType.BOOL: "true or false",
    FactType.INSTANT: 'an instant, written "2026-03-01T12:00:00Z"',
    FactType.DURATION: "a duration, written 15m or 4h",
}
_UNORDERED: Final = (FactType.TEXT, FactType.BOOL)


def _frozen(facts: Mapping[str, FactType | str]) -> Mapping[str, FactType]:
    try:
        return {name: FactType(kind) for name, kind in facts.items()}
    except ValueError as error:
        raise InvalidValue("facts", f"{error}; {nearest('', FactType)}") from None


@attrs.frozen
class Declared:
    """The facts a condition may name. `labels.*` declares an open family.

    >>> Declared({"severity": "text", "labels.*": "text"}).type_of("labels.team")
    <FactType.TEXT: 'text'>
    """

    facts: Mapping[str, FactType] = attrs.field(converter=_frozen, hash=False)

    def type_of(self, dotted: str) -> FactType | None:
        """The declared type of a dotted name; None when it is not declared."""
        covering = declares(self.facts, dotted)
        return None if covering is None else self.facts[covering]


def is_instant(text: str) -> bool:
    """Whether a text literal can stand for an instant."""
    try:
        parse_instant(text)
    except InvalidValue:
        return False
    return True


def comparison_problem(fact: FactType | None, operator: Operator, literal: Literal) -> str | None:
    """Why the comparison makes no sense; None when it does. `fact` None: type not declared."""
    if fact is FactType.LIST:
        return "is a list; ask what it contains"
    if operator.orders and (fact in _UNORDERED or (fact is None and not _has_order(literal))):
        return f"has no order that {operator} could use; list the values with in [...]"
    return literal_problem(fact, literal)


def literal_problem(fact: FactType | None, literal: Literal) -> str | None:
    """Why a fact of this type can never equal the literal; None when it can."""
    if fact is None or _agrees(fact, literal):
        return None
    if fact is FactType.LIST:
        return "is a list; ask what it contains"
    return f"is compared with {show_literal(literal)[:60]}, but it is {_SHOWN[fact]}"


def text_problem(fact: FactType | None, operator: TextOperator) -> str | None:
    """Why a fact of this type cannot be tested so; None when it can."""
    if fact is None or fact is FactType.TEXT:
        return None
    if fact is FactType.LIST:
        listed = operator is TextOperator.CONTAINS
        return None if listed else f"is a list, which has no {operator}; ask what it contains"
    return f"is {_SHOWN[fact]}, and {operator} needs text"


def _has_order(literal: Literal) -> bool:
    if isinstance(literal, str):
        return is_instant(literal)
    return not isinstance(literal, bool)


def _agrees(fact: FactType, literal: Literal) -> bool:
    if isinstance(literal, bool):
        return fact is FactType.BOOL
    if isinstance(literal, str):
        return fact is FactType.TEXT or (fact is FactType.INSTANT and is_instant(literal))
    if isinstance(literal, timedelta):
        return fact is FactType.DURATION
    return fact in (FactType.INT, FactType.DECIMAL)
