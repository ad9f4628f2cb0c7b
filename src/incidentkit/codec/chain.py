"""The chain of a journal: each row's hash covers its predecessor's, its place and its content.

The content enters as a salted digest, so that a row can be redacted, salt and all, without the
chain breaking and without the content being guessed from what stays. Every part is framed by its
length: two different rows never hash the same text. Nothing here draws chance or reads the time.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from hashlib import blake2b
from struct import Struct

import attrs

from incidentkit.ports.rows import Entry

GENESIS = "0" * 32
"""The hash before the first row of every stream."""

_FRAME = Struct(">IIIqq").pack


def digest(salt: str, body: str) -> str:
    """The digest of a row's content under its salt (16 random bytes in hexadecimal)."""
    text = f"{len(salt)}:{salt}{body}"
    try:
        return blake2b(text.encode(), digest_size=16).hexdigest()
    except UnicodeEncodeError:
        return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def link(previous: str, stream: str, seq: int, at: int, kind: str, digest: str) -> str:
    """The hash of a row: of its predecessor's hash, its place, time and kind, and its digest."""
    frame = _FRAME(len(previous), len(stream), len(kind), seq, at)
    text = f"{previous}{stream}{kind}{digest}"
    try:
        return blake2b(frame + text.encode(), digest_size=16).hexdigest()
    except UnicodeEncodeError:
        return blake2b(frame + text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


class Fault(StrEnum):
    """What is wrong with a row."""

    STREAM = "another stream"
    GAP = "rows are missing before it"
    ORDER = "out of order"
    CONTENT = "content changed"
    LINK = "wrong link"
    HEAD = "not the head that was kept"


@attrs.frozen
class Broken:
    """The first bad row of a stream, and what is wrong with it."""

    stream: str
    seq: int
    fault: Fault

    def __str__(self) -> str:
        return f"{self.stream}#{self.seq}: {self.fault}"


def check(entries: Iterable[Entry], start_hash: str, head: str | None = None) -> Broken | None:
    """The first bad row of one stream's rows in order, or None when all fit.

    `start_hash` is the hash of the row before the first, GENESIS before row 1. Of a redacted row
    only the digest is checked. A cut tail shows only against a `head` kept elsewhere.
    """
    rows = list(entries)
    previous = start_hash
    expected = 1 if start_hash == GENESIS else rows[0].seq if rows else 0
    stream = rows[0].stream if rows else ""
    for row in rows:
        fault = _fault(row, stream, expected, previous)
        if fault is Fault.GAP and any(each.seq == expected for each in rows):
            fault = Fault.ORDER
        if fault is not None:
            return Broken(row.stream, row.seq, fault)
        previous, expected = row.hash, expected + 1
    if head is not None and previous != head:
        return Broken(stream, expected - 1, Fault.HEAD)
    return None


def _fault(row: Entry, stream: str, expected: int, previous: str) -> Fault | None:
    if row.stream != stream:
        return Fault.STREAM
    if row.seq != expected:
        return Fault.GAP if row.seq > expected else Fault.ORDER
    if row.body is not None and (row.salt is None or digest(row.salt, row.body) != row.digest):
        return Fault.CONTENT
    if link(previous, row.stream, row.seq, row.at, row.kind, row.digest) != row.hash:
        return Fault.LINK
    return None
