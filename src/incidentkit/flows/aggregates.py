"""Which kinds of record a command can change beside incidents, each imported when it is met."""

from __future__ import annotations

from typing import Any

from incidentkit.errors import NotFound
from incidentkit.flows.kinds import PROBLEM
from incidentkit.flows.record_draft import Aggregate

NAMES = ("problem",)
"""The kinds there are; the order is that of their first release."""


def aggregate(kind: str) -> Aggregate[Any]:
    """What a flow must know of a kind.

    Raises NotFound for one that no command changes: a link or a reference names it wrongly.
    """
    if kind == "problem":
        from incidentkit.rules import problem_lifecycle, problem_reactions

        return Aggregate(
            PROBLEM,
            problem_lifecycle.evolve,
            problem_lifecycle.wakes_at,
            problem_lifecycle.wake,
            problem_reactions.elsewhere,
        )
    raise NotFound("kind of record", kind, ("incident", *NAMES))
