"""The tasks of an incident: added, started, done, cancelled, reopened, and in their order.

A task that others come before cannot be done until each of them is done or cancelled; it may be
started. Tasks outlive the incident's end, because the work of a review comes after it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import attrs

from incidentkit.errors import LimitExceeded, NotFound, TransitionNotAllowed
from incidentkit.model import incident_task_changes as t
from incidentkit.model.incident import Incident
from incidentkit.model.incident_commands import Command
from incidentkit.model.incident_task import IncidentTask
from incidentkit.model.journal import Event
from incidentkit.model.words import IncidentTaskState
from incidentkit.rules import checklists
from incidentkit.rules.evolve_parts import part
from incidentkit.rules.look import Look, Said
from incidentkit.rules.moves import need
from incidentkit.rules.table import EVERYWHERE, Move, Part
from incidentkit.rules.terms import LifecycleTerms
from incidentkit.rules.ways import Way, check

_OPEN, _IN_PROGRESS, _DONE, _CANCELLED = IncidentTaskState

TASK_WAYS = (
    Way("start_task", (_OPEN,), _IN_PROGRESS),
    Way("complete_task", (_OPEN, _IN_PROGRESS), _DONE),
    Way("cancel_task", (_OPEN, _IN_PROGRESS), _CANCELLED, ("reason",)),
    Way("reopen_task", (_DONE, _CANCELLED), _OPEN),
)
"""The life-cycle of one task."""
MOST = 1_000
"""Tasks that one incident may have."""


def _task(incident: Incident, id_: str) -> IncidentTask:
    found = incident.dossier.task(id_)
    if found is None:
        raise NotFound("task", id_, tuple(x.id for x in incident.dossier.tasks[:20]))
    return found


def _may(incident: Incident, id_: str, command: Command) -> IncidentTask:
    task = _task(incident, id_)
    check(TASK_WAYS, f"{incident.ref} task {id_}", task.state.value, command.action)
    return task


def add(
    incident: Incident, command: t.AddTask, _at: datetime, _by: str, _terms: LifecycleTerms
) -> tuple[Event, ...]:
    """One task more; those that come before it must be there."""
    tasks = incident.dossier.tasks
    _ = [_task(incident, id_) for id_ in command.after]
    if len(tasks) >= MOST:
        raise LimitExceeded("tasks", f"are {len(tasks)} already; at most {MOST} are kept")
    task = IncidentTask(
        f"T{len(tasks) + 1}",
        command.title,
        IncidentTaskState.OPEN,
        command.assignee,
        command.due_at,
        command.phase,
        command.after,
    )
    return (t.TaskAdded(task),)


def start(
    incident: Incident, command: t.StartTask, _at: datetime, _by: str, _terms: LifecycleTerms
) -> tuple[Event, ...]:
    """Somebody works on it."""
    _ = _may(incident, command.task, command)
    return (t.TaskStarted(command.task),)


def complete(
    incident: Incident, command: t.CompleteTask, _at: datetime, by: str, _terms: LifecycleTerms
) -> tuple[Event, ...]:
    """Done, once everything is that comes before it."""
    task = _may(incident, command.task, command)
    before = [incident.dossier.task(id_) for id_ in task.depends_on]
    pending = [x for x in before if x is not None and x.pending]
    if pending:
        names = ", ".join(f"{x.id} ({x.title})" for x in pending)
        choices = [f"complete_task {x.id}" for x in pending]
        choices += [f"cancel_task {x.id}" for x in pending]
        raise TransitionNotAllowed(
            f"{incident.ref} task {task.id}", f"waiting for {names}", command.action, (*choices,)
        )
    return (t.TaskCompleted(command.task, by, command.evidence),)


def cancel(
    incident: Incident, command: t.CancelTask, _at: datetime, _by: str, _terms: LifecycleTerms
) -> tuple[Event, ...]:
    """It need not be done; why."""
    _ = _may(incident, command.task, command)
    need(incident, command, reason=command.reason)
    return (t.TaskCancelled(command.task, command.reason),)


def assign(
    incident: Incident, command: t.AssignTask, _at: datetime, _by: str, _terms: LifecycleTerms
) -> tuple[Event, ...]:
    """Who does it and by when; only what is still to be done changes hands."""
    task = _task(incident, command.task)
    if not task.pending:
        check(TASK_WAYS, f"{incident.ref} task {task.id}", task.state.value, command.action)
    taken = command.assignee is None and command.due_at is None
    who = None if taken else command.assignee or task.assignee
    due = command.due_at or task.due_at
    if (who, due) == (task.assignee, task.due_at):
        return ()
    return (t.TaskAssigned(task.id, who, due),)


def reopen(
    incident: Incident, command: t.ReopenTask, _at: datetime, _by: str, _terms: LifecycleTerms
) -> tuple[Event, ...]:
    """It is to be done after all."""
    _ = _may(incident, command.task, command)
    return (t.TaskReopened(command.task, command.reason),)


def attach(
    incident: Incident, command: t.AttachChecklist, at: datetime, _by: str, terms: LifecycleTerms
) -> tuple[Event, ...]:
    """The tasks of a checklist, once."""
    known = {each.name: each for each in terms.overlays.checklists}
    found = known.get(command.checklist)
    if found is None:
        raise NotFound("checklist", command.checklist, tuple(known))
    if found.name in incident.dossier.checklists:
        return ()
    return checklists.attached(incident, found, at)


def ring(look: Look) -> Said:
    """Tasks that have become late, each said once for a due time."""
    return tuple(
        (t.TaskOverdue(x.id, x.title, x.assignee, x.due_at), None)
        for x in look.incident.dossier.tasks
        if x.pending and x.overdue_at is None and x.due_at is not None and x.due_at <= look.at
    )


# --- what the events make of it -------------------------------------------------------------------


def _changed(make: Callable[[IncidentTask, Any, datetime], IncidentTask]) -> Any:
    def evolve(i: Incident, v: Any, at: datetime) -> Incident:
        tasks = tuple(make(x, v, at) if x.id == v.task else x for x in i.dossier.tasks)
        return part(i, dossier=attrs.evolve(i.dossier, tasks=tasks))

    return evolve


def _added(i: Incident, v: t.TaskAdded, _at: datetime) -> Incident:
    return part(i, dossier=attrs.evolve(i.dossier, tasks=(*i.dossier.tasks, v.task)))


def _attached(i: Incident, v: t.ChecklistAttached, _at: datetime) -> Incident:
    names = (*i.dossier.checklists, v.checklist)
    return part(i, dossier=attrs.evolve(i.dossier, checklists=names))


def _started(x: IncidentTask, _event: Event, _at: datetime) -> IncidentTask:
    return attrs.evolve(x, state=_IN_PROGRESS)


def _completed(x: IncidentTask, v: t.TaskCompleted, at: datetime) -> IncidentTask:
    return attrs.evolve(x, state=_DONE, evidence=v.evidence, done_by=v.done_by, done_at=at)


def _cancelled(x: IncidentTask, v: t.TaskCancelled, _at: datetime) -> IncidentTask:
    return attrs.evolve(x, state=_CANCELLED, why=v.why)


def _assigned(x: IncidentTask, v: t.TaskAssigned, _at: datetime) -> IncidentTask:
    late = x.overdue_at if v.due_at == x.due_at else None
    return attrs.evolve(x, assignee=v.assignee, due_at=v.due_at, overdue_at=late)


def _reopened(x: IncidentTask, _event: Event, _at: datetime) -> IncidentTask:
    return attrs.evolve(x, state=_OPEN, evidence="", done_by=None, done_at=None, why="")


def _overdue(x: IncidentTask, _event: Event, at: datetime) -> IncidentTask:
    return attrs.evolve(x, overdue_at=at)


PART = Part(
    (
        Move(t.AddTask, EVERYWHERE, None, ("title",), add),
        Move(t.StartTask, EVERYWHERE, None, ("task",), start),
        Move(t.CompleteTask, EVERYWHERE, None, ("task",), complete),
        Move(t.CancelTask, EVERYWHERE, None, ("task", "reason"), cancel),
        Move(t.AssignTask, EVERYWHERE, None, ("task",), assign),
        Move(t.ReopenTask, EVERYWHERE, None, ("task",), reopen),
        Move(t.AttachChecklist, EVERYWHERE, None, ("checklist",), attach),
    ),
    {
        t.TaskAdded: _added,
        t.TaskStarted: _changed(_started),
        t.TaskCompleted: _changed(_completed),
        t.TaskCancelled: _changed(_cancelled),
        t.TaskAssigned: _changed(_assigned),
        t.TaskReopened: _changed(_reopened),
        t.TaskOverdue: _changed(_overdue),
        t.ChecklistAttached: _attached,
    },
)
