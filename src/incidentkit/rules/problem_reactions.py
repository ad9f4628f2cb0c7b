"""What follows for others from what happened to a problem, and for a problem from a link."""

from __future__ import annotations

from datetime import datetime

from incidentkit.model import incident_commands as c
from incidentkit.model import problem as p
from incidentkit.model.incident import Incident
from incidentkit.model.journal import Event
from incidentkit.model.reaction_commands import Mirror
from incidentkit.model.words import LinkKind, ProblemState
from incidentkit.rules import problem_lifecycle, waits
from incidentkit.rules.react import BY_PROBLEM
from incidentkit.rules.table import Elsewhere
from incidentkit.rules.terms import LifecycleTerms

GONE = frozenset((ProblemState.RESOLVED, ProblemState.CLOSED))
"""The states in which nobody need wait for a problem any more."""


def elsewhere(problem: p.Problem, event: Event) -> tuple[Elsewhere, ...]:
    """The other records that must hear of an event, by the links of the problem."""
    if isinstance(event, p.ProblemResolved):
        links = (x.target for x in problem.links if x.kind is LinkKind.CAUSES)
        pairs = (target.partition("/") for target in links)
        return tuple(Elsewhere(kind, id_) for kind, _, id_ in pairs)
    if isinstance(event, p.ProblemLinked | p.ProblemUnlinked):
        kind, _, id_ = event.link.target.partition("/")
        return () if kind == "change" else (Elsewhere(kind, id_),)
    return ()


def on_problem_resolved(
    incident: Incident,
    event: p.ProblemResolved,
    problem_ref: str,
    terms: LifecycleTerms | None = None,
) -> tuple[c.Command, ...]:
    """An incident on hold for the problem resolves by it; one whose alerts fire is resumed."""
    if not waits.waits_for(incident, "problem", terms or LifecycleTerms()):
        return ()
    if incident.ties.firing:
        return (c.Resume(incident.ref),)
    remedy = event.remedy or f"resolved with {problem_ref}"
    return (c.Resolve(incident.ref, code=BY_PROBLEM, remedy=remedy),)


def decide(problem: p.Problem, command: c.Command, at: datetime) -> tuple[Event, ...]:
    """The events of a command on a problem, of people or of a reaction."""
    if isinstance(command, Mirror):
        return ((p.ProblemLinked if command.stands else p.ProblemUnlinked)(command.link),)
    return problem_lifecycle.decide(problem, command, at)
