"""`Rows` over any DB-API connection to a database that has row values.

A host's SQL store is this plus a `transaction` that begins, commits and rolls back.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from typing_extensions import override

from incidentkit.ports.query import Filter
from incidentkit.stores import sql_text as sql
from incidentkit.stores.rows import Rows, Stored
from incidentkit.stores.sql_text import Execute
from incidentkit.stores.tables import TableSpec


class SqlRows(Rows):
    """Rows by generated SQL.

    `taken` is the driver's exception for a primary key that exists; `mark` its placeholder;
    `locking` what is appended to a SELECT that locks (`" FOR UPDATE"`), if anything.
    """

    filters: ClassVar[bool] = True

    def __init__(
        self,
        execute: Execute,
        taken: type[Exception] | tuple[type[Exception], ...],
        mark: str = "?",
        locking: str = "",
    ) -> None:
        self._execute = execute
        self._taken = taken
        self._mark = mark
        self._locking = locking
        self._texts: dict[tuple[object, ...], str] = {}

    def _text(self, shape: tuple[object, ...], made: Callable[[], str]) -> str:
        """The SQL of a shape; shapes are few, and their text is made once."""
        found = self._texts.get(shape)
        if found is None:
            found = self._texts[shape] = made()
        return found

    @override
    def get(self, table: TableSpec, key: Sequence[Any], lock: bool = False) -> Stored | None:
        """See `Rows.get`."""

        def made() -> str:
            where = sql.equals(table.key, self._mark)
            named, source = sql.listed(table.names), sql.quoted(table.name)
            return f"SELECT {named} FROM {source} WHERE {where}" + self._locking * lock

        text = self._text(("get", table.name, lock), made)
        found = self._execute(text, tuple(key)).fetchone()
        return None if found is None else dict(zip(table.names, found, strict=True))

    @override
    def insert(self, table: TableSpec, row: Stored) -> bool:
        """See `Rows.insert`."""
        names = table.names
        text = self._text(("insert", table.name), lambda: sql.insert(table.name, names, self._mark))
        try:
            self._execute(text, [row[name] for name in names])
        except self._taken:
            return False
        return True

    @override
    def update(self, table: TableSpec, key: Sequence[Any], changes: Stored, where: Stored) -> bool:
        """See `Rows.update`."""
        text = self._text(
            ("update", table.name, *changes, "where", *where),
            lambda: sql.update(table.name, tuple(changes), (*table.key, *where), self._mark),
        )
        done = self._execute(text, (*changes.values(), *key, *where.values()))
        return bool(done.rowcount == 1)

    @override
    def delete(self, table: TableSpec, key: Sequence[Any], where: Stored) -> bool:
        """See `Rows.delete`."""
        text = self._text(
            ("delete", table.name, *where),
            lambda: sql.delete(table.name, (*table.key, *where), self._mark),
        )
        return bool(self._execute(text, (*key, *where.values())).rowcount == 1)

    @override
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
        """See `Rows.scan`."""
        mark, names = self._mark, table.names
        values: list[Any] = [*equal.values(), *after]
        # Filters come in any shape; only what is the same for all of them is kept.
        tested = "" if where is None else f"AND {sql.condition(where, mark, values)} "

        def made() -> str:
            tests = [sql.equals(equal, mark)] if equal else ["1 = 1"]
            if after:
                tests.append(sql.beyond(order[: len(after)], descending, mark))
            source = sql.quoted(table.name)
            return f"SELECT {sql.listed(names)} FROM {source} WHERE {' AND '.join(tests)} "

        shape = ("scan", table.name, *equal, "by", *order[: len(after)], descending)
        text = (
            self._text(shape, made)
            + tested
            + self._text(
                ("order", *order, descending),
                lambda: f"ORDER BY {sql.ordered(order, descending)} LIMIT {mark}",
            )
        )
        found = self._execute(text, (*values, limit)).fetchall()
        return [dict(zip(names, row, strict=True)) for row in found]

    @override
    def count(self, table: TableSpec, equal: Stored, where: Filter | None = None) -> int:
        """See `Rows.count`."""
        values: list[Any] = list(equal.values())
        tests = [sql.equals(equal, self._mark)] if equal else ["1 = 1"]
        if where is not None:
            tests.append(sql.condition(where, self._mark, values))
        source = sql.quoted(table.name)
        text = f"SELECT count(*) FROM {source} WHERE {' AND '.join(tests)}"
        return int(self._execute(text, values).fetchone()[0])
