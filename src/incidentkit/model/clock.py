"""Targets and clocks: a duty owed to someone, and its running instance on one record."""

from __future__ import annotations

from datetime import datetime

import attrs

from incidentkit.model import checks
from incidentkit.model.words import ClockState
from incidentkit.timing.intervals import Interval


@attrs.frozen
class Clock:
    """One target running on one incident; computed anew from intervals at every change.

    `due_at` is None while it is paused with no end in sight or dormant. `history` has its last
    due dates, oldest first (all of them stand in the journal); `warned_at` and `breached_at` are
    flags that stay.
    """

    target: str = attrs.field(validator=checks.name)
    state: ClockState
    started_at: datetime | None
    due_at: datetime | None
    warn_at: datetime | None = None
    warned_at: datetime | None = None
    breached_at: datetime | None = None
    stopped_at: datetime | None = None
    pauses: tuple[Interval, ...] = ()
    history: tuple[datetime, ...] = ()
