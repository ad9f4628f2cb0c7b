"""The store through `Desk.open("dir:///...")`, as whoever installs the package uses it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from incidentkit_sample import store as module

from incidentkit import Desk, ManualTime
from incidentkit.errors import InvalidValue, StoreClosed, StoreError


def story(url: str) -> list[str]:
    time = ManualTime()
    with Desk.open(url, time=time, channels={"sms": lambda message: None}) as desk:
        inc = desk.declare("Disk full", impact="high", urgency="high", assign="ana", request="r-1")
        again = desk.declare(
            "Disk full", impact="high", urgency="high", assign="ana", request="r-1"
        )
        assert again.id == inc.id
        for _ in range(3):
            desk.run_due()
            time.move(minutes=5)
        desk.acknowledge(inc, by="ana")
        desk.hold(inc, reason="vendor", court="ACME", by="ana")
        desk.resume(inc, by="ana")
        desk.resolve(inc, by="ana", code="fixed", remedy="a larger disk")
        desk.run_due()
        desk.seal()
        assert desk.verify().problems == ()
        assert [x.ref for x in desk.find(state="resolved").items] == ["INC-1"]
        return [str(line) for line in desk.timeline(inc)]


def test_it_tells_the_same_story_as_the_built_in_store(tmp_path: Path) -> None:
    assert story(f"dir:///{tmp_path}/store") == story("memory:")


def test_what_was_written_is_there_again(tmp_path: Path) -> None:
    url = f"dir:///{tmp_path}/store"
    with Desk.open(url) as desk:
        desk.declare("Disk full", by="ana")
        told = [str(line) for line in desk.timeline("INC-1")]
    with Desk.open(url) as desk:
        assert [str(line) for line in desk.timeline("INC-1")] == told
        assert desk.declare("Another").ref == "INC-2"
        assert desk.verify().problems == ()


def test_many_commits_are_folded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FOLD_AFTER", 5)
    url = f"dir:///{tmp_path}/store"
    with Desk.open(url) as desk:
        inc = desk.declare("Disk full")
        for number in range(10):
            desk.note(inc, f"note {number}")
    before = len(list((tmp_path / "store").glob("*.json")))
    with Desk.open(url) as desk:
        assert [line.kind for line in desk.timeline("INC-1")].count("noted") == 10
        desk.note("INC-1", "one more")
    assert len(list((tmp_path / "store").glob("*.json"))) < before
    monkeypatch.setattr(module, "FOLD_AFTER", 500)
    with Desk.open(url) as desk:
        assert [line.kind for line in desk.timeline("INC-1")].count("noted") == 11
        assert desk.verify().problems == ()


def test_two_writers_lose_nothing(tmp_path: Path) -> None:
    with Desk.open(f"dir:///{tmp_path}/store") as desk:
        inc = desk.declare("Disk full")
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda number: desk.note(inc, f"note {number}"), range(16)))
        notes = {line.text for line in desk.timeline(inc) if line.kind == "noted"}
        assert len(notes) == 16


def test_a_commit_that_was_cut_short_never_happened(tmp_path: Path) -> None:
    folder = tmp_path / "store"
    with Desk.open(f"dir:///{folder}") as desk:
        desk.declare("Disk full")
    (folder / "000000000099.tmp").write_text('{"puts": {"half')
    with Desk.open(f"dir:///{folder}") as desk:
        assert desk.count() == 1
    assert not list(folder.glob("*.tmp"))


def test_damage_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "store"
    with Desk.open(f"dir:///{folder}") as desk:
        inc = desk.declare("Disk full")
        desk.note(inc, "one")
        desk.note(inc, "two")
    commits = sorted(folder.glob("*.json"))
    commits[-1].write_text("not json")
    with pytest.raises(StoreError, match="is damaged"):
        Desk.open(f"dir:///{folder}")
    commits[-2].unlink()
    with pytest.raises(StoreError, match="is missing"):
        Desk.open(f"dir:///{folder}")


def test_a_second_process_is_refused(tmp_path: Path) -> None:
    url = f"dir:///{tmp_path}/store"
    with Desk.open(url) as desk:
        desk.declare("Disk full")
        with pytest.raises(StoreError, match="one process"):
            Desk.open(url)
    with Desk.open(url) as desk:  # it was let go of
        assert desk.count() == 1


CRASHES = """
import os, sys
from incidentkit import Desk
desk = Desk.open(sys.argv[1])
desk.declare("Disk full")
for number in range(1000):
    desk.note("INC-1", f"note {number}")
    print(number, flush=True)
    if number == 12:
        os._exit(9)                       # no goodbye
"""


def test_what_was_acknowledged_survives_a_kill(tmp_path: Path) -> None:
    url = f"dir:///{tmp_path}/store"
    done = subprocess.run(
        [sys.executable, "-c", CRASHES, url], capture_output=True, text=True, check=False
    )
    assert done.returncode == 9, done.stderr
    last = int(done.stdout.split()[-1])
    with Desk.open(url) as desk:
        notes = [line for line in desk.timeline("INC-1") if line.kind == "noted"]
        assert len(notes) == last + 1
        assert desk.verify().problems == ()


def test_a_failing_disk_is_an_error_and_not_half_a_commit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"dir:///{tmp_path}/store"
    with Desk.open(url) as desk:
        inc = desk.declare("Disk full")

        def full(_: int) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(StoreError, match="No space left"):
            desk.note(inc, "never")
        monkeypatch.undo()
        with pytest.raises(StoreError, match="open it again"):
            desk.note(inc, "nor this")
    with Desk.open(url) as desk:
        assert [line.kind for line in desk.timeline("INC-1")].count("noted") == 0


def test_closed_is_closed(tmp_path: Path) -> None:
    desk = Desk.open(f"dir:///{tmp_path}/store")
    desk.disconnect()
    desk.disconnect()
    with pytest.raises(StoreClosed):
        desk.declare("Disk full")


def test_a_url_without_a_directory_is_refused() -> None:
    for url in ("dir:", "dir:///", "dir://host"):
        with pytest.raises(InvalidValue, match="dir:///path"):
            Desk.open(url)


def test_files_are_json_that_people_can_read(tmp_path: Path) -> None:
    with Desk.open(f"dir:///{tmp_path}/store") as desk:
        desk.declare("Dîsk full")
    text = "".join(file.read_text("utf-8") for file in (tmp_path / "store").glob("*.json"))
    assert "Dîsk full" in text
    for file in (tmp_path / "store").glob("*.json"):
        assert set(json.loads(file.read_text("utf-8"))) == {"puts", "deletes"}
