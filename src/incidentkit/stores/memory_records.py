"""The records of one kind and tenant in memory, with indexes that are built when first asked for.

Most kinds are looked for by one or two columns; an index nobody uses costs no write anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from incidentkit.ports.query import EVERYTHING, Filter
from incidentkit.ports.rows import Row, Scalar, Tally
from incidentkit.stores.filters import equalities, predicate
from incidentkit.stores.tables import Kind


class Records:
    """Rows by id, their tallies beside them, and equality indexes."""

    __slots__ = ("_indexes", "_kind", "rows", "tallies")

    def __init__(self, kind: Kind) -> None:
        self._kind = kind
        self.rows: dict[str, Row] = {}
        self.tallies: dict[str, list[int]] = {}
        self._indexes: dict[int, dict[Scalar, set[str]]] = {}

    def version(self, name: str) -> int:
        """The version the record stands at; 0 when there is none."""
        row = self.rows.get(name)
        return 0 if row is None else row.version

    def read(self, name: str) -> Row | None:
        """The row with its present tally."""
        row = self.rows.get(name)
        return None if row is None else self.with_tally(row)

    def with_tally(self, row: Row) -> Row:
        """The row as it is handed out."""
        tally = self.tallies.get(row.id)
        if tally is None:
            return row
        return Row(
            row.kind, row.id, row.version, row.schema, row.head, row.columns, row.body,
            Tally(tally[0], tally[1], tally[2]),
        )  # fmt: skip

    def write(self, row: Row) -> None:
        """Put the row in its place; its tally adds to what was counted."""
        name = row.id
        if self._indexes:
            self._reindex(self.rows.get(name), row)
        added = row.tally
        if added is not None:
            tally = self.tallies.get(name)
            if tally is None:
                self.tallies[name] = [added.signature, added.seen, added.last_seen]
            else:
                tally[0] = added.signature
                tally[1] += added.seen
                tally[2] = max(tally[2], added.last_seen)
            row = Row(
                row.kind, name, row.version, row.schema, row.head, row.columns, row.body, None
            )
        self.rows[name] = row

    def _reindex(self, old: Row | None, new: Row) -> None:
        for place, index in self._indexes.items():
            value = new.columns[place]
            if old is not None:
                before = old.columns[place]
                if before == value:
                    continue
                index[before].discard(old.id)
            index.setdefault(value, set()).add(new.id)

    def _index(self, place: int) -> dict[Scalar, set[str]]:
        index = self._indexes.get(place)
        if index is None:
            index = self._indexes[place] = {}
            for row in self.rows.values():
                index.setdefault(row.columns[place], set()).add(row.id)
        return index

    def matching(self, where: Filter) -> Iterator[Row]:
        """Rows for which the filter holds, in no order, without their tallies."""
        found: Iterable[Row] = self.rows.values()
        if where == EVERYTHING:
            return iter(found)
        narrowest: set[str] | None = None
        for column, values in equalities(where):
            index = self._index(self._kind.position[column])
            names: set[str] = set()
            if len(values) == 1:
                names = index.get(values[0], names)
            else:
                names = names.union(*[index.get(value, ()) for value in values])
            if narrowest is None or len(names) < len(narrowest):
                narrowest = names
        if narrowest is not None and 2 * len(narrowest) < len(self.rows):
            found = [self.rows[name] for name in narrowest]
        holds = predicate(where, self._kind.position)
        return (row for row in found if holds(row.columns))
