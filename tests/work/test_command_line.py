"""`parked` and `retry`: what was set aside is seen and tried again from a terminal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from incidentkit import Desk, ManualTime, Retry
from incidentkit.cli.main import main
from tests.flows import world
from tests.work.story import QUIET, declared


@pytest.fixture
def store(tmp_path: Path) -> str:
    """A file in which one page was given up."""
    url, time, sms = f"sqlite:///{tmp_path}/i.db", ManualTime(), world.pager()
    sms.answer_always(Retry("busy"))
    policy = {**QUIET, "delivery": {"tries": 1}}
    with Desk.open(url, time=time, channels={"sms": sms}, policy=policy) as desk:
        declared(desk, 1)
        desk.run_due()
    return url


def test_what_is_parked_is_listed_and_tried_again(
    store: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["parked", "--store", store]) == 0
    said = capsys.readouterr().out
    assert "page to p0 on sms about INC-1: given up after 1 tries: busy" in " ".join(said.split())
    assert main(["parked", "--store", store, "--json"]) == 0
    (task,) = json.loads(capsys.readouterr().out)
    assert main(["retry", task["id"], "--by", "ana", "--store", store]) == 0
    assert main(["parked", "--store", store]) == 0
    assert "nothing is set aside" in capsys.readouterr().out
    with Desk.open(store) as desk:
        (delivery,) = desk.deliveries("INC-1")
        assert (delivery.state, delivery.tries) == ("queued", 0)


def test_retry_says_what_it_did_to_a_machine_too(
    store: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with Desk.open(store) as desk:
        (task,) = desk.parked()
    assert main(["retry", task.id, "--store", store, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"task": task.id, "held": False}
    assert main(["retry", "send:nothing", "--store", store]) == 2
