"""What observers are told: plain values, which keep nothing of the desk alive."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

import attrs

from incidentkit.ids import TenantName


class ChangedRecord(NamedTuple):
    """One record of a committed change: `events` names what happened to it, in order.

    `ref` is the reference that people use, or empty where the record has none.
    """

    kind: str
    id: str
    ref: str
    version: int
    events: tuple[str, ...]


@attrs.frozen
class CommittedChange:
    """One commit that is durable: who changed which records, and when."""

    tenant: TenantName
    actor: str
    at: datetime
    records: tuple[ChangedRecord, ...]


@attrs.frozen
class WorkerBeat:
    """A worker went round once: how many tasks it did, and when it wants to be called again.

    `tenant` is None for a worker of all tenants, `next_at` where nothing is planned. `late` is how
    late the latest task of this round was begun. `audited_at` is when the work of the tenant that
    was audited longest ago was, `problems` how many loose ends the last audits left; None before
    the first one.
    """

    tenant: TenantName | None
    at: datetime
    done: int
    next_at: datetime | None
    late: timedelta = timedelta()
    audited_at: datetime | None = None
    problems: int | None = None

    def healthy(
        self,
        *,
        late: timedelta = timedelta(minutes=1),
        audited: timedelta = timedelta(minutes=1),
    ) -> bool:
        """Whether to tell a dead man's switch outside that all is well.

        Nothing was later than `late`, the work was audited within `audited`, and nothing that a
        person must look at was found.
        """
        fresh = self.audited_at is not None and self.at - self.audited_at <= audited
        return fresh and self.late <= late and not self.problems
