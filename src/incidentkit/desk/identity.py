"""Where ids, tokens and salts come from: the only rolls of the dice in the library."""

from __future__ import annotations

import os
import time
from threading import Lock
from typing import Protocol


class Ids(Protocol):
    """Makes ids, answer tokens and salts. Tests and hosts may bring their own."""

    def new_id(self) -> str:
        """A fresh id; ids made later sort later, so that indexes stay local."""
        ...

    def new_token(self) -> str:
        """A fresh secret of at least 128 bits."""
        ...

    def new_salt(self) -> str:
        """A fresh salt of at least 64 bits, in hexadecimal."""
        ...


class TimeOrderedIds:
    """Ids of 128 bits: milliseconds, a counter within them, and chance (after UUID version 7)."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._last = 0
        self._salts: list[str] = []
        self._pid = os.getpid()

    def new_id(self) -> str:
        """32 hex digits that rise even within one millisecond of one process."""
        with self._lock:
            stamp = max(time.time_ns() // 1_000_000 << 12, self._last + 1)
            self._last = stamp
        return f"{stamp:015x}{os.urandom(8).hex()}0"

    def new_token(self) -> str:
        """32 hex digits of pure chance."""
        return os.urandom(16).hex()

    def new_salt(self) -> str:
        """32 hex digits of pure chance; drawn by the hundred, since each draw is a system call.

        A forked child draws its own: a salt that two entries share could give away, by the one,
        what was redacted in the other.
        """
        if self._pid != os.getpid():
            self._pid, self._salts = os.getpid(), []
        try:
            return self._salts.pop()
        except IndexError:
            drawn = os.urandom(1600).hex()
            fresh = [drawn[at : at + 32] for at in range(0, len(drawn), 32)]
            salt = fresh.pop()
            self._salts = fresh
            return salt
