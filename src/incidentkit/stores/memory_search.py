"""Texts in memory: an inverted index that is brought up to date when somebody searches.

A commit only lays its texts down here, so that whoever never searches pays next to nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable

from incidentkit.lang.stems import stem
from incidentkit.lang.words import Needle, frequency, stems
from incidentkit.ports.rows import SearchText
from incidentkit.ports.search import SearchCursor, TextHit, TextPage, TextQuery
from incidentkit.stores.search_texts import WEIGHTS, numbered, said, without

SCALE = 1_000_000_000
K1, B = 1.2, 0.75
"""The constants of BM25, as FTS5 has them."""

Address = tuple[str, str]


class Texts:
    """The texts of one tenant by (kind, id), and the index over them."""

    __slots__ = ("_changed", "_lengths", "_places", "_postings", "_stems", "fields")

    def __init__(self) -> None:
        self.fields: dict[Address, tuple[str, str, str, str]] = {}
        self._changed: set[Address] = set()
        self._places: dict[Address, int] = {}
        self._stems: dict[Address, tuple[list[str], ...]] = {}
        self._postings: dict[str, set[Address]] = {}
        self._lengths = 0

    def write(self, text: SearchText) -> None:
        """Take a text in."""
        address = (text.kind, text.id)
        title, keywords, body, notes = self.fields.get(address, ("", "", "", ""))
        if text.title is not None:
            title, keywords, body = text.title, text.keywords, text.body
        notes = ("" if text.anew else notes) + numbered(text.notes)
        self.fields[address] = title, keywords, body, notes
        self._changed.add(address)
        self._places.setdefault(address, len(self._places) + 1)

    def forget(self, stream: str, seqs: Collection[int]) -> None:
        """Take the notes of these entries out."""
        kind, _, name = stream.partition("/")
        found = self.fields.get((kind, name))
        if found is not None:
            self.fields[kind, name] = (*found[:3], without(found[3], seqs))
            self._changed.add((kind, name))

    def _catch_up(self) -> None:
        for address in self._changed:
            for words in self._stems.get(address, ()):
                self._lengths -= len(words)
                for word in set(words):
                    self._postings[word].discard(address)
            *card, notes = self.fields[address]
            fields = tuple([stems(field) for field in (*card, said(notes))])
            self._stems[address] = fields
            for words in fields:
                self._lengths += len(words)
                for word in words:
                    self._postings.setdefault(word, set()).add(address)
        self._changed.clear()

    def _holding(self, needle: Needle) -> set[Address]:
        """Records that have every word of a needle somewhere."""
        found: set[Address] | None = None
        for number, word in enumerate(needle.words, start=1):
            wanted = stem(word)
            there = self._postings.get(wanted, set())
            if needle.prefix and number == len(needle.words):
                begun = [self._postings[x] for x in self._postings if x.startswith(wanted)]
                there = there.union(*begun)
            found = there if found is None else found & there
        return found or set()

    def search(self, query: TextQuery, allowed: Callable[[Address], bool]) -> TextPage:
        """One page of what is allowed."""
        self._catch_up()
        scores: dict[Address, float] = {}
        for number, needle in enumerate(query.needles):
            here = self._scores(needle)
            if query.either:
                here = {x: scores.get(x, 0) + here.get(x, 0) for x in scores.keys() | here.keys()}
            elif number:
                here = {x: scores[x] + here[x] for x in scores.keys() & here.keys()}
            scores = here
        ranked = sorted(
            (-round(SCALE * score), self._places[address], address)
            for address, score in scores.items()
            if allowed(address)
        )
        after = query.after
        if after is not None:
            bound = (-after.score, after.place)
            ranked = [each for each in ranked if each[:2] > bound]
        shown = ranked[: query.limit]
        last = SearchCursor(-shown[-1][0], shown[-1][1]) if len(ranked) > len(shown) else None
        return TextPage(tuple([self._hit(-score, at) for score, _, at in shown]), last)

    def _hit(self, score: int, address: Address) -> TextHit:
        *card, notes = self.fields[address]
        return TextHit(*address, score, (card[0], card[1], card[2], said(notes)))

    def _scores(self, needle: Needle) -> dict[Address, float]:
        """BM25 of one needle in every record that has it."""
        found = {x: n for x in self._holding(needle) if (n := self._weight(needle, x)) > 0}
        rarity = math.log((len(self._stems) - len(found) + 0.5) / (len(found) + 0.5))
        usual = self._lengths / max(len(self._stems), 1) or 1.0
        return {
            address: max(rarity, 1e-6) * (n * (K1 + 1)) / (n + K1 * self._share(address, usual))
            for address, n in found.items()
        }

    def _share(self, address: Address, usual: float) -> float:
        return 1 - B + B * sum(map(len, self._stems[address])) / usual

    def _weight(self, needle: Needle, address: Address) -> int:
        fields: Iterable[tuple[int, list[str]]] = zip(WEIGHTS, self._stems[address], strict=True)
        return sum(weight * frequency(needle, words) for weight, words in fields)
