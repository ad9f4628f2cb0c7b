"""Auditing the work: what should wait in the queue and does not, what hangs, what fails quietly.

Records know when they must be looked at again, and deliveries whether they were sent. Both are held
against the queue. A task that is missing is put back, because a timer only says "look again" and a
message keeps its key; everything else is for a person.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import attrs

from incidentkit.errors import IndexStale, Retryable, StoreClosed, StoreError
from incidentkit.flows import hung
from incidentkit.flows.aggregates import NAMES, aggregate
from incidentkit.flows.draft import PRIORITY_OF_TIMERS, TIMER, Workbook
from incidentkit.flows.effects import Find, Flow, Kind, Load, Now, Queued, Tasks, Unattended
from incidentkit.flows.gate import authorise
from incidentkit.flows.kinds import DELIVERY, HEARTBEAT, INCIDENT
from incidentkit.flows.restoring import requeue
from incidentkit.flows.setting import Outcome, Setting
from incidentkit.ids import TaskId
from incidentkit.model.delivery import Delivery
from incidentkit.model.words import UNSENT, DeliveryState
from incidentkit.ports.audit import Attended, QueueState
from incidentkit.ports.query import Compare, Cursor, OneOf, Op, Query
from incidentkit.ports.rows import QueuedTask, Task, TaskQuery, TaskState
from incidentkit.rules.wake import wakes_at
from incidentkit.timing.instants import from_micros, show_instant, to_micros

WAKING = ("incident", "problem", "maintenance", "silence", "review", "heartbeat")
"""The kinds that must be looked at again by themselves."""
LATE = timedelta(seconds=60)
"""How long due work, a lapsed lease or a misplaced timer may stand before it is a loose end."""
MOST = 100
"""Loose ends of one sort that one audit names; what is left is found by the next."""
RECENT = timedelta(minutes=15)
"""How far back the outcomes of deliveries are looked at."""
DELIVERIES = 500
FAILING = 3
"""So many failures on a channel, and at least as many as successes, are a failing channel."""
SYSTEM = "system"
MICROSECOND = timedelta(microseconds=1)


class Lack(StrEnum):
    """What is wrong with work."""

    TIMER = "timer"
    MESSAGE = "message"
    PARKED = "parked"
    STALLED = "stalled"
    LATE = "late"
    CHANNEL = "channel"
    HELD = "held"
    SPOOL = "spool"
    HUNG = "hung"


@attrs.frozen
class LooseEnd:
    """One thing that an audit found: what sort, about what, in words, and whether it was healed."""

    lack: Lack
    subject: str
    message: str
    healed: bool = False

    def __str__(self) -> str:
        """One line."""
        done = "put back" if self.healed else "look"
        return f"{done}  {self.lack.value} {self.subject}: {self.message}"


@attrs.frozen
class Audit:
    """What an audit of a tenant's work saw at an instant.

    `loose_ends` is empty when all is well; what was healed is listed among them.
    """

    at: datetime
    loose_ends: tuple[LooseEnd, ...]

    @property
    def healed(self) -> tuple[LooseEnd, ...]:
        """What was missing and has been put back."""
        return tuple(x for x in self.loose_ends if x.healed)

    @property
    def problems(self) -> tuple[LooseEnd, ...]:
        """What a person must look at."""
        return tuple(x for x in self.loose_ends if not x.healed)


def audit(setting: Setting, *, heal: bool) -> Flow[Outcome[Audit]]:
    """Hold the records against the queue; with `heal`, put back what is missing, in one commit."""
    at = yield from Now()
    book = Workbook(setting, at)
    yield from authorise(book, "audit", "queue", None)
    found: list[LooseEnd] = []
    for kind in WAKING:
        found += yield from _timers(book, kind, heal)
    found += yield from _messages(book, heal)
    found += yield from _queue(book)
    found += [
        LooseEnd(Lack.HUNG, f"delivery/{each.id}", hung.described(each))
        for each in (yield from hung.hanging(at))
    ]
    try:
        found += yield from _channels(at)
    except (IndexStale, Retryable, StoreClosed):
        raise
    except StoreError as error:  # one delivery that cannot be read must not end the healing
        found.append(LooseEnd(Lack.CHANNEL, "deliveries", str(error)[:500]))
    if book.tasks:
        _ = yield from book.commit()
    return Outcome(Audit(at, tuple(found)), at)


def _timers(book: Workbook, kind: str, heal: bool) -> Flow[list[LooseEnd]]:
    """Records that would never be looked at again, or too late.

    The timer of a heartbeat follows signs of life that its row knows nothing of, so only whether
    there is one counts.
    """
    due = "" if kind == HEARTBEAT.name else "wakes_at"
    where = Compare("wakes_at", Op.GT, 0)
    slack = LATE // MICROSECOND
    wanted = Attended(kind, where, f"wake:{kind}/", due, slack, MOST)
    found: list[LooseEnd] = []
    for id_ in (yield from _unattended(wanted)):
        name = f"{kind}/{id_}"
        task, now = TaskId(f"wake:{name}"), to_micros(book.at)
        if heal:
            # Due now: it looks, finds what there is, and goes to its right time by itself.
            book.tasks.append(Task(task, TIMER, task, 0, PRIORITY_OF_TIMERS, now, "", name))
        why = "it must be looked at again, and its timer is missing or rings too late"
        found.append(LooseEnd(Lack.TIMER, name, why, heal))
    return found


def _messages(book: Workbook, heal: bool) -> Flow[list[LooseEnd]]:
    """Messages that nothing would ever send, and those that are held on purpose."""
    waiting = tuple([state.value for state in UNSENT])
    wanted = Attended("delivery", OneOf("state", waiting), "send:", limit=MOST)
    ids = yield from _unattended(wanted)
    found: list[LooseEnd] = []
    for delivery in (yield from Load(DELIVERY, tuple(ids))) if ids else ():
        if delivery is None or delivery.state.value not in waiting:
            continue
        if heal:
            _ = yield from requeue(book, delivery, "its task was missing", SYSTEM)
        why = f"{delivery.kind.value} to {delivery.party} on {delivery.channel} has no task"
        found.append(LooseEnd(Lack.MESSAGE, f"delivery/{delivery.id}", why, heal))
    query = Query("delivery", Compare("state", Op.EQ, DeliveryState.HELD.value), limit=MOST)
    held = (yield from Find(DELIVERY, query)).items
    if held:
        many = f"{len(held)} or more messages" if len(held) == MOST else f"{len(held)} message(s)"
        why = f"{many} from before a restore wait to be released"
        found.append(LooseEnd(Lack.HELD, "messages", why))
    return found


def _queue(book: Workbook) -> Flow[list[LooseEnd]]:
    """Tasks that were set aside, leases that nobody took up again, and work that is late."""
    state = yield from Queued(to_micros(book.at))
    if state is None:
        state = yield from _counted(to_micros(book.at))
    found: list[LooseEnd] = []
    if state.parked:
        named = yield from Tasks(TaskQuery(state=TaskState.PARKED, limit=20))
        found += [LooseEnd(Lack.PARKED, x.task.id, x.why or "set aside") for x in named]
        if state.parked > len(found):
            more = f"{state.parked - len(found)} more tasks are set aside"
            found.append(LooseEnd(Lack.PARKED, "queue", more))
    if state.lapsed and _ago(book, state.lapsed_since) > LATE:
        since = show_instant(from_micros(state.lapsed_since))
        why = f"{state.lapsed} lease(s) ran out, the first at {since}, and nobody took them up"
        found.append(LooseEnd(Lack.STALLED, "queue", why))
    if state.waits_since and _ago(book, state.waits_since) > LATE:
        since = show_instant(from_micros(state.waits_since))
        found.append(LooseEnd(Lack.LATE, "queue", f"work that was due at {since} waits"))
    return found


def _ago(book: Workbook, micros: int) -> timedelta:
    return book.at - from_micros(micros)


def failing_channels() -> Flow[tuple[LooseEnd, ...]]:
    """Channels of the tenant on which as much fails as goes out, whichever worker it was."""
    return tuple((yield from _channels((yield from Now()))))


def _channels(at: datetime) -> Flow[list[LooseEnd]]:
    since = to_micros(at - RECENT)
    where = Compare("changed_at", Op.GE, since)
    query = Query("delivery", where, "changed_at", descending=True, limit=DELIVERIES)
    page = yield from Find(DELIVERY, query)
    failing_still = OneOf("state", (DeliveryState.RETRYING.value, DeliveryState.DELAYED.value))
    retrying = Query("delivery", failing_still, "state", limit=DELIVERIES)
    still = yield from Find(DELIVERY, retrying)
    recent = {x.id: x for x in (*page.items, *still.items)}
    return [
        LooseEnd(Lack.CHANNEL, name, f"{failed} of {of} recent messages failed: {last}")
        for name, failed, of, last in failing(recent.values())
    ]


_FAILED = frozenset((DeliveryState.RETRYING, DeliveryState.DELAYED, DeliveryState.REFUSED))


def failing(recent: Iterable[Delivery]) -> list[tuple[str, int, int, str]]:
    """Channels that fail: name, failures, all that was tried, and what was said last."""
    by_channel: dict[str, list[Delivery]] = {}
    for each in recent:
        if each.state in _FAILED or each.state is DeliveryState.SENT:
            by_channel.setdefault(each.channel, []).append(each)
    found: list[tuple[str, int, int, str]] = []
    for name, tried in sorted(by_channel.items()):
        failed = [x for x in tried if x.state in _FAILED]
        if len(failed) >= FAILING and 2 * len(failed) >= len(tried):
            found.append((name, len(failed), len(tried), failed[0].detail[:200]))
    return found


# --- stores that cannot compare: slowly, but to the same end --------------------------------------


def _unattended(wanted: Attended) -> Flow[tuple[str, ...]]:
    found = yield from Unattended(wanted)
    if found is not None:
        return tuple(found)
    return (yield from _compared(wanted))


def _compared(wanted: Attended) -> Flow[tuple[str, ...]]:
    tasks = yield from _tasks(wanted.prefix)
    kind, rings = _kind(wanted.kind)
    lacking: list[str] = []
    after: Cursor | None = None
    while True:
        page = yield from Find(kind, Query(wanted.kind, wanted.where, after=after, limit=500))
        for record in page.items:
            task = tasks.get(f"{wanted.prefix}{record.id}")
            if task is None or (wanted.due and _rings_late(task, rings(record), wanted.slack)):
                lacking.append(record.id)
        after = page.next
        if after is None or len(lacking) >= wanted.limit:
            return tuple(lacking[: wanted.limit])


def _kind(name: str) -> tuple[Kind[Any], Callable[[Any], datetime | None]]:
    """A kind, and when a record of it must be looked at again."""
    if name == INCIDENT.name:
        return INCIDENT, wakes_at
    if name in NAMES:
        of = aggregate(name)
        return of.kind, of.wakes_at
    return (HEARTBEAT if name == HEARTBEAT.name else DELIVERY), _never


def _never(_record: object) -> datetime | None:
    return None


def _rings_late(task: QueuedTask, at: datetime | None, slack: int) -> bool:
    """Whether a task that waits, and never failed, waits for too long."""
    waits = task.state is TaskState.READY and not task.why
    return waits and at is not None and task.next_at > to_micros(at) + slack


def _tasks(prefix: str) -> Flow[dict[str, QueuedTask]]:
    """All tasks whose id begins so."""
    found: dict[str, QueuedTask] = {}
    after = prefix
    while True:
        page = yield from Tasks(TaskQuery(after=after, limit=1000))
        for each in page:
            if not each.task.id.startswith(prefix):
                return found
            found[each.task.id] = each
        if len(page) < 1000:
            return found
        after = page[-1].task.id


def _counted(now: int) -> Flow[QueueState]:
    """The state of the queue, counted task by task."""
    parked = lapsed = lapsed_since = waits_since = 0
    after = ""
    while True:
        page = yield from Tasks(TaskQuery(after=after, limit=1000))
        for each in page:
            if each.state is TaskState.PARKED:
                parked += 1
            elif each.next_at >= now:
                continue
            elif each.state is TaskState.LEASED:
                lapsed += 1
                lapsed_since = min(lapsed_since or each.next_at, each.next_at)
            elif each.state is TaskState.READY:
                waits_since = min(waits_since or each.next_at, each.next_at)
        if len(page) < 1000:
            return QueueState(parked, lapsed, lapsed_since, waits_since)
        after = page[-1].task.id
