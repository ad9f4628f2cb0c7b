"""What a store may do about copies of itself, and how a restored one is told from the first.

A restored store must not send again what the first one has sent since the backup. The mark that
says so is a key of the main tenant, so that each store can keep it; one that makes its own backups
puts the mark into the copy by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import attrs

from incidentkit.ids import TenantName

RESTORED_SPACE, RESTORED_KEY = "store", "restored"
"""The unique key whose owner is the instant of the last restore, as text in microseconds."""


@attrs.frozen
class BackedUp:
    """A backup that is complete and durable: where it is, and its size in bytes."""

    path: str
    size: int


@runtime_checkable
class SupportsBackup(Protocol):
    """A store that can write a consistent copy of itself while others write."""

    def backup(self, path: str) -> BackedUp:
        """Copy everything of one instant into a new file, durable before this returns.

        The copy is marked: whoever first writes to it finds it restored at that instant, and its
        reference numbers 1,000 further on. Raises InvalidValue where the file exists or cannot be
        made, StoreError where the copy fails; then no file is left.
        """
        ...


@runtime_checkable
class SupportsTenants(Protocol):
    """A store that can say whose records it holds."""

    def tenants(self) -> Sequence[TenantName]:
        """Every tenant that has written anything, in order."""
        ...
