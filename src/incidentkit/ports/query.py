"""How rows are looked for: filters over declared columns, pages by the last key.

There is no LIKE, no null and no offset: stores disagree about the first two, and an offset loses
rows while others write.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TypeAlias

import attrs

from incidentkit.ports.rows import Row, Scalar


class Op(StrEnum):
    """How a filter compares a column with a value."""

    EQ = "=="
    NE = "!="
    LT = "<"
    LE = "<="
    GT = ">"
    GE = ">="


@attrs.frozen
class Compare:
    """The column compares so with the value."""

    column: str
    op: Op
    value: Scalar


@attrs.frozen
class OneOf:
    """The column equals one of the values; none means never."""

    column: str
    values: tuple[Scalar, ...]


@attrs.frozen
class AllOf:
    """Every part holds; no parts means always."""

    parts: tuple[Filter, ...]


@attrs.frozen
class AnyOf:
    """At least one part holds; no parts means never."""

    parts: tuple[Filter, ...]


@attrs.frozen
class Not:
    """The part does not hold."""

    part: Filter


Filter: TypeAlias = Compare | OneOf | AllOf | AnyOf | Not
"""A two-valued test over declared columns (which are never null)."""

EVERYTHING = AllOf(())
NOTHING = AnyOf(())


@attrs.frozen
class Cursor:
    """The last key of a page: the order column's value and the id. Never an offset."""

    value: Scalar
    id: str


@attrs.frozen
class Query:
    """Find records of a kind. `order` is one declared column or `id`; ties go by id."""

    kind: str
    where: Filter = EVERYTHING
    order: str = "id"
    descending: bool = False
    after: Cursor | None = None
    limit: int = 100


@attrs.frozen
class Page:
    """Rows in order, and the cursor of the next page (None: this was the last)."""

    rows: tuple[Row, ...]
    next: Cursor | None
