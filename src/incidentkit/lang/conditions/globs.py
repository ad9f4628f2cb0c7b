"""Globs in linear time: `*` is any run of characters, `?` is any one, all else is itself.

Regular expressions are not offered: a pattern of 26 characters can keep a backtracking engine
busy for seconds. Pieces between stars are found leftmost, which is enough for globs and never
has to go back; a piece with `?` is found by running all its positions at once as bits.
"""

from __future__ import annotations


def matches(pattern: str, text: str) -> bool:
    """Whether the whole text matches the pattern, upper and lower case being different.

    >>> matches("web-??.*.example", "web-01.eu.example")
    True
    """
    first, *middle = pattern.split("*")
    if not middle:
        return len(text) == len(first) and _fits(first, text)
    last = middle.pop()
    end = len(text) - len(last)
    if end < len(first) or not _fits(first, text) or not _fits(last, text[end:]):
        return False
    at = len(first)
    for piece in middle:
        found = _find(piece, text, at, end)
        if found is None:
            return False
        at = found + len(piece)
    return True


def _fits(piece: str, text: str) -> bool:
    return all(wanted in ("?", given) for wanted, given in zip(piece, text, strict=False))


def _find(piece: str, text: str, start: int, end: int) -> int | None:
    if "?" not in piece:
        found = text.find(piece, start, end)
        return None if found < 0 else found
    anything = 0
    fits: dict[str, int] = {}
    for place, wanted in enumerate(piece):
        if wanted == "?":
            anything |= 1 << place
        else:
            fits[wanted] = fits.get(wanted, 0) | 1 << place
    whole = 1 << len(piece) - 1
    state = 0
    for at in range(start, end):
        state = (state << 1 | 1) & (fits.get(text[at], 0) | anything)
        if state & whole:
            return at + 1 - len(piece)
    return None
