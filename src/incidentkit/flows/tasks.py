"""The queue as people see it: what waits, what was set aside and why, and trying it again."""

from __future__ import annotations

import attrs

from incidentkit.errors import NotFound, StoreError
from incidentkit.flows.draft import MESSAGE, Workbook
from incidentkit.flows.effects import Find, Flow, Load, Now, Tasks
from incidentkit.flows.gate import authorise
from incidentkit.flows.kinds import DELIVERY
from incidentkit.flows.seeing import messages
from incidentkit.flows.setting import Outcome, Setting, recorded
from incidentkit.ids import TaskId
from incidentkit.model.delivery import Delivery, DeliveryRequeued
from incidentkit.model.words import DeliveryState
from incidentkit.ports.query import OneOf, Query
from incidentkit.ports.rows import Move, QueuedTask, TaskQuery, TaskState
from incidentkit.timing.instants import to_micros

MOST = 1_000


@attrs.frozen
class ParkedTask:
    """A task that was set aside for a person, and `why`.

    `about` names the record that it concerns; `delivery` is the message, where it is one that can
    still be read. `tries` counts how often it was begun.
    """

    id: TaskId
    queue: str
    about: str
    why: str
    tries: int
    channel: str = ""
    delivery: Delivery | None = None

    def __str__(self) -> str:
        """One line."""
        if self.delivery is None:
            return f"{self.id}: {self.queue} of {self.about}: {self.why}"
        kind, to, on = self.delivery.kind, self.delivery.party, self.channel
        return f"{self.id}: {kind} to {to} on {on} about {self.delivery.ref}: {self.why}"


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


def parked(setting: Setting, after: str, limit: int) -> Flow[tuple[ParkedTask, ...]]:
    """What was set aside, by id, with the messages that are meant.

    A message about what the actor may not see is left out; its task stands there without it.
    """
    query = TaskQuery(state=TaskState.PARKED, after=after, limit=limit)
    listed = yield from _described((yield from tasks(setting, query)))
    sent = [x.delivery for x in listed if x.delivery is not None]
    shown = {x.id for x in (yield from messages(setting, sent))}
    return tuple([x if x.delivery is None or x.delivery.id in shown else _bare(x) for x in listed])


def _bare(listed: ParkedTask) -> ParkedTask:
    """The task of a message about what the reader may not see: that it is set aside, and why."""
    return attrs.evolve(listed, delivery=None)


def may_diagnose(setting: Setting) -> Flow[None]:
    """May this actor hear how the desk and its store fare?"""
    yield from authorise(Workbook(setting, (yield from Now())), "diagnose", "desk", None)


def how_many_parked() -> Flow[int]:
    """How many tasks of the tenant are set aside; counted up to `MOST`."""
    return len((yield from Tasks(TaskQuery(state=TaskState.PARKED, limit=MOST))))


def unsent() -> Flow[dict[str, int]]:
    """How many messages of the tenant wait because their channel fails, by channel."""
    waits = (DeliveryState.RETRYING.value, DeliveryState.DELAYED.value)
    found = yield from Find(DELIVERY, Query("delivery", OneOf("state", waits), "state", limit=MOST))
    counts: dict[str, int] = {}
    for each in found.items:
        counts[each.channel] = counts.get(each.channel, 0) + 1
    return counts


def _described(found: tuple[QueuedTask, ...]) -> Flow[list[ParkedTask]]:
    listed: list[ParkedTask] = []
    for each in found:
        task = each.task
        delivery = yield from _message_of(each)
        about = delivery.subject if delivery is not None else _about(each)
        listed.append(
            ParkedTask(task.id, task.queue, about, each.why, each.tries, task.channel, delivery)
        )
    return listed


def _about(queued: QueuedTask) -> str:
    """The record of a task without a message: of a timer, or of what reacts."""
    body = queued.task.body
    if queued.task.queue == MESSAGE:
        return queued.task.subject.partition(">")[0]
    return body.rpartition(">")[2] or body


def _message_of(queued: QueuedTask) -> Flow[Delivery | None]:
    """The message of a task; None where it is none, is gone, or cannot be read."""
    if queued.task.queue != MESSAGE:
        return None
    try:
        (delivery,) = yield from Load(DELIVERY, (queued.task.body.partition(" ")[0],))
    except StoreError:
        return None
    return delivery


def retry(setting: Setting, task: str) -> Flow[Outcome[QueuedTask]]:
    """Make a waiting or parked task due now; a message that was given up starts afresh.

    Gives the task as it was. Raises NotFound when there is no such task.
    """
    at = yield from Now()
    book = Workbook(setting, at)
    yield from authorise(book, "retry", f"task/{task}", None)
    before = task[:-1] + chr(ord(task[-1]) - 1) if task else ""
    found = yield from Tasks(TaskQuery(after=before, limit=MOST))
    queued = next((each for each in found if each.task.id == task), None)
    if queued is None:
        raise NotFound("task", task)
    if queued.state is TaskState.PARKED:
        yield from _afresh(book, queued)
    book.moves.append(Move(TaskId(task), to_micros(at)))
    _ = yield from book.commit()
    return Outcome(_without_token(queued), at)


def _afresh(book: Workbook, queued: QueuedTask) -> Flow[None]:
    """A message that was set aside is as good as new, and its journal says who wanted it so."""
    delivery = yield from _message_of(queued)
    if delivery is None or delivery.state in _OVER:
        return
    after = attrs.evolve(
        delivery,
        version=delivery.version + 1,
        state=DeliveryState.QUEUED,
        tries=0,
        detail="",
        queued_at=book.at,
    )
    event = DeliveryRequeued(queued.why)
    book.write(DELIVERY, after, (recorded(event, book.setting, book.at),))


_OVER = frozenset((DeliveryState.SENT, DeliveryState.UNWANTED, DeliveryState.EXPIRED))
"""States of a message of which nothing is left to send, whatever its task says."""
