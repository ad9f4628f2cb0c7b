"""Django stores for the contract's tests: tables for any kinds, connections closed at the end."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Generator, Sequence
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from django.db import connections, models, transaction

from incidentkit.ports.rows import KindSpec
from incidentkit.ports.store import Store
from incidentkit.stores.rows import Rows
from incidentkit.stores.tables import JOURNAL, TableSpec
from incidentkit.testing.store_trial import HostBlock, StoreHarness
from incidentkit.testing.store_trial import StoreTime as Moving
from tests.hosts import project
from tests.stores import troubles

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


@contextmanager
def away(store: Store) -> Generator[None]:
    """The project's database is away: its file is locked, or the server lets nobody in."""
    assert isinstance(store, AnyKinds)
    connection = connections[store.alias]
    if connection.vendor == "postgresql":
        from psycopg.conninfo import make_conninfo

        said = connection.settings_dict
        server = make_conninfo(
            host=said["HOST"], port=said["PORT"] or None, user=said["USER"], dbname="template1"
        )
        with troubles.shut_out(server, str(said["NAME"])):
            yield
        return
    options = connection.settings_dict["OPTIONS"]
    options["timeout"] = 0.02
    with closing(sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield
    del options["timeout"]


@contextmanager
def full(store: Store) -> Generator[None]:
    """The file may not grow, or the server says what it says on a full disk."""
    assert isinstance(store, AnyKinds)
    connection = connections[store.alias]
    with connection.cursor() as db:
        if connection.vendor == "postgresql":
            table = store.model(JOURNAL)._meta.db_table
            with troubles.disk_full(db.execute, table):
                yield
            return
        db.execute("PRAGMA page_count")
        db.execute(f"PRAGMA max_page_count = {db.fetchone()[0]}")
        db.fetchall()
        yield
        db.execute("PRAGMA max_page_count = 1073741823")
        db.fetchall()


class _Undone(Exception):
    """Ends an atomic block with a rollback."""


@contextmanager
def joined(store: Store) -> Generator[HostBlock]:
    """A transaction of the project, and the store inside it."""
    assert isinstance(store, DjangoStore)
    connection: Any = connections[store.alias]
    atomic = transaction.atomic(store.alias)
    ended: list[str] = []

    def end(how: str) -> None:
        ended.append(how)
        error = _Undone() if how == "rollback" else None
        atomic.__exit__(type(error) if error else None, error, None)

    atomic.__enter__()
    inside = store.joined(connection)
    try:
        yield HostBlock(inside, lambda: end("commit"), lambda: end("rollback"))
    finally:
        inside.close()
        if not ended:
            end("rollback")


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
        outage=away,
        full=full,
        join=joined,
    )
