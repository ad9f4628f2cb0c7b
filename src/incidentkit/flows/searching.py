"""Searching records by their words.

A store that cannot search is read page by page, those that changed last first, up to a bound; the
answer then says so, and knows nothing of notes, which only journals keep.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import attrs

from incidentkit.flows.effects import Find, Flow, Load, Search
from incidentkit.flows.indexing import card_of
from incidentkit.flows.kinds import BY_NAME, kind_of
from incidentkit.flows.setting import Setting
from incidentkit.lang.words import Needle, excerpt, frequency, stems
from incidentkit.model.incident import Incident
from incidentkit.ports.query import Query
from incidentkit.ports.search import Among, SearchCursor, TextHit, TextPage, TextQuery

if TYPE_CHECKING:
    from incidentkit.model.problem import Problem

Found: TypeAlias = "Incident | Problem"

SCANNED = 2_000
"""Records of a kind that are read where the store cannot search."""
PAGE = 500
_WEIGHTS = (8, 4, 2)


@attrs.frozen
class Hit:
    """A record that was found. `score` is per mille of the best hit of the whole search.

    `excerpt` is a piece of the text in which something was found, what was found in brackets.
    """

    record: Found
    score: int
    excerpt: str

    @property
    def ref(self) -> str:
        """The record's reference."""
        return self.record.ref

    @property
    def kind(self) -> str:
        """The record's kind."""
        return kind_of(self.record)

    @property
    def title(self) -> str:
        """The record's title."""
        return self.record.title

    def __str__(self) -> str:
        """One line."""
        return f"{self.ref}  {self.title}  ({self.excerpt})"


@attrs.frozen
class HitCursor:
    """Where the next page of a search begins, and the score of its very first hit."""

    best: int
    at: SearchCursor


@attrs.frozen
class Hits:
    """A page of what was found, best first, and the cursor of the next page.

    `note` says what was left out where the store could not search all of it; else it is empty.
    """

    items: tuple[Hit, ...]
    next: HitCursor | None
    note: str = ""


def search(
    _setting: Setting,
    needles: tuple[Needle, ...],
    among: tuple[Among, ...],
    after: HitCursor | None,
    limit: int,
) -> Flow[Hits]:
    """One page of records in whose text every needle stands."""
    query = TextQuery(needles, among, None if after is None else after.at, limit)
    page, note = yield from pages(query)
    best = after.best if after is not None else max((x.score for x in page.hits), default=1)
    found = yield from _loaded(page.hits)
    hits: list[Hit] = []
    for each in page.hits:
        record = found.get((each.kind, each.id))
        if record is not None:
            said = excerpt(needles, each.texts)
            hits.append(Hit(record, max(each.score, 1) * 1_000 // max(best, 1), said))
    return Hits(tuple(hits), None if page.next is None else HitCursor(best, page.next), note)


def pages(query: TextQuery) -> Flow[tuple[TextPage, str]]:
    """What the store finds, or what a bounded reading finds, and what that leaves out."""
    page = yield from Search(query)
    if page is not None:
        return page, ""
    return (yield from _scan(query))


def _loaded(hits: tuple[TextHit, ...]) -> Flow[dict[tuple[str, str], Any]]:
    found: dict[tuple[str, str], Any] = {}
    for kind in dict.fromkeys(each.kind for each in hits):
        ids = tuple([each.id for each in hits if each.kind == kind])
        records = yield from Load(BY_NAME[kind], ids)
        found.update({(kind, id_): x for id_, x in zip(ids, records, strict=True) if x})
    return found


def _scan(query: TextQuery) -> Flow[tuple[TextPage, str]]:
    found: list[TextHit] = []
    cut: list[str] = []
    for each in query.among:
        after, seen = None, 0
        while seen < SCANNED:
            asked = Query(each.kind, each.where, "changed_at", True, after, PAGE)
            page = yield from Find(BY_NAME[each.kind], asked)
            seen += len(page.items)
            found += [x for record in page.items if (x := _hit(query, record)).score]
            after = page.next
            if after is None:
                break
        if after is not None:
            cut.append(f"only the {seen} that changed last of kind {each.kind!r}")
    found.sort(key=lambda x: (-x.score, x.kind, x.id))
    start = 0 if query.after is None else query.after.place
    shown = tuple(found[start : start + query.limit])
    end = start + len(shown)
    after_ = SearchCursor(shown[-1].score, end) if shown and end < len(found) else None
    left = "; ".join(("notes were not searched", *cut))
    return TextPage(shown, after_), f"the store cannot search, so records were read: {left}"


def _hit(query: TextQuery, record: Any) -> TextHit:
    """How well a record fits; 0 where it does not."""
    kind = kind_of(record)
    card = card_of(kind, record)
    fields = [(weight, stems(text)) for weight, text in zip(_WEIGHTS, card, strict=True)]
    counts = [
        sum(weight * min(frequency(needle, words), 3) for weight, words in fields)
        for needle in query.needles
    ]
    fits = any(counts) if query.either else all(counts)
    return TextHit(kind, record.id, sum(counts) if fits else 0, (*card, ""))
