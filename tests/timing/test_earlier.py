"""Going back in time ends at the beginning of the calendar, not in an error of Python's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from incidentkit.timing.instants import earlier

Open = Callable[..., Any]
FIRST = datetime(1, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "by", "then"),
    [
        (FIRST, timedelta(days=30), FIRST),
        (FIRST + timedelta(days=40), timedelta(days=30), FIRST + timedelta(days=10)),
        (datetime(2026, 3, 1, tzinfo=UTC), timedelta.max, FIRST),
        (datetime(2026, 3, 1, tzinfo=UTC), timedelta(0), datetime(2026, 3, 1, tzinfo=UTC)),
    ],
)
def test_earlier(at: datetime, by: timedelta, then: datetime) -> None:
    assert earlier(at, by) == then
