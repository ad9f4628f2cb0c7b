"""What a condition consists of, as values that another room can read and translate.

A store filter, an explanation and an evaluation all walk the same few nodes. `x not in [...]` is
`Not(Membership(...))`, so that nobody has to handle it twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias

import attrs

from incidentkit.errors import InvalidValue
from incidentkit.lang.names import Name

Literal: TypeAlias = str | int | Decimal | bool | timedelta
"""What can be written in a condition."""


class Operator(StrEnum):
    """How a fact is compared with a literal."""

    EQ = "=="
    NE = "!="
    LT = "<"
    LE = "<="
    GT = ">"
    GE = ">="

    @property
    def orders(self) -> bool:
        """Whether both sides need an order."""
        return self not in (Operator.EQ, Operator.NE)


class TextOperator(StrEnum):
    """How a text is tested; `contains` also asks for a member of a list."""

    MATCHES = "matches"
    STARTSWITH = "startswith"
    ENDSWITH = "endswith"
    CONTAINS = "contains"


def _typed(value: Literal) -> object:
    # Python holds 1 == True == Decimal(1); conditions that differ so are not the same.
    return type(value), value


def _all_typed(values: tuple[Literal, ...]) -> object:
    return tuple(_typed(value) for value in values)


def _several(_: object, __: object, parts: tuple[Node, ...]) -> None:
    if len(parts) < 2:
        raise InvalidValue("parts", "'and' and 'or' join at least two parts")


@attrs.frozen
class Always:
    """`true` or `false`: holds always, or never."""

    value: bool


@attrs.frozen
class Presence:
    """`has name`: the fact is there and not None; never unknown."""

    name: Name


@attrs.frozen
class Comparison:
    """`name == literal` and the other comparisons."""

    name: Name
    operator: Operator
    literal: Literal = attrs.field(eq=_typed)


@attrs.frozen
class Membership:
    """`name in [literal, ...]`; an empty list holds nothing."""

    name: Name
    literals: tuple[Literal, ...] = attrs.field(eq=_all_typed)


@attrs.frozen
class TextTest:
    """`name matches "web-*"`, `startswith`, `endswith`, `contains`."""

    name: Name
    operator: TextOperator
    text: str


@attrs.frozen
class Not:
    """The part is false."""

    part: Node


@attrs.frozen
class And:
    """Every part is true."""

    parts: tuple[Node, ...] = attrs.field(validator=_several)


@attrs.frozen
class Or:
    """At least one part is true."""

    parts: tuple[Node, ...] = attrs.field(validator=_several)


Leaf: TypeAlias = Always | Presence | Comparison | Membership | TextTest
"""A node without parts."""

Node: TypeAlias = Leaf | Not | And | Or
"""Any node of a condition."""


def walk(root: Node) -> Iterator[Node]:
    """Every node, from the root on, left to right; never deeper than memory."""
    todo: list[Node] = [root]
    while todo:
        node = todo.pop()
        yield node
        if isinstance(node, Not):
            todo.append(node.part)
        elif isinstance(node, And | Or):
            todo.extend(reversed(node.parts))
