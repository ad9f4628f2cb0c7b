"""Conditions back to text, in the one canonical form in which equal conditions look alike.

Brackets stand only where the source needed them too, so a printed condition is never deeper than
the text it was read from.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from incidentkit.lang.conditions.nodes import (
    Always,
    And,
    Comparison,
    Leaf,
    Literal,
    Membership,
    Node,
    Not,
    Or,
    Presence,
)
from incidentkit.lang.quoting import quote
from incidentkit.timing.terms import Term


def show(node: Node) -> str:
    """The node as text that parses to the same node."""
    if isinstance(node, Or):
        return " or ".join(_inside(part, Or) for part in node.parts)
    if isinstance(node, And):
        return " and ".join(_inside(part, And, Or) for part in node.parts)
    if isinstance(node, Not):
        part = node.part
        if isinstance(part, Membership):
            return f"{part.name} not in {_listed(part)}"
        if isinstance(part, Not | Presence | Always):
            return f"not {show(part)}"
        return f"not ({show(part)})"
    return _leaf(node)


def show_literal(literal: Literal) -> str:
    """The literal as it is written in a condition.

    >>> show_literal(timedelta(minutes=90))
    '1h30m'
    """
    if isinstance(literal, bool):
        return "true" if literal else "false"
    if isinstance(literal, str):
        return quote(literal)
    if isinstance(literal, timedelta):
        return str(Term(literal))
    return format(literal, "f") if isinstance(literal, Decimal) else str(literal)


def _inside(part: Node, *looser: type[Node]) -> str:
    return f"({show(part)})" if isinstance(part, looser) else show(part)


def _leaf(node: Leaf) -> str:
    if isinstance(node, Always):
        return show_literal(node.value)
    if isinstance(node, Presence):
        return f"has {node.name}"
    if isinstance(node, Comparison):
        return f"{node.name} {node.operator} {show_literal(node.literal)}"
    if isinstance(node, Membership):
        return f"{node.name} in {_listed(node)}"
    return f"{node.name} {node.operator} {quote(node.text)}"


def _listed(node: Membership) -> str:
    return f"[{', '.join(map(show_literal, node.literals))}]"
