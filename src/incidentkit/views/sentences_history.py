"""One sentence for each entry of an imported history."""

from __future__ import annotations

from incidentkit.model.history import Imported, RowImported
from incidentkit.model.journal import Event
from incidentkit.views.sentences_life import Sentence
from incidentkit.views.text import Teller, listing, name, plain, quoted, words


def _row(v: RowImported, t: Teller) -> str:
    """What the row said that no other entry tells; a row that says nothing was only saved."""
    figures = v.figures
    counted = ()
    if figures is not None and v.row > 1:
        counted = (
            f"reopened {figures.reopened}",
            f"reassigned {figures.reassigned}",
            "" if figures.met_sla is None else f"SLA {'met' if figures.met_sla else 'missed'}",
        )
    status = f"status {quoted(v.status)}" if v.status else ""
    stated = tuple(f"{plain(key)} {plain(value)}" for key, value in v.stated.items())
    reporter = f"reporter {name(v.reporter)}" if v.reporter else ""
    said = listing((status, reporter, *stated, *counted)) or "nothing new"
    return f"{t.who} saved it in {name(v.source)} (row {v.row}): {said}"


def _imported(v: Imported, t: Teller) -> str:
    hold = f", {plain(v.reason)}, waiting for {name(v.court)}" if v.reason else ""
    return (
        f"{t.who} moved it to {words(v.to)}{hold} ({plain(v.said)}), "
        f"which the life-cycle does not have from {words(v.was)}"
    )


HISTORY: dict[type[Event], Sentence] = {RowImported: _row, Imported: _imported}
"""Event -> its sentence."""
