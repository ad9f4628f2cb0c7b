"""The tables of the contract, as data: what a row store must be able to keep.

A store for another database reads these specs instead of repeating names and types. Every primary
key is led by the tenant, so a batch of one tenant can never reach the rows of another.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from enum import StrEnum

import attrs

from incidentkit.errors import InvalidValue
from incidentkit.ports.rows import Column, ColumnType, KindSpec

NAME = re.compile(r"[a-z][a-z0-9_]{0,47}")
COLUMN_PREFIX = "c_"
"""Declared columns are stored under this prefix, so that none can collide with the fixed ones."""


class Stored(StrEnum):
    """How a table column is stored; only `MAYBE_TEXT` may be null."""

    TEXT = "text"
    INT64 = "int64"
    BOOL = "bool"
    MAYBE_TEXT = "maybe_text"


@attrs.frozen
class TableColumn:
    """One column of a table."""

    name: str
    stored: Stored


def _column_names(spec: TableSpec) -> tuple[str, ...]:
    return tuple(column.name for column in spec.columns)


@attrs.frozen
class TableSpec:
    """One table: its columns, its primary key, and the orders in which it is scanned.

    `wide` rows carry bodies of any length; narrow ones may be clustered by their key.
    """

    name: str
    columns: tuple[TableColumn, ...]
    key: tuple[str, ...]
    indexes: tuple[tuple[str, ...], ...] = ()
    wide: bool = False
    names: tuple[str, ...] = attrs.field(
        init=False, default=attrs.Factory(_column_names, takes_self=True)
    )
    """The column names in order."""


def _texts(*names: str) -> tuple[TableColumn, ...]:
    return tuple(TableColumn(name, Stored.TEXT) for name in names)


def _numbers(*names: str) -> tuple[TableColumn, ...]:
    return tuple(TableColumn(name, Stored.INT64) for name in names)


def _maybes(*names: str) -> tuple[TableColumn, ...]:
    return tuple(TableColumn(name, Stored.MAYBE_TEXT) for name in names)


JOURNAL = TableSpec(
    "journal",
    (
        *_texts("tenant", "stream"),
        *_numbers("seq", "at"),
        *_texts("kind"),
        *_maybes("body", "salt"),
        *_texts("digest", "hash"),
    ),
    ("tenant", "stream", "seq"),
    wide=True,
)

PURGED = TableSpec(
    "purged",
    (*_texts("tenant", "stream"), *_numbers("seq")),
    ("tenant", "stream"),
)
"""Where a stream stood when its entries were purged, so that it goes on from there."""

TASK = TableSpec(
    "task",
    (
        *_texts("tenant", "id", "queue", "subject"),
        *_numbers("ord", "priority", "due_at"),
        *_texts("channel", "body", "state"),
        *_numbers("next_at"),
        *_texts("token"),
        *_numbers("tries", "lapses"),
        *_texts("why"),
    ),
    ("tenant", "id"),
    (
        ("tenant", "subject", "state", "ord", "id"),
        ("state", "next_at", "tenant", "id"),
        ("state", "tenant", "priority", "next_at", "id"),
    ),
)

KEY = TableSpec("key", _texts("tenant", "space", "key", "owner"), ("tenant", "space", "key"))

REQUEST = TableSpec(
    "request",
    (*_texts("tenant", "id", "fingerprint", "result"), *_numbers("at")),
    ("tenant", "id"),
    (("tenant", "at", "id"),),
)

COUNTER = TableSpec(
    "counter",
    (*_texts("tenant", "series"), *_numbers("next")),
    ("tenant", "series"),
)

GUARD = TableSpec(
    "guard",
    (*_texts("tenant", "name"), *_numbers("stamp")),
    ("tenant", "name"),
)
"""Rows that are only locked: they make two transactions meet that would not see each other."""

LAYOUT = TableSpec(
    "layout", _texts("tenant", "kind", "columns", "state", "at", "at_id"), ("tenant", "kind")
)
"""With which columns the rows of each kind were written; see `layouts`."""

FIXED_TABLES = (JOURNAL, PURGED, TASK, KEY, REQUEST, COUNTER, GUARD, LAYOUT)
"""Every table that does not depend on the declared kinds."""

_STORED = {
    ColumnType.TEXT: Stored.TEXT,
    ColumnType.INT64: Stored.INT64,
    ColumnType.INSTANT: Stored.INT64,
    ColumnType.BOOL: Stored.BOOL,
}
_PYTHON: dict[ColumnType, type] = {
    ColumnType.TEXT: str,
    ColumnType.INT64: int,
    ColumnType.INSTANT: int,
    ColumnType.BOOL: bool,
}


@attrs.frozen(eq=False)
class Kind:
    """A declared kind with all that is derived from it once."""

    spec: KindSpec
    record: TableSpec
    tally: TableSpec | None
    position: dict[str, int]
    types: tuple[type, ...]
    has_bool: bool
    numbers: tuple[int, ...]
    """The places of the columns that hold numbers."""

    def column(self, name: str) -> Column:
        """The declared column of that name, or InvalidValue."""
        place = self.position.get(name)
        if place is None:
            known = ", ".join(self.position) or "none"
            raise InvalidValue(
                "column", f"kind {self.spec.name!r} declares no column {name!r}; declared: {known}"
            )
        return self.spec.columns[place]


def kind_of(spec: KindSpec) -> Kind:
    """Derive the tables of a kind, refusing names that no store could use."""
    _check_name("kind", spec.name)
    names = [column.name for column in spec.columns]
    for name in names:
        _check_name("column", name)
        if name == "id":
            raise InvalidValue("column", f"kind {spec.name!r}: the id is always there; drop 'id'")
    unknown = [name for name in spec.shortlist if name not in names]
    if unknown or (spec.shortlist and _type_of(spec, spec.shortlist[0]) is not ColumnType.BOOL):
        raise InvalidValue(
            "shortlist",
            f"kind {spec.name!r}: {list(spec.shortlist)} must be its columns, the first a bool",
        )
    if len(set(names)) != len(names):
        raise InvalidValue("column", f"kind {spec.name!r} declares a column twice: {names}")
    stored = tuple(TableColumn(COLUMN_PREFIX + c.name, _STORED[c.type]) for c in spec.columns)
    record = TableSpec(
        f"record_{spec.name}",
        (
            *_texts("tenant", "id"),
            *_numbers("version", "schema"),
            *_texts("head"),
            *stored,
            *_texts("body"),
        ),
        ("tenant", "id"),
        tuple(("tenant", column.name, "id") for column in stored),
        wide=True,
    )
    tally = TableSpec(
        f"tally_{spec.name}",
        (*_texts("tenant", "id"), *_numbers("signature", "seen", "last_seen")),
        ("tenant", "id"),
    )
    return Kind(
        spec,
        record,
        tally if spec.touchable else None,
        {name: place for place, name in enumerate(names)},
        tuple(_PYTHON[column.type] for column in spec.columns),
        any(column.type is ColumnType.BOOL for column in spec.columns),
        tuple([place for place, c in enumerate(spec.columns) if _PYTHON[c.type] is int]),
    )


def _type_of(spec: KindSpec, name: str) -> ColumnType | None:
    return next((column.type for column in spec.columns if column.name == name), None)


def _check_name(field: str, name: str) -> None:
    if not NAME.fullmatch(name):
        raise InvalidValue(
            field, f"{name!r} is not a plain name: small letters, digits and '_', at most 48"
        )


def choose_order(
    spec: TableSpec, equal: Collection[str], order: Sequence[str]
) -> tuple[str, ...] | None:
    """The declared order (primary key included) that serves such a scan best, or None.

    It must begin with columns that are fixed by equality and go on with the order asked for;
    fixed columns in between change nothing.
    """
    best: tuple[int, tuple[str, ...]] | None = None
    for columns in (spec.key, *spec.indexes):
        fixed = 0
        while fixed < len(columns) and columns[fixed] in equal:
            fixed += 1
        rest = [name for name in columns[fixed:] if name not in equal]
        wanted = [name for name in order if name not in equal]
        if rest[: len(wanted)] == wanted and (best is None or fixed > best[0]):
            best = (fixed, columns)
    return None if best is None else best[1]
