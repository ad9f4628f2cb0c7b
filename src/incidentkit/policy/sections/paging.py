"""`[paging]`: who is paged, how often, and about what else."""

from __future__ import annotations

from incidentkit.model.words import Priority
from incidentkit.policy.sections.matrix import PRIORITIES
from incidentkit.policy.table import Table
from incidentkit.rules.escalate import CALLS, PagingTerms

ABOUT = {
    "": "Who is paged, and when again.",
    "priorities": "Which priorities are paged; candidates always are.",
    "fallback": "Who is paged when nobody is assigned, and beside the assignee from the second "
    "round.",
    "wait": "How long a round may go unanswered.",
    "rounds": "After so many the ladder ends.",
    "calls": "What pages whoever works on it at once, beside the rounds and even when "
    "acknowledged.",
}


def read(table: Table) -> PagingTerms:
    """The terms of paging."""
    plain = PagingTerms()
    priorities = table.choices("priorities", PRIORITIES, tuple(plain.priorities))
    rounds = table.number("rounds", plain.rounds, 1)
    fallback = table.text("fallback", plain.fallback)
    if fallback.strip():
        fallback = table.name("fallback", plain.fallback)
    else:
        table.wrong("fallback", "must name somebody: pages must end at a human")
    terms = PagingTerms(
        tuple(map(Priority, priorities)),
        fallback,
        table.span("wait", plain.wait),
        rounds,
        table.choices("calls", CALLS, CALLS),
    )
    table.done()
    return terms
