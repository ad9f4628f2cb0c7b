"""A process without the host's pager takes over no pages: they are left to who has it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from incidentkit import ConsoleChannel, Desk, ManualTime, MemoryChannel
from incidentkit.cli.main import main
from incidentkit.errors import PagedElsewhere

Open = Callable[..., Any]
URGENT: dict[str, Any] = {"impact": "high", "urgency": "high", "assign": "ana"}


@pytest.fixture
def time(tmp_path: Path) -> ManualTime:
    """Ana was paged by sms, and the next round is due."""
    time = ManualTime()
    with Desk.open(store(tmp_path), time=time, channels={"sms": MemoryChannel("sms")}) as desk:
        desk.declare("Down", **URGENT)
        desk.run_due()
    time.move(minutes=10)
    return time


def store(folder: Path) -> str:
    return f"sqlite:///{folder}/i.db"


def paged(folder: Path, time: ManualTime) -> set[str]:
    with Desk.open(store(folder), time=time) as desk:
        return {each.channel for each in desk.deliveries("INC-1")}


def test_a_desk_without_channels_rings_nothing(
    tmp_path: Path, time: ManualTime, open_desk: Open
) -> None:
    desk = open_desk(store(tmp_path), time=time)
    for _ in range(2):
        with pytest.raises(PagedElsewhere, match="went out by sms, and here is only the console"):
            desk.run_due()
    desk.disconnect()
    assert paged(tmp_path, time) == {"sms"}
    sms = MemoryChannel("sms")
    with Desk.open(store(tmp_path), time=time, channels={"sms": sms}) as worker:
        worker.run_due()
    assert sms.messages


def test_serve_ends_with_the_reason(tmp_path: Path, time: ManualTime) -> None:
    import threading

    with Desk.open(store(tmp_path), time=time) as desk, pytest.raises(PagedElsewhere):
        desk.serve(threading.Event())


def test_who_says_that_printing_is_meant_prints(
    tmp_path: Path, time: ManualTime, capsys: pytest.CaptureFixture[str]
) -> None:
    with Desk.open(store(tmp_path), time=time, channels={"console": ConsoleChannel()}) as desk:
        desk.run_due()
    assert "PAGE P1 INC-1 to ana: Down" in capsys.readouterr().out


def test_work_on_a_terminal_leaves_them_alone(
    tmp_path: Path, time: ManualTime, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["--store", store(tmp_path)]
    assert main(["work", *given], time=time) == 1
    said = capsys.readouterr().err
    assert said.startswith("error: nothing was done: pages of this store went out by sms, and here")
    assert main(["work", "--json", *given], time=time) == 1
    assert json.loads(capsys.readouterr().out)["elsewhere"] == ["sms"]
    assert paged(tmp_path, time) == {"sms"}
    assert main(["work", "--anyway", *given], time=time) == 0
    assert "PAGE P1 INC-1 to ana: Down" in capsys.readouterr().out
