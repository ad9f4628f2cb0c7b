"""How far the history of a case elsewhere was brought into an incident, and what it came to.

It stands on the record so that the next import goes on where the last one ended, and so that the
source's own figures can be reported when its file is gone.
"""

from __future__ import annotations

from datetime import datetime

import attrs

from incidentkit.model import checks
from incidentkit.model.frozen import FrozenMap


@attrs.frozen
class Figures:
    """What the source counts by itself, as last stated.

    `reopened` and `reassigned` are its counters, `met_sla` its flag (None: not stated), and
    `resolved_at` when it says the case was resolved, which may lie ahead of the row that says so.
    """

    reopened: int = 0
    reassigned: int = 0
    met_sla: bool | None = None
    resolved_at: datetime | None = attrs.field(default=None, validator=checks.optional_utc)


NO_FIGURES = Figures()
NO_MOVES: FrozenMap[str, int] = FrozenMap()


@attrs.frozen
class Replayed:
    """Where the history of one case stands.

    `row` is the number of the case's last row that was taken over, counted from 1, and `at` that
    row's own time: together they tell a history that goes on from another one. `status` is the
    status in the source's word. `moves` counts changes of that word (`From -> To`), `outside`
    those that the life-cycle has no move for. `ever_reopened`: its counter was once above zero.
    """

    source: str
    case: str
    row: int
    at: datetime = attrs.field(validator=checks.utc)
    status: str = ""
    figures: Figures = NO_FIGURES
    ever_reopened: bool = False
    moves: FrozenMap[str, int] = NO_MOVES
    outside: FrozenMap[str, int] = NO_MOVES
