"""With which columns the rows of each kind were written, for stores on the bases.

A line for each kind tells whether its rows have the columns that are declared now, or are being
read again, and how far that is. Rows are written anew, so that whatever order or index a store
keeps for them is made again as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from incidentkit.ids import TenantName
from incidentkit.ports.rows import Row
from incidentkit.ports.search import Reindexed
from incidentkit.stores import applying
from incidentkit.stores.rows import Rows, require
from incidentkit.stores.tables import COLUMN_PREFIX, LAYOUT, Kind

DONE, FILLING = "done", "filling"
_ORDER = ("tenant", "id")
_NOBODY = ""
"""Layouts belong to the store, not to a tenant; no tenant has this name."""


def written(kind: Kind) -> str:
    """The columns of a kind as one text."""
    return " ".join(f"{column.name}:{column.type.value}" for column in kind.spec.columns)


def settle(rows: Rows, kinds: Iterable[Kind], *, write: bool) -> set[str]:
    """The kinds whose rows were written with other columns; with `write` that is noted as well."""
    behind: set[str] = set()
    for kind in kinds:
        name, now = kind.spec.name, written(kind)
        key = (_NOBODY, name)
        found = rows.get(LAYOUT, key, lock=write)
        if found is not None and found["columns"] == now:
            if found["state"] == FILLING:
                behind.add(name)
            continue
        there = bool(rows.scan(kind.record, {}, _ORDER, 1))
        if there:
            behind.add(name)
        if write:
            begun = {"columns": now, "state": FILLING if there else DONE, "at": "", "at_id": ""}
            if found is None:
                require(rows.insert(LAYOUT, {"tenant": _NOBODY, "kind": name, **begun}))
            else:
                require(rows.update(LAYOUT, key, begun, {"columns": found["columns"]}))
    return behind


def filling(rows: Rows, kind: Kind) -> bool:
    """Whether the rows of a kind are still being read again."""
    found = rows.get(LAYOUT, (_NOBODY, kind.spec.name))
    return found is None or found["columns"] != written(kind) or found["state"] == FILLING


def waiting(rows: Rows, kind: Kind, limit: int) -> Sequence[tuple[TenantName, Row]]:
    """The next rows after the last that was done."""
    found = rows.get(LAYOUT, (_NOBODY, kind.spec.name))
    after = ("", "")
    if found is not None and found["columns"] == written(kind):
        if found["state"] == DONE:
            return ()
        after = (found["at"], found["at_id"])
    records = rows.scan(kind.record, {}, _ORDER, limit, after)
    return tuple(
        (TenantName(record["tenant"]), applying.row_of(kind, record, None)) for record in records
    )


def fill(rows: Rows, kind: Kind, done: Sequence[Reindexed]) -> None:
    """Write the columns of these records and note how far that is; with none, all are done."""
    key = (_NOBODY, kind.spec.name)
    if not done:
        _ = rows.update(LAYOUT, key, {"state": DONE}, {})
        return
    for each in done:
        place = (each.tenant, each.id)
        record = rows.get(kind.record, place, lock=True)
        if record is not None and record["version"] == each.version:
            columns: dict[str, Any] = {
                COLUMN_PREFIX + column.name: value
                for column, value in zip(kind.spec.columns, each.columns, strict=True)
            }
            require(rows.delete(kind.record, place, {"version": each.version}))
            require(rows.insert(kind.record, {**record, **columns}))
    last = done[-1]
    _ = rows.update(LAYOUT, key, {"at": last.tenant, "at_id": last.id}, {})
