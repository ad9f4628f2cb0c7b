"""Whether an incident speaks against a fix that is being verified.

It does when somebody linked it to the problem, or when the condition of the verification is true
of it. Where the criterion is plain words, the known error of the problem stands in for it. Only
what began after the fix counts, and nothing that was no incident.
"""

from __future__ import annotations

from collections.abc import Mapping

from incidentkit.model.frozen import FrozenMap
from incidentkit.model.incident import Incident
from incidentkit.model.problem import Problem
from incidentkit.model.reason import Plain, Reason
from incidentkit.model.words import Outcome, ProblemState
from incidentkit.rules import communicate, grouping, match
from incidentkit.rules.kept import condition_of, holds_again, keep_all
from incidentkit.rules.problem_terms import ProblemTerms

RULE = "problems.fix_holding"
VERSION = 1
LINKED, BY_CONDITION, BY_KNOWN_ERROR = "linked", "condition", "known error"


def counts(problem: Problem, incident: Incident) -> bool:
    """Whether an incident can say anything about the fix of a problem."""
    return (
        problem.state is ProblemState.VERIFYING
        and grouping.real(incident)
        and incident.course.outcome is not Outcome.NO_FAULT_FOUND
        and grouping.began(incident) >= problem.since
    )


def against(
    problem: Problem,
    incident: Incident,
    linked: bool,
    terms: ProblemTerms,
    policy: str = "",
    known: match.Known = None,
) -> Reason | None:
    """Why the incident speaks against the fix; None where it does not.

    `known` is what is known of the incident and around it; left out, of the incident alone.
    """
    if not counts(problem, incident):
        return None
    verdict = condition_of(problem.watch).evaluate(
        known or {"incident": communicate.facts(incident)}
    )
    error = problem.known_error
    scored: Plain = 0
    if not problem.watch and error is not None:
        scored = match.score(incident, problem, error, terms, known=known).outcome
    inputs: FrozenMap[str, Plain] = FrozenMap(
        {
            "problem": problem.ref,
            "incident": incident.ref,
            "linked": linked,
            "watch": problem.watch,
            "facts": keep_all(verdict.read),
            "score": scored,
        }
    )
    outcome = judge(inputs)
    reason = Reason(RULE, VERSION, inputs, outcome, policy, verdict.unknowns)
    return reason if outcome else None


def judge(inputs: Mapping[str, Plain]) -> str:
    """By what an incident speaks against a fix, drawn from plain inputs; empty: it does not."""
    if inputs["linked"]:
        return LINKED
    if inputs["watch"]:
        return BY_CONDITION if holds_again(inputs["watch"], inputs["facts"]) else ""
    return BY_KNOWN_ERROR if inputs["score"] else ""


_SAID = {
    LINKED: "it is linked to the problem",
    BY_CONDITION: "it meets the condition of the verification",
    BY_KNOWN_ERROR: "it is recognised as the known error",
}


def why(reason: Reason) -> str:
    """The outcome in words."""
    return _SAID[str(reason.outcome)]
