"""The condition itself: a value with a text, that can be asked.

Equality goes by the canonical text, so two people who wrote the same rule differently wrote the
same rule.
"""

from __future__ import annotations

from collections.abc import Mapping

import attrs
from typing_extensions import override

from incidentkit.errors import ConditionError
from incidentkit.lang.conditions.declared import Declared
from incidentkit.lang.conditions.evaluate import Verdict, evaluate
from incidentkit.lang.conditions.nodes import (
    Always,
    Comparison,
    Membership,
    Node,
    Presence,
    TextTest,
    walk,
)
from incidentkit.lang.conditions.parse import MAX_CHARACTERS, MAX_NODES, parse
from incidentkit.lang.conditions.printing import show
from incidentkit.lang.quoting import check_source

_NAMED = (Presence, Comparison, Membership, TextTest)


@attrs.frozen
class Condition:
    """A condition on facts; make it with `parse`, or with `of` from nodes.

    >>> rule = Condition.parse('severity in ["critical", "error"] and labels.team == "db"')
    >>> rule.holds({"severity": "error", "labels": {"team": "db"}})
    True
    >>> verdict = rule.evaluate({"severity": "error"})
    >>> print(verdict.truth, verdict.unknowns)
    unknown ('labels.team',)
    """

    text: str
    """The canonical text."""

    root: Node = attrs.field(eq=False, repr=False)
    """The nodes that the text stands for."""

    @classmethod
    def parse(cls, text: str, facts: Declared | None = None) -> Condition:
        """Read a condition; with `facts`, undeclared names and wrong types are refused.

        >>> Condition.parse("sevrity == 'low'", Declared({"severity": "text"}))
        Traceback (most recent call last):
        incidentkit.errors.ConditionError: there is no fact 'sevrity'; did you mean 'severity'? ...

        Raises ConditionError with the position of what is wrong, or over a limit.
        """
        root = parse(text, facts)
        written = show(root)
        check_source(written, MAX_CHARACTERS, "condition (written out)", ConditionError)
        return cls(written, root)

    @classmethod
    def of(cls, root: Node, facts: Declared | None = None) -> Condition:
        """The condition made of these nodes, refused when it could not be written as text.

        >>> from incidentkit.lang.conditions import Name, Not, Presence
        >>> print(Condition.of(Not(Presence(Name(("owner",))))))
        not has owner
        """
        for count, _ in enumerate(walk(root), start=1):
            if count > MAX_NODES:
                raise ConditionError("", 0, f"a condition has at most {MAX_NODES} parts")
        made = cls.parse(show(root), facts)
        if made.root != root:
            raise ConditionError(made.text, 0, "these nodes cannot be written as a condition")
        return made

    def names(self) -> tuple[str, ...]:
        """The dotted names it can read, in the order of the text, each once."""
        named = (node.name.dotted for node in walk(self.root) if isinstance(node, _NAMED))
        return tuple(dict.fromkeys(named))

    def evaluate(self, facts: Mapping[str, object]) -> Verdict:
        """The verdict on the facts, which may be nested mappings or flat dotted names.

        It never raises: what is missing or of another type is unknown.
        """
        return evaluate(self.root, facts)

    def holds(self, facts: Mapping[str, object]) -> bool:
        """Whether the condition is true of the facts; unknown is not true."""
        return evaluate(self.root, facts).holds

    @override
    def __str__(self) -> str:
        """The canonical text.

        >>> print(Condition.parse("not(a=='x')or b<15m"))
        not (a == "x") or b < 15m
        """
        return self.text


ALWAYS = Condition("true", Always(True))
NEVER = Condition("false", Always(False))
