"""One sentence for each entry of an imported history."""

from __future__ import annotations

import attrs

from incidentkit.model.history import Imported, RowImported
from incidentkit.model.journal import Event
from incidentkit.model.replayed import NO_FIGURES, Figures
from incidentkit.views.sentences_life import Sentence
from incidentkit.views.text import Teller, listing, name, plain, quoted, words

NOTHING = "nothing new"


def said(v: RowImported) -> str:
    """What a row said that no other entry tells."""
    figures = v.figures or NO_FIGURES
    counted = (
        f"reopened {times(figures.reopened)} so far" if figures.reopened else "",
        f"reassigned {times(figures.reassigned)} so far" if figures.reassigned else "",
        "its SLA missed" if figures.met_sla is False else "",
    )
    status = f"status {quoted(v.status)}" if v.status else ""
    stated = tuple(f"{plain(key)} {plain(value)}" for key, value in v.stated.items())
    reporter = f"reporter {name(v.reporter)}" if v.reporter else ""
    return listing((status, reporter, *stated, *counted))


def _row(v: RowImported, t: Teller) -> str:
    """Of a row that says nothing by itself only that it was saved: what it changed follows."""
    told = said(v)
    return f"{t.who} saved it in {name(v.source)} (row {v.row}){f': {told}' if told else ''}"


def changed(v: RowImported, before: Figures) -> RowImported:
    """The row with those of its figures alone that are others than before."""
    now = v.figures
    if now is None:
        return v
    fresh = Figures(
        now.reopened if now.reopened != before.reopened else 0,
        now.reassigned if now.reassigned != before.reassigned else 0,
        now.met_sla if now.met_sla != before.met_sla else None,
        now.resolved_at,
    )
    return attrs.evolve(v, figures=fresh)


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
