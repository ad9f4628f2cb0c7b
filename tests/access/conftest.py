"""The stories of the flows run with Desk and AsyncDesk, on memory and SQLite, each step checked."""

from __future__ import annotations

import pytest

from incidentkit.desk.session import Session
from tests.acceptance.conftest import open_desk as open_desk
from tests.acceptance.conftest import url as url
from tests.flows import checking


@pytest.fixture(autouse=True)
def checked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hold every flow to one commit and nothing after it."""
    monkeypatch.setattr(Session, "step", checking.step)
