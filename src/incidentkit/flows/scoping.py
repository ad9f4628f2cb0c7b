"""From a condition to a store's filter: what an actor may see, pushed into every read.

A store's columns are never null, so a condition over them is two-valued; what it cannot express is
refused when the authoriser answers, and never silently widened.
"""

from __future__ import annotations

from incidentkit.errors import ConditionError
from incidentkit.lang import conditions as lang
from incidentkit.ports.query import (
    EVERYTHING,
    NOTHING,
    AllOf,
    AnyOf,
    Compare,
    Filter,
    Not,
    OneOf,
    Op,
)
from incidentkit.ports.rows import Scalar


def as_filter(condition: lang.Condition) -> Filter:
    """The same test as a filter over index columns.

    Raises ConditionError for a test that a store cannot be asked.
    """
    return _node(condition.root, condition.text)


def _node(node: lang.Node, text: str) -> Filter:
    if isinstance(node, lang.And):
        return AllOf(tuple(_node(part, text) for part in node.parts))
    if isinstance(node, lang.Or):
        return AnyOf(tuple(_node(part, text) for part in node.parts))
    if isinstance(node, lang.Not):
        return Not(_node(node.part, text))
    if isinstance(node, lang.Always):
        return EVERYTHING if node.value else NOTHING
    if isinstance(node, lang.Comparison):
        return Compare(node.name.dotted, Op(node.operator.value), _scalar(node.literal, text))
    if isinstance(node, lang.Membership):
        return OneOf(node.name.dotted, tuple(_scalar(x, text) for x in node.literals))
    raise ConditionError(text, 0, "a scope can only compare index columns with ==, !=, <, > or in")


def _scalar(literal: lang.Literal, text: str) -> Scalar:
    if isinstance(literal, str | bool | int):
        return literal
    raise ConditionError(text, 0, "a scope compares columns with text, whole numbers or bools")
