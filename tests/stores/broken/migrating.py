"""Stores with a schema, each with a mistake about it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import attrs
from typing_extensions import override

from incidentkit.errors import NotMigrated
from incidentkit.ports.migration import Migrated
from incidentkit.ports.rows import Batch, Committed
from incidentkit.ports.store import Store
from incidentkit.stores.sqlite.store import SqliteStore
from incidentkit.testing.store_trial import StoreHarness, StoreTime


class Migrating(SqliteStore):
    """Rightly."""

    def __init__(self, place: Path, now: StoreTime) -> None:
        super().__init__(place, now=now)
        self.place = place


class AlwaysDidSomething(Migrating):
    """Says of every migration that it made something."""

    @override
    def migrate(self) -> Migrated:
        return attrs.evolve(super().migrate(), tables=("journal",))


class MakesItAllTheSame(Migrating):
    """Changes the schema, though it was told to leave it alone."""

    @override
    def keep_schema(self) -> None:
        return


class EmptiesItself(Migrating):
    """Makes its records anew at a migration."""

    @override
    def migrate(self) -> Migrated:
        done = super().migrate()
        with closing(sqlite3.connect(self.place)) as db:
            db.execute("DELETE FROM record_incident")
            db.commit()
        return done


class ForgetsToSayWhich(Migrating):
    """Does not tell the kinds it made."""

    @override
    def migrate(self) -> Migrated:
        return attrs.evolve(super().migrate(), kinds=())


class OnlyReads(Migrating):
    """Takes leaving the schema alone for writing nothing at all."""

    kept: bool = False

    @override
    def keep_schema(self) -> None:
        super().keep_schema()
        self.kept = True

    @override
    def commit(self, batch: Batch) -> Committed:
        if self.kept:
            raise NotMigrated("it is only read", 1)
        return super().commit(batch)


def harness(kind: type[Migrating], folder: Path) -> StoreHarness:
    """Each in a file of its own."""
    made: list[Path] = []

    def make(now: StoreTime) -> Store:
        made.append(folder / f"{len(made)}.db")
        return kind(made[-1], now)

    def again(store: Store, now: StoreTime) -> Store:
        return kind(made[-1], now)

    return StoreHarness(make, again)
