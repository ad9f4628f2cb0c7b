"""Where an experiment runs: a store, how other processes open it, how its backends are killed.

A place is empty when it is made and gone when it is left.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import attrs

from incidentkit import Desk
from incidentkit.ports.store import Store
from incidentkit.stores.sqlite.store import SqliteStore
from tests.proof import postgres


@attrs.frozen
class Place:
    """One empty store.

    `url` is what any process opens it by; `many` says whether several processes may write at once;
    `opened` opens the bare store with a time of its own.
    """

    name: str
    url: str
    folder: Path
    many: bool
    opened: Callable[[str, Callable[[], int] | None], Store]
    kill_backends: Callable[[], int] | None = None
    server: str | None = None

    def versions(self) -> dict[str, str]:
        """What the report says of the store beside its name."""
        return {} if self.server is None else {"server": self.server}

    def store(self, now: Callable[[], int] | None = None) -> Store:
        """The bare store, opened by this process."""
        return self.opened(self.url, now)

    def desk(self, **given: Any) -> Desk:
        """A desk on it."""
        return Desk.open(self.url, entry_points=False, **given)

    def fresh(self, name: str) -> AbstractContextManager[Place]:
        """Another empty place of the same sort."""
        return PLACES[self.name](self.folder / name)


def open_sqlite(url: str, now: Callable[[], int] | None) -> Store:
    """The SQLite store of a URL."""
    return SqliteStore.from_url(url) if now is None else SqliteStore.from_url(url, now=now)


@contextmanager
def sqlite(folder: Path) -> Iterator[Place]:
    """A file in the folder, written durably, as is the default."""
    folder.mkdir(parents=True, exist_ok=True)
    yield Place("sqlite", f"sqlite:///{folder / 'incidents.db'}", folder, False, open_sqlite)


PLACES: dict[str, Callable[[Path], AbstractContextManager[Place]]] = {"sqlite": sqlite}
POSTGRES = "postgresql"
SUITE = "suite"
"""The place of experiments that are tests, which choose their stores by themselves."""
EVERY = "every"
"""The place of experiments on all stores at once, which they make by themselves."""


@contextmanager
def suite(folder: Path) -> Iterator[Place]:
    """No store at all."""
    yield Place(SUITE, "memory:", folder, False, open_sqlite)


@contextmanager
def every(folder: Path) -> Iterator[Place]:
    """No store of its own."""
    yield Place(EVERY, "memory:", folder, True, open_sqlite)


PLACES[SUITE] = suite
PLACES[EVERY] = every
if postgres.AT_HAND:
    PLACES[POSTGRES] = postgres.postgresql


@contextmanager
def place(name: str) -> Iterator[Place]:
    """An empty place in a folder that goes away."""
    with tempfile.TemporaryDirectory(prefix="proof-") as folder, PLACES[name](Path(folder)) as made:
        yield made


def file_of(here: Place) -> Path:
    """The file of a place on SQLite."""
    return here.folder / "incidents.db"
