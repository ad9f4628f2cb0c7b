"""Stores that can do more than the contract asks for, rightly and wrongly."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import attrs

from incidentkit.errors import StoreClosed, StoreError
from incidentkit.ids import TenantName
from incidentkit.ports.rows import Batch, Claimed, Committed, Settle
from incidentkit.ports.store import Store
from incidentkit.stores import queueing
from incidentkit.stores.tables import TASK
from tests.stores.broken.base import Kept
from tests.stores.factories import Moving, PlainSqlStore


@attrs.frozen
class Turned:
    settled: tuple[bool, ...]
    claimed: Claimed


class Turning(Kept):
    """Settles and claims in one call, and wakes."""

    def turn(
        self,
        settles: Sequence[tuple[TenantName, Settle]],
        now: int | None,
        lease: int,
        limit: int,
        tenant: TenantName | None = None,
        skip_channels: Sequence[str] = (),
    ) -> Turned:
        done = tuple(self.settle(of, [each])[0] for of, each in settles)
        return Turned(done, self.claim(now, lease, limit, tenant, skip_channels))

    def wait(self, timeout: float) -> bool:
        if self._closed:
            raise StoreClosed("it is closed")
        return timeout > 0


class TurnUnblocksAnyway(Turning):
    """Sets the next of a subject free, whether or not the token was good."""

    def settle(self, tenant: TenantName, settles: Sequence[Settle]) -> tuple[bool, ...]:
        done = super().settle(tenant, settles)
        for each in settles:
            row = self._rows.get(TASK, (tenant, each.task))
            if each.token == "void" and row is not None:
                equal = {"tenant": tenant, "subject": row["subject"], "state": queueing.BLOCKED}
                for waiting in list(self._rows.scan(TASK, equal, ("ord", "id"), 1)):
                    key = tenant, waiting["id"]
                    self._rows.update(TASK, key, {"state": queueing.READY}, {})
        return done


class OnTheHostsConnection(PlainSqlStore):
    """Writes over a connection that the host uses, too, and looks before it does."""

    def __init__(self, *, now: Moving) -> None:
        super().__init__(Path(":memory:"), now=now)

    def commit(self, batch: Batch) -> Committed:
        if self.db.in_transaction:
            raise StoreError("the host has a transaction open; commit it first")
        return super().commit(batch)


class JoinsUnasked(PlainSqlStore):
    """Writes into whatever transaction is open, and says that it is durable."""

    def __init__(self, *, now: Moving) -> None:
        super().__init__(Path(":memory:"), now=now)

    def commit(self, batch: Batch) -> Committed:
        if not self.db.in_transaction:
            return super().commit(batch)
        return Committed(self.now(), None if batch.request is None else batch.request.result)


@contextmanager
def host(store: Store) -> Iterator[None]:
    assert isinstance(store, PlainSqlStore)
    store.db.execute("BEGIN")
    try:
        yield
    finally:
        store.db.execute("ROLLBACK")
