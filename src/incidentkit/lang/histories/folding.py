"""From the rows of one case to what each says that those before it did not.

A folding holds what the case said so far. A marker for "unknown" keeps the value that stands. A
row that cannot be read changes nothing and is refused with the reason; the next one goes on.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import compress
from operator import ne

from incidentkit.errors import InvalidValue
from incidentkit.lang.histories.dialect import read_count, read_flag
from incidentkit.lang.histories.mapping import Bound
from incidentkit.lang.names import nearest
from incidentkit.model.checks import TITLE_LIMIT, check_name, check_text
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.history import End, HistoryRow, Opening, Standing
from incidentkit.model.replayed import NO_FIGURES, Figures
from incidentkit.model.signals import NO_TEXTS, Texts
from incidentkit.model.words import State


class Folding:
    """One case, row by row."""

    __slots__ = (
        "_bound",
        "_case",
        "_figures",
        "_known",
        "_number",
        "_opening",
        "_standing",
        "_told",
        "_was",
    )

    def __init__(self, bound: Bound, case: str) -> None:
        self._bound = bound
        self._case = case
        self._number = 0
        self._was: Sequence[str] | None = None
        self._known: list[str] = []
        self._opening: Opening | None = None
        self._standing: Standing | None = None
        self._figures: Figures = NO_FIGURES
        self._told: dict[int, str] = {}

    def take(self, row: Sequence[str]) -> HistoryRow:
        """What the next row says.

        Raises InvalidValue with the reason when it cannot be read; it counts as a row all the same.
        """
        bound = self._bound
        self._number += 1
        if len(row) != bound.width:
            raise InvalidValue("row", f"has {len(row)} columns, the header has {bound.width}")
        at = self._instant(row, bound.at)
        by = self._name(row, bound.by) or bound.source
        was, known = self._was, self._known
        if was is None:
            known = [""] * bound.width
            changed = [x for x, news in enumerate(bound.news) if news]
        else:
            changed = [x for x in compress(range(bound.width), map(ne, was, row)) if bound.news[x]]
        unknown = bound.unknown
        news = [x for x in changed if row[x] not in unknown and row[x] != known[x]]
        return self._read(row, at, by, known, news)

    def _read(
        self, row: Sequence[str], at: datetime, by: str, known: list[str], news: list[int]
    ) -> HistoryRow:
        bound, was = self._bound, self._was
        fields: dict[str, str] = {}
        stated: dict[str, str] = {}
        standing = None
        relabelled = retitled = reckoned = False
        for x in news:
            word = row[x]
            if x in bound.plain:
                stated[bound.header[x]] = self._word(x, word)
            elif x == bound.status:
                standing = self._status(word)
            elif x in bound.levels:
                name, words = bound.levels[x]
                fields[name] = _translated(bound.header[x], word, words)
            elif x in bound.later:
                reckoned = reckoned or bound.later[x].means == "resolved_at"
            elif x in bound.figures:
                reckoned = True
            if x in bound.fields:
                fields[bound.fields[x]] = check_name(word, bound.header[x])
            relabelled = relabelled or x in bound.labelled
            retitled = retitled or x in bound.title
        # Nothing of the case is changed before everything was read.
        after = known.copy() if news else known
        for x in news:
            after[x] = row[x]
        if retitled or was is None:
            fields["title"] = self._title(after)
        labels = self._labels(after) if relabelled else None
        figures = self._counted(after) if reckoned else None
        opening = self._opened(after, at, by)
        stands = standing or self._standing
        told: dict[int, str] = {}
        end = None
        if stands is not None and stands.state in bound.lasting:
            end, told = self._ended(after, at, stands.state)
            stated.update({bound.header[x]: word for x, word in told.items()})
        self._was, self._known, self._opening, self._standing = row, after, opening, stands
        if told:
            self._told = {**self._told, **told}
        if figures is not None:
            self._figures = figures
        return HistoryRow(
            bound.source,
            self._case,
            self._number,
            at,
            by,
            opening,
            standing,
            fields,
            labels,
            FrozenMap(stated) if stated else NO_TEXTS,
            figures,
            end,
        )

    # --- single values ---

    def _instant(self, row: Sequence[str], x: int) -> datetime:
        word = row[x]
        if word in self._bound.unknown:
            raise InvalidValue(self._bound.header[x], "is not stated: the row has no time")
        return self._read_instant(x, word)

    def _read_instant(self, x: int, word: str) -> datetime:
        try:
            return self._bound.instant(word)
        except InvalidValue as error:
            raise InvalidValue(self._bound.header[x], error.problem) from None

    def _name(self, row: Sequence[str], x: int) -> str:
        word = row[x] if x >= 0 else ""
        return "" if word in self._bound.unknown else check_name(word, self._bound.header[x])

    def _word(self, x: int, word: str) -> str:
        """A word that is only kept, in one form for all dialects."""
        kind, column = self._bound.types.get(x), self._bound.header[x]
        try:
            if kind == "flag":
                return "true" if read_flag(word) else "false"
            if kind == "count":
                return str(read_count(word))
        except InvalidValue as error:
            raise InvalidValue(column, error.problem) from None
        if kind == "instant":
            return _written(self._read_instant(x, word))
        return check_text(word, column)

    def _status(self, word: str) -> Standing:
        standings = self._bound.mapping.standings
        found = standings.get(word)
        if found is None:
            column = self._bound.header[self._bound.status]
            raise InvalidValue(
                column, f"{word[:60]!r} is no known status; {_near(word, standings)}"
            )
        return found

    def _title(self, known: Sequence[str]) -> str:
        parts = [known[x] for x in self._bound.title if known[x]]
        return check_text(" / ".join(parts) or self._case, "title", TITLE_LIMIT)

    def _labels(self, known: Sequence[str]) -> Texts:
        return FrozenMap(
            {name: self._word(x, known[x]) for name, x in self._bound.labels if known[x]}
        )

    def _opened(self, known: Sequence[str], at: datetime, by: str) -> Opening:
        bound, before = self._bound, self._opening
        word = known[bound.opened_at] if bound.opened_at >= 0 else ""
        who = self._name(known, bound.opened_by)
        if before is None:
            return Opening(self._read_instant(bound.opened_at, word) if word else at, who or by)
        if word:
            opened = self._read_instant(bound.opened_at, word)
            return before if opened == before.at else Opening(opened, before.by)
        return before

    def _counted(self, known: Sequence[str]) -> Figures:
        bound = self._bound
        counts = {"reopened": 0, "reassigned": 0}
        met: bool | None = None
        resolved: datetime | None = None
        for x, name in bound.figures.items():
            word = known[x]
            if not word:
                continue
            try:
                if name == "met_sla":
                    met = read_flag(word)
                else:
                    counts[name] = read_count(word)
            except InvalidValue as error:
                raise InvalidValue(bound.header[x], error.problem) from None
        for x, later in bound.later.items():
            if later.means == "resolved_at" and known[x]:
                resolved = self._read_instant(x, known[x])
        return Figures(counts["reopened"], counts["reassigned"], met, resolved)

    def _ended(
        self, known: Sequence[str], at: datetime, state: State
    ) -> tuple[End, dict[int, str]]:
        """How it ended as far as this row may know, and what of it was not told before."""
        bound = self._bound
        found: dict[str, datetime] = {}
        code = ""
        told: dict[int, str] = {}
        for x, later in bound.later.items():
            word = known[x]
            if not word or state not in later.when:
                continue
            if later.means == "code":
                code = bound.mapping.codes.get(word) or check_name(word, bound.header[x])
            elif later.means:
                instant = self._read_instant(x, word)
                if instant > at:
                    continue
                found[later.means] = instant
                word = _written(instant)
            else:
                word = self._word(x, word)
            if self._told.get(x) != word:
                told[x] = word
        return End(code, found.get("resolved_at"), found.get("closed_at")), told


def _translated(column: str, word: str, words: dict[str, str] | object) -> str:
    table = words if isinstance(words, dict) else {}
    found = table.get(word)
    if found is None:
        raise InvalidValue(column, f"{word[:60]!r} has no meaning here; {_near(word, table)}")
    return found


def _near(word: str, words: object) -> str:
    return nearest(word, words if isinstance(words, dict) else ())


def _written(value: datetime) -> str:
    return value.strftime("%Y-%m-%dT%H:%M:%SZ")
