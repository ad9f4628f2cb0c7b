"""Files of a moment lie in memory only where that can be relied on, or where somebody says."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests import conftest


def there(monkeypatch: pytest.MonkeyPatch, folder: Path, free: int, flags: int = 0) -> Path | None:
    monkeypatch.delenv("INCIDENTKIT_TEMP", raising=False)
    monkeypatch.setattr(conftest, "IN_MEMORY", folder)
    about = SimpleNamespace(f_bavail=free, f_frsize=1, f_flag=flags)
    with monkeypatch.context() as patch:
        patch.setattr(os, "statvfs", lambda _: about)
        return conftest.quick_folder()


def test_in_memory_where_there_is_room(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert there(monkeypatch, tmp_path, conftest.ROOM) == tmp_path
    assert there(monkeypatch, tmp_path, conftest.ROOM - 1) is None
    assert there(monkeypatch, tmp_path / "none", conftest.ROOM) is None


def test_not_where_no_program_may_lie(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert there(monkeypatch, tmp_path, conftest.ROOM, os.ST_NOEXEC) is None


def test_where_somebody_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(conftest, "IN_MEMORY", tmp_path / "none")
    monkeypatch.setenv("INCIDENTKIT_TEMP", str(tmp_path))
    assert conftest.quick_folder() == tmp_path
