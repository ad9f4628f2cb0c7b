"""What follows from what happened: a table from events to commands.

Every event has its consumers here or none at all. The same record reacts in the same commit, at
most `DEPTH` deep; another record reacts through a task that names the causing entry, so that a
doubled task does nothing. What a host may choose stands in `ReactionTerms`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import attrs

from incidentkit.model import incident_commands as c
from incidentkit.model import incident_events as e
from incidentkit.model.incident import Incident
from incidentkit.model.journal import Event
from incidentkit.model.words import State
from incidentkit.rules.terms import LifecycleTerms

DEPTH = 8
PROBLEM_HOLD = "problem"
"""The hold reason of an incident that waits for its problem."""
BY_PROBLEM = "by_problem"
"""The code by which such an incident resolves."""

React: TypeAlias = Callable[[Incident, Any, LifecycleTerms], tuple[c.Command, ...]]


def _refired(
    incident: Incident, event: e.AlertRefired | e.AlertJoined, terms: LifecycleTerms
) -> tuple[c.Command, ...]:
    """A re-fire, or an alert that joins, shows that the fix did not hold."""
    if not terms.refire_reopens:
        return ()
    why = f"alert fired: {event.title}"
    if incident.life.state in (State.MITIGATED, State.OBSERVING):
        return (c.Regress(incident.ref, reason=why),)
    closed = incident.life.state is State.CLOSED and terms.reopen_closed
    if closed or incident.life.state is State.RESOLVED:
        return (c.Reopen(incident.ref, reason=why),)
    return ()


SAME_RECORD: dict[type[Event], React] = {
    e.AlertRefired: _refired,
    e.AlertJoined: _refired,
}
"""Event -> commands on the record where it happened."""


def react(incident: Incident, event: Event, terms: LifecycleTerms) -> tuple[c.Command, ...]:
    """The commands that the record owes to one of its own events."""
    rule = SAME_RECORD.get(type(event))
    return () if rule is None else rule(incident, event, terms)


@attrs.frozen
class Elsewhere:
    """A reaction of another record: which one, to what."""

    kind: str
    id: str


_TIES = (e.Linked, e.Unlinked)


def elsewhere(event: Event) -> tuple[Elsewhere, ...]:
    """The other records that must hear of an event of an incident."""
    if isinstance(event, _TIES):
        kind, _, id_ = event.target.partition("/")
        return (Elsewhere(kind, id_),)
    return ()
