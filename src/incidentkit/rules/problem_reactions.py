"""What follows for others from what happened to a problem, and for a problem from a link."""

from __future__ import annotations

from datetime import datetime

from incidentkit.model import incident_commands as c
from incidentkit.model import problem as p
from incidentkit.model import problem_changes as k
from incidentkit.model.incident import Incident
from incidentkit.model.journal import Event
from incidentkit.model.reaction_commands import Mirror
from incidentkit.model.words import LinkKind, ProblemState
from incidentkit.rules import problem_lifecycle, waits
from incidentkit.rules.open_ends import open_ends
from incidentkit.rules.problem_terms import NOTE, RESOLVE, TELL, ProblemTerms
from incidentkit.rules.react import BY_PROBLEM
from incidentkit.rules.table import Elsewhere
from incidentkit.rules.terms import LifecycleTerms

GONE = frozenset((ProblemState.RESOLVED, ProblemState.CLOSED))
"""The states in which nobody need wait for a problem any more."""

OCCASIONS: dict[type[Event], str] = {
    k.WorkaroundCommunicated: "workaround",
    k.FixCommunicated: "fix",
    p.ProblemResolved: "resolved",
    p.RiskAccepted: "risk_accepted",
}
"""Event -> the occasion under which the policy says what its incidents hear of it."""

HEARD = tuple(OCCASIONS)
"""The events that the incidents of a problem hear of."""

_RECORDS = frozenset(("incident", "problem"))


def elsewhere(problem: p.Problem, event: Event) -> tuple[Elsewhere, ...]:
    """The other records that must hear of an event, by the links of the problem."""
    if isinstance(event, HEARD):
        pairs = (target.partition("/") for target in problem.targets(LinkKind.CAUSES))
        return tuple(Elsewhere(kind, id_) for kind, _, id_ in pairs)
    if isinstance(event, p.ProblemLinked | p.ProblemUnlinked):
        kind, _, id_ = event.link.target.partition("/")
        return (Elsewhere(kind, id_),) if kind in _RECORDS else ()
    return ()


def effects(
    incident: Incident,
    event: Event,
    problem_ref: str,
    terms: ProblemTerms,
    life: LifecycleTerms | None = None,
) -> tuple[c.Command, ...]:
    """What a problem's event does to one of its incidents, as the policy says."""
    actions = terms.effects.get(OCCASIONS[type(event)], ())
    text = said(event, problem_ref)
    commands: list[c.Command] = []
    if RESOLVE in actions and isinstance(event, p.ProblemResolved):
        commands += on_problem_resolved(incident, event, problem_ref, life)
    if NOTE in actions and incident.active:
        commands.insert(0, c.AddNote(incident.ref, text=text))
    ends = any(isinstance(each, c.Resolve) for each in commands)
    concerns = ends if isinstance(event, p.ProblemResolved) else incident.active
    if TELL in actions and concerns and incident.card.reporter:
        commands.append(c.Reply(incident.ref, text=text))
    return tuple(commands)


_WORDS = {
    "workaround": "Workaround from",
    "fix": "Fix from",
    "resolved": "Resolved:",
    "risk_accepted": "Risk accepted:",
}


def said(event: Event, problem_ref: str) -> str:
    """What the incidents are told."""
    if isinstance(event, k.WorkaroundCommunicated | k.FixCommunicated):
        text = event.text
    elif isinstance(event, p.ProblemResolved):
        text = event.remedy
    else:
        text = event.why if isinstance(event, p.ProblemMoved) else ""
    return f"{_WORDS[OCCASIONS[type(event)]]} {problem_ref}: {text}"


def on_problem_resolved(
    incident: Incident,
    event: p.ProblemResolved,
    problem_ref: str,
    terms: LifecycleTerms | None = None,
) -> tuple[c.Command, ...]:
    """An incident on hold for the problem resolves by it; one with open ends is resumed."""
    if not waits.waits_for(incident, "problem", terms or LifecycleTerms()):
        return ()
    if open_ends(incident):
        return (c.Resume(incident.ref),)
    remedy = event.remedy or f"resolved with {problem_ref}"
    return (c.Resolve(incident.ref, code=BY_PROBLEM, remedy=remedy),)


def decide(problem: p.Problem, command: c.Command, at: datetime) -> tuple[Event, ...]:
    """The events of a command on a problem, of people or of a reaction."""
    if isinstance(command, Mirror):
        return ((p.ProblemLinked if command.stands else p.ProblemUnlinked)(command.link),)
    return problem_lifecycle.decide(problem, command, at)
