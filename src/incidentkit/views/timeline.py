"""The timeline: every journal entry of a record as one sentence, in the order it happened.

Nothing is left out (pages fold what was saved for nothing, see `incidentkit.views.folding`). A
redacted entry says that it was redacted, and an event without a sentence of its own is named, so
that a gap in the numbers can only mean a gap in what was handed in.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import attrs

from incidentkit.model import incident_events as e
from incidentkit.model.history import RowImported
from incidentkit.model.journal import Event, JournalEntry
from incidentkit.model.replayed import NO_FIGURES
from incidentkit.timing.instants import show_instant
from incidentkit.views.sentences_access import ACCESS
from incidentkit.views.sentences_automation import AUTOMATION
from incidentkit.views.sentences_findings import FINDINGS
from incidentkit.views.sentences_history import HISTORY, NOTHING, changed, said
from incidentkit.views.sentences_hosting import HOSTING
from incidentkit.views.sentences_known_error import KNOWN_ERROR
from incidentkit.views.sentences_life import LIFE, Sentence
from incidentkit.views.sentences_overlays import OVERLAYS
from incidentkit.views.sentences_planned import PLANNED
from incidentkit.views.sentences_problem import PROBLEM
from incidentkit.views.sentences_relation import RELATION
from incidentkit.views.sentences_review import REVIEW
from incidentkit.views.sentences_scope import SCOPE
from incidentkit.views.sentences_talk import TALK
from incidentkit.views.text import Teller, plain, who, words

SENTENCES: dict[type[Event], Sentence] = {
    **LIFE,
    **TALK,
    **PROBLEM,
    **AUTOMATION,
    **REVIEW,
    **OVERLAYS,
    **KNOWN_ERROR,
    **PLANNED,
    **RELATION,
    **HISTORY,
    **HOSTING,
    **SCOPE,
    **FINDINGS,
    **ACCESS,
}
"""Every event of a record that people read, and the function that puts it into words."""

_CLOCKS = (e.ClockMoved, e.ClockWarned, e.ClockBreached)
"""What time brings about, whatever was saved."""


@attrs.frozen
class Line:
    """One entry in words. `by` is who did it, empty where the entry was redacted.

    It prints as one sentence: the instant with its offset, then what happened.
    """

    at: datetime
    by: str
    text: str
    seq: int
    kind: str

    def __str__(self) -> str:
        """The line as it is printed."""
        return f"{show_instant(self.at)}  {self.text}"


@attrs.frozen
class SavedRow(Line):
    """A row of a replayed history in which nothing new was saved."""

    source: str
    row: int


def timeline(entries: Iterable[JournalEntry]) -> tuple[Line, ...]:
    """One line for each entry, in the order given."""
    known = tuple(entries)
    figures = NO_FIGURES
    told: list[Line] = []
    for number, entry in enumerate(known):
        event = None if entry.recorded is None else entry.recorded.event
        if not isinstance(event, RowImported) or entry.recorded is None:
            told.append(line(entry))
            continue
        row = changed(event, figures)
        figures = event.figures or figures
        each = line(attrs.evolve(entry, recorded=attrs.evolve(entry.recorded, event=row)))
        if not said(row) and not _changed_more(known, number):
            text = f"{each.text}: {NOTHING}"
            each = SavedRow(
                each.at, each.by, text, each.seq, each.kind, plain(event.source), event.row
            )
        told.append(each)
    return tuple(told)


def _changed_more(entries: Sequence[JournalEntry], number: int) -> bool:
    """Whether other entries than those of clocks came of the row that stands there."""
    at = entries[number].at
    for entry in entries[number + 1 :]:
        event = None if entry.recorded is None else entry.recorded.event
        if entry.at != at or isinstance(event, RowImported):
            return False
        if not isinstance(event, _CLOCKS):
            return True
    return False


def line(entry: JournalEntry) -> Line:
    """One entry as a line."""
    recorded = entry.recorded
    kind = plain(entry.kind)
    if recorded is None:
        return Line(entry.at, "", f"this entry was redacted ({words(kind)})", entry.seq, kind)
    by = who(recorded)
    tell = SENTENCES.get(type(recorded.event))
    if tell is None:
        text = f"{by}: {words(kind)}"
    else:
        text = tell(recorded.event, Teller(by, entry.at, recorded))
    return Line(entry.at, by, text, entry.seq, kind)
