"""`audit`, `backup`, `restored`, `held` and `spool`, as a person uses them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from incidentkit import Desk, MemoryChannel, Spool
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
    assert done.out == "marked as restored: what was queued before is held\n"
    assert json.loads(cli("restored", "--json", "--store", url).out) == {"restored": True}
    with Desk.open(url, channels={"sms": MemoryChannel("sms")}) as desk:
        desk.run_due()
        (held,) = desk.held()
    done = cli("held", "--store", url)
    assert done.code == 1
    assert done.out.startswith(f"{held.id}  INC-1  page to ana on sms: ")
    assert json.loads(cli("held", "--json", "--store", url).out)["held"][0]["id"] == held.id
    assert cli("held", "--release", "nobody", "--store", url).code == 2
    assert cli("held", "--release-all", "--store", url).out == "1 message released\n"


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
