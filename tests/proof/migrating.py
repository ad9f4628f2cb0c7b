"""E54's worker: open an old file for writing, and die at one statement of its migration."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from incidentkit.stores.sqlite.store import SqliteStore
from tests.proof import failpoints
from tests.stores.factories import KINDS
from tests.stores.shapes import put, write


class Dying(sqlite3.Connection):
    """Counts what is executed, and dies at the `at`-th statement."""

    at = 0
    seen = 0

    def execute(self, *args: Any) -> sqlite3.Cursor:
        Dying.seen += 1
        if Dying.seen == Dying.at:
            failpoints.die()
        return super().execute(*args)


def migrating(*, path: str, log: str, at: int) -> None:
    """Write one record to the file, and die at a statement; 0 counts them all."""
    from tests.proof.jobs import Log

    connect = sqlite3.connect

    def connecting(*args: Any, **given: Any) -> sqlite3.Connection:
        return connect(*args, **{**given, "factory": Dying})

    Dying.at, Dying.seen = at, 0
    setattr(sqlite3, "connect", connecting)  # noqa: B010
    store = SqliteStore(Path(path), synchronous="off")
    store.declare(KINDS)
    write(store, puts=(put("new"),))
    store.close()
    Log(log).say("statements", Dying.seen)
