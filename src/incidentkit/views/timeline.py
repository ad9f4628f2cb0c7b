"""The timeline: every journal entry of a record as one sentence, in the order it happened.

Nothing is left out. A redacted entry says that it was redacted, and an event without a sentence of
its own is named, so that a gap in the numbers can only mean a gap in what was handed in.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import attrs

from incidentkit.model.journal import Event, JournalEntry
from incidentkit.timing.instants import show_instant
from incidentkit.views.sentences_automation import AUTOMATION
from incidentkit.views.sentences_findings import FINDINGS
from incidentkit.views.sentences_history import HISTORY
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
    **SCOPE,
    **FINDINGS,
}
"""Every event of a record that people read, and the function that puts it into words."""


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


def timeline(entries: Iterable[JournalEntry]) -> tuple[Line, ...]:
    """One line for each entry, in the order given."""
    return tuple(line(entry) for entry in entries)


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
