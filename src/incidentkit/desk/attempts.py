"""How often a flow is made anew when another change came first, and how long to wait between."""

from __future__ import annotations

import random
import time

from incidentkit.errors import Conflict, KeyTaken, Retryable, StoreError, TooBusy

TRIES = 500
"""64 threads on one record were seen to need 16, and on a busy machine more than 50; so it is the
deadline that ends a call, and this only what does not wait."""
FIRST_WAIT, LONGEST_WAIT = 0.001, 0.05
PASSING = (Conflict, KeyTaken, Retryable)
"""Failures that may be gone at the next try."""
RETRIES_AFTER_LOSS = 3


class Attempts:
    """The tries of one call. Each failure is either waited out or raised."""

    def __init__(self, action: str, deadline: float, *, repeatable: bool) -> None:
        self._action = action
        self._until = time.monotonic() + deadline
        self._repeatable = repeatable
        self._lost = 0
        self.tries: int = 0

    def wait_for(self, error: StoreError) -> float:
        """Seconds to wait before the next try; raises when there is no use in one.

        A lost connection is repeated only under a request id or a task's token: without either,
        nobody knows whether the change was made.
        """
        self.tries += 1
        if isinstance(error, Conflict | KeyTaken):
            if self.tries >= TRIES or time.monotonic() > self._until:
                raise TooBusy(self._action, self.tries) from error
        elif isinstance(error, Retryable) and self._repeatable:
            self._lost += 1
            if self._lost > RETRIES_AFTER_LOSS:
                raise error
        else:
            raise error
        ceiling = min(LONGEST_WAIT, FIRST_WAIT * 2**self.tries)
        return random.uniform(0, ceiling)
