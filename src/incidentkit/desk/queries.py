"""Finding records by plain words: from keyword filters to a store's query.

Shared by both desks. Names are checked against the index columns that the kind declares, so a
misspelt filter is an error and never an empty page.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Any, cast

from incidentkit.codec.kinds import KINDS
from incidentkit.errors import InvalidValue
from incidentkit.model.words import (
    MaintenanceState,
    Priority,
    ProblemState,
    Response,
    ReviewState,
    SilenceState,
    State,
)
from incidentkit.ports.query import EVERYTHING, AllOf, Compare, Cursor, Filter, OneOf, Op, Query
from incidentkit.ports.rows import Scalar


def query(
    kind: str,
    order: str,
    descending: bool,
    after: Cursor | None,
    limit: int,
    filters: dict[str, Any],
) -> Query:
    """The query for records whose columns equal the given values; a tuple means one of them."""
    if not 1 <= limit <= 1000:
        raise InvalidValue("limit", f"{limit} is not between 1 and 1000")
    if after is not None and not isinstance(cast("object", after), Cursor):
        raise InvalidValue("after", "must be the `next` of the page before")
    columns = {column.name for column in KINDS[kind].spec.columns}
    for name in (*filters, order):
        if name not in columns and name != "id":
            raise InvalidValue(name, f"is no column of {kind}{nearest(name, columns)}")
    for name, value in filters.items():
        if value is not None:
            _check(kind, name, value)
    parts = tuple(_test(name, value) for name, value in filters.items() if value is not None)
    where: Filter = AllOf(parts) if parts else EVERYTHING
    return Query(kind, where, order, descending, after, limit)


_WORDS: dict[tuple[str, str], type[StrEnum]] = {
    ("incident", "state"): State,
    ("incident", "priority"): Priority,
    ("incident", "response"): Response,
    ("problem", "state"): ProblemState,
    ("maintenance", "state"): MaintenanceState,
    ("silence", "state"): SilenceState,
    ("review", "state"): ReviewState,
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
