"""The tests of durable work run on every store that is named here, with both kinds of desk.

A store is added by one line in `STORES`: its name, and what makes the URL of a fresh one.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.conftest import open_desk as open_desk

STORES: dict[str, Callable[[Path], str]] = {
    "memory": lambda _: "memory:",
    "sqlite": lambda folder: f"sqlite:///{folder}/incidents.db",
}


@pytest.fixture(params=list(STORES))
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a fresh store."""
    return STORES[request.param](tmp_path)


@pytest.fixture(params=[name for name in STORES if name != "memory"])
def lasting(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a fresh store that outlives its process."""
    return STORES[request.param](tmp_path)


@pytest.fixture(
    params=["everyday", pytest.param("full", marks=[pytest.mark.slow, pytest.mark.timeout(1800)])]
)
def size(request: pytest.FixtureRequest) -> Any:
    """How many of a thing a test takes: few every day, all of them where it is slow."""
    full = request.param == "full"
    return lambda few, many: many if full else few
