"""The row store's contract inside a transaction that the host has opened and will end.

A host's own row store joins by subclassing this: `transaction` sets a savepoint on the host's
connection, releases it on a normal exit and rolls back to it on an exception.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import ClassVar, NoReturn, TypeVar

from typing_extensions import override

from incidentkit.errors import CannotJoin, Retryable
from incidentkit.ids import TenantName
from incidentkit.ports.rows import Claimed, Purged
from incidentkit.ports.search import Reindexed, Stale
from incidentkit.stores.row_store import RowStore
from incidentkit.stores.rows import Collision, Rows

T = TypeVar("T")


class JoinedRowStore(RowStore):
    """A store inside a host's transaction; `base` is the store it was made from.

    Everything the desk decides with is here. The queue is worked, rows are purged and indexes are
    filled outside: none of that belongs to one transaction of a host.
    """

    lays_out: ClassVar[bool] = False
    must_end: bool = False

    def __init__(self, base: RowStore) -> None:
        super().__init__(now=base._now)
        # The very objects of the base, so that what it learns later is known here too.
        self._kinds = base._kinds
        self._behind = base._behind
        self._base = base

    @override
    def translate(self, error: Exception) -> Exception:
        """See `RowStore.translate`: as the store it was made from says."""
        return self._base.translate(error)

    @abstractmethod
    def in_transaction(self) -> bool:
        """See `HostTransaction.in_transaction`."""

    def after_commit(self, call: Callable[[], None]) -> bool:
        """See `HostTransaction.after_commit`."""
        return False

    @override
    def run(self, write: bool, body: Callable[[Rows], T]) -> T:
        """Run the body once, in a savepoint: to try again is the host's to decide."""
        self.check_open()
        try:
            with self.translating(), self.transaction(write) as rows:
                return body(rows)
        except Collision as error:
            raise Retryable(
                "another transaction came between: roll back the host's transaction and repeat it"
            ) from error

    @override
    def claim(
        self,
        now: int | None,
        lease: int,
        limit: int,
        tenant: TenantName | None = None,
        skip_channels: Sequence[str] = (),
    ) -> Claimed:
        """Raise CannotJoin: a lease that may be rolled back is none."""
        _outside("work the queue")

    @override
    def purge(self, tenant: TenantName, before: int, streams: Sequence[str] = ()) -> Purged:
        """Raise CannotJoin."""
        _outside("purge")

    @override
    def stale(self) -> Sequence[Stale]:
        """Raise CannotJoin."""
        _outside("reindex")

    @override
    def reindex(self, what: Stale, done: Sequence[Reindexed]) -> None:
        """Raise CannotJoin."""
        _outside("reindex")


def _outside(what: str) -> NoReturn:
    raise CannotJoin(f"to {what} is no part of a host's transaction; use the desk it was made from")
