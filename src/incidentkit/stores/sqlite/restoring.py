"""Putting a copy in the place of a file: what was there can neither mix with it nor be lost.

A log (`-wal`) left beside a file that was replaced would be read as a part of the new one. So the
old file is first closed as a whole, or set aside together with its log, and only then does the
copy take its name. The copy carries the mark of a backup: the first write finds it restored.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from pathlib import Path
from urllib.parse import quote

import attrs

from incidentkit.errors import InvalidValue, StoreError
from incidentkit.stores.sqlite import locking, migrations
from incidentkit.stores.sqlite.backing_up import MARK, beside, copied, keep
from incidentkit.stores.sqlite.settings import Settings


@attrs.frozen
class PutBack:
    """A file that was put back: where it is, and where what was there before now lies (or "")."""

    path: str
    before: str = ""
    logs: tuple[str, ...] = ()


def put_back(file: Path, settings: Settings, *, over: bool) -> PutBack:
    """Put a copy of `file` in the place of a store that nobody has open.

    What was there is kept under another name. Raises InvalidValue where `file` is no store, where
    the place is taken and not `over`, or where another process has it open; then nothing changed.
    """
    target = settings.path
    if target is None:
        raise InvalidValue("store", "a database in memory cannot be restored; name a file")
    check(file)
    if target.exists() and file.samefile(target):
        raise InvalidValue("file", f"{file} is the store itself; name the backup")
    if target.exists() and not over:
        raise InvalidValue(
            "store",
            f"{target} exists: stop everything that has it open and say --over to put the backup "
            "in its place; the file there is kept under another name",
        )
    lock = None
    if settings.writer_file is not None and target.exists():
        lock = locking.acquire(settings.writer_file, settings.shown)
    unfinished = target.with_name(f".{target.name}.{os.getpid()}.unfinished")
    try:
        _fold(target)
        _copy(file, unfinished)
        logs = tuple(str(x) for x in map(target.with_name, beside(target)) if x.exists())
        before = _set_aside(target)
        unfinished.rename(target)
        keep(target.parent)
    finally:
        for left in (unfinished, *map(unfinished.with_name, beside(unfinished))):
            left.unlink(missing_ok=True)
        if lock is not None:
            lock.release()
    return PutBack(str(target), before, logs)


def check(file: Path) -> None:
    """Whether this is a whole store that this release can read. Raises InvalidValue."""
    if not file.is_file():
        raise InvalidValue("file", f"there is no file {file}")
    try:
        db = sqlite3.connect(f"file:{quote(str(file.absolute()))}?mode=ro", uri=True)
        try:
            number = migrations.schema_number(db, str(file))
            whole = db.execute("PRAGMA quick_check(1)").fetchone()[0]
        finally:
            db.close()
    except sqlite3.Error as error:
        raise InvalidValue(
            "file", f"{file} is no SQLite database that can be read ({error})"
        ) from None
    if number == 0:
        raise InvalidValue("file", f"{file} is no incidentkit store: it has no schema of one")
    if whole != "ok":
        raise InvalidValue("file", f"{file} is damaged ({whole}): take another backup")


def _fold(target: Path) -> None:
    """Bring what is in the log into the file, and find out whether anybody has it open."""
    if not target.exists() or not target.stat().st_size:
        return
    try:
        db = sqlite3.connect(target, timeout=1.0, isolation_level=None)
        try:
            _ = db.execute("PRAGMA journal_mode = delete").fetchone()
        finally:
            db.close()
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise InvalidValue(
                "store", f"another process has {target} open: stop it, then restore"
            ) from None
    except sqlite3.DatabaseError:
        return  # what is damaged is set aside as it is, with its log


def _copy(file: Path, path: Path) -> None:
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    os.close(descriptor)
    source = sqlite3.connect(f"file:{quote(str(file.absolute()))}?mode=ro", uri=True)
    try:
        copied(source, path, MARK)
    except sqlite3.Error as error:
        raise StoreError(f"{file} could not be copied to {path}: {error}") from error
    finally:
        source.close()
    keep(path)


def _set_aside(target: Path) -> str:
    """Give what is there another name, together with its log, and let the copy look like it."""
    names = [x for x in (target, *map(target.with_name, beside(target))) if x.exists()]
    if not names:
        return ""
    number = 1
    while any(target.parent.glob(f"{target.name}.before-{number}*")):
        number += 1
    new = target.with_name(f"{target.name}.before-{number}")
    for each in names:
        # The log keeps its place beside its file: together they are what was there.
        each.rename(new.with_name(new.name + each.name.removeprefix(target.name)))
    if new.exists():
        unfinished = target.with_name(f".{target.name}.{os.getpid()}.unfinished")
        shutil.copymode(new, unfinished)
        _own_as(new, unfinished)
    return str(new) if new.exists() else ""


def _own_as(model: Path, path: Path) -> None:
    """Whoever restores as another user leaves a file that the workers may write."""
    if hasattr(os, "chown"):
        status = model.stat()
        try:
            os.chown(path, status.st_uid, status.st_gid)
        except PermissionError:
            return
