"""Conditions read by descent: one token ahead, no going back, and a fixed depth.

Types are checked where the position is known, so that the message can point at the word.
"""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from typing import Final

from incidentkit.errors import ConditionError, InvalidValue
from incidentkit.lang.conditions.declared import (
    Declared,
    FactType,
    comparison_problem,
    literal_problem,
    text_problem,
)
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
from incidentkit.lang.conditions.tokens import Kind, Token, cut
from incidentkit.lang.names import Name, nearest, read_name
from incidentkit.lang.quoting import check_source, unquote
from incidentkit.timing.terms import parse_span

MAX_CHARACTERS: Final = 4_000
MAX_DEPTH: Final = 32
MAX_NODES: Final = 200
_MAX_INT: Final = 2**63 - 1
_MAX_DIGITS: Final = 30
_SHOWN: Final = 60
_LONGEST: Final = timedelta(days=36_525)
_INTEGER: Final = re.compile(r"-?[0-9]+")
_DECIMAL: Final = re.compile(r"-?[0-9]+\.[0-9]+")
_OPERATORS: Final = frozenset(Operator)
_TEXT_OPERATORS: Final = frozenset(TextOperator)


def parse(text: str, facts: Declared | None) -> Node:
    """Read the text. Raises ConditionError with the position of what is wrong."""
    check_source(text, MAX_CHARACTERS, "condition", ConditionError)
    return _Parser(text, facts).whole()


class _Parser:
    def __init__(self, text: str, facts: Declared | None) -> None:
        self._text = text
        self._facts = facts
        self._tokens = cut(text)
        self._at = 0
        self._nodes = 0

    def whole(self) -> Node:
        root = self._any(0)
        if self._token.kind is not Kind.END:
            raise self._expected("'and', 'or' or the end")
        return root

    # --- tokens ---

    @property
    def _token(self) -> Token:
        return self._tokens[self._at]

    def _take(self) -> Token:
        token = self._token
        self._at += 1
        return token

    def _accept(self, *written: str) -> bool:
        token = self._token
        if token.kind in (Kind.KEYWORD, Kind.SIGN) and token.written in written:
            self._at += 1
            return True
        return False

    def _require(self, written: str) -> None:
        if not self._accept(written):
            raise self._expected(f"'{written}'")

    def _fail(self, problem: str, at: int) -> ConditionError:
        return ConditionError(self._text, at, problem)

    def _expected(self, what: str) -> ConditionError:
        found = repr(self._token.written[:_SHOWN]) if self._token.written else "the end"
        return self._fail(f"expected {what}, found {found}", self._token.at)

    def _count(self, at: int) -> None:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise self._fail(f"a condition has at most {MAX_NODES} parts", at)

    # --- joints ---

    def _any(self, depth: int) -> Node:
        at = self._token.at
        parts = [self._every(depth)]
        while self._accept("or"):
            parts.append(self._every(depth))
        if len(parts) == 1:
            return parts[0]
        self._count(at)
        return Or(tuple(parts))

    def _every(self, depth: int) -> Node:
        at = self._token.at
        parts = [self._single(depth)]
        while self._accept("and"):
            parts.append(self._single(depth))
        if len(parts) == 1:
            return parts[0]
        self._count(at)
        return And(tuple(parts))

    def _single(self, depth: int) -> Node:
        at = self._token.at
        if depth > MAX_DEPTH:
            raise self._fail(f"a condition is at most {MAX_DEPTH} levels deep", at)
        if self._accept("not"):
            self._count(at)
            # The bracket of `not (...)` is no level of its own, since printing may add it.
            bracket = self._accept("(")
            part = self._any(depth + 1) if bracket else self._single(depth + 1)
            if bracket:
                self._require(")")
            return Not(part)
        if self._accept("("):
            inner = self._any(depth + 1)
            self._require(")")
            return inner
        self._count(at)
        return self._leaf()

    # --- leaves ---

    def _leaf(self) -> Node:
        if self._accept("true"):
            return Always(True)
        if self._accept("false"):
            return Always(False)
        if self._accept("has"):
            return Presence(self._name()[0])
        at = self._token.at
        name, fact = self._name()
        token = self._take()
        if token.kind is Kind.SIGN and token.written in _OPERATORS:
            operator = Operator(token.written)
            literal = self._literal()
            self._check(name, comparison_problem(fact, operator, literal), at)
            return Comparison(name, operator, literal)
        if token.kind is Kind.KEYWORD and token.written in _TEXT_OPERATORS:
            return self._text_test(name, fact, TextOperator(token.written), at)
        if token.kind is Kind.KEYWORD and token.written == "in":
            return self._membership(name, fact, at)
        if token.kind is Kind.KEYWORD and token.written == "not" and self._accept("in"):
            self._count(at)
            return Not(self._membership(name, fact, at))
        self._at -= 1
        problem = f"{name} stands alone: compare it, or write '{name} == true' or 'has {name}'"
        raise self._fail(problem, token.at)

    def _membership(self, name: Name, fact: FactType | None, at: int) -> Membership:
        self._require("[")
        literals: list[Literal] = []
        while not self._accept("]"):
            if literals:
                self._require(",")
            literals.append(self._literal())
            self._check(name, literal_problem(fact, literals[-1]), at)
        return Membership(name, tuple(literals))

    def _text_test(
        self, name: Name, fact: FactType | None, operator: TextOperator, at: int
    ) -> TextTest:
        self._check(name, text_problem(fact, operator), at)
        where = self._token.at
        text = self._literal()
        if not isinstance(text, str):
            raise self._fail(f"{operator} needs a text in quotes", where)
        return TextTest(name, operator, text)

    def _check(self, name: Name, problem: str | None, at: int) -> None:
        if problem is not None:
            raise self._fail(f"{name} {problem}", at)

    def _name(self) -> tuple[Name, FactType | None]:
        token = self._token
        if token.kind is not Kind.NAME:
            raise self._expected("the name of a fact")
        self._at += 1
        name = read_name(token.written, self._text, token.at, ConditionError)
        if self._facts is None:
            return name, None
        fact = self._facts.type_of(name.dotted)
        if fact is None:
            hint = nearest(name.dotted, self._facts.facts)
            raise self._fail(f"there is no fact {str(name)!r}; {hint}", token.at)
        return name, fact

    def _literal(self) -> Literal:
        token = self._token
        if token.kind is Kind.TEXT:
            self._at += 1
            return unquote(token.written, self._text, token.at, ConditionError)
        if token.kind is Kind.NUMBER:
            self._at += 1
            return self._number(token)
        if self._accept("true"):
            return True
        if self._accept("false"):
            return False
        if token.kind is Kind.NAME:
            raise self._expected(f'a literal (a text is quoted: "{token.written[:_SHOWN]}")')
        raise self._expected("a literal")

    def _number(self, token: Token) -> Literal:
        written = token.written
        if len(written) > _MAX_DIGITS:
            raise self._fail(f"a number has at most {_MAX_DIGITS} characters", token.at)
        if _INTEGER.fullmatch(written):
            if abs(int(written)) > _MAX_INT:
                raise self._fail("an integer must fit in 64 bits", token.at)
            return int(written)
        if _DECIMAL.fullmatch(written):
            return Decimal(written)
        try:
            span = parse_span(written, "duration")
        except InvalidValue as error:
            raise self._fail(f"no number and no duration: {error.problem}", token.at) from None
        if span > _LONGEST:
            raise self._fail("a duration is at most 100 years", token.at)
        return span
