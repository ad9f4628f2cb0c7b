"""What a review is made of: plain text taken from a record and its journal, nothing invented."""

from __future__ import annotations

from typing import TypeAlias

import attrs

from incidentkit.views.timeline import Line

Rows: TypeAlias = tuple[tuple[str, ...], ...]
Pairs: TypeAlias = tuple[tuple[str, str], ...]


@attrs.frozen
class ReviewPage:
    """The facts of an incident for those who will learn from it.

    Texts are one printable line each and not escaped; `to_markdown` and `to_html` escape them. What
    people wrote themselves comes from the review record, where there is one.

    - `facts`: (name, value)
    - `durations`: (from, to, took, of which on hold, without holds)
    - `timeline`: every entry
    - `people`: (name, part)
    - `decisions`: (time, decision, why, rule)
    - `targets`: (target, due, result)
    - `communication` and `alerts`: (time, what)
    - `problems`: (reference, state, cause, workaround)
    - `remedy`: (name, value)
    - `sections`: (heading, text of people, lines kept); the headings nobody wrote under are empty
    - `follow_ups`: (id, title, owner, kind, due, state)
    - `record`: (name, value) of the review record itself: its reference, state, owner, approval
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
    record: Pairs = ()
    public: bool = False
