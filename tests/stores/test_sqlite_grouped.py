"""Groups on SQLite: plain ones go table by table."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from incidentkit.ports.rows import Batch
from incidentkit.stores.sqlite.grouped import Grouped
from tests.stores.factories import KINDS, MAKERS, Moving
from tests.stores.shapes import MAIN, entry, put, touch


def test_a_plain_group_goes_table_by_table(
    tmp_path: Path, now: Moving, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the path is there for: without it an import takes half as long again."""
    ways: list[bool] = []
    commit = Grouped.commit

    def spied(self: Grouped, batches: Sequence[Batch]) -> bool:
        ways.append(commit(self, batches))
        return ways[-1]

    monkeypatch.setattr(Grouped, "commit", spied)
    with closing(MAKERS["sqlite"](tmp_path, now)) as store:
        store.declare(KINDS)
        store.commit_group([Batch(MAIN, puts=(put(x),), entries=(entry(x, 1),)) for x in "ab"])
        store.commit_group([Batch(MAIN, puts=(put(x, 1),), touches=(touch(x),)) for x in "ab"])
    assert ways == [True, False]
