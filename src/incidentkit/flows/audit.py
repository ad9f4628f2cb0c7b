"""Sealing and verifying: a journal row cannot be changed unseen.

Each record's entries are a chain. A seal writes the heads of all chains that changed since the last
one into a chain of its own, whose head is anchored outside the store. So an edited row breaks its
chain, a cut tail or a deleted record contradicts a seal, and a rewritten store contradicts the
anchor.
"""

from __future__ import annotations

from datetime import timedelta

import attrs

from incidentkit.flows.draft import Workbook
from incidentkit.flows.effects import Flow, Head, Heads, Inspect, Load, Now
from incidentkit.flows.gate import authorise
from incidentkit.flows.kinds import SEAL
from incidentkit.flows.reading import whole
from incidentkit.flows.setting import Outcome, Setting, recorded
from incidentkit.model.adoption import SEAL_ID, Seal, SealMade
from incidentkit.timing.instants import EPOCH, to_micros

KINDS = (
    "incident",
    "problem",
    "review",
    "alert",
    "delivery",
    "capture",
    "change",
    "heartbeat",
    "adoption",
    "maintenance",
    "silence",
    "suppressions",
    "report",
    "admission",
    "readings",
    "ticket",
    "last_good",
)
OVERLAP = timedelta(minutes=10)
"""How far a seal looks back beyond the last one: a commit may land after its own time."""


@attrs.frozen
class Verified:
    """What a verification saw; `problems` is empty when nothing is wrong."""

    streams: int
    entries: int
    seals: int
    anchored: bool
    problems: tuple[str, ...]


def seal(setting: Setting) -> Flow[Outcome[Seal]]:
    """Write the heads that changed since the last seal into the tenant's chain of seals."""
    at = yield from Now()
    book = Workbook(setting, at)
    yield from authorise(book, "seal", "journal", None)
    (before,) = yield from Load(SEAL, (SEAL_ID,))
    start = EPOCH if before is None else before.sealed_until - OVERLAP
    heads: list[str] = []
    for kind in KINDS:
        found = yield from _heads(kind, to_micros(start))
        heads += [f"{head.stream}#{head.seq}:{head.hash}" for head in found]
    after = Seal(SEAL_ID, 1 if before is None else before.version + 1, at)
    book.write(SEAL, after, (recorded(SealMade(tuple(heads)), setting, at),))
    _ = yield from book.commit()
    return Outcome(after, at)


def read_head(text: str) -> Head:
    """Read a head as a seal writes it."""
    rest, _, hash_ = text.rpartition(":")
    stream, _, seq = rest.rpartition("#")
    return Head(stream, int(seq), hash_)


def verify(setting: Setting, anchor: tuple[int, str] | None) -> Flow[Verified]:
    """Check every stream against itself, the seals and the anchored head (number, hash)."""
    yield from authorise(Workbook(setting, EPOCH), "verify", "journal", None)
    own = f"seal/{SEAL_ID}"
    mark = () if anchor is None else (Head(own, anchor[0], anchor[1]),)
    seals, problem = yield from _chain(own, mark)
    problems = [problem] if problem else []
    sealed: dict[str, list[Head]] = {}
    if seals and not problem:
        sealed = yield from sealed_heads()
    streams = entries = 0
    seen: set[str] = set()
    for kind in KINDS:
        for head in (yield from _heads(kind, 0)):
            marks = (*sealed.get(head.stream, ()), head)
            count, problem = yield from _chain(head.stream, marks)
            seen.add(head.stream)
            streams += 1
            entries += count
            if problem:
                problems.append(problem)
    problems += [
        f"{stream}: sealed, but its record is gone" for stream in sorted(set(sealed) - seen)
    ]
    return Verified(streams, entries, seals, anchor is not None, tuple(problems))


def sealed_heads() -> Flow[dict[str, list[Head]]]:
    """Every sealed head by stream."""
    sealed: dict[str, list[Head]] = {}
    for entry in (yield from whole("seal", SEAL_ID)):
        event = None if entry.recorded is None else entry.recorded.event
        for text in event.heads if isinstance(event, SealMade) else ():
            head = read_head(text)
            sealed.setdefault(head.stream, []).append(head)
    return sealed


def _heads(kind: str, since: int) -> Flow[tuple[Head, ...]]:
    page = yield from Heads(kind, since)
    heads = page.heads
    while page.next is not None:
        page = yield from Heads(kind, since, page.next)
        heads += page.heads
    return heads


def _chain(stream: str, marks: tuple[Head, ...]) -> Flow[tuple[int, str]]:
    """How many entries a stream has, and what is wrong with it, or nothing."""
    end, entries = Head(stream, 0, ""), 0
    while True:
        page = yield from Inspect(end, marks)
        entries += page.entries
        if page.problem:
            return entries, page.problem
        if page.head == end:
            break
        end = page.head
    for mark in marks:
        if mark.seq > end.seq:
            return entries, f"{stream}: ends at {end.seq}, but was sealed at {mark.seq}"
    return entries, ""
