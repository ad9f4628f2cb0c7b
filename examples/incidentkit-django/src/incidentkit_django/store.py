"""The store: the contract over the project's own database, by the ORM.

Its commits are durable, so they refuse to run inside a transaction that somebody may roll back.
Inside one only `joined` writes, which is what `desk.using(connection)` asks for.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, connections, models, transaction

from incidentkit.errors import CannotJoin, NotJoined
from incidentkit.stores.joined import JoinedRowStore
from incidentkit.stores.row_store import RowStore, microseconds
from incidentkit.stores.rows import Rows
from incidentkit.stores.tables import GUARD, TableSpec
from incidentkit_django.faults import FAULTS, translate
from incidentkit_django.rows import OrmRows, SerialOrmRows
from incidentkit_django.tables import model_name

_PRESENT = "SELECT (extract(epoch FROM statement_timestamp()) * 1000000)::bigint"


class DjangoStore(RowStore):
    """The whole contract in the database `alias`, in the tables of `app_label`."""

    tries = 10

    def __init__(
        self,
        alias: str = DEFAULT_DB_ALIAS,
        *,
        app_label: str = "incidentkit_django",
        now: Callable[[], int] | None = None,
    ) -> None:
        super().__init__(now=now or self.present)
        self.alias = alias
        self.app_label = app_label

    def present(self) -> int:
        """What time it is: the server's, so that workers with other clocks agree on leases."""
        connection = connections[self.alias]
        if connection.vendor != "postgresql":
            return microseconds()
        with connection.cursor() as cursor:
            cursor.execute(_PRESENT)
            return int(cursor.fetchone()[0])

    def model(self, table: TableSpec) -> type[models.Model]:
        """The model of a table of the contract."""
        return apps.get_model(self.app_label, model_name(table.name))

    def translate(self, error: Exception) -> Exception:
        """See `RowStore.translate`."""
        if not isinstance(error, FAULTS):
            return error
        return translate(error, f"database {self.alias!r}")

    def rows(self) -> OrmRows:
        """The rows of this database, for the thread that calls."""
        kind = SerialOrmRows if connections[self.alias].vendor == "sqlite" else OrmRows
        return kind(self.alias, self.model)

    def begin(self, rows: OrmRows) -> None:
        """Take SQLite's only right to write before anything is read, so that no reading is old."""
        if rows.serial:
            _ = rows.update(GUARD, ("", ""), {"stamp": 0}, {})

    @contextmanager
    def transaction(self, write: bool) -> Generator[Rows]:
        connection: Any = connections[self.alias]
        inside = connection.in_atomic_block
        if connection.errors_occurred and not inside:
            self._mended(connection)
        try:
            # Reading goes on inside the host's transaction, and sees what the host sees.
            with transaction.atomic(self.alias, durable=write):
                rows = self.rows()
                if write:
                    self.begin(rows)
                elif not inside and connection.vendor == "postgresql":
                    with connection.cursor() as cursor:
                        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
                yield rows
        except RuntimeError as error:
            if write and inside and "durable" in str(error):
                raise NotJoined(f"database {self.alias!r}") from error
            raise

    @staticmethod
    def _mended(connection: Any) -> None:
        """A connection on which something failed is tried, and given up where it is gone."""
        if connection.is_usable():
            connection.errors_occurred = False
        else:
            connection.close()

    def joined(self, connection: Any) -> DjangoJoined:
        """A store inside the `atomic` block that is open on `django.db.connection`."""
        self.check_open()
        alias = getattr(connection, "alias", None)
        if alias != self.alias:
            named = type(connection).__name__ if alias is None else f"the one of {alias!r}"
            raise CannotJoin(
                f"the records are in the database {self.alias!r}: join "
                f"django.db.connections[{self.alias!r}], not {named}"
            )
        if not connections[alias].in_atomic_block:
            raise CannotJoin("no transaction is open: `with transaction.atomic():` comes first")
        return DjangoJoined(self)


class DjangoJoined(JoinedRowStore):
    """The store inside an `atomic` block of the project."""

    def __init__(self, base: DjangoStore) -> None:
        super().__init__(base)
        self._base: DjangoStore = base

    def in_transaction(self) -> bool:
        return connections[self._base.alias].in_atomic_block

    def after_commit(self, call: Callable[[], None]) -> bool:
        transaction.on_commit(call, using=self._base.alias, robust=True)
        return True

    @contextmanager
    def transaction(self, write: bool) -> Generator[Rows]:
        if not self.in_transaction():
            raise CannotJoin("the transaction that was joined has ended")
        with transaction.atomic(self._base.alias):
            rows = self._base.rows()
            if write:
                self._base.begin(rows)
            yield rows
