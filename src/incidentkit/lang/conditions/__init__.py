"""Three-valued conditions as text, checked when written and explained when evaluated.

    severity in ["critical", "error"] and labels.team == "db" and not (environment == "test")

The nodes are public, so that another room can turn a condition into a store's filter.
"""

from __future__ import annotations

from incidentkit.lang.conditions.condition import ALWAYS, NEVER, Condition
from incidentkit.lang.conditions.declared import Declared, FactType
from incidentkit.lang.conditions.evaluate import Truth, Verdict
from incidentkit.lang.conditions.nodes import (
    Always,
    And,
    Comparison,
    Leaf,
    Literal,
    Membership,
    Node,
    Not,
    Operator,
    Or,
    Presence,
    TextOperator,
    TextTest,
    walk,
)
from incidentkit.lang.names import Name

__all__ = [
    "ALWAYS",
    "NEVER",
    "Always",
    "And",
    "Comparison",
    "Condition",
    "Declared",
    "FactType",
    "Leaf",
    "Literal",
    "Membership",
    "Name",
    "Node",
    "Not",
    "Operator",
    "Or",
    "Presence",
    "TextOperator",
    "TextTest",
    "Truth",
    "Verdict",
    "walk",
]
