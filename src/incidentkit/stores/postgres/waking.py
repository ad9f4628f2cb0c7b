"""Waking workers: a notice after the commit, outside it, at most one each tenth of a second.

Inside the commit a notice would take a lock of the whole database until the commit is durable. So
it goes over another connection when the commit is done, and notices that come soon after one
another become one. One that is lost only costs latency: workers look again in any case.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from threading import Condition, Event, Lock, Thread, Timer
from typing import TYPE_CHECKING, Any

import psycopg

from incidentkit.errors import StoreClosed, StoreError
from incidentkit.ports.rows import Batch
from incidentkit.stores.postgres.connecting import connect

if TYPE_CHECKING:
    from incidentkit.stores.postgres.database import Database

THROTTLE = 0.1
_LOOK = 0.25
"""Seconds after which the listening thread sees that the store was closed."""
_AGAIN = 1.0


class Waker:
    """Sends notices for one store, and listens for those of all."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = Lock()
        self._timer: Timer | None = None
        self._sent = float("-inf")
        self._heard = Condition()
        self._count = 0
        self._listener: Thread | None = None
        self._closed = Event()

    # --- sending --------------------------------------------------------------------------------

    def committed(self, batches: Sequence[Batch]) -> None:
        """Say that there may be something to claim, soon."""
        if any(batch.tasks or batch.moves or batch.cancels or batch.settles for batch in batches):
            self.send_soon()

    def send_soon(self) -> None:
        """Send one notice, unless one is about to be sent."""
        with self._lock:
            if self._timer is not None or self._closed.is_set():
                return
            wait = max(0.0, self._sent + THROTTLE - time.monotonic())
            self._timer = Timer(wait, self._send)
            self._timer.daemon = True
            self._timer.start()

    def _send(self) -> None:
        with self._lock:
            self._timer = None
            self._sent = time.monotonic()
        try:
            with self._database.connection() as connection:
                connection.execute("NOTIFY ik_work")
        except StoreError:
            # Workers look again by themselves.
            return

    # --- listening ------------------------------------------------------------------------------

    def wait(self, timeout: float) -> bool:
        """Wait for a notice; True when one came."""
        with self._heard:
            before = self._count
            if self._listener is None:
                self._listener = Thread(target=self._listen, name="incidentkit-wake", daemon=True)
                self._listener.start()
            self._heard.wait_for(
                lambda: self._count != before or self._closed.is_set(), max(0.0, timeout)
            )
            if self._closed.is_set():
                raise StoreClosed(f"{self._database.shown} was closed; open a new store")
            return self._count != before

    def _listen(self) -> None:
        while not self._closed.is_set():
            try:
                with connect(self._database.settings, direct=True) as connection:
                    connection.execute("LISTEN ik_work")
                    # Whatever was committed before this connection listened was not heard.
                    self._wake()
                    self._hear(connection)
            except psycopg.Error:
                self._closed.wait(_AGAIN)

    def _hear(self, connection: psycopg.Connection[Any]) -> None:
        while not self._closed.is_set():
            for _ in connection.notifies(timeout=_LOOK, stop_after=1):
                self._wake()

    def _wake(self) -> None:
        with self._heard:
            self._count += 1
            self._heard.notify_all()

    def close(self) -> None:
        """Send nothing more, and end what waits."""
        self._closed.set()
        with self._lock:
            timer, self._timer = self._timer, None
        if timer is not None:
            timer.cancel()
            timer.join()
        with self._heard:
            self._heard.notify_all()
        if self._listener is not None:
            self._listener.join()
