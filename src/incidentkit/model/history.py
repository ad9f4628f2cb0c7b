"""A ticketing system's history: one row of a case, made ready to be brought into a record.

A row is a snapshot of a case as another system kept it. What stands here is what a row says
*beyond* the rows before it, in our words where we have them and in the source's where we do not.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import attrs

from incidentkit.model import checks
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.signals import NO_TEXTS, Texts
from incidentkit.model.words import State


@attrs.frozen
class Figures:
    """What the source counts by itself, as last stated; kept so that its own report can be made.

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
    """How far the history of a case elsewhere was brought into a record, and what it came to.

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


@attrs.frozen
class Standing:
    """A status of the source: its word, the category it belongs to, and what a hold waits for."""

    word: str
    state: State
    reason: str = ""
    court: str = ""


@attrs.frozen
class End:
    """How a case ended as far as a row of it may know: code, and when, in the source's words.

    An instant that lies ahead of the row is left out: it is no event yet.
    """

    code: str = ""
    resolved_at: datetime | None = None
    closed_at: datetime | None = None


@attrs.frozen
class Opening:
    """The beginning of a case: when and by whom it was opened, and whether the row says so."""

    at: datetime
    by: str


@attrs.frozen(repr=False, eq=False)
class HistoryRow:
    """What one row of a case says that the rows before it did not.

    `fields` holds our fields that it states anew (title, service, reporter, category, assignee,
    owner, impact, urgency, priority); `labels` all labels once one of them has changed; `stated`
    what no field of ours takes, by column. `standing` is None while the status word is the same.
    `end` is given on rows whose status says that the case has ended.
    """

    source: str
    case: str
    number: int
    at: datetime
    by: str
    opening: Opening
    standing: Standing | None
    fields: Mapping[str, str]
    labels: Texts | None = None
    stated: Texts = NO_TEXTS
    figures: Figures | None = None
    end: End | None = None
