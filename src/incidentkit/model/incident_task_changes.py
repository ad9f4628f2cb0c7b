"""The tasks of an incident: what can be asked of them, and what happened to them."""

from __future__ import annotations

from datetime import datetime

import attrs

from incidentkit.model import checks
from incidentkit.model.incident_commands import Command
from incidentkit.model.incident_task import RESPONSE, IncidentTask
from incidentkit.model.journal import Event


@attrs.frozen(repr=False)
class AddTask(Command):
    """Something is to be done, by somebody, by a time; `after` are the tasks that come before."""

    action = "add_task"
    title: str = attrs.field(validator=checks.title)
    assignee: str | None = attrs.field(default=None, validator=checks.optional_name)
    due_at: datetime | None = attrs.field(default=None, converter=checks.to_optional_utc)
    phase: str = attrs.field(default=RESPONSE, validator=checks.name)
    after: tuple[str, ...] = attrs.field(default=(), converter=checks.to_names)


@attrs.frozen(repr=False)
class StartTask(Command):
    """Somebody works on it."""

    action = "start_task"
    task: str = attrs.field(validator=checks.name)


@attrs.frozen(repr=False)
class CompleteTask(Command):
    """It is done; `evidence` says how that can be seen."""

    action = "complete_task"
    task: str = attrs.field(validator=checks.name)
    evidence: str = attrs.field(default="", validator=checks.text())


@attrs.frozen(repr=False)
class CancelTask(Command):
    """It need not be done: why."""

    action = "cancel_task"
    task: str = attrs.field(validator=checks.name)
    reason: str = attrs.field(default="", validator=checks.text())


@attrs.frozen(repr=False)
class AssignTask(Command):
    """Who does it, and by when; what is None stays. With nothing given it is nobody's."""

    action = "assign_task"
    task: str = attrs.field(validator=checks.name)
    assignee: str | None = attrs.field(default=None, validator=checks.optional_name)
    due_at: datetime | None = attrs.field(default=None, converter=checks.to_optional_utc)


@attrs.frozen(repr=False)
class ReopenTask(Command):
    """It was not done after all, or is to be done all the same."""

    action = "reopen_task"
    task: str = attrs.field(validator=checks.name)
    reason: str = attrs.field(default="", validator=checks.text())


@attrs.frozen(repr=False)
class AttachChecklist(Command):
    """Add the tasks of one of the policy's checklists; the same one a second time adds nothing."""

    action = "attach_checklist"
    checklist: str = attrs.field(validator=checks.name)


@attrs.frozen(repr=False)
class TaskAdded(Event):
    """A task as it began."""

    task: IncidentTask


@attrs.frozen(repr=False)
class TaskStarted(Event):
    """Somebody works on it."""

    task: str


@attrs.frozen(repr=False)
class TaskCompleted(Event):
    """It was done, and by whom."""

    task: str
    done_by: str
    evidence: str = ""


@attrs.frozen(repr=False)
class TaskCancelled(Event):
    """It need not be done."""

    task: str
    why: str


@attrs.frozen(repr=False)
class TaskAssigned(Event):
    """Who does it from now on, and by when."""

    task: str
    assignee: str | None
    due_at: datetime | None


@attrs.frozen(repr=False)
class TaskReopened(Event):
    """It is to be done after all."""

    task: str
    why: str = ""


@attrs.frozen(repr=False)
class TaskOverdue(Event):
    """It was due and is not done."""

    task: str
    title: str
    assignee: str | None
    due_at: datetime


@attrs.frozen(repr=False)
class ChecklistAttached(Event):
    """The tasks of a checklist were added, by somebody or by its condition."""

    checklist: str
    items: int
