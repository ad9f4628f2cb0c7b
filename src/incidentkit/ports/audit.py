"""What an audit asks a store: is there a task for everything that must be looked at again?

Every store can be asked record by record; one that can compare its records with its queue answers
with one statement.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import attrs

from incidentkit.ids import TenantName
from incidentkit.ports.query import Filter


@attrs.frozen
class Attended:
    """Records that must have a task: those of `kind` that `where` holds for.

    The task's id is `prefix` and the record's id. With `due`, the name of an instant column, a
    task that waits, never failed, and rings more than `slack` microseconds after it counts as none.
    """

    kind: str
    where: Filter
    prefix: str
    due: str = ""
    slack: int = 0
    limit: int = 100


@attrs.frozen
class QueueState:
    """A tenant's queue: tasks that are parked; leases that ran out, and when the first did.

    `waits_since` is when the longest waiting task became due (0: none is due).
    """

    parked: int
    lapsed: int
    lapsed_since: int
    waits_since: int


NO_QUEUE = QueueState(0, 0, 0, 0)


@runtime_checkable
class SupportsAudit(Protocol):
    """A store that compares records with tasks without reading bodies or what is long closed."""

    def unattended(self, tenant: TenantName, wanted: Attended) -> Sequence[str]:
        """The ids of records that lack the task they must have, at most `limit`."""
        ...

    def queued(self, tenant: TenantName, now: int) -> QueueState:
        """How the queue stands at `now` (microseconds)."""
        ...
