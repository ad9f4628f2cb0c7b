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
def sort(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def made(sort: str, place: Path, now: Moving) -> Iterator[Store]:
    place.mkdir(exist_ok=True)
    store = MAKERS[sort](place, now)
    store.declare(KINDS)
    yield store
    store.close()


@pytest.fixture
def store(sort: str, tmp_path: Path, now: Moving) -> Iterator[Store]:
    yield from made(sort, tmp_path, now)


@pytest.fixture
def another(sort: str, tmp_path: Path, now: Moving) -> Iterator[Store]:
    """A second store of the same sort."""
    yield from made(sort, tmp_path / "another", now)
