"""Mistakes in what comes back, and in how a store ends."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import attrs

from incidentkit.errors import StoreClosed
from incidentkit.ids import TenantName
from incidentkit.ports.query import Cursor, Page, Query
from incidentkit.ports.rows import Batch, Committed, Ref, Row, Scalar
from incidentkit.testing.store_trial import StoreTime
from tests.stores.broken.base import Kept

ALL = 2**62


class LocaleOrder(Kept):
    """Sorts text as people do."""

    def find(self, tenant: TenantName, query: Query) -> Page:
        super().find(tenant, query)  # which judges the query
        page = super().find(tenant, attrs.evolve(query, after=None, limit=ALL))

        def people(value: Scalar) -> object:
            return value.casefold() if isinstance(value, str) else value

        def place(row: Row) -> Any:
            cursor = _cursor(self, query, row)
            return people(cursor.value), row.id

        rows = sorted(page.rows, key=place, reverse=query.descending)
        if query.after is not None:
            bound = people(query.after.value), query.after.id
            rows = [x for x in rows if (place(x) < bound if query.descending else place(x) > bound)]
        if query.limit < len(rows):
            last = rows[query.limit - 1]
            return Page(tuple(rows[: query.limit]), _cursor(self, query, last))
        return Page(tuple(rows), None)


def _cursor(store: Kept, query: Query, last: Row) -> Cursor:
    if query.order == "id":
        return Cursor(last.id, last.id)
    return Cursor(last.columns[store._kinds[query.kind].position[query.order]], last.id)


class OffsetPaging(Kept):
    """Counts what it has shown, instead of naming the last one."""

    def __init__(self, now: StoreTime) -> None:
        super().__init__(now)
        self.shown: dict[Cursor, int] = {}

    def find(self, tenant: TenantName, query: Query) -> Page:
        super().find(tenant, query)  # which judges the query
        begin = 0 if query.after is None else self.shown.get(query.after, 0)
        every = super().find(tenant, attrs.evolve(query, after=None, limit=ALL)).rows
        page = every[begin : begin + query.limit]
        if begin + query.limit >= len(every):
            return Page(page, None)
        cursor = _cursor(self, query, page[-1])
        self.shown[cursor] = begin + len(page)
        return Page(page, cursor)


class LiveRows(Kept):
    """Hands out the very objects it goes on writing into."""

    def __init__(self, now: StoreTime) -> None:
        super().__init__(now)
        self.handed: dict[tuple[str, str, str], Row] = {}

    def load(self, tenant: TenantName, refs: Sequence[Ref]) -> tuple[Row | None, ...]:
        rows = super().load(tenant, refs)
        for row in rows:
            if row is not None:
                live = self.handed.setdefault((tenant, row.kind, row.id), row)
                for field in attrs.fields(Row):
                    object.__setattr__(live, field.name, getattr(row, field.name))
        return tuple(row and self.handed[tenant, row.kind, row.id] for row in rows)

    def commit(self, batch: Batch) -> Committed:
        done = super().commit(batch)
        refs = [Ref(kind, name) for of, kind, name in self.handed if of == batch.tenant]
        self.load(batch.tenant, refs)
        return done


class LiveTally(Kept):
    """Hands out the dictionary it counts in."""

    def __init__(self, now: StoreTime) -> None:
        super().__init__(now)
        self.counted: dict[tuple[str, Query, str, int], dict[Scalar, int]] = {}
        self.commits = 0

    def commit(self, batch: Batch) -> Committed:
        self.commits += 1
        return super().commit(batch)

    def tally(self, tenant: TenantName, query: Query, column: str) -> dict[Scalar, int]:
        key = tenant, query, column, self.commits
        if key not in self.counted:
            self.counted[key] = super().tally(tenant, query, column)
        return self.counted[key]


class CloseNotIdempotent(Kept):
    """Closes once; the second time is an error."""

    def close(self) -> None:
        if self._closed:
            raise StoreClosed("it is closed already")
        super().close()


class NumbersInMemory(Kept):
    """Draws numbers from a counter that begins anew with the process."""

    def reopened(self, now: StoreTime) -> NumbersInMemory:
        again = super().reopened(now)
        for tenant in again._tenants.values():
            tenant.counters.clear()
        return again
