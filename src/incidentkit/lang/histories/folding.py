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
from incidentkit.lang.histories.mapping import Bound, Role, written
from incidentkit.model.checks import TITLE_LIMIT, check_name, check_text
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.history import End, HistoryRow, Opening, Standing
from incidentkit.model.replayed import NO_FIGURES, Figures
from incidentkit.model.signals import NO_TEXTS, Texts
from incidentkit.model.words import State

_STATED, _STATUS, _LEVEL, _FIELD, _FIGURE, _LABEL, _LATER, _OPENING, _TITLE = Role


class Folding:
    """One case, row by row."""

    __slots__ = (
        "_ahead",
        "_bound",
        "_case",
        "_end",
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
        self._end: End | None = None
        self._told: dict[int, str] = {}
        self._ahead = False

    def take(self, row: Sequence[str]) -> HistoryRow:
        """What the next row says.

        Raises InvalidValue with the reason when it cannot be read; it counts as a row all the same.
        """
        bound, was, known = self._bound, self._was, self._known
        self._number += 1
        if len(row) != bound.width:
            raise InvalidValue("row", f"has {len(row)} columns, the header has {bound.width}")
        if was is None:
            _ = check_name(self._case, bound.header[bound.case])
        at = self._at(row[bound.at])
        by = bound.actor(row)
        unknown, matters = bound.unknown, bound.matters
        if was is None:
            known = [""] * bound.width
            news = [x for x in matters if row[x] not in unknown]
        else:
            news = [
                x
                for x in compress(bound.places, map(ne, was, row))
                if x in matters and row[x] not in unknown and row[x] != known[x]
            ]
        return self._read(row, at, by, known, news)

    def _at(self, word: str) -> datetime:
        bound = self._bound
        if word in bound.unknown:
            raise InvalidValue(bound.header[bound.at], "is not stated: the row has no time")
        return bound.instant(bound.at, word)

    def _read(
        self, row: Sequence[str], at: datetime, by: str, known: list[str], news: list[int]
    ) -> HistoryRow:
        bound = self._bound
        fields: dict[str, str] = {}
        stated: dict[str, str] = {}
        touched: set[Role] = set()
        standing = None
        for x in news:
            word = row[x]
            meaning = bound.meaning(x, word)
            for role, name in bound.roles[x]:
                if role is _STATED:
                    stated[name] = meaning
                elif role is _STATUS:
                    standing = meaning
                elif role is _FIELD or role is _LEVEL:
                    fields[name] = meaning
                else:
                    touched.add(role)
        first = self._was is None
        # Nothing of the case is changed before everything was read.
        after = known.copy() if news else known
        for x in news:
            after[x] = row[x]
        opening = self._opening
        if opening is None or _OPENING in touched:
            opening = self._opened(after, at, by)
        if first or _TITLE in touched:
            fields["title"] = self._title(after)
        labels = self._labels(after) if _LABEL in touched else None
        figures = None
        if _FIGURE in touched:
            figures = self._counted(after)
        stands = standing or self._standing
        end, told, ahead = None, self._told, self._ahead
        if stands is not None and stands.state in bound.lasting:
            end = self._end
            if end is None or standing is not None or ahead or _LATER in touched:
                end, told, ahead = self._ended(after, at, stands.state)
                for x, text in told.items():
                    if self._told.get(x) != text:
                        stated[bound.header[x]] = text
        self._was, self._known, self._opening, self._standing = row, after, opening, stands
        self._end, self._told, self._ahead = end, told, ahead
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

    def _title(self, known: Sequence[str]) -> str:
        parts = [known[x] for x in self._bound.title if known[x]]
        return check_text(" / ".join(parts) or self._case, "title", TITLE_LIMIT)

    def _labels(self, known: Sequence[str]) -> Texts:
        meaning = self._bound.meaning
        return FrozenMap({name: meaning(x, known[x]) for name, x in self._bound.labels if known[x]})

    def _opened(self, known: Sequence[str], at: datetime, by: str) -> Opening:
        """When and by whom; who opened it is settled by the first row."""
        bound, before = self._bound, self._opening
        x, y = bound.opened_at, bound.opened_by
        opened = bound.instant(x, known[x]) if x >= 0 and known[x] else None
        if before is not None:
            return Opening(opened or before.at, before.by)
        who = bound.meaning(y, known[y]) if y >= 0 and known[y] else by
        return Opening(opened or at, who)

    def _counted(self, known: Sequence[str]) -> Figures:
        bound = self._bound
        found = {name: bound.meaning(x, known[x]) for x, name in bound.figures.items() if known[x]}
        resolved = bound.resolved_at
        return Figures(
            found.get("reopened", 0),
            found.get("reassigned", 0),
            found.get("met_sla"),
            bound.instant(resolved, known[resolved]) if resolved >= 0 and known[resolved] else None,
        )

    def _ended(
        self, known: Sequence[str], at: datetime, state: State
    ) -> tuple[End, dict[int, str], bool]:
        """How it ended as far as this row may know, in words too, and whether more lies ahead."""
        bound = self._bound
        found: dict[str, datetime] = {}
        code, ahead = "", False
        told = self._told.copy()
        for x, later in bound.later.items():
            word = known[x]
            if not word or state not in later.when:
                continue
            if later.means in ("", "code"):
                told[x] = word
                if later.means:
                    code = bound.meaning(x, word)
                continue
            instant = bound.instant(x, word)
            if instant > at:
                ahead = True
            else:
                found[later.means] = instant
                told[x] = written(instant)
        return End(code, found.get("resolved_at"), found.get("closed_at")), told, ahead
