"""The worker recipes of `examples/workers`, run as they stand with the real packages.

Where the point is a process of its own, it is one: cron's command, and Celery's worker.
"""

from __future__ import annotations

import asyncio
import importlib.util
import json
import os
import signal
import subprocess
import sys
import time as clock
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from incidentkit import AsyncDesk, Desk
from tests.flows import world
from tests.flows.world import URGENT
from tests.work.story import QUIET

RECIPES = Path(__file__).parents[2] / "examples" / "workers"
SOURCE = Path(__file__).parents[2] / "src"


def recipe(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, RECIPES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def until(true: Callable[[], bool], seconds: float = 60) -> None:
    end = clock.monotonic() + seconds
    while not true():
        assert clock.monotonic() < end, "it never came true"
        clock.sleep(0.05)


@pytest.fixture
def waiting(tmp_path: Path) -> Path:
    """The folder of a file in which one page waits to be sent."""
    with Desk.open(
        f"sqlite:///{tmp_path}/i.db", channels={"sms": world.pager()}, policy=QUIET
    ) as desk:
        desk.declare("Down", assign="ana", **URGENT)
    return tmp_path


def surroundings(folder: Path, **more: str) -> dict[str, str]:
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join((str(SOURCE), str(RECIPES))),
        "INCIDENTS_URL": f"sqlite:///{folder}/i.db",
        "INCIDENTS_OUTBOX": str(folder / "outbox"),
        **more,
    }


def paged(folder: Path) -> list[str]:
    box = folder / "outbox"
    return [json.loads(x)["to"] for x in box.read_text().splitlines()] if box.exists() else []


def test_cron(waiting: Path) -> None:
    for _ in range(2):
        subprocess.run(
            [sys.executable, str(RECIPES / "by_cron.py")],
            env=surroundings(waiting),
            check=True,
            timeout=60,
        )
    assert paged(waiting) == ["ana"], "the second run finds nothing left to do"


def test_the_command_line_works_the_queue_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/i.db"
    with Desk.open(url, policy=QUIET) as desk:
        desk.declare("Down", assign="ana", **URGENT)
    done = subprocess.run(
        [sys.executable, "-m", "incidentkit", "work", "--store", url],
        env=surroundings(tmp_path),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert "INC-1" in done.stdout
    with Desk.open(url) as desk:
        assert desk.deliveries("INC-1")[0].state == "sent"


def test_a_thread() -> None:
    sms = world.pager()
    with Desk.open(channels={"sms": sms}, policy=QUIET) as desk:
        worker, stop = recipe("by_thread").start(desk)
        desk.declare("Down", assign="ana", **URGENT)
        until(lambda: world.said(sms) == ["ana"])
        stop.set()
        worker.join(20)
        assert not worker.is_alive()


def test_an_asyncio_task() -> None:
    sms = world.pager()

    async def story() -> None:
        desk = await AsyncDesk.open(channels={"sms": sms}, policy=QUIET)
        async with asyncio.timeout(60), recipe("by_asyncio").working(desk):
            await desk.declare("Down", assign="ana", **URGENT)
            while world.said(sms) != ["ana"]:
                await asyncio.sleep(0.05)
        await desk.disconnect()

    asyncio.run(story())


def test_apscheduler() -> None:
    pytest.importorskip("apscheduler")
    from datetime import timedelta

    sms = world.pager()
    with Desk.open(channels={"sms": sms}, policy=QUIET) as desk:
        scheduler = recipe("by_apscheduler").start(desk, timedelta(seconds=0.2))
        try:
            for at in range(2):
                desk.declare(f"Down {at}", assign=f"p{at}", **URGENT)
                until(lambda at=at: len(world.said(sms)) == at + 1)  # type: ignore[misc]
        finally:
            scheduler.shutdown()
    assert world.said(sms) == ["p0", "p1"]


def test_celery(waiting: Path) -> None:
    pytest.importorskip("celery")
    folders = {x: str(waiting / x) for x in ("queue", "done", "control")}
    for each in folders.values():
        Path(each).mkdir()
    (waiting / "celeryconfig.py").write_text(
        "broker_transport_options = {"
        f"'data_folder_in': {folders['queue']!r}, 'data_folder_out': {folders['queue']!r}, "
        f"'control_folder': {folders['control']!r}}}\n"
    )
    env = surroundings(waiting, CELERY_BROKER_URL="filesystem://")
    env["PYTHONPATH"] += os.pathsep + str(waiting)
    command = [sys.executable, "-m", "celery", "-A", "by_celery", "--config", "celeryconfig"]
    log = (waiting / "log").open("wb")
    with log, subprocess.Popen(
        [*command, "worker", "-B", "--pool", "solo", "--loglevel", "INFO"],
        env=env, cwd=waiting, stdout=log, stderr=log,
    ) as worker:  # fmt: skip
        try:
            until(lambda: paged(waiting) == ["ana"])
        finally:
            worker.send_signal(signal.SIGTERM)
            _ = worker.wait(60)
    told: Any = (waiting / "log").read_text()
    assert "incidents.run_due" in told
    with Desk.open(f"sqlite:///{waiting}/i.db", channels={"sms": world.pager()}) as desk:
        assert desk.deliveries("INC-1")[0].state == "sent"
