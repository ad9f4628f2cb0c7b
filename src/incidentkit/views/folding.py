"""Runs of rows in which nothing new was saved, as one line each: for pages that people read.

A replayed case was often saved many times for nothing; forty such lines hide the three that matter.
The journal, `Desk.timeline` and JSON keep every one of them.
"""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from incidentkit.views.sentences_history import NOTHING
from incidentkit.views.text import many, name, near
from incidentkit.views.timeline import Line, SavedRow

MOST_NAMES = 3
"""How many people a folded line names."""


def folded(lines: Iterable[Line]) -> tuple[Line, ...]:
    """The same lines, two or more such rows side by side as one.

    It stands at the first of them, and says how many there were and until when.
    """
    told: list[Line] = []
    run: list[SavedRow] = []
    for each in lines:
        if isinstance(each, SavedRow):
            run.append(each)
        else:
            told += [*_one(run), each]
            run = []
    return (*told, *_one(run))


def _one(run: list[SavedRow]) -> list[Line]:
    if len(run) < 2:
        return [*run]
    first, last = run[0], run[-1]
    by = list(dict.fromkeys(each.by for each in run))
    left = len(by) - MOST_NAMES
    people = ", ".join(by[:MOST_NAMES]) + (f" and {many(left, 'other')}" if left > 0 else "")
    # The order of the file rules, even where its times step back.
    least, most = min(each.at for each in run), max(each.at for each in run)
    between = "" if least == most else f" between {near(least, first.at)} and {near(most, least)}"
    to = "and" if len(run) == 2 else "to"
    text = (
        f"{people} saved it {len(run)} times in {name(first.source)}{between} "
        f"(rows {first.row} {to} {last.row}): {NOTHING}"
    )
    return [attrs.evolve(first, text=text)]
