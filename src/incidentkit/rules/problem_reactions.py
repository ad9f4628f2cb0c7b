"""What follows for others from what happened to a problem."""

from __future__ import annotations

from incidentkit.model import incident_commands as c
from incidentkit.model import problem as p
from incidentkit.model.incident import Incident
from incidentkit.model.journal import Event
from incidentkit.model.words import LinkKind, State
from incidentkit.rules.react import BY_PROBLEM, PROBLEM_HOLD, Elsewhere


def elsewhere(links: tuple[tuple[LinkKind, str], ...], event: Event) -> tuple[Elsewhere, ...]:
    """The other records that must hear of an event, by the links of the problem."""
    if isinstance(event, p.ProblemResolved):
        pairs = (target.partition("/") for kind, target in links if kind is LinkKind.CAUSES)
        return tuple(Elsewhere(kind, id_) for kind, _, id_ in pairs)
    if isinstance(event, p.ProblemLinked | p.ProblemUnlinked):
        kind, _, id_ = event.link.target.partition("/")
        return (Elsewhere(kind, id_),)
    return ()


def on_problem_resolved(
    incident: Incident, event: p.ProblemResolved, problem_ref: str
) -> tuple[c.Command, ...]:
    """An incident on hold for the problem resolves by it; one whose alerts fire is resumed."""
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
