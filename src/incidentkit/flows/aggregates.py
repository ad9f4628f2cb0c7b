"""Which kinds of record a command can change beside incidents, each imported when it is met."""

from __future__ import annotations

from typing import Any

from incidentkit.errors import NotFound
from incidentkit.flows.kinds import MAINTENANCE, PROBLEM, REPORT, REVIEW, SILENCE
from incidentkit.flows.record_draft import Aggregate
from incidentkit.model.journal import Event
from incidentkit.rules.table import Elsewhere

NAMES = ("problem", "maintenance", "silence", "review", "report")
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
            decide=problem_reactions.decide,
        )
    if kind == "report":
        from incidentkit.rules import report_lifecycle

        return Aggregate(
            REPORT,
            report_lifecycle.evolve,
            report_lifecycle.asleep,
            report_lifecycle.wake,
            report_lifecycle.elsewhere,
        )
    if kind == "maintenance":
        from incidentkit.model.maintenance import OVER
        from incidentkit.rules import maintain_evolve

        return Aggregate(
            MAINTENANCE,
            maintain_evolve.evolve,
            maintain_evolve.wakes_at,
            maintain_evolve.wake,
            maintain_evolve.elsewhere,
            lambda work: work.state in OVER,
            maintain_evolve.decide,
        )
    if kind == "silence":
        from incidentkit.rules import silence

        return Aggregate(
            SILENCE, silence.evolve, silence.wakes_at, silence.wake, lambda _silence, _event: ()
        )
    if kind == "review":
        from incidentkit.rules import review_evolve

        return Aggregate(
            REVIEW, review_evolve.evolve, review_evolve.wakes_at, review_evolve.wake, nobody
        )
    raise NotFound("kind of record", kind, ("incident", *NAMES))


def nobody(_value: object, _event: Event) -> tuple[Elsewhere, ...]:
    """No other record hears by a task of its own."""
    return ()
