"""What becomes of open tasks when their incident turns out to be another: they go with the work.

Left behind on a record that is over they would still be due, and nobody would look there. A task of
a checklist that the survivor has as well is not taken twice.
"""

from __future__ import annotations

import attrs

from incidentkit.errors import LimitExceeded
from incidentkit.model import incident_task_changes as t
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.incident import Incident
from incidentkit.model.incident_task import IncidentTask
from incidentkit.model.journal import Event
from incidentkit.model.relation_changes import NO_TASKS, Absorbed, GivenUp
from incidentkit.model.words import ACTIVE, IncidentTaskState, State
from incidentkit.rules.incident_tasks import MOST


@attrs.frozen
class Handed:
    """What a move of tasks leaves on either end.

    `went` has the id of each in its new place by the id in its old one; `added` are those ids of
    the new place that were not there before.
    """

    taker: tuple[Event, ...] = ()
    giver: tuple[Event, ...] = ()
    went: FrozenMap[str, str] = NO_TASKS
    added: tuple[str, ...] = ()


NOTHING = Handed()


def hand(survivor: Incident, other: Incident) -> Handed:
    """The open tasks of the other go on with the survivor, as far as that is not over itself.

    Raises LimitExceeded where the survivor would have too many.
    """
    pending = tuple(x for x in other.dossier.tasks if x.pending)
    if not pending or survivor.life.state not in ACTIVE | {State.RESOLVED}:
        return NOTHING
    known = survivor.dossier.tasks
    twins = {(x.checklist, x.item): x.id for x in known if x.checklist}
    went: dict[str, str] = {}
    added: list[IncidentTask] = []
    giver: list[Event] = []
    for task in pending:
        twin = twins.get((task.checklist, task.item))
        here = twin or f"T{len(known) + len(added) + 1}"
        went[task.id] = here
        if twin is None:
            before = tuple(went[x] for x in task.depends_on if x in went)
            added.append(attrs.evolve(task, id=here, depends_on=before))
        way = "goes on as" if twin is None else "is the same as"
        giver.append(t.TaskCancelled(task.id, f"{way} {survivor.ref} {here}"))
    if len(known) + len(added) > MOST:
        raise LimitExceeded("tasks", f"would be more than {MOST}; cancel some of them before")
    return Handed(
        tuple(t.TaskAdded(x) for x in added),
        tuple(giver),
        FrozenMap(went),
        tuple(x.id for x in added),
    )


def take_back(survivor: Incident, other: Incident, absorbed: Absorbed, gave: GivenUp) -> Handed:
    """What is still open of the tasks that went over is the other's again, as it stands now.

    What was finished meanwhile stays finished where it was.
    """
    here = {x.id: x for x in survivor.dossier.tasks}
    there = {x.id: x for x in other.dossier.tasks}
    taker: list[Event] = []
    giver: list[Event] = []
    back: dict[str, str] = {}
    for theirs, mine in gave.tasks.items():
        was, now = there[theirs], here[mine]
        moved = mine in absorbed.tasks
        if was.state is not IncidentTaskState.CANCELLED or (moved and not now.pending):
            continue
        back[mine] = theirs
        giver.append(t.TaskReopened(theirs))
        if not moved:
            continue
        taker.append(t.TaskCancelled(mine, f"goes on as {other.ref} {theirs}"))
        if now.state is IncidentTaskState.IN_PROGRESS:
            giver.append(t.TaskStarted(theirs))
        if (now.assignee, now.due_at) != (was.assignee, was.due_at):
            giver.append(t.TaskAssigned(theirs, now.assignee, now.due_at))
    return Handed(tuple(taker), tuple(giver), FrozenMap(back))
