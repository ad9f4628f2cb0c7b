"""What stores that search have in common: the weights of fields, and how notes are kept in one."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

WEIGHTS = (8, 4, 2, 1)
"""Of title, keywords, body and notes."""

# Numbers are written in control characters: a digit in the index would be found as a word.
_WRITTEN = {ord("0") + digit: 0x10 + digit for digit in range(10)}
_READ = {written: digit for digit, written in _WRITTEN.items()}
_NOTE = re.compile("\x1f([\x10-\x19]+)\x1e([^\x1f]*)")


def numbered(notes: Iterable[tuple[int, str]]) -> str:
    """Notes as one text, each after its number."""
    return "".join(
        f"\x1f{str(seq).translate(_WRITTEN)}\x1e{text.replace(chr(0x1F), ' ')}"
        for seq, text in notes
    )


def without(notes: str, seqs: Collection[int]) -> str:
    """The same text without the notes of these numbers."""
    found = _NOTE.finditer(notes)
    return "".join(each[0] for each in found if int(each[1].translate(_READ)) not in seqs)


def said(notes: str) -> str:
    """The notes as people read them, one a line."""
    return "\n".join(found[2] for found in _NOTE.finditer(notes))
