"""A task of an incident: something one party has to do, often by a time, often before another.

Tasks are part of the incident, not records of their own; a checklist is a set of tasks that the
policy keeps ready.
"""

from __future__ import annotations

from datetime import datetime

import attrs

from incidentkit.model import checks
from incidentkit.model.words import IncidentTaskState

RESPONSE, REVIEW = "response", "review"
"""Two phases that rules know; hosts use others beside them. Work of the review outlives the end."""

PENDING = frozenset((IncidentTaskState.OPEN, IncidentTaskState.IN_PROGRESS))
"""The states in which somebody still has to do it."""


@attrs.frozen
class IncidentTask:
    """One task: `id` is T1, T2 ... within its incident; `depends_on` are ids of others.

    `overdue_at` is when it was said that it is late; `evidence` says how it was done, `why` why it
    was cancelled.
    """

    id: str = attrs.field(validator=checks.name)
    title: str = attrs.field(validator=checks.title)
    state: IncidentTaskState = IncidentTaskState.OPEN
    assignee: str | None = attrs.field(default=None, validator=checks.optional_name)
    due_at: datetime | None = attrs.field(default=None, validator=checks.optional_utc)
    phase: str = attrs.field(default=RESPONSE, validator=checks.name)
    depends_on: tuple[str, ...] = ()
    checklist: str = attrs.field(default="", validator=checks.text(checks.NAME_LIMIT))
    item: int = 0
    evidence: str = attrs.field(default="", validator=checks.text())
    done_by: str | None = attrs.field(default=None, validator=checks.optional_name)
    done_at: datetime | None = attrs.field(default=None, validator=checks.optional_utc)
    why: str = attrs.field(default="", validator=checks.text())
    overdue_at: datetime | None = attrs.field(default=None, validator=checks.optional_utc)

    @property
    def pending(self) -> bool:
        """Whether somebody still has to do it."""
        return self.state in PENDING
