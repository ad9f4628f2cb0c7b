"""Stems of English words, so that `logins` finds `login` and `slowness` finds `slow`.

The algorithm is M. F. Porter's of 1980 ("An algorithm for suffix stripping", Program 14(3)) as the
tokenizer `porter` of SQLite's FTS5 has it, so that every store finds the same words. Other
languages pass through: few of their words end like English ones.
"""

from __future__ import annotations

import re
from functools import lru_cache

SHORTEST, LONGEST = 3, 64
"""Shorter and longer words are left as they are."""

_VOWEL_RUN = re.compile(r"v+c+")
_STEP_2 = (
    ("ational", "ate"), ("tional", "tion"), ("enci", "ence"), ("anci", "ance"), ("izer", "ize"),
    ("logi", "log"), ("bli", "ble"), ("alli", "al"), ("entli", "ent"), ("eli", "e"),
    ("ousli", "ous"), ("ization", "ize"), ("ation", "ate"), ("ator", "ate"), ("alism", "al"),
    ("iveness", "ive"), ("fulness", "ful"), ("ousness", "ous"), ("aliti", "al"),
    ("iviti", "ive"), ("biliti", "ble"),
)  # fmt: skip
_STEP_3 = (
    ("icate", "ic"), ("ative", ""), ("alize", "al"), ("iciti", "ic"), ("ical", "ic"),
    ("ful", ""), ("ness", ""),
)  # fmt: skip
_STEP_4 = (
    "al", "ance", "ence", "er", "ic", "able", "ible", "ant", "ement", "ment", "ent", "ion", "ou",
    "ism", "ate", "iti", "ous", "ive", "ize",
)  # fmt: skip


def _shape(word: str) -> str:
    """The word as vowels (v) and consonants (c); y is a vowel after a consonant."""
    shape = ""
    for letter in word:
        vowel = letter in "aeiou" or (letter == "y" and shape[-1:] == "c")
        shape += "v" if vowel else "c"
    return shape


def _measure(word: str) -> int:
    """How often a vowel run is followed by a consonant run: Porter's m."""
    return len(_VOWEL_RUN.findall(_shape(word)))


def _short_end(word: str) -> bool:
    """Whether it ends consonant, vowel, consonant, the last none of w, x and y: Porter's *o."""
    return _shape(word)[-3:] == "cvc" and word[-1] not in "wxy"


def _double(word: str) -> bool:
    return len(word) > 1 and word[-1] == word[-2] and _shape(word)[-1] == "c"


def _ends(word: str, end: str) -> bool:
    """Whether it ends so, and is more than the ending: there FTS5 departs from the paper."""
    return len(word) > len(end) and word.endswith(end)


def _plurals(word: str) -> str:
    if _ends(word, "sses") or _ends(word, "ies"):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word


def _past(word: str) -> str:
    if _ends(word, "eed"):
        return word[:-1] if _measure(word[:-3]) > 0 else word
    for end in ("ed", "ing"):
        stem = word[: -len(end)]
        if word.endswith(end):
            return _mended(stem) if "v" in _shape(stem) else word
    return word


def _mended(stem: str) -> str:
    """What is left of -ed and -ing, with the e or the single letter it had before."""
    if stem.endswith(("at", "bl", "iz")):
        return stem + "e"
    if _double(stem) and stem[-1] not in "lsz":
        return stem[:-1]
    return stem + "e" if _measure(stem) == 1 and _short_end(stem) else stem


def _replaced(word: str, endings: tuple[tuple[str, str], ...]) -> str:
    """The word with its longest listed ending replaced, where enough is left before it."""
    found = [pair for pair in endings if word.endswith(pair[0])]
    if not found:
        return word
    end, becomes = max(found, key=lambda pair: len(pair[0]))
    stem = word[: -len(end)]
    return stem + becomes if _measure(stem) > 0 else word


def _stripped(word: str) -> str:
    found = [end for end in _STEP_4 if word.endswith(end)]
    if not found:
        return word
    end = max(found, key=len)
    stem = word[: -len(end)]
    if end == "ion" and not stem.endswith(("s", "t")):
        return word
    return stem if _measure(stem) > 1 else word


def _tidied(word: str) -> str:
    if word.endswith("e"):
        stem = word[:-1]
        measure = _measure(stem)
        if measure > 1 or (measure == 1 and not _short_end(stem)):
            word = stem
    return word[:-1] if word.endswith("ll") and _measure(word[:-1]) > 1 else word


@lru_cache(maxsize=16_384)
def stem(word: str) -> str:
    """The stem of a word in small letters.

    >>> [stem(word) for word in ("logins", "slowness", "connected", "relational", "db")]
    ['login', 'slow', 'connect', 'relat', 'db']
    """
    if not SHORTEST <= len(word) <= LONGEST:
        return word
    word = _past(_plurals(word))
    if word.endswith("y") and "v" in _shape(word[:-1]):
        word = word[:-1] + "i"
    return _tidied(_stripped(_replaced(_replaced(word, _STEP_2), _STEP_3)))
