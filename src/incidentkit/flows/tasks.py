"""The queue as people see it: what waits, what was set aside and why, and trying it again."""

from __future__ import annotations

import attrs

from incidentkit.errors import NotFound
from incidentkit.flows.draft import MESSAGE, Workbook
from incidentkit.flows.effects import Flow, Now, Tasks
from incidentkit.flows.gate import authorise
from incidentkit.flows.setting import Outcome, Setting
from incidentkit.ids import TaskId
from incidentkit.ports.rows import Move, QueuedTask, TaskQuery
from incidentkit.timing.instants import to_micros


def tasks(setting: Setting, query: TaskQuery) -> Flow[tuple[QueuedTask, ...]]:
    """Tasks as they stand, parked ones included."""
    yield from authorise(Workbook(setting, (yield from Now())), "read", "queue", None)
    found = yield from Tasks(query)
    return tuple([_without_token(each) for each in found])


def _without_token(found: QueuedTask) -> QueuedTask:
    """A message's task as people may see it: whoever has its token can answer for its recipient."""
    if found.task.queue != MESSAGE:
        return found
    delivery = found.task.body.partition(" ")[0]
    return attrs.evolve(found, task=attrs.evolve(found.task, body=delivery))


def retry(setting: Setting, task: str) -> Flow[Outcome[None]]:
    """Make a waiting or parked task due now.

    Raises NotFound when there is no such task.
    """
    at = yield from Now()
    book = Workbook(setting, at)
    yield from authorise(book, "retry", f"task/{task}", None)
    before = task[:-1] + chr(ord(task[-1]) - 1) if task else ""
    found = yield from Tasks(TaskQuery(after=before, limit=1000))
    if not any(each.task.id == task for each in found):
        raise NotFound("task", task)
    book.moves.append(Move(TaskId(task), to_micros(at)))
    _ = yield from book.commit()
    return Outcome(None, at)
