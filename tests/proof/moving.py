"""A time that the experiment moves, and that every process of it reads: one file, eight bytes."""

from __future__ import annotations

import mmap
import struct
from datetime import datetime, timedelta
from pathlib import Path

from incidentkit.timing.instants import from_micros, to_micros

SIZE = struct.calcsize("q")


class SharedTime:
    """A TimeSource for desks, and by `micros` the `now` of stores; `ahead` is added for one's own.

    The file is made where it is not there, and stands at `start`.
    """

    def __init__(self, path: Path, start: datetime | None = None) -> None:
        self.path = path
        if start is not None:
            path.write_bytes(struct.pack("q", to_micros(start)))
        with path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), SIZE)
        self.ahead = timedelta()

    def micros(self) -> int:
        """Microseconds since 1970."""
        at: int = struct.unpack("q", self._map[:SIZE])[0]
        return at + self.ahead // timedelta(microseconds=1)

    def now(self) -> datetime:
        """The instant."""
        return from_micros(self.micros())

    def move(self, **by: float) -> None:
        """Let time pass for all who read it; or back, if negative."""
        moved = self.micros() + timedelta(**by) // timedelta(microseconds=1)
        self._map[:SIZE] = struct.pack("q", moved)

    def close(self) -> None:
        """Let go of the file."""
        self._map.close()
