"""A worker as a task of your event loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from incidentkit import AsyncDesk


@asynccontextmanager
async def working(desk: AsyncDesk) -> AsyncIterator[None]:
    stop = asyncio.Event()
    worker = asyncio.create_task(desk.serve(stop))
    try:
        yield
    finally:
        stop.set()
        await worker
