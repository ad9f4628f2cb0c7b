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
from incidentkit.model import problem as p
from incidentkit.model.incident import Incident
from incidentkit.model.journal import Event
from incidentkit.model.words import LinkKind, State
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


def elsewhere(links: tuple[tuple[LinkKind, str], ...], event: Event) -> tuple[Elsewhere, ...]:
    """The other records that must hear of an event, by the links of the one where it happened."""
    if isinstance(event, p.ProblemResolved):
        return _targets(links, LinkKind.CAUSES)
    if isinstance(event, e.Linked | e.Unlinked):
        kind, _, id_ = event.target.partition("/")
        return (Elsewhere(kind, id_),)
    if isinstance(event, p.ProblemLinked | p.ProblemUnlinked):
        kind, _, id_ = event.link.target.partition("/")
        return (Elsewhere(kind, id_),)
    return ()


def _targets(links: tuple[tuple[LinkKind, str], ...], wanted: LinkKind) -> tuple[Elsewhere, ...]:
    pairs = (target.partition("/") for kind, target in links if kind is wanted)
    return tuple(Elsewhere(kind, id_) for kind, _, id_ in pairs)


def on_problem_resolved(
    incident: Incident, event: p.ProblemResolved, problem_ref: str
) -> tuple[c.Command, ...]:
    """An incident on hold for the problem resolves by it; one whose alerts fire is resumed.

    Its assignee is told by the page or clock that resuming starts again.
    """
    life = incident.life
    waiting = (
        life.state is State.ON_HOLD
        and bool(incident.course.holds)
        and incident.course.holds[-1].reason == PROBLEM_HOLD
    )
    if not waiting:
        return ()
    if incident.ties.firing:
        return (c.Resume(incident.ref),)
    remedy = event.remedy or f"resolved with {problem_ref}"
    return (c.Resolve(incident.ref, code=BY_PROBLEM, remedy=remedy),)
