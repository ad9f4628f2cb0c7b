"""`[matrix]`: which priority each pair of impact and urgency has."""

from __future__ import annotations

from functools import partial

from incidentkit.model.frozen import FrozenMap
from incidentkit.model.words import Priority
from incidentkit.policy.merging import MATRICES
from incidentkit.policy.table import Table
from incidentkit.rules.prioritise import Matrix

ABOUT = {
    "": "Priorities as data: one for every pair of impact and urgency.",
    "use": "One that comes with the library, with the alert levels that fit it; other keys beside "
    "it say what differs.",
    "name": "What explanations call it.",
    "impacts": "The levels of impact, in order.",
    "urgencies": "The levels of urgency, in order.",
    "worst": "Which end of both scales is the worst.",
    "assume": "What stands in for an unknown level: a level of both scales, or impact/urgency. "
    "The priority is then provisional.",
    "cells": "Impact to urgency to P1..P5, one for every pair; written as a whole.",
    "cells.*": "The priorities of one impact.",
    "cells.*.*": "The priority of this impact and urgency.",
}
PRIORITIES = tuple(Priority.__members__)
SPARE = Matrix("", ("medium",), ("medium",), FrozenMap({"medium/medium": "P3"}))
"""Stands in for a matrix that cannot be used, while the rest of the document is read."""


def read(table: Table) -> Matrix:
    """The matrix, or SPARE where it has holes or leaves its scales."""
    _ = table.choice("use", ("", *MATRICES), "")  # a known one was put in its place by merging
    name = table.text("name", "default")
    before = len(table.problems)
    impacts = table.texts("impacts")
    urgencies = table.texts("urgencies")
    if table.choice("worst", ("first", "last"), "first") == "last":
        impacts, urgencies = impacts[::-1], urgencies[::-1]
    assume = table.text("assume", "medium")
    rows = table.table("cells")
    # What cannot be read has no levels, and to blame the rest for that would be untrue.
    told = len(table.problems) > before or not table.sound
    cells: dict[str, str] = {}
    for impact in rows:
        row = rows.table(impact)
        for urgency in row:
            cells[f"{impact}/{urgency}"] = row.choice(urgency, PRIORITIES, "P3")
    table.done()
    if told:
        return SPARE
    make = partial(Matrix, name, impacts, urgencies, FrozenMap(cells), assume)
    return table.made("cells", make, SPARE)
