"""Joining a host's transaction: its ticket and the incident change together, or neither does.

A store that can do it gives a second store over the host's own connection. That one writes inside
the transaction the host has open, each commit in a savepoint, so that a refused batch leaves the
transaction usable and the cause can be read after rolling back to it. It never commits, never rolls
the host back and never tries again: the transaction is the host's. Numbers are drawn in it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, runtime_checkable

from incidentkit.ports.async_store import AsyncStore
from incidentkit.ports.store import Store


class HostTransaction(Protocol):
    """What a desk asks about the transaction that a store has joined.

    `must_end` says that the host has to commit or roll back before the block is left, as where
    writers take turns and the turn ends with the block.
    """

    must_end: bool

    def in_transaction(self) -> bool:
        """Whether the host's transaction is open now."""
        ...

    def after_commit(self, call: Callable[[], None]) -> bool:
        """Have `call` made once the host has committed; False where the driver does not tell."""
        ...


class Joined(Store, HostTransaction, Protocol):
    """A store inside a host's transaction. `close` leaves it, and ends nothing else."""


class AsyncJoined(AsyncStore, HostTransaction, Protocol):
    """The same with coroutines."""


@runtime_checkable
class SupportsJoin(Protocol):
    """A store that can write inside a transaction of its host."""

    def joined(self, connection: object) -> Joined:
        """A store over the host's connection, for the thread that calls.

        Raises CannotJoin where the connection is none of this store's database, Retryable where
        another one has the turn and waiting for it could not end.
        """
        ...


@runtime_checkable
class SupportsAsyncJoin(Protocol):
    """An asynchronous store that can write inside a transaction of its host."""

    async def joined(self, connection: object) -> AsyncJoined:
        """See `SupportsJoin.joined`."""
        ...
