"""Copies of a file while others write to it, and what a copy does when it is first written to.

SQLite copies pages of one instant. The copy carries a mark in its header (`user_version`), so that
verifying or reading a backup changes nothing in it, and whoever first writes to it knows that it
was restored, without being told.
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from incidentkit.errors import InvalidValue
from incidentkit.ids import MAIN_TENANT
from incidentkit.ports.backup import RESTORED_KEY, RESTORED_SPACE, BackedUp

MARK = 0x696B62
"""The `user_version` of a backup that nobody has written to yet."""
GAP = 1_000
"""How far numbers skip ahead in a restored file: what was drawn since the backup is unknown."""
_REMEMBER = (
    "INSERT INTO key (tenant, space, key, owner) VALUES (?, ?, ?, ?) "
    "ON CONFLICT (tenant, space, key) DO UPDATE SET owner = excluded.owner"
)


def backup(db: sqlite3.Connection | None, shown: str, path: str) -> BackedUp:
    """Copy what `db` reads into a new file; see `SupportsBackup.backup`."""
    if db is None:
        raise InvalidValue("path", f"{shown} has nothing to back up yet: nobody has written to it")
    target = Path(path).absolute()
    if target.exists():
        raise InvalidValue("path", f"{target} exists: name a new file for each backup")
    unfinished = target.with_name(f".{target.name}.{os.getpid()}.unfinished")
    try:
        descriptor = os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except OSError as error:
        raise InvalidValue("path", f"{target} cannot be made: {error.strerror}") from None
    os.close(descriptor)
    try:
        copied(db, unfinished, MARK)
        keep(unfinished)
        unfinished.rename(target)
        keep(target.parent)
    finally:
        for left in (unfinished, *map(unfinished.with_name, beside(unfinished))):
            left.unlink(missing_ok=True)
    return BackedUp(str(target), target.stat().st_size)


def beside(path: Path) -> tuple[str, ...]:
    """The names of the logs that SQLite may keep beside a file."""
    return tuple(path.name + ending for ending in ("-wal", "-shm", "-journal"))


def copied(db: sqlite3.Connection, path: Path, mark: int) -> None:
    """Copy what `db` reads into an empty file, with the mark of a backup."""
    copy = sqlite3.connect(path, isolation_level=None)
    try:
        db.backup(copy)
        _ = copy.execute("PRAGMA journal_mode = delete").fetchone()
        copy.execute(f"PRAGMA user_version = {mark}")
    finally:
        copy.close()


def keep(path: Path) -> None:
    """Make a file, or the names in a folder, outlast a loss of power."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except PermissionError:  # folders cannot be opened everywhere
        return
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def marked(db: sqlite3.Connection) -> bool:
    """Whether this is a backup that nobody has written to yet."""
    return bool(db.execute("PRAGMA user_version").fetchone()[0] == MARK)


def turn_on(db: sqlite3.Connection, at: int) -> None:
    """The first write to a backup: remember when it was restored, and skip numbers."""
    db.execute("BEGIN IMMEDIATE")
    try:
        if marked(db):  # else another process did it a moment ago
            db.execute("UPDATE counter SET next = next + ?", (GAP,))
            db.execute(_REMEMBER, (MAIN_TENANT, RESTORED_SPACE, RESTORED_KEY, str(at)))
            db.execute("PRAGMA user_version = 0")
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise
