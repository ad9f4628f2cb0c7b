"""The tests of durable work run on every store of `STORES`, with both kinds of desk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.conftest import open_desk as open_desk
from tests.stores.for_desks import LASTING, STORES, fresh


@pytest.fixture(params=list(STORES))
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a fresh store."""
    with fresh(request.param, tmp_path) as made:
        yield made


@pytest.fixture(params=LASTING)
def lasting(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a fresh store that outlives its process."""
    with fresh(request.param, tmp_path) as made:
        yield made


@pytest.fixture(
    params=["everyday", pytest.param("full", marks=[pytest.mark.slow, pytest.mark.timeout(1800)])]
)
def size(request: pytest.FixtureRequest, trials: Callable[[int], None]) -> Any:
    """How many of a thing a test takes: few every day, all of them where it is slow."""
    full = request.param == "full"

    def taken(few: int, many: int) -> int:
        number = many if full else few
        trials(number)
        return number

    return taken
