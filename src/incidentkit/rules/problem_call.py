"""Whom to call about a problem, and how loudly.

Its owner, else its team, else the tenant's fallback: a call must end at a human. Problems are
seldom urgent, so a call is a notice, and a page only at the priorities that are paged.
"""

from __future__ import annotations

from collections.abc import Mapping

from incidentkit.model.frozen import FrozenMap
from incidentkit.model.problem import Problem
from incidentkit.model.reason import Plain, Reason
from incidentkit.model.words import MessageKind
from incidentkit.rules.escalate import PagingTerms
from incidentkit.rules.problem_terms import ProblemTerms

RULE = "problems.call"
VERSION = 1


def call(
    problem: Problem, occasion: str, terms: ProblemTerms, paging: PagingTerms, policy: str = ""
) -> Reason:
    """The decision about a call; its outcome is (party, kind of message), or empty for nobody."""
    inputs: FrozenMap[str, Plain] = FrozenMap(
        {
            "occasion": occasion,
            "calls": terms.calls,
            "priority": problem.priority.value,
            "priorities": tuple(each.value for each in paging.priorities),
            "owner": problem.owner or "",
            "team": problem.team or "",
            "fallback": paging.fallback,
        }
    )
    return Reason(RULE, VERSION, inputs, judge(inputs), policy)


def judge(inputs: Mapping[str, Plain]) -> tuple[str, ...]:
    """Whom to call and by which kind of message, drawn from plain inputs."""
    calls, urgent = inputs["calls"], inputs["priorities"]
    if not isinstance(calls, tuple) or inputs["occasion"] not in calls:
        return ()
    loud = isinstance(urgent, tuple) and inputs["priority"] in urgent
    kind = MessageKind.PAGE if loud else MessageKind.NOTICE
    return str(inputs["owner"] or inputs["team"] or inputs["fallback"]), kind.value
