"""SQLite's errors in the contract's words, told apart by their code and never by their text."""

from __future__ import annotations

import sqlite3

from incidentkit.errors import IncidentKitError, InvalidValue, Retryable, StoreError, StoreFull
from incidentkit.stores.rows import Collision

_BUSY = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_SCHEMA,
    sqlite3.SQLITE_INTERRUPT,
}
_ADVICE = {
    sqlite3.SQLITE_IOERR: (
        "reading or writing failed: look at the disk and its mount; repeat with the same "
        "request id, and run `incidentkit doctor` before trusting the file"
    ),
    sqlite3.SQLITE_READONLY: "the file or its directory may not be written: mend the permissions",
    sqlite3.SQLITE_PERM: "the file or its directory may not be opened: mend the permissions",
    sqlite3.SQLITE_CANTOPEN: "cannot open it: does its directory exist, and may it be written?",
    sqlite3.SQLITE_CORRUPT: (
        "the database is damaged: stop writing, copy the file with its -wal beside it, and "
        "restore a backup or try sqlite3's `.recover` on the copy"
    ),
    sqlite3.SQLITE_NOTADB: "this is no SQLite database: check the path, or restore a backup",
    sqlite3.SQLITE_NOMEM: "out of memory: repeat with the same request id",
    sqlite3.SQLITE_TOOBIG: "a text is larger than SQLite keeps: make it smaller",
}


def translated(error: Exception, shown: str) -> IncidentKitError | Collision:
    """The contract's error for one of sqlite3's, about the file `shown`."""
    code: int | None = getattr(error, "sqlite_errorcode", None)
    if code is None:
        # The driver itself refused: a value it cannot bind, found before any statement ran.
        if isinstance(error, OverflowError):
            return InvalidValue("value", f"does not fit into a signed 64-bit integer ({error})")
        return InvalidValue("value", f"SQLite cannot keep it ({error})")
    primary = code & 0xFF
    name = str(getattr(error, "sqlite_errorname", code))
    if primary == sqlite3.SQLITE_CONSTRAINT:
        return Collision(f"{shown}: {name}")
    if primary in _BUSY:
        return Retryable(
            f"{shown}: {name}: others held it for too long; repeat with the same request id"
        )
    if primary == sqlite3.SQLITE_FULL:
        advice = "the disk is full: make room and repeat with the same request id"
        return StoreFull(f"{shown}: {name}: {advice} ({error})")
    advice = _ADVICE.get(primary, "run `incidentkit doctor`; the message of SQLite is below")
    return StoreError(f"{shown}: {name}: {advice} ({error})")
