"""Mistakes in the queue."""

from __future__ import annotations

import time
from collections.abc import Sequence
from itertools import count

import attrs

from incidentkit.ids import TaskId, TenantName
from incidentkit.ports.rows import Batch, Claimed, Committed, Settle
from incidentkit.stores import queueing
from incidentkit.stores.tables import TASK
from incidentkit.testing.store_trial import StoreTime
from tests.stores.broken.base import Kept


class SettleIgnoresToken(Kept):
    """Whoever settles a task that is leased may."""

    def settle(self, tenant: TenantName, settles: Sequence[Settle]) -> tuple[bool, ...]:
        found = [self._rows.get(TASK, (tenant, x.task)) for x in settles]
        now = [x if row is None else attrs.evolve(x, token=row["token"])
               for x, row in zip(settles, found, strict=True)]  # fmt: skip
        return super().settle(tenant, now)


class TokenFromACounter(Kept):
    """Makes tokens by counting, from the beginning whenever it is opened."""

    def __init__(self, now: StoreTime) -> None:
        super().__init__(now)
        self.counter = count(1)

    def claim(
        self,
        now: int | None,
        lease: int,
        limit: int,
        tenant: TenantName | None = None,
        skip_channels: Sequence[str] = (),
    ) -> Claimed:
        answer = super().claim(now, lease, limit, tenant, skip_channels)
        tasks = []
        with self._lock:
            for each in answer.tasks:
                token = f"{next(self.counter):032}"
                key = each.tenant, each.task.id
                self._rows.update(TASK, key, {"token": token}, {"token": each.token})
                tasks.append(attrs.evolve(each, token=token))
        return attrs.evolve(answer, tasks=tuple(tasks))


class HostClock(Kept):
    """Leases by the clock of the host it happens to run on."""

    def claim(
        self,
        now: int | None,
        lease: int,
        limit: int,
        tenant: TenantName | None = None,
        skip_channels: Sequence[str] = (),
    ) -> Claimed:
        now = time.time_ns() // 1_000 if now is None else now
        return super().claim(now, lease, limit, tenant, skip_channels)


class ClaimIgnoresSubject(Kept):
    """Hands out whatever is due, whoever is in front of it."""

    def claim(
        self,
        now: int | None,
        lease: int,
        limit: int,
        tenant: TenantName | None = None,
        skip_channels: Sequence[str] = (),
    ) -> Claimed:
        with self._lock:
            for row in list(self._rows.scan(TASK, {"state": "blocked"}, ("tenant", "id"), 9_999)):
                where = {"state": "blocked"}
                self._rows.update(TASK, (row["tenant"], row["id"]), {"state": "ready"}, where)
        return super().claim(now, lease, limit, tenant, skip_channels)


class FirstTenantFirst(Kept):
    """Begins with the same tenant every time."""

    def claim(
        self,
        now: int | None,
        lease: int,
        limit: int,
        tenant: TenantName | None = None,
        skip_channels: Sequence[str] = (),
    ) -> Claimed:
        self._served = ""
        return super().claim(now, lease, limit, tenant, skip_channels)


class NeverParks(Kept):
    """Forgets how many leases of a task ran out."""

    def claim(
        self,
        now: int | None,
        lease: int,
        limit: int,
        tenant: TenantName | None = None,
        skip_channels: Sequence[str] = (),
    ) -> Claimed:
        answer = super().claim(now, lease, limit, tenant, skip_channels)
        with self._lock:
            for each in answer.tasks:
                key = each.tenant, each.task.id
                self._rows.update(TASK, key, {"lapses": min(each.lapses, 1)}, {})
        return answer


class CancelKeepsTheLease(Kept):
    """Cancels nothing that somebody is working on."""

    def _commit(self, batch: Batch) -> Committed:
        rows = [(name, self._rows.get(TASK, (batch.tenant, name))) for name in batch.cancels]
        free = tuple(TaskId(x) for x, row in rows if row is None or row["state"] != queueing.LEASED)
        return super()._commit(attrs.evolve(batch, cancels=free))
