"""What a review is made of: plain text taken from a record and its journal, nothing invented."""

from __future__ import annotations

from typing import TypeAlias

import attrs

from incidentkit.model.review import Section
from incidentkit.views.timeline import Line

Rows: TypeAlias = tuple[tuple[str, ...], ...]
Pairs: TypeAlias = tuple[tuple[str, str], ...]


HEADINGS = {
    Section.SUMMARY: "Summary",
    Section.CONTRIBUTING_FACTORS: "Contributing factors",
    Section.WENT_WELL: "What went well",
    Section.WENT_BADLY: "What did not go well",
    Section.LESSONS: "Lessons",
}
"""What each section that people write is headed."""


@attrs.frozen
class Review:
    """The facts of an incident for those who will learn from it.

    Texts are not escaped; whatever makes a page of them escapes them. What people must write
    themselves stands in `sections` and `follow_ups`, empty while there is no record of a review.

    - `facts`: (name, value)
    - `durations`: (from, to, took, of which on hold, without holds)
    - `timeline`: every entry
    - `people`: (name, part)
    - `decisions`: (time, decision, why, rule)
    - `targets`: (target, due, result)
    - `communication` and `alerts`: (time, what)
    - `problems`: (reference, state, cause, workaround)
    - `remedy`: (name, value)
    - `sections`: (heading, text of several lines)
    - `follow_ups`: (id, what, kind, owner, due, state, link)
    - `status`: where the record of the review stands; empty without one
    - `public`: it may be read by everybody, and says nothing of people
    """

    ref: str
    title: str
    facts: Pairs = ()
    durations: Rows = ()
    timeline: tuple[Line, ...] = ()
    people: Pairs = ()
    decisions: Rows = ()
    targets: Rows = ()
    communication: Pairs = ()
    alerts: Pairs = ()
    problems: Rows = ()
    remedy: Pairs = ()
    sections: Pairs = ()
    follow_ups: Rows = ()
    status: str = ""
    public: bool = False
