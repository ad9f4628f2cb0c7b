"""Checklists: tasks that a policy keeps ready, added by hand or where a condition holds.

Service, category, known error, priority and the overlay of a major incident are facts of an
incident, so that one condition says when; each checklist is added once in the life of an incident.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from incidentkit.model.incident import Incident
from incidentkit.model.incident_task import IncidentTask
from incidentkit.model.incident_task_changes import ChecklistAttached, TaskAdded
from incidentkit.model.journal import Event
from incidentkit.model.people import COMMANDER
from incidentkit.model.reason import Plain, Reason
from incidentkit.model.words import IncidentTaskState, State
from incidentkit.rules.look import Look, Said, asked, holds
from incidentkit.rules.overlay_terms import Checklist

RULE = "checklist.attach"


def attached(
    incident: Incident, checklist: Checklist, at: datetime, more: int = 0
) -> tuple[Event, ...]:
    """The events that add a checklist's tasks; numbers of items become ids of tasks.

    `more` tasks are about to be added before them.
    """
    first = len(incident.dossier.tasks) + more + 1
    people = incident.people
    parties = {
        "$assignee": people.assignee,
        "$owner": people.owner,
        "$commander": people.holder(COMMANDER),
    }
    tasks = tuple(
        TaskAdded(
            IncidentTask(
                f"T{first + index}",
                item.title,
                IncidentTaskState.OPEN,
                parties.get(item.assign, item.assign) or None,
                None if item.due is None else at + item.due,
                item.phase,
                tuple(f"T{first + number - 1}" for number in item.after),
                checklist.name,
                index + 1,
            )
        )
        for index, item in enumerate(checklist.items)
    )
    return (ChecklistAttached(checklist.name, len(tasks)), *tasks)


def follow(look: Look) -> Said:
    """Every checklist whose condition holds and that is not there yet."""
    incident = look.incident
    if incident.life.candidate or incident.life.state is State.CANCELLED:
        return ()
    said: list[tuple[Event, Reason | None]] = []
    more = 0
    for checklist in look.terms.checklists:
        if checklist.when is None or checklist.name in incident.dossier.checklists:
            continue
        true, read = asked(look, checklist.when)
        if true:
            inputs: dict[str, Plain] = {
                "checklist": checklist.name,
                "when": str(checklist.when),
                "facts": read,
            }
            first, *tasks = attached(incident, checklist, look.at, more)
            said.append((first, look.reason(RULE, inputs, judge(inputs))))
            said += [(task, None) for task in tasks]
            more += len(tasks)
    return tuple(said)


def judge(inputs: Mapping[str, Plain]) -> str:
    """The checklist that is added, drawn from plain inputs; empty where its condition fails."""
    return str(inputs["checklist"]) if holds(inputs["when"], inputs["facts"]) else ""
