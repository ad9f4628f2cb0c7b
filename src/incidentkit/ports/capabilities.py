"""What some stores can do beyond the contract for workers: turn and wake.

A worker looks whether its store can; where it cannot, the plain calls do the same, only slower.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import attrs

from incidentkit.ids import TenantName
from incidentkit.ports.rows import Claimed, Settle


@attrs.frozen
class Turned:
    """What became of the settles, each in its place, and what was claimed next."""

    settled: tuple[bool, ...]
    claimed: Claimed


@runtime_checkable
class SupportsTurn(Protocol):
    """A store that settles what was done and claims what is next in one round trip."""

    def turn(
        self,
        settles: Sequence[tuple[TenantName, Settle]],
        now: int | None,
        lease: int,
        limit: int,
        tenant: TenantName | None = None,
        skip_channels: Sequence[str] = (),
    ) -> Turned:
        """`settle` for each tenant, then `claim`, as one: both are done, or neither.

        A settle whose token is void gives False and sets nothing of its subject free. Raises what
        `settle` and `claim` raise.
        """
        ...


@runtime_checkable
class SupportsWake(Protocol):
    """A store that tells waiting workers of new work."""

    def wait(self, timeout: float) -> bool:
        """Wait at most `timeout` seconds; True when there may be something to claim.

        A wake may be lost, several may come as one, and one may come for nothing: whoever waits
        claims afterwards in any case. Raises StoreClosed.
        """
        ...
