"""The connections of one store: the one used last is used next, and few are ever opened.

A store is used by many threads and its calls are short, so a thread that finds none free waits.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Generator
from contextlib import contextmanager
from threading import BoundedSemaphore
from typing import Any

import psycopg

from incidentkit.errors import Retryable
from incidentkit.stores.postgres.connecting import connect
from incidentkit.stores.postgres.settings import Settings

WAIT_SECONDS = 30.0


class Pool:
    """Idle connections, and how many more may be opened."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._idle: deque[psycopg.Connection[Any]] = deque()
        self._free = BoundedSemaphore(settings.pool)
        self._closed = False
        self._pid = os.getpid()
        self._abandoned: list[object] = []

    @contextmanager
    def borrow(self) -> Generator[psycopg.Connection[Any]]:
        """A connection for one call. Broken ones do not come back."""
        if self._pid != os.getpid():
            self._leave_to_parent()
        free = self._free
        if not free.acquire(timeout=WAIT_SECONDS):
            raise Retryable(
                f"{self._settings.shown}: all {self._settings.pool} connections were in use for "
                f"{WAIT_SECONDS:g} s; raise pool="
            )
        try:
            try:
                connection = self._idle.pop()
            except IndexError:
                connection = connect(self._settings)
            try:
                yield connection
            finally:
                self._give_back(connection)
        finally:
            free.release()

    def _give_back(self, connection: psycopg.Connection[Any]) -> None:
        idle = connection.info.transaction_status == psycopg.pq.TransactionStatus.IDLE
        if self._closed or connection.closed or not idle:
            connection.close()
        else:
            self._idle.append(connection)

    def drop_idle(self) -> None:
        """Close those that nobody uses: the server they lead to may be gone."""
        while self._idle:
            try:
                connection = self._idle.pop()
            except IndexError:
                return
            connection.close()

    def _leave_to_parent(self) -> None:
        """In a forked child the connections stay with the parent; new ones are opened."""
        self._abandoned.append(self._idle)
        self._idle = deque()
        self._free = BoundedSemaphore(self._settings.pool)
        self._pid = os.getpid()

    def close(self) -> None:
        """Close the idle ones; borrowed ones are closed when they come back."""
        self._closed = True
        if self._pid == os.getpid():
            self.drop_idle()
