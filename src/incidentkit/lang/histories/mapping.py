"""The mapping of a history as a value, and bound to the columns of one file.

A mapping says which column is the case, the time and the actor, how instants are written, which
words mean "not stated", what each status word belongs to, and which columns are our fields, labels
or counters. What it leaves unmentioned is kept in the source's words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import attrs

from incidentkit.errors import InvalidValue
from incidentkit.lang.histories.dialect import Dialect, ReadInstant
from incidentkit.lang.names import nearest
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


class Bound:
    """A mapping on the columns of one file: what `Folding` looks up, made once."""

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
        self.instant: ReadInstant = mapping.dialect.reader()
        self.unknown: frozenset[str] = mapping.unknown
        self.case: int = place[row.case]
        self.at: int = place[row.at]
        self.by: int = place[row.by] if row.by else -1
        self.opened_at: int = place[row.opened_at] if row.opened_at else -1
        self.opened_by: int = place[row.opened_by] if row.opened_by else -1
        self.status: int = place[mapping.status]
        self.title: tuple[int, ...] = tuple(place[x] for x in mapping.title)
        self.fields: dict[int, str] = {place[v]: k for k, v in mapping.fields.items()}
        self.labels: tuple[tuple[str, int], ...] = tuple(
            (name, place[column]) for name, column in sorted(mapping.labels.items())
        )
        self.labelled: frozenset[int] = frozenset(number for _, number in self.labels)
        self.levels: dict[int, tuple[str, Mapping[str, str]]] = {
            place[column]: (name, mapping.levels[name])
            for name, column in mapping.level_columns.items()
        }
        self.figures: dict[int, str] = {place[v]: k for k, v in mapping.figures.items()}
        self.later: dict[int, Later] = {place[k]: v for k, v in mapping.later.items()}
        self.lasting: frozenset[State] = frozenset(
            state for each in self.later.values() for state in each.when
        )
        typed = (("instant", mapping.instants), ("flag", mapping.flags), ("count", mapping.counts))
        self.types: dict[int, str] = {place[x]: name for name, columns in typed for x in columns}
        self.news: tuple[bool, ...] = self._news()
        self.plain: frozenset[int] = self._plain()

    def _news(self) -> tuple[bool, ...]:
        """Which columns may carry news: neither the frame of the row nor ignored."""
        frame = {self.case, self.at, self.by}
        ignored = {number for number, x in enumerate(self.header) if x in self.mapping.ignored}
        return tuple(number not in frame | ignored for number in range(self.width))

    def _plain(self) -> frozenset[int]:
        """The columns that no field of ours takes: they are kept in the source's words."""
        told = {self.status, self.opened_at, self.opened_by, *self.title, *self.fields}
        told |= self.labelled | set(self.levels) | set(self.figures) | set(self.later)
        return frozenset(x for x in range(self.width) if self.news[x] and x not in told)
