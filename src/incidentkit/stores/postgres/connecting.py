"""Connections as this store uses them: in autocommit, all integers 64 bits wide."""

from __future__ import annotations

from typing import Any, Protocol

import psycopg
from psycopg.types.numeric import Int8BinaryDumper, Int8Dumper

from incidentkit.stores.postgres.settings import Settings

PREPARED = 300
CONNECT_SECONDS = 10
_KEEPALIVE: dict[str, Any] = {
    "keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3,
}  # fmt: skip


class _Adapted(Protocol):
    @property
    def adapters(self) -> Any: ...


def arguments(settings: Settings, *, direct: bool = False) -> dict[str, Any]:
    """What is given to `connect`."""
    given: dict[str, Any] = {
        "conninfo": settings.direct if direct else settings.conninfo,
        "autocommit": True,
        "application_name": "incidentkit",
        "prepare_threshold": 1 if settings.prepares else None,
        **_KEEPALIVE,
    }
    if "connect_timeout" not in given["conninfo"]:
        given["connect_timeout"] = CONNECT_SECONDS
    if direct:
        given["prepare_threshold"] = None
    return given


def adapt(connection: _Adapted, settings: Settings) -> None:
    """One type for all integers: else each size of number would prepare a statement of its own."""
    connection.adapters.register_dumper(int, Int8Dumper)
    connection.adapters.register_dumper(int, Int8BinaryDumper)
    if settings.prepares:
        connection.prepared_max = PREPARED  # type: ignore[attr-defined]


def connect(settings: Settings, *, direct: bool = False) -> psycopg.Connection[Any]:
    """A new connection."""
    made = psycopg.connect(**arguments(settings, direct=direct))
    adapt(made, settings)
    return made


async def aconnect(settings: Settings) -> psycopg.AsyncConnection[Any]:
    """A new asynchronous connection."""
    made = await psycopg.AsyncConnection.connect(**arguments(settings))
    adapt(made, settings)
    return made
