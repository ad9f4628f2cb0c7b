"""Every acceptance story runs on every store, with Desk and AsyncDesk."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.both import opener
from tests.stores.for_desks import STORES, fresh


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


@pytest.fixture(params=list(STORES))
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a fresh store."""
    with fresh(request.param, tmp_path) as made:
        yield made
