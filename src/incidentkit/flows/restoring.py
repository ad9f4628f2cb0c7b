"""A store that was restored from a backup: marking it, and letting go of what was held since.

What was queued before the restore may have been sent after the backup was made, and nobody can
know. So no message of it goes out by itself: each is held with its reason until a person releases
it. The mark is a key of the store like any other, so every store can keep it.
"""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from incidentkit.errors import NotFound, TransitionNotAllowed
from incidentkit.flows.draft import (
    MESSAGE,
    PRIORITY_OF_NOTICES,
    PRIORITY_OF_PAGES,
    Workbook,
)
from incidentkit.flows.effects import Find, Flow, Load, NewToken, Now, Owners, Tasks
from incidentkit.flows.gate import authorise
from incidentkit.flows.kinds import DELIVERY
from incidentkit.flows.outgoing import token_hash
from incidentkit.flows.seeing import messages, must_see
from incidentkit.flows.setting import Outcome, Setting, recorded
from incidentkit.model.delivery import Delivery, DeliveryRequeued
from incidentkit.model.words import DeliveryState, MessageKind
from incidentkit.ports.backup import RESTORED_KEY, RESTORED_SPACE
from incidentkit.ports.query import Compare, Cursor, Op, Query
from incidentkit.ports.rows import KeyChange, QueuedTask, TaskQuery, TaskState
from incidentkit.timing.instants import to_micros

GAP = 1_000
"""How many reference numbers of each series are left out after a restore."""
AT_ONCE = 1_000
RELEASED = "released by a person"


def mark(setting: Setting, *, anew: bool = False) -> Flow[Outcome[int]]:
    """Mark the store as restored now; what was queued before is not sent by itself.

    Gives the instant in microseconds. A later mark stays, unless it is made `anew`.
    """
    at = yield from Now()
    book = Workbook(setting, at)
    yield from authorise(book, "restore", "store", None)
    (was,) = yield from Owners(RESTORED_SPACE, (RESTORED_KEY,))
    stands = to_micros(at) if anew else max(to_micros(at), read_mark((was,)))
    becomes = str(stands)
    if was != becomes:
        book.keys.append(KeyChange(RESTORED_SPACE, RESTORED_KEY, was, becomes))
        _ = yield from book.commit()
    return Outcome(stands, at)


def may_back_up(setting: Setting) -> Flow[None]:
    """May this actor copy the whole store?"""
    yield from authorise(Workbook(setting, (yield from Now())), "back_up", "store", None)


def held(setting: Setting, limit: int) -> Flow[tuple[Delivery, ...]]:
    """Messages that are held, in the order of their ids."""
    yield from authorise(Workbook(setting, (yield from Now())), "read", "queue", None)
    where = Compare("state", Op.EQ, DeliveryState.HELD.value)
    found: list[Delivery] = []
    after: Cursor | None = None
    while len(found) < limit:
        query = Query("delivery", where, after=after, limit=min(500, limit - len(found)))
        page = yield from Find(DELIVERY, query)
        found += page.items
        after = page.next
        if after is None:
            break
    return (yield from messages(setting, found))


def release(setting: Setting, id_: str) -> Flow[Outcome[Delivery]]:
    """Send a held message after all.

    Raises NotFound, and TransitionNotAllowed where it is not held.
    """
    at = yield from Now()
    book = Workbook(setting, at)
    yield from authorise(book, "release", f"delivery/{id_}", None)
    (delivery,) = yield from Load(DELIVERY, (id_,))
    if delivery is None:
        raise NotFound("delivery", id_)
    yield from must_see(setting, delivery.subject, "delivery", id_)
    if delivery.state is not DeliveryState.HELD:
        raise TransitionNotAllowed(f"delivery {id_}", delivery.state.value, "release", ())
    fresh = attrs.evolve(delivery, queued_at=at)
    after = yield from requeue(book, fresh, RELEASED)
    _ = yield from book.commit()
    return Outcome(after, at)


def requeue(book: Workbook, delivery: Delivery, why: str, by: str = "") -> Flow[Delivery]:
    """Queue a message anew, with a new answer token, because the first one is kept nowhere."""
    token = yield from NewToken()
    after = attrs.evolve(
        delivery,
        version=delivery.version + 1,
        state=DeliveryState.QUEUED,
        detail=why,
        token_hash=token_hash(token),
    )
    entry = recorded(DeliveryRequeued(why), book.setting, book.at, by=by)
    book.write(DELIVERY, after, (entry,))
    book.keys.append(KeyChange("answer", after.token_hash, None, after.id))
    urgent = after.kind is MessageKind.PAGE
    book.send_later(after, token, PRIORITY_OF_PAGES if urgent else PRIORITY_OF_NOTICES)
    return after


def is_held(queued: QueuedTask, mark: int) -> bool:
    """Whether this message was queued before the restore, so that a worker will hold it."""
    return queued.task.queue == MESSAGE and queued.task.order < mark


def to_be_held(setting: Setting, mark: int) -> Flow[int]:
    """How many messages from before the restore no worker has looked at and held yet."""
    yield from authorise(Workbook(setting, (yield from Now())), "read", "queue", None)
    count, after = 0, ""
    while mark:
        found = yield from Tasks(TaskQuery(queue=MESSAGE, after=after, limit=AT_ONCE))
        count += sum(is_held(each, mark) for each in found if each.state is not TaskState.PARKED)
        if len(found) < AT_ONCE:
            break
        after = found[-1].task.id
    return count


def read_mark(owners: Sequence[str | None]) -> int:
    """When the store was restored last, in microseconds; 0 where it never was."""
    return int(owners[0]) if owners and owners[0] else 0
