"""Mappings of histories read from data, with every problem listed at once.

A mapping is written by somebody who knows the other system, often by trial; one error at a time
would cost an attempt each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, tzinfo
from functools import partial
from typing import Any, TypeVar, cast

from incidentkit.errors import InvalidValue, PolicyError
from incidentkit.lang.histories.dialect import Dialect, pattern
from incidentkit.lang.histories.mapping import (
    FIELDS,
    FIGURES,
    LEVELS,
    MEANINGS,
    HistoryMapping,
    Later,
    RowColumns,
    Scales,
)
from incidentkit.lang.names import nearest
from incidentkit.model.checks import check_name
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.history import Standing
from incidentkit.model.words import Priority, State

T = TypeVar("T")

ISO = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d %H:%M")
"""The formats that are read where a mapping names none."""
_KEYS = (
    *("name", "about", "unknown", "row", "read", "title", "fields", "labels", "status"),
    *("impact", "urgency", "priority", "matrix", "later", "codes", "figures"),
)
_STATES = tuple(state.value for state in State)
_ROW = ("case", "at", "by", "opened_at", "opened_by")
_READ = ("formats", "zone", "instants", "flags", "counts", "ignore")
_MATRIX = ("name", "impacts", "urgencies", "cells", "assume")


def parse(data: Mapping[str, Any]) -> HistoryMapping:
    """Read a mapping from data, as TOML gives it.

    Raises PolicyError with all problems at once, each with its path.
    """
    reader = _Reader()
    mapping = reader.mapping(data)
    if reader.problems or mapping is None:
        raise PolicyError(tuple(reader.problems), "mapping")
    return mapping


class _Reader:
    def __init__(self) -> None:
        self.problems: list[tuple[str, str]] = []

    def mapping(self, data: object) -> HistoryMapping | None:
        top = self._table(data, "mapping", _KEYS)
        _ = self._text(top.get("about", ""), "about")
        unknown = frozenset(("", *self._texts(top.get("unknown", []), "unknown")))
        read = self._table(top.get("read", {}), "read", _READ)
        dialect = self._dialect(read)
        status, standings = self._status(top.get("status"))
        columns: dict[str, str] = {}
        levels: dict[str, Mapping[str, str]] = {}
        for name in LEVELS:
            if name in top:
                columns[name], levels[name] = self._words(top[name], name)
        for word, priority in levels.get("priority", {}).items():
            if priority not in Priority.__members__:
                self._note(f"priority.words.{word}", f"{priority!r} is none of P1..P5")
        title: object = top.get("title", [])
        parts = (title,) if isinstance(title, str) else self._texts(title, "title")
        made = HistoryMapping(
            self._made("name", lambda: check_name(top.get("name", ""), "name"), "unnamed"),
            self._row(top.get("row")),
            dialect,
            standings,
            status,
            tuple(parts),
            self._named(top.get("fields", {}), "fields", FIELDS),
            self._named(top.get("labels", {}), "labels", None),
            FrozenMap(columns),
            FrozenMap(levels),
            self._later(top.get("later", {})),
            self._named(top.get("codes", {}), "codes", None),
            self._named(top.get("figures", {}), "figures", FIGURES),
            frozenset(self._texts(read.get("instants", []), "read.instants")),
            frozenset(self._texts(read.get("flags", []), "read.flags")),
            frozenset(self._texts(read.get("counts", []), "read.counts")),
            frozenset(self._texts(read.get("ignore", []), "read.ignore")),
            unknown,
            self._scales(top["matrix"]) if "matrix" in top else None,
        )
        return None if self.problems else made

    # --- small readers ---

    def _note(self, path: str, problem: str) -> None:
        self.problems.append((path, problem))

    def _table(self, data: object, path: str, keys: Iterable[str] | None) -> dict[str, Any]:
        if not isinstance(data, Mapping):
            self._note(path, "write a table here")
            return {}
        table = {str(key): value for key, value in cast("Mapping[object, Any]", data).items()}
        for key in table:
            if keys is not None and key not in keys:
                self._note(f"{path}.{key}", f"there is no such setting; {nearest(key, keys)}")
        return table

    def _text(self, value: object, path: str) -> str:
        if isinstance(value, str):
            return value
        self._note(path, "write a text here")
        return ""

    def _texts(self, value: object, path: str) -> tuple[str, ...]:
        if not isinstance(value, list | tuple):
            self._note(path, "write a list of texts here")
            return ()
        several = enumerate(cast("list[object]", value))
        return tuple([self._text(each, f"{path}[{at}]") for at, each in several])

    def _column(self, value: object, path: str) -> str:
        if value == "":
            self._note(path, "name the column")
        return self._text(value, path)

    def _named(self, data: object, path: str, keys: Iterable[str] | None) -> FrozenMap[str, str]:
        table = self._table(data, path, keys)
        return FrozenMap({k: self._text(v, f"{path}.{k}") for k, v in table.items()})

    def _made(self, path: str, make: Callable[[], T], default: T) -> T:
        try:
            return make()
        except InvalidValue as error:
            self._note(path, error.problem)
            return default

    # --- the parts ---

    def _row(self, data: object) -> RowColumns:
        table = self._named(data, "row", _ROW)
        for key in ("case", "at"):
            if not table.get(key):
                self._note(f"row.{key}", "name the column: a row is of a case, at a time")
        return RowColumns(*(table.get(key, "") for key in _ROW))

    def _dialect(self, table: Mapping[str, Any]) -> Dialect:
        formats = self._texts(table.get("formats", list(ISO)), "read.formats")
        if not formats:
            self._note("read.formats", "name at least one format")
        for at, layout in enumerate(formats):
            _ = self._made(f"read.formats[{at}]", partial(pattern, layout), None)
        name = self._text(table.get("zone", "UTC"), "read.zone")
        utc: tzinfo = UTC
        return Dialect(formats, self._made("read.zone", partial(_zone, name), utc))

    def _words(self, data: object, path: str) -> tuple[str, FrozenMap[str, str]]:
        table = self._table(data, path, ("column", "words"))
        column = self._column(table.get("column"), f"{path}.column")
        words = self._named(table.get("words"), f"{path}.words", None)
        for word, level in words.items():
            make = partial(check_name, level, "level")
            _ = self._made(f"{path}.words.{word}", make, "")
        return column, words

    def _status(self, data: object) -> tuple[str, FrozenMap[str, Standing]]:
        table = self._table(data, "status", ("column", "words"))
        column = self._column(table.get("column"), "status.column")
        words = self._table(table.get("words"), "status.words", None)
        found = {
            word: self._standing(word, each, f"status.words.{word}") for word, each in words.items()
        }
        return column, FrozenMap(found)

    def _standing(self, word: str, data: object, path: str) -> Standing:
        if isinstance(data, str):
            state = self._state(data, path)
            if state is State.ON_HOLD:
                self._note(path, "a hold has a reason and a court: { state, reason, court }")
            return Standing(word, state)
        table = self._named(data, path, ("state", "reason", "court"))
        state = self._state(table.get("state", ""), f"{path}.state")
        reason, court = table.get("reason", ""), table.get("court", "")
        if state is State.ON_HOLD:
            for key, value in (("reason", reason), ("court", court)):
                _ = self._made(f"{path}.{key}", partial(check_name, value, key), "")
        return Standing(word, state, reason, court)

    def _state(self, word: str, path: str) -> State:
        if word in State.__members__.values():
            return State(word)
        self._note(path, f"{word[:60]!r} is no category; {nearest(word, _STATES)}")
        return State.NEW

    def _later(self, data: object) -> FrozenMap[str, Later]:
        found: dict[str, Later] = {}
        for column, each in self._table(data, "later", None).items():
            path = f"later.{column}"
            table = self._table(each, path, ("means", "when"))
            means = self._text(table.get("means", ""), f"{path}.means")
            if means and means not in MEANINGS:
                hint = nearest(means, MEANINGS)
                self._note(f"{path}.means", f"{means[:60]!r} is not known here; {hint}")
            states = self._texts(table.get("when"), f"{path}.when")
            found[column] = Later(
                means, frozenset(self._state(x, f"{path}.when[{n}]") for n, x in enumerate(states))
            )
        return FrozenMap(found)

    def _scales(self, data: object) -> Scales:
        table = self._table(data, "matrix", _MATRIX)
        rows = self._table(table.get("cells"), "matrix.cells", None)
        cells: dict[str, str] = {}
        for impact, row in rows.items():
            for urgency, cell in self._named(row, f"matrix.cells.{impact}", None).items():
                cells[f"{impact}/{urgency}"] = cell
        return Scales(
            self._text(table.get("name"), "matrix.name"),
            self._texts(table.get("impacts"), "matrix.impacts"),
            self._texts(table.get("urgencies"), "matrix.urgencies"),
            FrozenMap(cells),
            self._text(table.get("assume"), "matrix.assume"),
        )


def _zone(name: str) -> tzinfo:
    if name == "UTC":
        return UTC
    from zoneinfo import ZoneInfo  # few mappings need it

    try:
        return ZoneInfo(name)
    except (ValueError, KeyError, OSError):
        raise InvalidValue("zone", f"{name[:60]!r} is no time zone, as Europe/Madrid is") from None
