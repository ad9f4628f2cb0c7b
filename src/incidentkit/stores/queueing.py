"""The task queue over rows: who may be handed out, and what settling one sets free.

Of one subject at most one task is `ready` or `leased`; the others wait as `blocked`. That state is
decided when a task is added and when the subject's head goes away, so a claim never has to look
at tasks it could not hand out.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from incidentkit.ids import TaskId, TenantName
from incidentkit.ports.rows import (
    Again,
    Batch,
    Done,
    Move,
    Park,
    QueuedTask,
    Settle,
    Task,
    TaskQuery,
    TaskState,
)
from incidentkit.stores.rows import Rows, Stored, require
from incidentkit.stores.tables import TASK

READY = "ready"
BLOCKED = "blocked"
LEASED = "leased"
PARKED = "parked"
_IN_SUBJECT = ("ord", "id")


def fresh_token() -> str:
    """A token nobody can have held before: random, so that a restored store repeats none."""
    return os.urandom(16).hex()


def task_of(row: Stored) -> Task:
    """The task as it was added."""
    return Task(
        row["id"], row["queue"], row["subject"], row["ord"], row["priority"], row["due_at"],
        row["channel"], row["body"],
    )  # fmt: skip


def guard_subject(rows: Rows, tenant: str, subject: str) -> None:
    """Meet whoever else changes the order of this subject's tasks."""
    if not rows.serial:
        rows.guard(tenant, f"subject {subject}")


def _first(rows: Rows, tenant: str, subject: str, state: str) -> Stored | None:
    equal = {"tenant": tenant, "subject": subject, "state": state}
    found = rows.scan(TASK, equal, _IN_SUBJECT, 1)
    return found[0] if found else None


def _change(rows: Rows, row: Stored, **changes: Any) -> None:
    where = {"state": row["state"], "token": row["token"]}
    require(rows.update(TASK, (row["tenant"], row["id"]), changes, where))


def promote(rows: Rows, tenant: str, subject: str) -> None:
    """Make the first unsettled task of the subject ready, unless one is under lease."""
    ready = _first(rows, tenant, subject, READY)
    blocked = _first(rows, tenant, subject, BLOCKED)
    leased = _first(rows, tenant, subject, LEASED)
    if leased is not None:
        if ready is not None:
            _change(rows, ready, state=BLOCKED)
    elif blocked is not None:
        if ready is None:
            _change(rows, blocked, state=READY)
        elif (blocked["ord"], blocked["id"]) < (ready["ord"], ready["id"]):
            _change(rows, ready, state=BLOCKED)
            _change(rows, blocked, state=READY)


def add(rows: Rows, tenant: str, task: Task) -> None:
    """Add the task, or put it in the place of the one with its id."""
    guard_subject(rows, tenant, task.subject)
    old = rows.get(TASK, (tenant, task.id), lock=True)
    if old is not None:
        _replace(rows, old, task)
        return
    state = READY
    head = _first(rows, tenant, task.subject, READY)
    if head is not None:
        if (task.order, task.id) < (head["ord"], head["id"]):
            _change(rows, head, state=BLOCKED)
        else:
            state = BLOCKED
    elif _first(rows, tenant, task.subject, LEASED) is not None:
        state = BLOCKED
    require(rows.insert(TASK, {"tenant": tenant, "id": task.id, **_fresh(task, state)}))


def _fresh(task: Task, state: str) -> dict[str, Any]:
    return {
        "queue": task.queue, "subject": task.subject, "ord": task.order,
        "priority": task.priority, "due_at": task.due_at, "channel": task.channel,
        "body": task.body, "state": state, "next_at": task.due_at, "token": "", "tries": 0,
        "lapses": 0, "why": "",
    }  # fmt: skip


def _replace(rows: Rows, old: Stored, task: Task) -> None:
    tenant, was = old["tenant"], old["subject"]
    if was == task.subject and old["ord"] == task.order and old["state"] in (READY, BLOCKED):
        # Its place among its subject's tasks is what it was.
        _change(rows, old, **_fresh(task, old["state"]))
        return
    if was != task.subject:
        guard_subject(rows, tenant, was)
    _change(rows, old, **_fresh(task, BLOCKED))
    promote(rows, tenant, task.subject)
    if was != task.subject:
        promote(rows, tenant, was)


def move(rows: Rows, tenant: str, wanted: Move) -> None:
    """Make a waiting or parked task due at another instant; leave a leased or missing one."""
    row = rows.get(TASK, (tenant, wanted.id), lock=True)
    if row is None or row["state"] == LEASED:
        return
    due = wanted.due_at
    if row["state"] == PARKED:
        guard_subject(rows, tenant, row["subject"])
        _change(rows, row, state=BLOCKED, next_at=due, due_at=due, lapses=0)
        promote(rows, tenant, row["subject"])
    else:
        _change(rows, row, next_at=due, due_at=due)


def cancel(rows: Rows, tenant: str, task: TaskId) -> None:
    """Remove the task, whoever holds it; a missing one is no matter."""
    row = rows.get(TASK, (tenant, task), lock=True)
    if row is None:
        return
    guard_subject(rows, tenant, row["subject"])
    require(rows.delete(TASK, (tenant, task), {"state": row["state"], "token": row["token"]}))
    if row["state"] in (READY, LEASED):
        promote(rows, tenant, row["subject"])


def held(rows: Rows, tenant: str, task: TaskId, token: str) -> Stored | None:
    """The task's row, if the token is still its token."""
    row = rows.get(TASK, (tenant, task), lock=True)
    if row is None or row["state"] != LEASED or row["token"] != token:
        return None
    return row


def stale(rows: Rows, tenant: str, settles: Sequence[Settle]) -> tuple[str, ...]:
    """Which of the settled tasks are no longer their settler's."""
    wanted = sorted(settles, key=lambda settle: settle.task)
    return tuple(s.task for s in wanted if held(rows, tenant, s.task, s.token) is None)


def settle(rows: Rows, tenant: str, wanted: Settle) -> bool:
    """Do what became of the task; False when the token is void."""
    row = held(rows, tenant, wanted.task, wanted.token)
    if row is None:
        return False
    subject = row["subject"]
    guard_subject(rows, tenant, subject)
    match wanted.outcome:
        case Done():
            where = {"state": LEASED, "token": wanted.token}
            require(rows.delete(TASK, (tenant, wanted.task), where))
        case Again(at, why):
            _change(rows, row, state=BLOCKED, token="", next_at=at, why=why)
        case Park(why):
            _change(rows, row, state=PARKED, token="", why=why)
    promote(rows, tenant, subject)
    return True


def apply(rows: Rows, batch: Batch) -> None:
    """Do to the queue what a judged batch says: settle, cancel, move, then add."""
    tenant = batch.tenant
    for each in batch.settles:
        require(settle(rows, tenant, each))
    for name in batch.cancels:
        cancel(rows, tenant, name)
    for wanted in batch.moves:
        move(rows, tenant, wanted)
    for task in batch.tasks:
        add(rows, tenant, task)


def extend(rows: Rows, tenant: str, task: TaskId, token: str, until: int) -> bool:
    """Renew a lease; False when the token is void."""
    row = held(rows, tenant, task, token)
    if row is None:
        return False
    _change(rows, row, next_at=until)
    return True


def tasks(rows: Rows, tenant: TenantName, query: TaskQuery) -> tuple[QueuedTask, ...]:
    """Tasks as they stand, by id."""
    equal: dict[str, Any] = {"tenant": tenant}
    if query.queue is not None:
        equal["queue"] = query.queue
    if query.subject is not None:
        equal["subject"] = query.subject
    if query.state is not None:
        equal["state"] = str(query.state)
    found = rows.scan(TASK, equal, ("id",), query.limit, (query.after,) if query.after else ())
    return tuple(
        QueuedTask(
            task_of(row), TaskState(row["state"]), row["next_at"], row["tries"], row["lapses"],
            row["why"],
        )
        for row in found
    )  # fmt: skip
