"""Quoted text and the first look at any source text, alike in all three languages.

NUL and lone surrogates are refused here, because stores disagree about them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from incidentkit.errors import LanguageError

QUOTED: Final = r""""(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'"""
_ESCAPE: Final = re.compile(r"\\(.)")
_MEANS: Final = {"n": "\n", "t": "\t", '"': '"', "'": "'", "\\": "\\"}
_WRITTEN: Final = {ord("\\"): "\\\\", ord('"'): '\\"', ord("\n"): "\\n", ord("\t"): "\\t"}
_UNCLEAN: Final = re.compile("[\x00\ud800-\udfff]")
_VOWELS: Final = frozenset("aeiou")


def quote(text: str) -> str:
    r"""The text as a literal in double quotes.

    >>> print(quote('say "hi"'))
    "say \"hi\""
    """
    return f'"{text.translate(_WRITTEN)}"'


def unquote(literal: str, whole: str, position: int, error: type[LanguageError]) -> str:
    r"""The text that a quoted literal means; `whole` and `position` say where it stands.

    >>> from incidentkit.errors import ConditionError
    >>> unquote(r"'it\'s'", "", 0, ConditionError)
    "it's"
    """

    def meaning(found: re.Match[str]) -> str:
        if found[1] not in _MEANS:
            problem = f"\\{found[1]} is no escape; there are \\\" \\' \\\\ \\n \\t"
            raise error(whole, position + 1 + found.start(), problem)
        return _MEANS[found[1]]

    return _ESCAPE.sub(meaning, literal[1:-1])


def check_source(text: str, limit: int, what: str, error: type[LanguageError]) -> None:
    """Refuse a source text that is too long, or not clean text."""
    if len(text) > limit:
        problem = f"a {what} has at most {limit:,} characters, and this has {len(text):,}"
        raise error(text, limit, problem)
    unclean = _UNCLEAN.search(text)
    if unclean is not None:
        problem = f"U+{ord(unclean[0]):04X} is not allowed in a {what}"
        raise error(text, unclean.start(), problem)


def clean(text: str) -> str:
    """The text with what no store may hold (NUL, lone surrogates) replaced by U+FFFD."""
    return _UNCLEAN.sub("\ufffd", text)


def one(noun: str) -> str:
    """A noun with its article, by its first letter.

    >>> one("incident"), one("change")
    ('an incident', 'a change')
    """
    return f"{'an' if noun[:1].lower() in _VOWELS else 'a'} {noun}"
