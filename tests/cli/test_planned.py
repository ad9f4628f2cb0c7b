"""Planned work, silences and reviews on the command line: at a glance, told, drawn, written out."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from incidentkit import Desk, EditReview, OpenReview, PlanMaintenance, SilenceAlerts
from incidentkit.testing import ManualTime
from tests.cli.conftest import Cli

HOUR = timedelta(hours=1)


@pytest.fixture
def store(tmp_path: Path, now: ManualTime) -> str:
    """A store with one record of each kind."""
    url = f"sqlite:///{tmp_path}/incidents.db"
    at = now.now()
    with Desk.open(url, time=now, channels={"sms": lambda _: None}) as desk:
        desk.declare("Down", assign="ana", by="joe")
        desk.execute(PlanMaintenance("Upgrade", at, at + HOUR, ("checkout",)), by="ana")
        desk.execute(SilenceAlerts('service == "x"', until=at + HOUR, reason="known"), by="ana")
        desk.execute(OpenReview("INC-1"), by="ana")
        desk.execute(EditReview("REV-1", "summary", "ana fell asleep"), by="ana")
    return url


@pytest.mark.parametrize(
    ("ref", "first", "told"),
    [
        ("MNT-1", "MNT-1  planned work, routine, on checkout", 'ana planned MNT-1 "Upgrade"'),
        ("SIL-1", "SIL-1  silence", "ana silenced alerts"),
        ("REV-1", "REV-1  review of INC-1", "ana opened the review REV-1"),
    ],
)
def test_each_is_shown_and_told(cli: Cli, store: str, ref: str, first: str, told: str) -> None:
    assert cli("show", ref, "--store", store).out.splitlines()[0] == first
    assert json.loads(cli("show", ref, "--json", "--store", store).out)["ref"] == ref
    assert told in cli("timeline", ref, "--store", store).out.splitlines()[0]
    assert f"{ref} is " in cli("explain", ref, "status", "--store", store).out


@pytest.mark.parametrize("machine", ["maintenance", "silence", "review", "follow_up"])
def test_their_life_cycles_are_drawn(cli: Cli, machine: str) -> None:
    assert cli("diagram", machine).out.startswith("stateDiagram-v2")
    assert "| What | From | To | Needs |" in cli("diagram", machine, "--table").out
