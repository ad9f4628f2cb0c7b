"""Finding records by plain words: from keyword filters to a store's query.

Shared by both desks. Names are checked against the index columns that the kind declares, so a
misspelt filter is an error and never an empty page.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from incidentkit.codec.kinds import KINDS
from incidentkit.errors import InvalidValue
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
    columns = {column.name for column in KINDS[kind].spec.columns}
    for name in (*filters, order):
        if name not in columns and name != "id":
            there = ", ".join(sorted(columns))
            raise InvalidValue(name, f"is no column of {kind}; there is {there}")
    parts = tuple(_test(name, value) for name, value in filters.items() if value is not None)
    where: Filter = AllOf(parts) if parts else EVERYTHING
    return Query(kind, where, order, descending, after, limit)


def _test(name: str, value: Any) -> Filter:
    if isinstance(value, tuple | list):
        several = cast("Sequence[Scalar]", value)
        return OneOf(name, tuple([_plain(each) for each in several]))
    return Compare(name, Op.EQ, _plain(value))


def _plain(value: Scalar) -> Scalar:
    return str(value) if isinstance(value, str) else value
