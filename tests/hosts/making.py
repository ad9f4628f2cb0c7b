"""Django stores for the contract's tests: tables for any kinds, connections closed at the end."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from django.db import connections, models, transaction

from incidentkit.ports.rows import KindSpec
from incidentkit.ports.store import Store
from incidentkit.stores.rows import Rows
from incidentkit.stores.tables import TableSpec
from incidentkit.testing.store_trial import StoreHarness
from incidentkit.testing.store_trial import StoreTime as Moving
from tests.hosts import project

project.set_up()

from incidentkit_django.store import DjangoStore
from incidentkit_django.tables import model_of, tables

MODELS: dict[TableSpec, type[models.Model]] = {}
_APPS = count()


def model(spec: TableSpec) -> type[models.Model]:
    """The model of a table as the tests declare it; each has an app of its own."""
    found = MODELS.get(spec)
    if found is None:
        found = MODELS[spec] = model_of(spec, f"contract{next(_APPS)}", __name__)
    return found


class AnyKinds(DjangoStore):
    """A Django store that makes its tables itself, as migrations do in a project."""

    def __init__(self, alias: str, *, now: Callable[[], int]) -> None:
        super().__init__(alias, now=now)
        self.opened: set[Any] = set()

    def declare(self, kinds: Sequence[KindSpec]) -> None:
        super().declare(kinds)
        connection = connections[self.alias]
        with connection.cursor() as cursor:
            there = set(connection.introspection.table_names(cursor))
        with connection.schema_editor() as editor:
            for spec in tables(kinds):
                if model(spec)._meta.db_table not in there:
                    editor.create_model(model(spec))

    def model(self, table: TableSpec) -> type[models.Model]:
        return model(table)

    @contextmanager
    def transaction(self, write: bool) -> Generator[Rows]:
        connection = connections[self.alias]
        if connection not in self.opened:
            # Every thread has a connection of its own; whoever closes the store closes them all.
            connection.inc_thread_sharing()
            self.opened.add(connection)
        with super().transaction(write) as rows:
            yield rows

    def close(self) -> None:
        super().close()
        for connection in [*self.opened, connections[self.alias]]:
            connection.close()


def on_sqlite(path: Path, now: Moving) -> DjangoStore:
    alias = f"sqlite {path}"
    project.use(alias, project.sqlite(path))
    return AnyKinds(alias, now=now)


def on_postgres(uri: str) -> Callable[[Path, Moving], DjangoStore]:
    """Stores on one server, a schema for each path."""
    names: dict[Path, str] = {}

    def make(path: Path, now: Moving) -> DjangoStore:
        import psycopg

        fresh = path not in names
        alias = names.setdefault(path, f"contract_{len(names)}")
        if fresh:
            with psycopg.connect(uri, autocommit=True) as db:
                db.execute(f'DROP SCHEMA IF EXISTS "{alias}" CASCADE')
                db.execute(f'CREATE SCHEMA "{alias}"')
                database = str(db.info.dbname)
            said = project.postgres(uri, database)
            said["OPTIONS"]["options"] += f" -c search_path={alias}"
            project.use(alias, said)
        return AnyKinds(alias, now=now)

    return make


@contextmanager
def in_atomic(store: Store) -> Generator[None]:
    """A transaction of the project on the store's connection, rolled back at the end."""
    assert isinstance(store, DjangoStore)
    with transaction.atomic(store.alias):
        yield
        transaction.set_rollback(True, store.alias)


def harness(make: Callable[[Path, Moving], DjangoStore], place: Path) -> StoreHarness:
    """How the kit makes Django stores: each with a database, or a schema, of its own."""
    folders: WeakKeyDictionary[Store, Path] = WeakKeyDictionary()
    numbers = count()

    def at(folder: Path, now: Moving) -> Store:
        folder.mkdir(parents=True, exist_ok=True)
        store = make(folder, now)
        folders[store] = folder
        return store

    return StoreHarness(
        lambda now: at(place / str(next(numbers)), now),
        lambda store, now: at(folders[store], now),
        crowd=8,
        host=in_atomic,
    )
