"""Planned work, silences and reviews on the command line: at a glance, told, drawn, written out."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from incidentkit import Desk, EditReviewSection, OpenReview, PlanMaintenance, SilenceAlerts
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
        desk.execute(EditReviewSection("REV-1", "summary", "ana fell asleep", True), by="ana")
    return url


@pytest.mark.parametrize(
    ("ref", "first", "told"),
    [
        ("MNT-1", "MNT-1  planned work, routine, on checkout", 'ana planned MNT-1 "Upgrade"'),
        ("SIL-1", "SIL-1  silence", "ana silenced alerts"),
        ("REV-1", "REV-1  review", "ana opened the review REV-1"),
    ],
)
def test_each_is_shown_and_told(cli: Cli, store: str, ref: str, first: str, told: str) -> None:
    assert cli("show", ref, "--store", store).out.splitlines()[0] == first
    assert json.loads(cli("show", ref, "--json", "--store", store).out)["ref"] == ref
    assert told in cli("timeline", ref, "--store", store).out.splitlines()[0]
    assert f"{ref} is " in cli("explain", ref, "status", "--store", store).out


def test_a_review_is_written_in_three_forms_and_without_names(cli: Cli, store: str) -> None:
    assert "ana fell asleep" in cli("review", "INC-1", "--store", store).out
    public = cli("review", "REV-1", "--public", "--store", store).out
    assert "The responder fell asleep" in public
    assert "ana" not in public
    page = cli("review", "INC-1", "--format", "html", "--public", "--store", store).out
    assert page.startswith("<!doctype html>")
    text = cli("review", "INC-1", "--format", "json", "--store", store).out
    assert json.loads(text)["status"] == "REV-1 is draft"


def test_there_is_nothing_public_without_a_review(cli: Cli, store: str, now: ManualTime) -> None:
    with Desk.open(store, time=now, channels={"sms": lambda _: None}) as desk:
        desk.declare("Slow")
    done = cli("review", "INC-2", "--public", "--store", store)
    assert (done.code, done.err) == (
        2,
        "error: no review 'of INC-2'; check the reference, or whether you may see it\n",
    )


@pytest.mark.parametrize("machine", ["maintenance", "silence", "review", "follow_up"])
def test_their_life_cycles_are_drawn(cli: Cli, machine: str) -> None:
    assert cli("diagram", machine).out.startswith("stateDiagram-v2")
    assert "| What | From | To | Needs |" in cli("diagram", machine, "--table").out
