"""How often a flow is made anew when another change came first, and how long to wait between."""

from __future__ import annotations

import random
import time
from threading import Lock

from incidentkit.errors import Conflict, KeyTaken, Retryable, StoreError, TooBusy

TRIES = 500
"""64 threads on one record were seen to need 16, and on a busy machine more than 50; so it is the
deadline that ends a call, and this only what does not wait."""
FIRST_WAIT, LONGEST_WAIT = 0.001, 0.05
PASSING = (Conflict, KeyTaken, Retryable)
"""Failures that may be gone at the next try."""
RETRIES_AFTER_LOSS = 3
CROWD = 4
"""Conflicts after which a call tries only when it is its turn, one such call of a desk at a time.

Without turns, 64 threads on one record spend their time on decisions that are stale when they are
made, and the unluckiest reaches its deadline.
"""
LOOK_AGAIN = 0.01
"""Seconds after which it looks whether it is its turn."""
PATIENCE = 2.0
"""Seconds for which it waits for its turn: the one whose turn it is may hang in a plugin."""


class Attempts:
    """The tries of one call. Each failure is either waited out or raised.

    Each try is made in `with`, which gives back the turn where it was one's turn.
    """

    def __init__(self, action: str, deadline: float, turn: Lock, *, repeatable: bool) -> None:
        self._turn = turn
        self._has_turn = False
        self._patient_until = 0.0
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
        self._patient_until = time.monotonic() + PATIENCE
        ceiling = min(LONGEST_WAIT, FIRST_WAIT * 2**self.tries)
        return random.uniform(0, ceiling)

    def waits(self) -> bool:
        """Whether others come first: it is a crowd, and not this call's turn."""
        if self.tries < CROWD:
            return False
        self._has_turn = self._turn.acquire(blocking=False)
        return not self._has_turn and time.monotonic() < self._patient_until

    def __enter__(self) -> None:
        """Make one try."""

    def __exit__(self, *_: object) -> None:
        """Let the next one have its turn."""
        if self._has_turn:
            self._has_turn = False
            self._turn.release()
