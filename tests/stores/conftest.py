"""One store at a time, its time in the test's hands, closed at the end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from incidentkit.ports.store import Store
from tests.stores.factories import KINDS, MAKERS, Moving


@pytest.fixture
def now() -> Moving:
    return Moving()


@pytest.fixture(params=list(MAKERS))
def store(request: pytest.FixtureRequest, tmp_path: Path, now: Moving) -> Iterator[Store]:
    made = MAKERS[request.param](tmp_path, now)
    made.declare(KINDS)
    yield made
    made.close()
