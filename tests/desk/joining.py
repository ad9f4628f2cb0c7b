"""Databases in which a host keeps its tickets beside the incidents."""

from __future__ import annotations

import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import Any

from incidentkit import SqliteStore
from incidentkit.ports.store import Store


class Host:
    """A host's connection, in autocommit; statements are written as SQLite takes them."""

    def __init__(self, db: Any, mark: str = "?") -> None:
        self.db = db
        self.mark = mark

    def execute(self, text: str, values: tuple[Any, ...] = ()) -> None:
        if self.mark != "?":
            text = text.replace("?", self.mark).replace("BEGIN IMMEDIATE", "BEGIN")
        self.db.execute(text, values)


class Place(ABC):
    """One database."""

    @abstractmethod
    def store(self) -> Store: ...

    @abstractmethod
    def connect(self) -> AbstractContextManager[Host]: ...

    @abstractmethod
    def tickets(self) -> list[tuple[Any, ...]]:
        """The tickets that everybody sees."""


_TICKETS = "SELECT * FROM ticket ORDER BY number"


class OnSqlite(Place):
    def __init__(self, path: Path) -> None:
        self.path = path

    def store(self) -> Store:
        return SqliteStore(self.path)

    @contextmanager
    def connect(self) -> Iterator[Host]:
        with closing(sqlite3.connect(self.path, isolation_level=None)) as db:
            # Whatever a host reads its rows as is its own affair.
            db.row_factory = sqlite3.Row
            yield Host(db)

    def tickets(self) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.path)) as db:
            return db.execute(_TICKETS).fetchall()


class OnPostgres(Place):
    def __init__(self, url: str) -> None:
        self.url = url

    def store(self) -> Store:
        from incidentkit.stores.postgres.store import PostgresStore

        return PostgresStore(self.url)

    @contextmanager
    def connect(self) -> Iterator[Host]:
        import psycopg
        from psycopg.rows import dict_row

        with psycopg.connect(self.url, autocommit=True, row_factory=dict_row) as db:
            yield Host(db, "%s")

    def tickets(self) -> list[tuple[Any, ...]]:
        import psycopg

        with psycopg.connect(self.url) as db:
            return db.execute(_TICKETS).fetchall()


@contextmanager
def on_postgres() -> Iterator[OnPostgres]:
    """A database of the test server, lent and emptied again."""
    import psycopg

    from tests.stores.postgres_server import DESKS

    url = DESKS.take()
    yield OnPostgres(url)
    with psycopg.connect(url, autocommit=True) as db:
        db.execute("DROP TABLE IF EXISTS ticket")
    DESKS.give_back(url)
