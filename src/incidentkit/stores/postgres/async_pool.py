"""The connections of one asynchronous store, in the event loop that uses them."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import psycopg

from incidentkit.errors import Retryable
from incidentkit.stores.postgres.connecting import aconnect
from incidentkit.stores.postgres.pool import WAIT_SECONDS
from incidentkit.stores.postgres.settings import Settings


class AsyncPool:
    """Idle connections, and how many more may be opened; of one event loop at a time."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._idle: deque[psycopg.AsyncConnection[Any]] = deque()
        self._free: asyncio.Semaphore | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closed = False

    def _here(self) -> asyncio.Semaphore:
        loop = asyncio.get_running_loop()
        if self._free is None or self._loop is not loop:
            # Connections of another loop cannot be used here, nor closed by waiting.
            self._idle = deque()
            self._loop, self._free = loop, asyncio.Semaphore(self._settings.pool)
        return self._free

    @asynccontextmanager
    async def borrow(self) -> AsyncGenerator[psycopg.AsyncConnection[Any]]:
        """A connection for one call. Broken ones do not come back."""
        free = self._here()
        try:
            await asyncio.wait_for(free.acquire(), WAIT_SECONDS)
        except TimeoutError:
            raise Retryable(
                f"{self._settings.shown}: all {self._settings.pool} connections were in use for "
                f"{WAIT_SECONDS:g} s; raise pool="
            ) from None
        try:
            connection = self._idle.pop() if self._idle else await aconnect(self._settings)
            try:
                yield connection
            finally:
                await self._give_back(connection)
        finally:
            free.release()

    async def _give_back(self, connection: psycopg.AsyncConnection[Any]) -> None:
        idle = connection.info.transaction_status == psycopg.pq.TransactionStatus.IDLE
        if self._closed or connection.closed or not idle:
            await connection.close()
        else:
            self._idle.append(connection)

    async def drop_idle(self) -> None:
        """Close those that nobody uses."""
        while self._idle:
            await self._idle.pop().close()

    async def close(self) -> None:
        """Close the idle ones; borrowed ones are closed when they come back."""
        self._closed = True
        await self.drop_idle()
