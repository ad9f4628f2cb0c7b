"""Conditions cut into tokens, each with its position, in one pass.

Every alternative is told from the others by its first character, so the pass is linear whatever
the text holds.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final, NamedTuple

from incidentkit.errors import ConditionError
from incidentkit.lang.conditions.nodes import TextOperator
from incidentkit.lang.names import FIRST, NAME
from incidentkit.lang.quoting import QUOTED

KEYWORDS: Final = frozenset({"and", "or", "not", "in", "has", "true", "false", *TextOperator})
_SPACE: Final = re.compile(r"[ \t\r\n]*")
_WORD: Final = re.compile(FIRST)
_QUOTED: Final = re.compile(QUOTED)
_NUMBER: Final = re.compile(r"-?[0-9][0-9A-Za-z.]*")
_SIGN: Final = re.compile(r"==|!=|<=|>=|[<>()\[\],]")
_HINTS: Final = {
    "=": "write == to compare",
    "&": "write 'and'",
    "|": "write 'or'",
    "!": "write 'not'",
    '"': "the text is not closed on its line",
    "'": "the text is not closed on its line",
}


class Kind(StrEnum):
    """What a token is."""

    NAME = "name"
    KEYWORD = "keyword"
    TEXT = "text"
    NUMBER = "number"
    SIGN = "sign"
    END = "end"


class Token(NamedTuple):
    """A piece of the text, as written, and where it starts."""

    kind: Kind
    written: str
    at: int


def cut(text: str) -> list[Token]:
    """All tokens of the text, the last being END.

    >>> [token.written for token in cut("count >= 3")]
    ['count', '>=', '3', '']
    """
    tokens: list[Token] = []
    at = _skip(text, 0)
    while at < len(text):
        token = _next(text, at)
        tokens.append(token)
        at = _skip(text, at + len(token.written))
    tokens.append(Token(Kind.END, "", at))
    return tokens


def _skip(text: str, at: int) -> int:
    space = _SPACE.match(text, at)
    return space.end() if space else at


def _next(text: str, at: int) -> Token:
    if word := _WORD.match(text, at):
        if word[0] in KEYWORDS:
            return Token(Kind.KEYWORD, word[0], at)
        name = NAME.match(text, at) or word
        return Token(Kind.NAME, name[0], at)
    for kind, pattern in ((Kind.TEXT, _QUOTED), (Kind.NUMBER, _NUMBER), (Kind.SIGN, _SIGN)):
        if found := pattern.match(text, at):
            return Token(kind, found[0], at)
    hint = _HINTS.get(text[at], "it has no meaning in a condition")
    raise ConditionError(text, at, f"unexpected {text[at]!r}: {hint}")
