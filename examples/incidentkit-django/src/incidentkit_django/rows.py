"""The six operations of a row store, by Django's ORM."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db import models
from django.db.models import BooleanField, Expression, Q

from incidentkit.ports.query import Filter
from incidentkit.stores import sql_text
from incidentkit.stores.filters import renamed
from incidentkit.stores.rows import Rows
from incidentkit.stores.tables import TableSpec
from incidentkit_django.tables import attribute

Stored = Mapping[str, Any]


class Tested(Expression):
    """A filter of the contract as a condition: balanced, where `Q` would be as deep as it is long.

    SQLite takes 1,000 levels, and a filter may name more values than that.
    """

    conditional = True

    def __init__(self, where: Filter) -> None:
        super().__init__(output_field=BooleanField())
        self.where = where

    def as_sql(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, list[Any]]:
        values: list[Any] = []
        return f"({sql_text.condition(renamed(self.where, attribute), '%s', values)})", values


class OrmRows(Rows):
    """Rows of one database. A key that exists fails the statement, and with it the transaction."""

    filters = True

    def __init__(self, alias: str, model: Callable[[TableSpec], type[models.Model]]) -> None:
        self._alias = alias
        self._model = model

    def _all(self, table: TableSpec) -> models.QuerySet[Any]:
        return self._model(table)._base_manager.using(self._alias)

    def _at(self, table: TableSpec, key: Sequence[Any]) -> models.QuerySet[Any]:
        place = zip(table.key, key, strict=True)
        return self._all(table).filter(**{attribute(name): value for name, value in place})

    def get(self, table: TableSpec, key: Sequence[Any], lock: bool = False) -> Stored | None:
        found = self._at(table, key)
        if lock:
            found = found.select_for_update()  # where there is none, Django leaves it out
        return next(iter(_dicts(table, found[:1])), None)

    def insert(self, table: TableSpec, row: Stored) -> bool:
        model = self._model(table)
        values = {attribute(name): row[name] for name in table.names}
        model(**values).save(using=self._alias, force_insert=True)
        return True

    def update(self, table: TableSpec, key: Sequence[Any], changes: Stored, where: Stored) -> bool:
        found = self._at(table, key).filter(**_named(where))
        return (found.update(**_named(changes)) if changes else found.count()) == 1

    def delete(self, table: TableSpec, key: Sequence[Any], where: Stored) -> bool:
        return self._at(table, key).filter(**_named(where)).delete()[0] == 1

    def scan(
        self,
        table: TableSpec,
        equal: Stored,
        order: Sequence[str],
        limit: int,
        after: Sequence[Any] = (),
        descending: bool = False,
        where: Filter | None = None,
    ) -> Sequence[Stored]:
        found = self._all(table).filter(**_named(equal))
        if after:
            found = found.filter(_beyond(order[: len(after)], after, descending))
        if where is not None:
            found = found.filter(Tested(where))
        sign = "-" if descending else ""
        found = found.order_by(*(sign + attribute(name) for name in order))
        return _dicts(table, found[:limit])

    def count(self, table: TableSpec, equal: Stored, where: Filter | None = None) -> int:
        found = self._all(table).filter(**_named(equal))
        return (found if where is None else found.filter(Tested(where))).count()


class SerialOrmRows(OrmRows):
    """The same where writing transactions run one after the other."""

    serial = True


def _named(values: Stored) -> dict[str, Any]:
    return {attribute(name): value for name, value in values.items()}


def _dicts(table: TableSpec, found: models.QuerySet[Any]) -> list[Stored]:
    lines = found.values_list(*(attribute(name) for name in table.names))
    return [dict(zip(table.names, line, strict=True)) for line in lines]


def _beyond(names: Sequence[str], values: Sequence[Any], descending: bool) -> Q:
    """Strictly beyond a place, as tuples compare; the first column alone serves the index."""
    sign = "lt" if descending else "gt"
    first, value = attribute(names[0]), values[0]
    if len(names) == 1:
        return Q(**{f"{first}__{sign}": value})
    rest = Q(**{f"{first}__{sign}": value})
    rest |= Q(**{first: value}) & _beyond(names[1:], values[1:], descending)
    return Q(**{f"{first}__{sign}e": value}) & rest
