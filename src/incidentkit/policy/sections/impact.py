"""`[impact.DIMENSION]`: the scale of each dimension of impact, and what each level amounts to."""

from __future__ import annotations

from functools import partial

from incidentkit.model.frozen import FrozenMap
from incidentkit.model.words import UNKNOWN
from incidentkit.policy.sections.matrix import SPARE
from incidentkit.policy.table import Table
from incidentkit.rules.dossier_terms import LEVELS, Dimension, spread
from incidentkit.rules.prioritise import Matrix

ABOUT = {
    "": "How far an incident reaches, judged in several dimensions that fold into its impact.",
    "*": "One dimension.",
    "*.levels": "Its scale, the worst first.",
    "*.fold": "The impact of each level; left out, the levels are spread evenly over the impacts "
    "of the matrix, and 'none' is the least.",
    "*.fold.*": "The impact of this level: one of the matrix.",
    "*.description": "What is judged here, for people.",
}


def read(tables: Table, matrix: Matrix) -> FrozenMap[str, Dimension]:
    """The dimensions by name; their folds must fit the matrix."""
    found: dict[str, Dimension] = {}
    for name, table in tables.named():
        levels = table.names("levels", LEVELS)
        _check(table, levels)
        fold = _fold(table.table("fold"), levels, matrix)
        description = table.text("description")
        table.done()
        if set(fold) >= set(levels):
            found[name] = Dimension(name, levels, fold, description)
    return FrozenMap(found)


def _check(table: Table, levels: tuple[str, ...]) -> None:
    if not levels:
        table.wrong("levels", "must have at least one level")
    if UNKNOWN in levels:
        table.wrong("levels", "must not have 'unknown', which every scale has beside it")
    if len(set(levels)) != len(levels):
        table.wrong("levels", "has a level twice")


def _fold(table: Table, levels: tuple[str, ...], matrix: Matrix) -> FrozenMap[str, str]:
    """The fold as written, or the levels spread over the matrix."""
    written = {level: table.text(level) for level in table.among(levels)}
    table.done()
    if not written:
        return spread(levels, matrix.impacts) if levels else FrozenMap()
    if missing := [level for level in levels if level not in written]:
        table.wrong("", f"has no impact for {', '.join(missing)}")
    if matrix is not SPARE:
        for level, impact in written.items():
            _ = table.made(level, partial(matrix.check, "impact", impact), "")
            if impact == UNKNOWN:
                table.wrong(level, "must be an impact; a level that is known says how bad it is")
    return FrozenMap(written)
