"""One sentence for each entry of an imported history."""

from __future__ import annotations

from incidentkit.model.history import Imported, RowImported
from incidentkit.model.journal import Event
from incidentkit.model.replayed import NO_FIGURES
from incidentkit.views.sentences_life import Sentence
from incidentkit.views.text import Teller, listing, name, plain, quoted, words


def _row(v: RowImported, t: Teller) -> str:
    """What the row said that no other entry tells; a row that says nothing was only saved."""
    figures = v.figures or NO_FIGURES
    counted = (
        f"reopened {times(figures.reopened)}" if figures.reopened else "",
        f"reassigned {times(figures.reassigned)}" if figures.reassigned else "",
        "its SLA missed" if figures.met_sla is False else "",
    )
    status = f"status {quoted(v.status)}" if v.status else ""
    stated = tuple(f"{plain(key)} {plain(value)}" for key, value in v.stated.items())
    reporter = f"reporter {name(v.reporter)}" if v.reporter else ""
    said = listing((status, reporter, *stated, *counted)) or "nothing new"
    return f"{t.who} saved it in {name(v.source)} (row {v.row}): {said}"


def times(number: int) -> str:
    """How often, in words: `once`, `3 times`."""
    return "once" if number == 1 else f"{number} times"


def _imported(v: Imported, t: Teller) -> str:
    hold = f", {plain(v.reason)}, waiting for {name(v.court)}" if v.reason else ""
    return (
        f"{t.who} moved it to {words(v.to)}{hold} ({plain(v.said)}), "
        f"which the life-cycle does not have from {words(v.was)}"
    )


HISTORY: dict[type[Event], Sentence] = {RowImported: _row, Imported: _imported}
"""Event -> its sentence."""
