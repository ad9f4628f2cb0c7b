"""Every acceptance story runs on memory and SQLite, with Desk and AsyncDesk."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.both import opener


@pytest.fixture(params=["desk", "async"])
def open_desk(request: pytest.FixtureRequest) -> Iterator[Callable[..., Any]]:
    """Opens desks of one kind and disconnects them at the end."""
    loop = asyncio.new_event_loop() if request.param == "async" else None
    desks: list[Any] = []
    open_ = opener(request.param, loop)

    def opening(*args: Any, **given: Any) -> Any:
        desk = open_(*args, **given)
        desks.append(desk)
        return desk

    yield opening
    for desk in desks:
        desk.disconnect()
    if loop is not None:
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()


@pytest.fixture(params=["memory", "sqlite"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a fresh store."""
    return "memory:" if request.param == "memory" else f"sqlite:///{tmp_path}/incidents.db"
