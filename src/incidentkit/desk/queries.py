"""Finding records by plain words: from keyword filters to a store's query.

Shared by both desks. Names are checked against the index columns that the kind declares, so a
misspelt filter is an error and never an empty page.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, cast

from incidentkit.codec.kinds import KINDS
from incidentkit.errors import InvalidValue
from incidentkit.model.review import ReviewState
from incidentkit.model.words import (
    MaintenanceState,
    Priority,
    ProblemState,
    Response,
    SilenceState,
    State,
)
from incidentkit.ports.query import EVERYTHING, AllOf, Compare, Cursor, Filter, OneOf, Op, Query
from incidentkit.ports.rows import Scalar
from incidentkit.timing.instants import as_utc, earlier, show_instant, to_micros
from incidentkit.timing.zones import zone_named

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from incidentkit.ports.search import Among


def query(
    kind: str,
    order: str,
    descending: bool,
    after: Cursor | None,
    limit: int,
    filters: dict[str, Any],
) -> Query:
    """The query for records whose columns equal the given values; a tuple means one of them."""
    bounded(limit)
    if after is not None and not isinstance(cast("object", after), Cursor):
        raise InvalidValue("after", "must be the `next` of the page before")
    columns = {column.name for column in KINDS[kind].spec.columns}
    _ = texted(order, "order")
    for name in (*filters, order):
        if name not in columns and name != "id":
            raise InvalidValue(name, f"is no column of {kind}{nearest(name, columns)}")
    for name, value in filters.items():
        if value is not None:
            _check(kind, name, value)
    parts = tuple(_test(name, value) for name, value in filters.items() if value is not None)
    where: Filter = AllOf(parts) if parts else EVERYTHING
    return Query(kind, where, order, descending, after, limit)


def texted(value: str, field: str) -> str:
    """A text; web hosts hand over what they were given, and that may be anything."""
    if not isinstance(cast("object", value), str):
        raise InvalidValue(field, f"must be text, not {type(value).__name__}")
    return value


def listed(values: Sequence[str], field: str) -> tuple[str, ...]:
    """Several texts; one text is not several of one letter."""
    given = cast("object", values)
    if isinstance(given, str) or not isinstance(given, Sequence):
        raise InvalidValue(field, f"must be a list of texts, not {type(given).__name__}")
    return tuple(texted(each, field) for each in values)


def bounded(limit: int) -> int:
    """A limit, refused where it is none."""
    if type(limit) is not int:
        raise InvalidValue("limit", f"must be a whole number, not {type(limit).__name__}")
    if not 1 <= limit <= 1000:
        raise InvalidValue("limit", f"{limit} is not between 1 and 1000")
    return limit


def among(kinds: str | Sequence[str] | None, filters: dict[str, Any]) -> tuple[Among, ...]:
    """The kinds to search and what their columns must equal; None: all that have such columns.

    Raises InvalidValue for a kind without words, and for a filter that a named kind does not have.
    """
    from incidentkit.ports.search import Among

    searched = [name for name, kind in KINDS.items() if kind.spec.searchable]
    if kinds is None:
        columns = {name: {x.name for x in KINDS[name].spec.columns} for name in searched}
        chosen = [name for name in searched if columns[name].issuperset(filters)] or searched[:1]
    else:
        chosen = [kinds] if isinstance(kinds, str) else list(listed(kinds, "kinds"))
    for name in chosen:
        if name not in searched:
            raise InvalidValue("kinds", f"{name!r} is none of {', '.join(searched)}")
    return tuple(Among(name, query(name, "id", False, None, 1, filters).where) for name in chosen)


def window(
    since: datetime | None, until: datetime | None, now: datetime
) -> tuple[datetime, datetime]:
    """From when to when; by default the last 30 days."""
    end = now if until is None else as_utc(until, "until")
    start = earlier(end, timedelta(days=30)) if since is None else as_utc(since, "since")
    if end < start:
        raise InvalidValue("until", f"{show_instant(end)} lies before {show_instant(start)}")
    return start, end


def declared_in(between: tuple[datetime, datetime], filters: dict[str, Any]) -> Query:
    """Incidents declared in a window, in that order, that have these columns."""
    start, end = map(to_micros, between)
    found = query("incident", "declared_at", False, None, 1, filters)
    begun = Compare("declared_at", Op.GE, start), Compare("declared_at", Op.LT, end)
    return Query(found.kind, AllOf((*begun, found.where)), found.order)


def zone(name: str) -> ZoneInfo:
    """A time zone by its name in the IANA database."""
    found = zone_named(texted(name, "zone"))
    if found is None:
        raise InvalidValue("zone", f"no time zone is called {name!r}; e.g. Europe/Zurich")
    return found


_WORDS: dict[tuple[str, str], type[StrEnum]] = {
    ("incident", "state"): State,
    ("incident", "priority"): Priority,
    ("incident", "response"): Response,
    ("problem", "state"): ProblemState,
    ("maintenance", "state"): MaintenanceState,
    ("silence", "state"): SilenceState,
    ("review", "state"): ReviewState,
    ("problem", "priority"): Priority,
}
_ALIASES = {"status": "state", "assign": "assignee", "title": "ref"}


def _check(kind: str, name: str, value: Any) -> None:
    """A word that the column can never hold is a mistake, not an empty page."""
    words = _WORDS.get((kind, name))
    several = cast("Sequence[Scalar]", value if isinstance(value, tuple | list) else (value,))
    for each in several:
        if words is not None and each not in words.__members__.values():
            raise InvalidValue(name, f"{each!r} is none of {', '.join(words)}")


def nearest(name: str, choices: set[str]) -> str:
    """The end of a sentence: what was probably meant, and what there is."""
    meant = _ALIASES.get(name)
    hint = f"; did you mean {meant!r}?" if meant in choices else ""
    return f"{hint}; there is {', '.join(sorted(choices))}"


def _test(name: str, value: Any) -> Filter:
    if isinstance(value, tuple | list):
        several = cast("Sequence[Scalar]", value)
        return OneOf(name, tuple([_plain(each) for each in several]))
    return Compare(name, Op.EQ, _plain(value))


def _plain(value: Scalar) -> Scalar:
    return str(value) if isinstance(value, str) else value
