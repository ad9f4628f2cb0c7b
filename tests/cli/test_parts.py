"""Small parts of the command line that a whole run does not reach."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from incidentkit.cli.checking import level, verdict
from incidentkit.cli.demo import program
from incidentkit.cli.demo_story import target
from incidentkit.cli.wire import wire
from incidentkit.model.clock import Clock
from incidentkit.model.delivery import Message
from incidentkit.model.words import ClockState, MessageKind
from incidentkit.ports.store import Finding

AT = datetime(2026, 3, 3, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("due", "stopped", "said"),
    [
        (None, None, "resolve: no due time"),
        (AT, None, "resolve: due 04:00"),
        (AT, AT - timedelta(minutes=5), "resolve: met at 03:55, 5m before it was due 04:00"),
        (AT, AT + timedelta(minutes=5), "resolve: missed by 5m, it was due 04:00"),
    ],
)
def test_target(due: datetime | None, stopped: datetime | None, said: str) -> None:
    assert target(Clock("resolve", ClockState.RUNNING, AT, due, stopped_at=stopped)) == said


def test_program(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "argv", ["/somewhere/bin/incidentkit", "demo"])
    assert program() == "incidentkit"
    monkeypatch.setattr(sys, "argv", ["/somewhere/incidentkit/__main__.py", "demo"])
    monkeypatch.setattr(sys, "executable", str(tmp_path / ".venv" / "bin" / "python"))
    monkeypatch.chdir(tmp_path)
    assert program() == f"{Path('.venv/bin/python')} -m incidentkit"


def test_levels_of_findings() -> None:
    assert level(Finding(True, "policy", "")) == "ok"
    assert level(Finding(False, "policy", "")) == "advice"
    assert level(Finding(False, "integrity", "")) == "wrong"
    assert verdict(0, 0) == "nothing is wrong"
    assert verdict(1, 0) == "1 thing to mend"
    assert verdict(2, 1) == "2 things to mend; 1 piece of advice"


def test_wire() -> None:
    message = Message("k", MessageKind.PAGE, "sms", "ana", "+49", "t", "x", "INC-1", "P1", "secret")
    assert "secret" not in str(wire(message))
    assert wire({"at": AT, "for": timedelta(seconds=1), "of": frozenset((1,))}) == {
        "at": "2026-03-03T04:00:00+00:00",
        "for": 1.0,
        "of": [1],
    }
    assert wire(Path("x")) == "x"
