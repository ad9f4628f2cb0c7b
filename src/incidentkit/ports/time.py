"""What time it is: the one place that may answer."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class TimeSource(Protocol):
    """Tells the time. Tests move one of these, and everything follows."""

    def now(self) -> datetime:
        """The present instant, aware and in UTC."""
        ...
