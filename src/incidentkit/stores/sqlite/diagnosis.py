"""Whether a SQLite file is fit for service: looks, changes nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from incidentkit.ports.search import Stale
from incidentkit.ports.store import Finding
from incidentkit.stores.sqlite import backing_up, filling, locking
from incidentkit.stores.sqlite.settings import Settings
from incidentkit.stores.tables import Kind

_FIRST_RISKY = (3, 7, 0)
_LAST_RISKY = (3, 51, 2)
_NETWORK = {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "fuse.sshfs", "afs", "ceph", "glusterfs"}
WAL_RESET_ADVICE = (
    "SQLite 3.7.0 to 3.51.2 can damage a file when two connections write or checkpoint at the "
    "same instant. Use SQLite 3.51.3 or newer, keep one writing process (processes=one, the "
    "default), or move to PostgreSQL"
)


def wal_reset_risk(version: tuple[int, ...]) -> bool:
    """Whether this SQLite has the fault by which a reset of the log can damage the file."""
    return _FIRST_RISKY <= tuple(version[:3]) <= _LAST_RISKY


def diagnose(settings: Settings, db: sqlite3.Connection | None) -> list[Finding]:
    """Findings about the file; `db` reads it, and is None when there is no file yet."""
    return [*_version(settings), *_place(settings), *([] if db is None else _contents(db))]


def _version(settings: Settings) -> Iterator[Finding]:
    linked = sqlite3.sqlite_version
    if not wal_reset_risk(sqlite3.sqlite_version_info):
        yield Finding(True, "SQLite", f"version {linked}")
    elif settings.processes == "many":
        yield Finding(False, "SQLite", f"version {linked}: {WAL_RESET_ADVICE}")
    else:
        yield Finding(
            True,
            "SQLite",
            f"version {linked}: safe with one writing process, as it is opened here; "
            "processes=many needs 3.51.3 or newer",
        )
    lossy = settings.synchronous != "full"
    yield Finding(
        not lossy,
        "synchronous",
        f"{settings.synchronous}: a power cut may lose the last commits; open with synchronous=full"
        if lossy
        else "full: a commit survives a power cut",
    )


def _place(settings: Settings) -> Iterator[Finding]:
    if settings.path is None:
        yield Finding(False, "file", "in memory: everything is lost with the process")
        return
    if not settings.path.exists():
        yield Finding(True, "file", f"{settings.path} is made at the first write")
    kind = filesystem(settings.path)
    if kind in _NETWORK:
        yield Finding(False, "file system", f"{kind}: SQLite's locks fail there; use a local disk")
    elif kind:
        yield Finding(True, "file system", kind)
    if settings.writer_file is not None and settings.processes == "one":
        yield Finding(True, "writer", locking.holder(settings.writer_file) or "nobody writes")


def indexing(
    db: sqlite3.Connection, kinds: Mapping[str, Kind], waiting: Iterable[Stale]
) -> list[Finding]:
    """What an earlier release wrote and is not indexed yet, and how far that is."""
    found: list[Finding] = []
    for what in sorted(waiting, key=lambda each: (each.kind, each.lag)):
        if what.kind in kinds:
            done, all_ = filling.counts(db, kinds[what.kind], what)
            message = (
                f"{done} of {all_} records of {what.kind!r}; the next question about them does "
                "the rest, or Desk.reindex()"
            )
            found.append(Finding(False, f"index of {what.lag.value}", message))
    return found


def filesystem(path: Path, mounts: Path = Path("/proc/self/mounts")) -> str:
    """The type of the file system that holds the path; empty where nobody says."""
    try:
        lines = mounts.read_text().splitlines()
    except OSError:
        return ""
    best, kind = "", ""
    for line in lines:
        fields = line.split()
        place = fields[1].replace("\\040", " ")
        if len(place) >= len(best) and path.is_relative_to(place):
            best, kind = place, fields[2]
    return kind


def _contents(db: sqlite3.Connection) -> Iterator[Finding]:
    mode = db.execute("PRAGMA journal_mode").fetchone()[0]
    if backing_up.marked(db):
        told = (
            f"{mode}: this is a backup that nobody has written to yet; look at it as you like, "
            "`incidentkit restore FILE --store URL` puts it in the place of a store"
        )
        yield Finding(True, "journal mode", told)
    else:
        good = mode in ("wal", "memory")
        advice = (
            ": not the mode of a store in use: a copy, or changed by another tool; the first write "
            "of a desk sets wal. For a copy say `incidentkit restored` before any worker starts"
        )
        yield Finding(good, "journal mode", str(mode) if good else f"{mode}{advice}")
    found = db.execute("PRAGMA quick_check(1)").fetchone()[0]
    yield Finding(
        found == "ok",
        "integrity",
        "ok" if found == "ok" else f"{found}: stop writing, copy the file, restore a backup",
    )
    if db.execute("SELECT 1 FROM sqlite_master WHERE name = 'task'").fetchone() is not None:
        parked = db.execute("SELECT count(*) FROM task WHERE state = 'parked'").fetchone()[0]
        yield Finding(
            parked == 0,
            "parked tasks",
            "none"
            if parked == 0
            else f"{parked} wait for a person: list them, then move or cancel",
        )
