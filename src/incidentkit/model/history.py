"""A ticketing system's history: a row of a case made ready, and what becomes of it in a journal.

A row is a snapshot of a case as another system kept it. What stands in a `HistoryRow` is what it
says *beyond* the rows before it, in our words where we have them and in the source's where not.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import attrs

from incidentkit.model.journal import Event
from incidentkit.model.replayed import Figures
from incidentkit.model.signals import NO_TEXTS, Texts
from incidentkit.model.words import State


@attrs.frozen
class Standing:
    """A status of the source: its word, the category it belongs to, and what a hold waits for."""

    word: str
    state: State
    reason: str = ""
    court: str = ""


@attrs.frozen
class End:
    """How a case ended as far as a row of it may know: the code, and when.

    An instant that lies ahead of the row is left out: it is no event yet.
    """

    code: str = ""
    resolved_at: datetime | None = None
    closed_at: datetime | None = None


@attrs.frozen
class Opening:
    """The beginning of a case: when it was opened, and by whom."""

    at: datetime
    by: str


@attrs.frozen(repr=False, eq=False)
class HistoryRow:
    """What one row of a case says that the rows before it did not.

    `fields` holds our fields that it states anew (title, service, reporter, category, assignee,
    team, owner, impact, urgency, priority); `labels` all labels once one of them has changed;
    `stated` what no field of ours takes, by column. `standing` is None while the status word is
    the same. `end` is given on rows whose status says that the case has ended.
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


@attrs.frozen(repr=False)
class RowImported(Event):
    """A row of the case's history was taken over; its entries follow, at the row's own time.

    `row` counts the rows of the case from 1. `status` is the source's word where it changed,
    `stated` what else it says that has no field here, by its column. `figures` stand where one of
    them changed, `reporter` where another one is named than at first.
    """

    source: str
    case: str
    row: int
    status: str = ""
    stated: Texts = NO_TEXTS
    figures: Figures | None = None
    reporter: str | None = None


@attrs.frozen(repr=False)
class Imported(Event):
    """The source moved the case as the life-cycle would not have; the record stands there now.

    `said` is the move in the source's words; `reason` and `court` belong to a hold.
    """

    to: State
    was: State
    said: str
    reason: str = ""
    court: str = ""
