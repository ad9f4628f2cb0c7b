"""Commands and events beyond those of every day, by the noun that they belong to.

Whoever only declares, pages and resolves never imports them: a frozen class costs a third of a
millisecond at import, and there are many.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import cast

from incidentkit.model import incident_commands as c
from incidentkit.model.journal import Event
from incidentkit.model.words import State
from incidentkit.rules.table import Decide, Evolve, Move, Part

_MODEL, _RULES = "incidentkit.model", "incidentkit.rules"

HOMES: dict[str, str] = {
    "incidentkit.model.automation": "incidentkit.rules.tell_automation",
    "incidentkit.model.review_changes": "incidentkit.rules.review_evolve",
    f"{_MODEL}.scope_changes": f"{_RULES}.reach",
    f"{_MODEL}.impact_changes": f"{_RULES}.assess",
    f"{_MODEL}.fact_changes": f"{_RULES}.assert_facts",
    f"{_MODEL}.findings_changes": f"{_RULES}.investigate",
    f"{_MODEL}.attachment_changes": f"{_RULES}.attach",
    "incidentkit.model.major_changes": "incidentkit.rules.major",
    "incidentkit.model.public_changes": "incidentkit.rules.public",
    "incidentkit.model.region_changes": "incidentkit.rules.regions",
    "incidentkit.model.status_changes": "incidentkit.rules.statuses",
    "incidentkit.model.handover_changes": "incidentkit.rules.handover",
    "incidentkit.model.incident_task_changes": "incidentkit.rules.incident_tasks",
    "incidentkit.model.custody_changes": "incidentkit.rules.custody",
    "incidentkit.model.privacy_changes": "incidentkit.rules.privacy",
    "incidentkit.model.relation_changes": "incidentkit.rules.relating",
    "incidentkit.model.history": "incidentkit.rules.import_evolve",
    "incidentkit.model.hosting_changes": "incidentkit.rules.hosting",
}
"""Module of the model -> module of the rules whose `PART` decides its commands and events."""


@cache
def part(module: str) -> Part | None:
    """What the rules have for a module of the model; None where nothing is registered."""
    home = HOMES.get(module)
    return None if home is None else cast("Part", import_module(home).PART)


def row(command: type[c.Command]) -> Move | None:
    """The row of a command beyond those of every day."""
    found = part(command.__module__)
    for move in () if found is None else found.moves:
        if move.command is command:
            return move
    return None


def decision(command: type[c.Command], state: State) -> Decide | None:
    """What decides a command in a state; None where it makes no sense."""
    found = row(command)
    return found.decide if found is not None and state in found.sources else None


def evolution(event: type[Event]) -> Evolve:
    """What an event makes of an incident. Raises KeyError for an event of nobody's."""
    found = part(event.__module__)
    if found is None:
        raise KeyError(event)
    return found.evolve[event]


def every_part() -> tuple[Part, ...]:
    """All parts there are; for tables, diagrams and tests."""
    return tuple(cast("Part", part(module)) for module in HOMES)
