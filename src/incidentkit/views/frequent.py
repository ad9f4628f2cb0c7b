"""What comes often, as tables: recurrences, and Pareto's two orders."""

from __future__ import annotations

from collections.abc import Sequence

from incidentkit.rules.pareto import Pareto, ParetoRow
from incidentkit.rules.recur import Recurrence
from incidentkit.views.text import plain, span

RECURRING = ("score", "count", "down", "problem", "alike in", "incidents")
"""The columns of `recurring_row`, in order."""
PARETO = ("group", "count", "down", "share", "running", "incidents")
"""The columns of `pareto_row`, in order."""
_SHOWN = 6


def recurring_row(found: Recurrence) -> tuple[str, ...]:
    """One recurrence, in the order of `RECURRING`; the score is in hundredths of the minimum."""
    alike = ", ".join(f"{plain(key)} {plain(value, 60)}" for key, value in found.keys.items())
    return (
        f"{found.score // 10} %",
        str(found.count),
        span(found.downtime),
        ", ".join(map(plain, found.problems)) or "-",
        f"{alike} ({plain(found.rule, 60)})",
        some(found.incidents),
    )


def pareto_row(row: ParetoRow) -> tuple[str, ...]:
    """One group, in the order of `PARETO`; shares in percent with one decimal."""
    return (
        plain(row.group, 60) or "(not said)",
        str(row.count),
        span(row.downtime),
        percent(row.share),
        percent(row.running),
        some(row.incidents),
    )


def pareto_title(found: Pareto, order: str) -> str:
    """What a table of Pareto is about."""
    return (
        f"{found.count} incidents by {plain(found.by)}, {span(found.downtime)} down, "
        f"in the order of {order}"
    )


def percent(mille: int) -> str:
    """A share per mille as percent."""
    return f"{mille // 10}.{mille % 10} %"


def some(refs: Sequence[str]) -> str:
    """The first few references, and how many more there are."""
    more = len(refs) - _SHOWN
    shown = ", ".join(map(plain, refs[:_SHOWN]))
    return f"{shown} and {more} more" if more > 0 else shown
