"""The command line in this process, and one finished demo to look at."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pytest

from incidentkit.cli.main import main
from incidentkit.testing import ManualTime

NIGHT = datetime(2026, 3, 3, 4, tzinfo=UTC)


class Done(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str


Cli = Callable[..., Done]


@pytest.fixture
def now() -> ManualTime:
    return ManualTime(NIGHT)


@pytest.fixture
def cli(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, now: ManualTime
) -> Cli:
    """Runs a command; `stdin` is what it reads from `-`."""
    monkeypatch.delenv("INCIDENTKIT_STORE", raising=False)
    monkeypatch.delenv("INCIDENTKIT_DEBUG", raising=False)

    def run(*argv: str, stdin: bytes = b"") -> Done:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        code = main(argv, time=now)
        return Done(code, *capsys.readouterr())

    return run


@pytest.fixture(scope="session")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of a demo that has run to its end. Only to be read."""
    folder = tmp_path_factory.mktemp("shown")
    saved, sys.stdout = sys.stdout, io.StringIO()
    try:
        assert main(["demo", "--dir", str(folder)]) == 0
        (folder / "transcript.txt").write_text(sys.stdout.getvalue(), encoding="utf-8")
    finally:
        sys.stdout = saved
    return folder
