"""Stores without a desk, by their URLs, and copies of one that was prepared."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from incidentkit.codec.kinds import SPECS
from incidentkit.ids import MAIN_TENANT
from incidentkit.plugins.builtin import BUILT_IN
from incidentkit.plugins.plugin_set import PluginSet
from incidentkit.ports.query import Query
from incidentkit.ports.store import Store
from incidentkit.stores.sqlite.store import SqliteStore
from tests.proof import postgres


def bare(url: str, now: Callable[[], int] | None = None) -> Store:
    """The store of a URL, with a time of its own where one is given."""
    if now is not None:
        if url.startswith("sqlite"):
            return SqliteStore.from_url(url, now=now)
        return postgres.open_postgres(url, now)
    found: Store = PluginSet.build(builtins=(BUILT_IN,), entry_points=False).open_store(url)
    return found


class Copies(Protocol):
    """One store that is prepared and copied, again and again."""

    def begin(self) -> str:
        """The URL of an empty one, to be prepared."""
        ...

    def keep(self) -> None:
        """What was prepared is what copies are made of."""

    def copy(self) -> str:
        """The URL of a copy; no other copy is looked at any more."""
        ...


class Files:
    """Files in a folder. The machine is not switched off, so nothing is forced to the disk."""

    def __init__(self, folder: Path) -> None:
        self._prepared, self._copy = folder / "prepared.db", folder / "copy.db"

    def begin(self) -> str:
        """See `Copies`."""
        return self._url(self._prepared)

    def keep(self) -> None:
        """See `Copies`."""

    def copy(self) -> str:
        """See `Copies`."""
        url = self._url(self._copy)
        _ = shutil.copyfile(self._prepared, self._copy)
        return url

    @staticmethod
    def _url(path: Path) -> str:
        for beside in path.parent.glob(f"{path.name}*"):
            beside.unlink()
        return f"sqlite:///{path}?synchronous=off"


class OneDatabase:
    """A database that is put back."""

    def __init__(self, url: str) -> None:
        self._url = url
        store = bare(url)
        store.declare(SPECS)
        _ = store.count(MAIN_TENANT, Query("incident"))  # the first call makes the tables
        store.close()
        self._empty = self._prepared = postgres.Kept(url)

    def begin(self) -> str:
        """See `Copies`."""
        self._empty.put_back()
        return self._url

    def keep(self) -> None:
        """See `Copies`."""
        self._prepared = postgres.Kept(self._url)

    def copy(self) -> str:
        """See `Copies`."""
        self._prepared.put_back()
        return self._url
