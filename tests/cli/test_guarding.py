"""`audit`, `backup`, `restored`, `held` and `spool`, as a person uses them."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from incidentkit import Desk, MemoryChannel, Spool
from incidentkit.cli import restoring
from incidentkit.desk.spool import Spooled
from incidentkit.testing import ManualTime

Cli = Callable[..., Any]


@pytest.fixture
def store(tmp_path: Path) -> str:
    """A file with one incident whose page waits."""
    url = f"sqlite:///{tmp_path}/incidents.db"
    with Desk.open(url, channels={"sms": MemoryChannel("sms")}) as desk:
        desk.declare("Down", impact="high", urgency="high", assign="ana")
    return url


def test_an_audit_says_what_is_missing_and_heals_when_asked(
    cli: Cli, store: str, tmp_path: Path
) -> None:
    done = cli("audit", "--store", store)
    assert (done.code, done.out) == (0, "all work is where it should be\n")
    db = sqlite3.connect(tmp_path / "incidents.db")
    db.execute("DELETE FROM task")
    db.commit()
    db.close()
    done = cli("audit", "--store", store)
    assert done.code == 1
    assert done.out.count("look  ") == 2
    assert len(json.loads(cli("audit", "--json", "--store", store).out)["loose_ends"]) == 2
    done = cli("audit", "--heal", "--store", store)
    assert done.code == 0
    assert done.out.count("put back  ") == 2


def test_a_backup_is_restored_and_what_it_held_released(
    cli: Cli, store: str, tmp_path: Path
) -> None:
    file = tmp_path / "copy.db"
    done = cli("backup", str(file), "--store", store)
    assert done.code == 0
    assert done.out == f"{file}: {file.stat().st_size} bytes\n"
    assert cli("backup", str(file), "--store", store).code == 2
    other = tmp_path / "other.db"
    assert json.loads(cli("backup", str(other), "--json", "--store", store).out)["size"] > 0
    url = f"sqlite:///{file}"
    assert cli("held", "--store", url).out == "no message is held\n"
    done = cli("restored", "--store", url)
    assert done.out.startswith(
        "marked as restored: what was queued before is held\n"
        "1 message from before the restore waits in the queue: "
    )
    told = json.loads(cli("restored", "--json", "--store", url).out)
    assert told == {"restored": True, "to_be_held": 1}
    done = cli("held", "--store", url)
    assert (done.code, done.out[:46]) == (1, "1 message from before the restore waits in the")
    with Desk.open(url, channels={"sms": MemoryChannel("sms")}) as desk:
        desk.run_due()
        (held,) = desk.held()
    done = cli("held", "--store", url)
    assert done.code == 1
    assert done.out.startswith(f"{held.id}  INC-1  page to ana on sms: ")
    assert json.loads(cli("held", "--json", "--store", url).out)["held"][0]["id"] == held.id
    assert cli("held", "--release", "nobody", "--store", url).code == 2
    done = cli("held", "--release-all", "--store", url)
    assert done.out.startswith("1 message released\n")


def test_all_that_is_held_is_released_however_much_it_is(
    cli: Cli, tmp_path: Path, now: ManualTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(restoring, "AT_ONCE", 2)
    store = f"sqlite:///{tmp_path}/many.db"
    with Desk.open(store, channels={"sms": MemoryChannel("sms")}, time=now) as desk:
        for number in range(5):
            desk.declare(f"Down {number}", impact="high", urgency="high", assign="ana")
        now.move(seconds=1)
        desk.restored()
        desk.run_due()
        assert len(desk.held()) == 5
    assert "these are the first 2; there are more\n" in cli("held", "--store", store).out
    done = cli("held", "--release-all", "--store", store)
    assert (done.code, done.out) == (0, "5 messages released\n")
    done = cli("held", "--store", store)
    assert done.out == "no message is held; restored at 2026-03-03 04:00:01+00:00\n"


def test_a_retry_of_what_a_restore_holds_says_so(cli: Cli, store: str) -> None:
    with Desk.open(store, channels={"sms": MemoryChannel("sms")}) as desk:
        (task,) = [x.task.id for x in desk.tasks() if x.task.queue == "message"]
        assert desk.retry(task)
        desk.restored()
        assert not desk.retry(task)
    done = cli("retry", task, "--store", store)
    assert (done.code, "then `held` lists it, and `held --release ID`" in done.out) == (1, True)
    assert json.loads(cli("retry", task, "--json", "--store", store).out)["held"] is True


def test_a_backup_takes_the_place_of_a_store_that_nobody_has_open(
    cli: Cli, store: str, tmp_path: Path
) -> None:
    file, copy = tmp_path / "incidents.db", tmp_path / "copy.db"
    assert cli("backup", str(copy), "--store", store).code == 0
    assert (
        "ok      journal mode: delete: this is a backup that"
        in cli("doctor", "--store", str(copy)).out
    )
    with Desk.open(store) as desk:
        desk.declare("Later")
        desk.get("INC-2")
        refused = cli("restore", str(copy), "--store", store)
        assert (refused.code, f"{file} exists: stop everything" in refused.err) == (2, True)
        reader = sqlite3.connect(file)
        reader.execute("SELECT count(*) FROM key").fetchone()
    open_ = cli("restore", str(copy), "--over", "--store", store)
    assert (open_.code, open_.err) == (
        2,
        f"error: store: another process has {file} open: stop it, then restore\n",
    )
    reader.close()
    file.chmod(0o640)
    done = cli("restore", str(copy), "--over", "--store", store)
    assert done.code == 0
    assert done.out.startswith(
        f"{file} is {copy} now\nwhat was there is kept: {file}.before-1\n1 message from "
    )
    assert file.stat().st_mode & 0o777 == 0o640
    with Desk.open(f"sqlite:///{file}.before-1") as desk:
        assert desk.get("INC-2").title == "Later"
    sms = MemoryChannel("sms")
    with Desk.open(store, channels={"sms": sms}) as desk:
        desk.run_due()
        assert (len(sms.messages), len(desk.held())) == (0, 1)
        assert desk.declare("New").ref == "INC-1002"


def test_a_log_that_was_left_behind_is_not_read_into_a_backup(
    cli: Cli, store: str, tmp_path: Path
) -> None:
    file, copy, kept = tmp_path / "incidents.db", tmp_path / "copy.db", tmp_path / "kept"
    assert cli("backup", str(copy), "--store", store).code == 0
    with Desk.open(store) as desk:
        desk.declare("Later")
        shutil.copy(f"{file}-wal", kept)
    file.unlink()
    shutil.copy(kept, f"{file}-wal")
    done = json.loads(cli("restore", str(copy), "--json", "--store", store).out)
    assert (done["logs"], done["before"], done["to_be_held"]) == ([f"{file}-wal"], "", 1)
    with Desk.open(store) as desk:
        assert desk.verify().problems == ()
        assert desk.count() == 1
    file.write_bytes(b"rubbish" * 999)
    assert cli("restore", str(copy), "--over", "--store", store).code == 0
    assert cli("verify", "--store", store).code == 0


@pytest.mark.parametrize(
    "file", ["nowhere.db", "rubbish.db", "empty.db", "torn.db", "incidents.db"]
)
def test_only_a_whole_store_is_restored(cli: Cli, store: str, tmp_path: Path, file: str) -> None:
    before = (tmp_path / "incidents.db").read_bytes()
    (tmp_path / "rubbish.db").write_bytes(b"rubbish" * 999)
    (tmp_path / "empty.db").touch()
    (tmp_path / "torn.db").write_bytes(before[: len(before) // 2])
    done = cli("restore", str(tmp_path / file), "--over", "--store", store)
    assert (done.code, done.err[:12]) == (2, "error: file:")
    assert (tmp_path / "incidents.db").read_bytes() == before
    for url in ("sqlite:///:memory:", "postgresql://h/db"):
        assert cli("restore", str(tmp_path / "incidents.db"), "--store", url).code == 2


def test_a_spool_is_looked_at_without_the_store(cli: Cli, tmp_path: Path) -> None:
    folder = tmp_path / "spool"
    assert cli("spool", str(folder)).code == 2
    assert not folder.exists()
    spool = Spool(folder)
    assert cli("spool", str(folder)).out == "nothing waits\n"
    kept = Spooled("main", "system", "am", b"{}", (), "r1", ManualTime().now())
    name = spool.add(kept)
    done = cli("spool", str(folder))
    assert done.code == 1
    assert done.out.startswith("1 request waiting since 2026-01-05 09:00:00+00:00, ")
    spool.set_aside(name, "rubbish")
    done = cli("spool", str(folder))
    assert done.out == "nothing waits\n1 request set aside, each with its reason beside it\n"
    assert json.loads(cli("spool", "--json", str(folder)).out)["set_aside"] == 1
