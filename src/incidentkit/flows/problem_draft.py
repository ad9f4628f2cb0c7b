"""A problem as it is being changed in one flow."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from incidentkit.flows.setting import Setting, recorded
from incidentkit.model.journal import Event, Recorded
from incidentkit.model.problem import Problem
from incidentkit.rules import problem_lifecycle


class ProblemDraft:
    """One problem being changed."""

    def __init__(self, problem: Problem, *, new: bool = False) -> None:
        self.problem: Problem = problem
        self.recorded: list[Recorded] = []
        self.wake_before: datetime | None = None if new else problem_lifecycle.wakes_at(problem)

    def happened(self, event: Event, setting: Setting, at: datetime, **more: Any) -> None:
        """Apply an event and record it."""
        self.problem = problem_lifecycle.evolve(self.problem, event, at)
        self.recorded.append(recorded(event, setting, at, **more))

    def wakes_at(self) -> datetime | None:
        """When the problem must be looked at again by itself."""
        return problem_lifecycle.wakes_at(self.problem)
