"""Every event of an incident that automation may listen to, by its stored name."""

from __future__ import annotations

from functools import cache

from incidentkit.model.incident_events import Declared
from incidentkit.model.journal import Event
from incidentkit.rules import beyond
from incidentkit.rules.evolve import EVOLVE
from incidentkit.rules.names import event_name

_OWN = "incidentkit.model.automation"


@cache
def events() -> tuple[str, ...]:
    """The names, sorted. What automation itself writes down sets nothing off."""
    kinds: set[type[Event]] = {
        Declared,
        *EVOLVE,
        *(x for part in beyond.every_part() for x in part.evolve),
    }
    return tuple(sorted(event_name(x) for x in kinds if x.__module__ != _OWN))
