"""The mapping of a history as a value, and bound to the columns of one file.

A mapping says which column is the case, the time and the actor, how instants are written, which
words mean "not stated", what each status word belongs to, and which columns are our fields, labels
or counters. What it leaves unmentioned is kept in the source's words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Any

import attrs

from incidentkit.errors import InvalidValue
from incidentkit.lang.histories.dialect import Dialect, ReadInstant, read_count, read_flag
from incidentkit.lang.names import nearest
from incidentkit.model.checks import check_name, check_text
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.history import Standing
from incidentkit.model.words import State

FIELDS = ("service", "reporter", "category", "assignee", "team", "owner")
"""Fields of ours that take a column's word as it is."""
LEVELS = ("impact", "urgency", "priority")
"""Fields of ours whose words are translated."""
FIGURES = ("reopened", "reassigned", "met_sla")
"""What the source counts by itself; two counters and a flag."""
MEANINGS = ("code", "resolved_at", "closed_at")
"""What a column may mean that holds only once the status says so."""


@attrs.frozen
class RowColumns:
    """The columns that say which case a row is of, when it was written, and by whom."""

    case: str
    at: str
    by: str = ""
    opened_at: str = ""
    opened_by: str = ""


@attrs.frozen
class Later:
    """A column that stands on every row of a case but holds only in these states.

    `means` is one of `MEANINGS`, or empty for a word that is only kept.
    """

    means: str
    when: frozenset[State]


@attrs.frozen
class Scales:
    """The scales of the source and the matrix between them, as its administrators set it."""

    name: str
    impacts: tuple[str, ...]
    urgencies: tuple[str, ...]
    cells: FrozenMap[str, str]
    assume: str


@attrs.frozen
class HistoryMapping:
    """How the rows of a history are read; make it with `incidentkit.lang.histories.parsing`.

    `levels` translates the words of impact, urgency and priority; `codes` those of resolution
    codes, where a word that is not listed stays as it is.
    """

    name: str
    row: RowColumns
    dialect: Dialect
    standings: Mapping[str, Standing]
    status: str
    title: tuple[str, ...] = ()
    fields: Mapping[str, str] = FrozenMap()
    labels: Mapping[str, str] = FrozenMap()
    level_columns: Mapping[str, str] = FrozenMap()
    levels: Mapping[str, Mapping[str, str]] = FrozenMap()
    later: Mapping[str, Later] = FrozenMap()
    codes: Mapping[str, str] = FrozenMap()
    figures: Mapping[str, str] = FrozenMap()
    instants: frozenset[str] = frozenset()
    flags: frozenset[str] = frozenset()
    counts: frozenset[str] = frozenset()
    ignored: frozenset[str] = frozenset()
    unknown: frozenset[str] = frozenset(("",))
    scales: Scales | None = None

    def columns(self) -> tuple[str, ...]:
        """Every column that the mapping names, each once."""
        row = self.row
        named = (row.case, row.at, row.by, row.opened_at, row.opened_by, self.status, *self.title)
        named += (*self.fields.values(), *self.labels.values(), *self.level_columns.values())
        named += (*self.later, *self.figures.values(), *self.instants, *self.flags, *self.counts)
        return tuple(dict.fromkeys(each for each in (*named, *self.ignored) if each))

    def bind(self, header: Sequence[str]) -> Bound:
        """The mapping on the columns of one file.

        Raises InvalidValue naming every column that the file does not have, or has twice.
        """
        return Bound(self, tuple(header))


class Role(StrEnum):
    """What a column is for; it may be for several things."""

    STATED = "stated"
    STATUS = "status"
    LEVEL = "level"
    FIELD = "field"
    FIGURE = "figure"
    LABEL = "label"
    LATER = "later"
    OPENING = "opening"
    TITLE = "title"


class Bound:
    """A mapping on the columns of one file: what `Folding` looks up, made once.

    What a word of a column means is worked out once and remembered, up to a limit: a log says the
    same few thousand words over and over.
    """

    def __init__(self, mapping: HistoryMapping, header: tuple[str, ...]) -> None:
        lacking = [x for x in mapping.columns() if x not in header]
        if lacking:
            hint = nearest(lacking[0], header)
            listed = ", ".join(map(repr, lacking))
            raise InvalidValue("columns", f"the file has no {listed}; {hint}")
        double = sorted({x for x in header if header.count(x) > 1})
        if double:
            raise InvalidValue("columns", f"stand twice in the file: {', '.join(double)}")
        place = {column: number for number, column in enumerate(header)}
        row = mapping.row
        self.mapping = mapping
        self.source: str = mapping.name
        self.header = header
        self.width: int = len(header)
        self.places: range = range(self.width)
        self.unknown: frozenset[str] = mapping.unknown
        self.case: int = place[row.case]
        self.at: int = place[row.at]
        self.by: int = place.get(row.by, -1)
        self.opened_at: int = place.get(row.opened_at, -1)
        self.opened_by: int = place.get(row.opened_by, -1)
        self.title: tuple[int, ...] = tuple(place[x] for x in mapping.title)
        self.labels: tuple[tuple[str, int], ...] = tuple(
            (name, place[column]) for name, column in sorted(mapping.labels.items())
        )
        self.figures: dict[int, str] = {place[v]: k for k, v in mapping.figures.items()}
        self.later: dict[int, Later] = {place[k]: v for k, v in mapping.later.items()}
        self.lasting: frozenset[State] = frozenset(
            state for each in self.later.values() for state in each.when
        )
        self.resolved_at: int = next(
            (x for x, each in self.later.items() if each.means == "resolved_at"), -1
        )
        self.roles: tuple[tuple[tuple[Role, str], ...], ...] = self._roles(place)
        self.matters: dict[int, None] = {x: None for x in self.places if self.roles[x]}
        self._read: ReadInstant = mapping.dialect.reader()
        self._meaning: tuple[Callable[[str], Any], ...] = self._meanings(place)
        self._known: list[dict[str, Any]] = [{} for _ in header]

    def _roles(self, place: Mapping[str, int]) -> tuple[tuple[tuple[Role, str], ...], ...]:
        """For each column what it is for; nothing for the frame of a row and what is ignored."""
        mapping = self.mapping
        found: list[list[tuple[Role, str]]] = [[] for _ in self.header]

        def add(role: Role, named: Iterable[tuple[str, str]]) -> None:
            for name, column in named:
                if column:
                    found[place[column]].append((role, name))

        add(Role.STATUS, [("status", mapping.status)])
        add(Role.OPENING, [("at", mapping.row.opened_at), ("by", mapping.row.opened_by)])
        add(Role.FIELD, mapping.fields.items())
        add(Role.LEVEL, mapping.level_columns.items())
        add(Role.FIGURE, mapping.figures.items())
        add(Role.LABEL, mapping.labels.items())
        add(Role.TITLE, [("title", x) for x in mapping.title])
        add(Role.LATER, [(x, x) for x in mapping.later])
        later = [(x, x) for x, each in mapping.later.items() if each.means == "resolved_at"]
        add(Role.FIGURE, later)
        silent = {self.case, self.at, self.by, *(place[x] for x in mapping.ignored)}
        return tuple(
            () if x in silent else tuple(found[x]) or ((Role.STATED, self.header[x]),)
            for x in self.places
        )

    def _meanings(self, place: Mapping[str, int]) -> tuple[Callable[[str], Any], ...]:
        """For each column what makes a value of its word."""
        mapping = self.mapping
        found: list[Callable[[str], Any]] = [_text] * self.width
        for column in mapping.flags:
            found[place[column]] = lambda word: "true" if read_flag(word) else "false"
        for column in mapping.counts:
            found[place[column]] = lambda word: str(read_count(word))
        for column in mapping.instants:
            found[place[column]] = lambda word: written(self._read(word))
        for column in (*mapping.fields.values(), mapping.row.by, mapping.row.opened_by):
            if column:
                found[place[column]] = _name
        for name, column in mapping.level_columns.items():
            found[place[column]] = partial(_translated, mapping.levels[name])
        for name, column in mapping.figures.items():
            found[place[column]] = read_flag if name == "met_sla" else read_count
        for column, later in mapping.later.items():
            if later.means == "code":
                found[place[column]] = lambda word: _name(mapping.codes.get(word, word))
        found[place[mapping.status]] = partial(_translated, mapping.standings)
        return tuple(found)

    def meaning(self, x: int, word: str) -> Any:
        """What a word means in a column.

        Raises InvalidValue naming the column.
        """
        known = self._known[x]
        found = known.get(word)
        if found is None:
            try:
                found = self._meaning[x](word)
            except InvalidValue as error:
                raise InvalidValue(self.header[x], error.problem) from None
            if len(known) >= _REMEMBERED:
                known.clear()
            known[word] = found
        return found

    def instant(self, x: int, word: str) -> datetime:
        """The instant that stands in a column.

        Raises InvalidValue naming the column.
        """
        try:
            return self._read(word)
        except InvalidValue as error:
            raise InvalidValue(self.header[x], error.problem) from None

    def case_of(self, row: Sequence[str]) -> str:
        """The case that a row is of; empty where it names none."""
        word = row[self.case] if len(row) > self.case else ""
        return "" if word in self.unknown else word

    def actor(self, row: Sequence[str]) -> str:
        """Who wrote the row; the source itself where it does not say.

        Raises InvalidValue for what is no name.
        """
        x = self.by
        word = row[x] if x >= 0 else ""
        return self.source if word in self.unknown else self.meaning(x, word)


_REMEMBERED = 4_096


def _text(word: str) -> str:
    return check_text(word, "text")


def _name(word: str) -> str:
    return check_name(word, "name")


def _translated(words: Mapping[str, Any], word: str) -> Any:
    found = words.get(word)
    if found is None:
        raise InvalidValue("word", f"{word[:60]!r} has no meaning here; {nearest(word, words)}")
    return found


def written(value: datetime) -> str:
    """An instant in the one form that is kept, whatever the dialect of the file."""
    return f"{value.isoformat()[:19]}Z"
