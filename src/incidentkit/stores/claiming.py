"""Handing out tasks under a lease: lapsed ones first and alone, then tenants in turn.

A lapsed task may have killed its worker, so it is handed out without company that would lapse
with it. Tenants take turns, so a small one never waits behind another's backlog.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, takewhile

import attrs

from incidentkit.ids import TenantName
from incidentkit.ports.query import Filter, Not, OneOf
from incidentkit.ports.rows import LAPSES_BEFORE_PARKING, Claimed, ClaimedTask
from incidentkit.stores.queueing import (
    LEASED,
    PARKED,
    READY,
    fresh_token,
    guard_subject,
    promote,
    task_of,
)
from incidentkit.stores.rows import PAGE, Rows, Stored, require, select
from incidentkit.stores.tables import TASK

PARKED_WHY = f"its lease ran out {LAPSES_BEFORE_PARKING} times"
MOST_WALKED = 64
_BY_TIME = ("next_at", "tenant", "id")
_BY_URGENCY = ("priority", "next_at", "id")


@attrs.frozen
class Wanted:
    """What a claim asks for. `start` is the tenant that was served last."""

    now: int
    lease: int
    limit: int
    tenant: TenantName | None
    where: Filter | None
    start: str


def outside(channels: Sequence[str]) -> Filter | None:
    """The filter that keeps tasks of other channels, or None when none is skipped."""
    return Not(OneOf("channel", tuple(channels))) if channels else None


def claim(rows: Rows, wanted: Wanted) -> tuple[Claimed, str]:
    """The answer, and the tenant that was served last."""
    leased = _lapsed(rows, wanted)
    if isinstance(leased, ClaimedTask):
        heads = [_earliest(rows, wanted, state) for state in (READY, LEASED)]
        return Claimed(wanted.now, (leased,), _soonest(heads)), wanted.start
    head = _earliest(rows, wanted, READY)
    if head is None or head["next_at"] > wanted.now:
        return Claimed(wanted.now, (), _soonest([head, leased])), wanted.start
    taken = _take(rows, wanted)
    soonest = _soonest([_earliest(rows, wanted, READY), leased])
    if taken:
        until = wanted.now + wanted.lease
        soonest = until if soonest is None else min(soonest, until)
    last = taken[-1].tenant if taken else wanted.start
    return Claimed(wanted.now, tuple(taken), soonest), last


def _soonest(heads: Iterable[Stored | None]) -> int | None:
    return min((row["next_at"] for row in heads if row is not None), default=None)


def _in_order(rows: Rows, wanted: Wanted, state: str, page: int) -> Iterator[Stored]:
    """Tasks of all tenants in that state, by the instant at which something is to happen."""
    if wanted.where is not None and not rows.filters:
        page = max(page, PAGE)
    return select(rows, TASK, {"state": state}, _BY_TIME, where=wanted.where, page=page)


def _earliest(rows: Rows, wanted: Wanted, state: str) -> Stored | None:
    """The task in that state to which something is to happen first."""
    if wanted.tenant is None:
        return next(_in_order(rows, wanted, state, 1), None)
    heads = (next(queue, None) for queue in _by_priority(rows, wanted, wanted.tenant, state, 1))
    return min(
        (row for row in heads if row is not None),
        key=lambda row: (row["next_at"], row["id"]),
        default=None,
    )


def _lapsed(rows: Rows, wanted: Wanted) -> ClaimedTask | Stored | None:
    """The lapsed task that is handed out alone; else the lease that runs out first, if any."""
    while True:
        row = _earliest(rows, wanted, LEASED)
        if row is None or row["next_at"] > wanted.now:
            return row
        lapses = row["lapses"] + 1
        if lapses < LAPSES_BEFORE_PARKING:
            return _lease(rows, row, wanted, lapses)
        guard_subject(rows, row["tenant"], row["subject"])
        changes = {"state": PARKED, "token": "", "lapses": lapses, "why": PARKED_WHY}
        require(_update(rows, row, changes))
        promote(rows, row["tenant"], row["subject"])


def _take(rows: Rows, wanted: Wanted) -> list[ClaimedTask]:
    if wanted.tenant is not None:
        due: Iterator[Stored] = _of_tenant(rows, wanted, wanted.tenant)
    else:
        due = _in_turn(rows, wanted)
    # All are chosen before any is changed: a scan must not meet its own changes.
    chosen = list(islice(due, wanted.limit))
    return [_lease(rows, row, wanted, row["lapses"]) for row in chosen]


def _in_turn(rows: Rows, wanted: Wanted) -> Iterator[Stored]:
    queues = _walked(rows, wanted)
    if queues is None:
        queues = _by_time(rows, wanted)
    if queues is None:
        queues = list(islice(_backlogs(rows, wanted), wanted.limit))
    while queues:
        going: list[Iterator[Stored]] = []
        for queue in queues:
            for row in islice(queue, 1):
                yield row
                going.append(queue)
        queues = going


def _walked(rows: Rows, wanted: Wanted) -> list[Iterator[Stored]] | None:
    """The due tasks of the next tenants; None if too many tenants have nothing due."""
    queues: list[Iterator[Stored]] = []
    for walked, queue in enumerate(_each_tenant(rows, wanted), start=1):
        queues += [queue] if queue is not None else []
        if len(queues) == wanted.limit:
            break
        if walked == MOST_WALKED:
            return None
    return queues


def _by_time(rows: Rows, wanted: Wanted) -> list[Iterator[Stored]] | None:
    """All due tasks, tenant by tenant; None if they are too many to read."""
    page = 4 * wanted.limit + MOST_WALKED
    early = _in_order(rows, wanted, READY, page)
    due = list(islice(takewhile(lambda row: bool(row["next_at"] <= wanted.now), early), page))
    if len(due) == page:
        return None
    by_tenant: dict[str, list[Stored]] = {}
    for row in due:
        by_tenant.setdefault(row["tenant"], []).append(row)
    names = _from(sorted(by_tenant), wanted.start)
    return [iter(sorted(by_tenant[name], key=_urgency)) for name in names]


def _urgency(row: Stored) -> tuple[int, int, str]:
    return row["priority"], row["next_at"], row["id"]


def _from(names: Iterable[str], start: str) -> list[str]:
    every = list(names)
    return [name for name in every if name > start] + [name for name in every if name <= start]


def _backlogs(rows: Rows, wanted: Wanted) -> Iterator[Iterator[Stored]]:
    """The due tasks of each tenant that has any, however many tenants have none."""
    return (queue for queue in _each_tenant(rows, wanted) if queue is not None)


def _each_tenant(rows: Rows, wanted: Wanted) -> Iterator[Iterator[Stored] | None]:
    """For each tenant with waiting tasks, its due ones or None, behind the one served last."""
    start = wanted.start
    passes: list[tuple[str | None, str | None]] = [(None, None)]
    if start:
        passes = [(start, None), (None, start)]
    for begin, end in passes:
        tenant = begin
        while True:
            after = () if tenant is None else (tenant,)
            found = rows.scan(TASK, {"state": READY}, ("tenant", *_BY_URGENCY), 1, after)
            if not found or (end is not None and found[0]["tenant"] > end):
                break
            tenant = found[0]["tenant"]
            queue = _of_tenant(rows, wanted, found[0]["tenant"])
            first = next(queue, None)
            yield None if first is None else _led(first, queue)


def _led(first: Stored, rest: Iterator[Stored]) -> Iterator[Stored]:
    yield first
    yield from rest


def _of_tenant(rows: Rows, wanted: Wanted, tenant: TenantName) -> Iterator[Stored]:
    """Due tasks of one tenant by priority, due, id, without reading those that are not due."""
    page = max(1, min(wanted.limit, PAGE))
    for queue in _by_priority(rows, wanted, tenant, READY, page):
        yield from takewhile(lambda row: bool(row["next_at"] <= wanted.now), queue)


def _by_priority(
    rows: Rows, wanted: Wanted, tenant: TenantName, state: str, page: int
) -> Iterator[Iterator[Stored]]:
    """For each priority in use, its tasks by due and id."""
    equal = {"state": state, "tenant": tenant}
    after: tuple[int, ...] = ()
    while found := rows.scan(TASK, equal, _BY_URGENCY, 1, after):
        priority = found[0]["priority"]
        same = {**equal, "priority": priority}
        yield select(rows, TASK, same, ("next_at", "id"), where=wanted.where, page=page)
        after = (priority,)


def _lease(rows: Rows, row: Stored, wanted: Wanted, lapses: int) -> ClaimedTask:
    token = fresh_token()
    until = wanted.now + wanted.lease
    tries = row["tries"] + 1
    changes = {
        "state": LEASED, "token": token, "tries": tries, "lapses": lapses, "next_at": until,
    }  # fmt: skip
    require(_update(rows, row, changes))
    return ClaimedTask(row["tenant"], task_of(row), token, tries, lapses, until)


def _update(rows: Rows, row: Stored, changes: Stored) -> bool:
    where = {"state": row["state"], "token": row["token"]}
    return rows.update(TASK, (row["tenant"], row["id"]), changes, where)
