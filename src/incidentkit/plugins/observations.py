"""What observers are told: plain values, which keep nothing of the desk alive."""

from __future__ import annotations

from datetime import datetime
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

    `tenant` is None for a worker of all tenants, `next_at` where nothing is planned.
    """

    tenant: TenantName | None
    at: datetime
    done: int
    next_at: datetime | None
