"""How texts are split into words, and what people type into a search box.

There is no search syntax to get wrong: every word must be found; words in quotation marks stand
side by side; a star at the end of a word finds whatever begins so. Everything else is a separator.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

import attrs

from incidentkit.errors import InvalidValue, LimitExceeded
from incidentkit.lang.stems import stem

MOST_NEEDLES = 32
LONGEST_QUERY = 1_000

_WORD = re.compile(r"[^\W_]+")
_PIECE = re.compile(r'"([^"]*)"?|([^\W_]+)(\*?)')


@attrs.frozen
class Needle:
    """Words that must stand side by side; with `prefix` the last one need only begin so."""

    words: tuple[str, ...]
    prefix: bool = False


def folded(text: str) -> str:
    """The text in small letters and without diacritics.

    >>> folded("Zürich NAÏVE")
    'zurich naive'
    """
    if text.isascii():
        return text.lower()
    parts = unicodedata.normalize("NFD", text)
    return "".join(c for c in parts if unicodedata.category(c) != "Mn").lower()


def split(text: str) -> list[str]:
    """The words of a text as they are compared before their endings are cut.

    >>> split("Login is SLOW, vpn_2!")
    ['login', 'is', 'slow', 'vpn', '2']
    """
    return _WORD.findall(folded(text))


def spellings(text: str) -> dict[str, str]:
    """Words as they are compared, and each as it was first written.

    A word that folding puts together from pieces has no spelling of its own.

    >>> spellings("Login of MÜLLER, login")
    {'login': 'Login', 'of': 'of', 'muller': 'MÜLLER'}
    """
    found: dict[str, str] = {}
    for word in _WORD.findall(unicodedata.normalize("NFC", text)):
        found.setdefault(folded(word), word)
    return found


def stems(text: str) -> list[str]:
    """The words of a text as they are compared.

    >>> stems("Logins failing")
    ['login', 'fail']
    """
    return [stem(word) for word in split(text)]


def needles(text: str) -> tuple[Needle, ...]:
    """What must be found, from what somebody typed.

    Raises InvalidValue where it has no word, LimitExceeded where it has too many.

    >>> needles('login "very slow" vpn*')
    (Needle(words=('login',), prefix=False), Needle(words=('very', 'slow'), prefix=False), \
Needle(words=('vpn',), prefix=True))
    """
    if len(text) > LONGEST_QUERY:
        raise LimitExceeded("text", f"has {len(text)} characters; at most {LONGEST_QUERY}")
    found: list[Needle] = []
    for phrase, word, star in _PIECE.findall(folded(text)):
        words = (word,) if word else tuple(_WORD.findall(phrase))
        if words:
            found.append(Needle(words, star == "*"))
    if not found:
        raise InvalidValue("text", f"{text!r} has no word to search for")
    if len(found) > MOST_NEEDLES:
        raise LimitExceeded("text", f"has {len(found)} words; at most {MOST_NEEDLES}")
    return tuple(dict.fromkeys(found))


def frequency(needle: Needle, words: Sequence[str]) -> int:
    """How often a needle stands in a text, given its stems in order."""
    wanted = tuple([stem(word) for word in needle.words])
    *first, last = wanted
    size, begin = len(wanted), len(first)
    count = 0
    for place in range(len(words) - size + 1):
        end = words[place + begin]
        fits = end.startswith(last) if needle.prefix else end == last
        if fits and tuple(words[place : place + begin]) == tuple(first):
            count += 1
    return count


def excerpt(wanted: Sequence[Needle], texts: Sequence[str], width: int = 90) -> str:
    """A piece of the text in which most was found, what was found in brackets.

    >>> excerpt(needles("slow"), ("Checkout", "the login has been slow since nine"))
    'the login has been [slow] since nine'
    """
    best: tuple[int, str, list[tuple[int, int]]] = (0, next(filter(None, texts), ""), [])
    for text in texts:
        found = list(_marks(wanted, text))
        words = len({word for word, _ in found})
        if words > best[0]:
            best = (words, text, [place for _, place in found])
    return _cut(best[1], best[2], width)


def _marks(wanted: Sequence[Needle], text: str) -> Iterator[tuple[str, tuple[int, int]]]:
    """Words of the needles, and where they stand in the text as it was written."""
    whole = {stem(word) for each in wanted for word in each.words}
    begun = tuple(stem(each.words[-1]) for each in wanted if each.prefix)
    for found in _WORD.finditer(text):
        here = stem(folded(found[0]))
        if here in whole or (begun and here.startswith(begun)):
            yield here, found.span()


def _cut(text: str, marks: list[tuple[int, int]], width: int) -> str:
    first = marks[0][0] if marks else 0
    begin = max(first - width // 3, 0)
    if begin:
        begin = text.find(" ", begin, first) + 1 or first
    end = min(begin + width, len(text))
    if end < len(text):
        end = max(text.rfind(" ", begin, end), marks[0][1] if marks else 0, begin + 1)
    said, place = "", begin
    for start, stop in marks:
        if begin <= start and stop <= end:
            said += f"{text[place:start]}[{text[start:stop]}]"
            place = stop
    said = " ".join((said + text[place:end]).split())
    return f"{'... ' if begin else ''}{said}{' ...' if end < len(text) else ''}"
