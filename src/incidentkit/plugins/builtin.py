"""What the library itself brings, through the same hooks as everybody else.

Stores are imported when one is opened, and sources when one first reads: a desk that needs neither
opens the faster. There is no channel: where a message may go is the host's to say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from incidentkit.model.signals import Signal, SourceRequest
from incidentkit.plugins.hookspecs import hookimpl
from incidentkit.plugins.store_factory import BlobFactory, StoreFactory
from incidentkit.ports.async_store import AsyncStore
from incidentkit.ports.blobs import BlobStore
from incidentkit.ports.source import Item, Items, Source
from incidentkit.ports.store import Store


class BuiltIn:
    """The stores `memory:`, `sqlite:///...`, `postgresql://...`, blobs, and two sources."""

    @hookimpl
    def incidentkit_register_stores(self) -> Iterable[StoreFactory | BlobFactory]:
        """Memory, SQLite and PostgreSQL; for contents memory and a folder."""
        return (
            StoreFactory("memory", _memory),
            StoreFactory("sqlite", _sqlite),
            StoreFactory("postgresql", _postgres, _async_postgres),
            StoreFactory("postgres", _postgres, _async_postgres),
            BlobFactory("memory", _memory_blobs),
            BlobFactory("file", _file_blobs),
        )

    @hookimpl
    def incidentkit_register_sources(self) -> Iterable[Source]:
        """Prometheus Alertmanager, and any JSON whose fields have the usual names."""
        return (
            LazyItemSource("alertmanager", _alertmanager),
            LazySource("generic", _generic),
        )


class LazySource:
    """A source that is made when it first reads."""

    def __init__(self, name: str, make: Callable[[], Any]) -> None:
        self.name = name
        self._make = make
        self._made: Any = None

    @property
    def source(self) -> Any:
        """The source itself."""
        # Two threads may each make one; sources are values, so either will do.
        if self._made is None:
            self._made = self._make()
        return self._made

    def parse(self, request: SourceRequest) -> Iterable[Signal]:
        """See `Source.parse`."""
        found: Iterable[Signal] = self.source.parse(request)
        return found

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r})"


class LazyItemSource(LazySource):
    """The same for a source that can tell repeats."""

    def items(self, request: SourceRequest) -> Items | None:
        """See `SupportsItems.items`."""
        found: Items | None = self.source.items(request)
        return found

    def build(self, item: Item) -> Signal:
        """See `SupportsItems.build`."""
        built: Signal = self.source.build(item)
        return built


BUILT_IN = BuiltIn()
"""The plugin that a desk starts from."""


def _alertmanager() -> Source:
    from incidentkit.sources.alertmanager import Alertmanager

    return Alertmanager()


def _generic() -> Source:
    from incidentkit.sources.generic import GenericJson

    return GenericJson()


def _memory(url: str) -> Store:
    from incidentkit.errors import InvalidValue
    from incidentkit.stores.memory import MemoryStore

    if url not in ("memory:", "memory://"):
        raise InvalidValue("url", "a memory store has no path; write 'memory:'")
    return MemoryStore()


def _sqlite(url: str) -> Store:
    from incidentkit.stores.sqlite.store import SqliteStore

    return SqliteStore.from_url(url)


def _postgres(url: str) -> Store:
    _need_psycopg()
    from incidentkit.stores.postgres.store import PostgresStore

    return PostgresStore.from_url(url)


def _async_postgres(url: str) -> AsyncStore:
    _need_psycopg()
    from incidentkit.stores.postgres.async_store import AsyncPostgresStore

    return AsyncPostgresStore.from_url(url)


def _need_psycopg() -> None:
    from importlib.util import find_spec

    if find_spec("psycopg") is None:
        from incidentkit.errors import StoreError

        raise StoreError(
            "a PostgreSQL store needs psycopg: run `pip install 'incidentkit[postgres]'`"
        )


def _memory_blobs(url: str) -> BlobStore:
    from incidentkit.errors import InvalidValue
    from incidentkit.stores.memory_blobs import MemoryBlobs

    if url not in ("memory:", "memory://"):
        raise InvalidValue("blobs", "memory has no path; write 'memory:'")
    return MemoryBlobs()


def _file_blobs(url: str) -> BlobStore:
    from incidentkit.stores.file_blobs import FileBlobs

    return FileBlobs.from_url(url)
