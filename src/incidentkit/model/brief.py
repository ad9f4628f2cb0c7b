"""Keys that were made by others, short enough for the index of any database.

A sender's dedup key or a caller's request id may have thousands of bytes; an index entry may not.
A longer one keeps its beginning, for whoever reads the tables, behind a hash of the whole.
"""

from __future__ import annotations

from hashlib import blake2b

BRIEF = 512
"""The most bytes of UTF-8 that a brief text has."""

_MARK = "\x1e"


def brief(text: str) -> str:
    """The text itself up to 512 bytes; else a hash of it and its beginning, of at most 512 bytes.

    Different texts stay different: what already looks like a shortened one is shortened, too.

    >>> brief("db-1")
    'db-1'
    >>> len(brief("x" * 10_000))
    512
    """
    # Up to four bytes a character, so that most texts are not encoded for this.
    if len(text) <= BRIEF // 4 and not text.startswith(_MARK):
        return text
    whole = text.encode("utf-8", "surrogatepass")
    if len(whole) <= BRIEF and not text.startswith(_MARK):
        return text
    head = f"{_MARK}{blake2b(whole, digest_size=16).hexdigest()}{_MARK}"
    return head + whole[: BRIEF - len(head)].decode(errors="ignore")
