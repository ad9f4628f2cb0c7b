"""What is going on: who has what, what nobody has, what is late next. For a wall or a morning.

Every list is bounded and says how many there are; the lists hold incidents, the table shows them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import attrs

from incidentkit.flows.overviewing import Counts, Gathered, Section
from incidentkit.model.incident import Incident
from incidentkit.model.words import ClockState
from incidentkit.timing.instants import show_instant
from incidentkit.views.text import many, name, plain, rough, words

TITLES = {
    "mine": "Mine",
    "team": "My team's",
    "majors": "Major incidents",
    "unacknowledged": "Unacknowledged",
    "late_next": "Late next",
    "unassigned": "Without an assignee",
    "unowned": "Without an owner",
    "candidates": "Candidates waiting",
    "quiet": "Morning queue: cleared, nobody looked",
    "on_hold": "On hold",
}
"""How each list is called, by its name."""

COLUMNS = ("ref", "priority", "state", "assignee", "due", "title")
COURTS = 8
"""Courts that are named in the table; the counts have all of them."""
_TICKING = (ClockState.RUNNING, ClockState.PAUSED)


@attrs.frozen
class Overview:
    """Lists of incidents that are not over, as they stood `at` an instant.

    `for_` is the person whose lists come first, if one was named.
    """

    at: datetime
    for_: str | None
    sections: tuple[Section, ...]
    counts: tuple[Counts, ...]

    def section(self, name: str) -> Section:
        """One list by its name; an empty one where this overview does not have it."""
        return next((x for x in self.sections if x.name == name), Section(name, 0, ()))

    def counted(self, name: str) -> Counts:
        """Counts by `priority`, `state` or `court`."""
        return next((x for x in self.counts if x.name == name), Counts(name, ()))

    @property
    def active(self) -> int:
        """How many incidents are not over, candidates aside."""
        return sum(number for _, number in self.counted("priority").values)

    def __str__(self) -> str:
        """The whole overview as plain text."""
        return "\n".join(lines(self))


def overview(gathered: Gathered, person: str | None) -> Overview:
    """An overview of what was gathered."""
    return Overview(gathered.at, person, gathered.sections, gathered.counts)


def headline(of: Overview) -> str:
    """The state of things in one sentence."""
    whose = f" for {name(of.for_)}" if of.for_ else ""
    priorities = ", ".join(f"{number} {value}" for value, number in of.counted("priority").values)
    said = f": {priorities}" if priorities else ""
    return f"{show_instant(of.at)}{whose}  {many(of.active, 'incident')} not over{said}"


def courts(of: Overview) -> str:
    """In whose court the ball is, or nothing."""
    found = of.counted("court").values
    said = [f"{name(court)} {number}" for court, number in found[:COURTS]]
    if len(found) > COURTS:
        said.append(f"{len(found) - COURTS} others {sum(n for _, n in found[COURTS:])}")
    return f"waiting for: {', '.join(said)}" if said else ""


def heading(section: Section) -> str:
    """The title of a list with its number."""
    shown = len(section.items)
    more = f", the first {shown}" if shown < section.count else ""
    return f"{TITLES.get(section.name, words(section.name))} ({section.count}{more})"


def row(incident: Incident, now: datetime) -> tuple[str, ...]:
    """One incident of a list, in the order of `COLUMNS`."""
    return (
        plain(incident.ref),
        f"{incident.priority}{'?' if incident.rating.provisional else ''}",
        f"{words(incident.status)}{' (candidate)' if incident.life.candidate else ''}",
        plain(incident.assignee or "-", 40),
        _due(incident, now),
        plain(incident.title, 80),
    )


def _due(incident: Incident, now: datetime) -> str:
    due = [x.due_at for x in incident.clocks if x.state in _TICKING and x.due_at is not None]
    if not due:
        return "-"
    left = min(due) - now
    return f"late by {rough(-left)}" if min(due) < now else f"in {rough(left)}"


def lines(of: Overview) -> list[str]:
    """The overview line by line, as it is printed where there is no page."""
    said = [headline(of)]
    for section in of.sections:
        if section.count:
            said += ["", heading(section), *_table([row(x, of.at) for x in section.items])]
            if section.name == "on_hold" and courts(of):
                said.append(f"  {courts(of)}")
    if of.active == 0 and not any(section.count for section in of.sections):
        said.append("nothing is going on")
    return said


def _table(rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(COLUMNS, *rows, strict=True)]
    return [
        "  "
        + "  ".join(f"{cell:{width}}" for cell, width in zip(each, widths, strict=True)).rstrip()
        for each in (COLUMNS, *rows)
    ]
