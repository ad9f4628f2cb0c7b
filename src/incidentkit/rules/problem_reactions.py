"""What follows for others from what happened to a problem."""

from __future__ import annotations

from incidentkit.model import incident_commands as c
from incidentkit.model import problem as p
from incidentkit.model.incident import Incident
from incidentkit.model.journal import Event
from incidentkit.model.words import LinkKind, State
from incidentkit.rules.react import BY_PROBLEM, PROBLEM_HOLD, Elsewhere


def elsewhere(problem: p.Problem, event: Event) -> tuple[Elsewhere, ...]:
    """The other records that must hear of an event, by the links of the problem."""
    if isinstance(event, p.ProblemResolved):
        links = (x.target for x in problem.links if x.kind is LinkKind.CAUSES)
        pairs = (target.partition("/") for target in links)
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
