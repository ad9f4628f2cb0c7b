"""The doctor's view of a file."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import pytest

from incidentkit.ports.rows import Park
from incidentkit.ports.store import Finding, SupportsDiagnosis
from incidentkit.stores.sqlite import diagnosis
from incidentkit.stores.sqlite import settings as options
from incidentkit.stores.sqlite.store import SqliteStore
from tests.stores.factories import KINDS
from tests.stores.shapes import MAIN, MINUTE, add, settle, task


@pytest.mark.parametrize(
    ("version", "risk"),
    [
        ((3, 6, 23), False), ((3, 7, 0), True), ((3, 40, 1), True), ((3, 51, 2), True),
        ((3, 51, 3), False), ((3, 52, 0), False), ((4, 0, 0), False), ((3, 51), True),
    ],
)  # fmt: skip
def test_the_window_of_the_reset_fault(version: tuple[int, ...], risk: bool) -> None:
    assert diagnosis.wal_reset_risk(version) is risk


def findings(store: SqliteStore) -> dict[str, Finding]:
    return {finding.subject: finding for finding in store.diagnose()}


def test_a_healthy_file(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "i.db")
    store.declare(KINDS)
    assert isinstance(store, SupportsDiagnosis)
    assert findings(store)["writer"].message == "nobody writes"
    add(store, task("a"))
    found = findings(store)
    assert all(finding.ok for finding in found.values())
    assert str(os.getpid()) in found["writer"].message
    assert found["integrity"].message == "ok"
    assert found["journal mode"].message == "wal"
    assert "power cut" in found["synchronous"].message
    store.close()


def test_what_is_not_well_says_what_to_do(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "i.db", synchronous="off")
    add(store, task("a"))
    (claimed,) = store.claim(None, MINUTE, 1).tasks
    store.settle(MAIN, [settle(claimed, Park("no"))])
    found = findings(store)
    assert not found["parked tasks"].ok
    assert "1 wait" in found["parked tasks"].message
    assert not found["synchronous"].ok
    assert "synchronous=full" in found["synchronous"].message
    store.close()
    memory = SqliteStore(":memory:")
    assert not findings(memory)["file"].ok
    memory.close()


def test_versions_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def told(version: tuple[int, int, int], processes: str) -> Finding:
        monkeypatch.setattr(sqlite3, "sqlite_version_info", version)
        settings = options.Settings(None, "full", processes)
        return next(f for f in diagnosis.diagnose(settings, None) if f.subject == "SQLite")

    assert told((3, 40, 1), "one").ok
    assert "processes=many needs" in told((3, 40, 1), "one").message
    assert not told((3, 40, 1), "many").ok
    assert told((3, 51, 3), "many").ok


def test_file_systems(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text("/dev/a / ext4 rw 0 0\nserver:/x /srv/with\\040space nfs4 rw 0 0\n")
    assert diagnosis.filesystem(Path("/srv/with space/i.db"), mounts) == "nfs4"
    assert diagnosis.filesystem(Path("/srv/other/i.db"), mounts) == "ext4"
    assert diagnosis.filesystem(Path("/srv/other/i.db"), tmp_path / "none") == ""
    monkeypatch.setattr(diagnosis, "filesystem", lambda path: "nfs4")
    found = diagnosis.diagnose(options.settings(tmp_path / "i.db"), None)
    assert [f.ok for f in found if f.subject == "file system"] == [False]
    monkeypatch.setattr(diagnosis, "filesystem", lambda path: "")
    found = diagnosis.diagnose(options.settings(tmp_path / "i.db"), None)
    assert [f for f in found if f.subject == "file system"] == []
