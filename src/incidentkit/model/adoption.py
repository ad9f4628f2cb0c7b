"""Policy versions as records: adopted by a command, named by the hash of their content."""

from __future__ import annotations

from datetime import datetime

import attrs

from incidentkit.ids import PolicyHash
from incidentkit.model import checks
from incidentkit.model.journal import Event


@attrs.frozen
class AdoptedVersion:
    """One policy version and the instant from which it is in force."""

    hash: PolicyHash
    effective_from: datetime = attrs.field(validator=checks.utc)


@attrs.frozen
class Adoption:
    """The tenant's adopted versions, in the order of their adoption. One such record a tenant.

    When a version takes effect, not when it was adopted, says which one is in force: adopting one
    for now leaves what is planned for later as it was. Of two for the same instant the last adopted
    counts, so that a planned one is taken back by adopting another for its instant.
    """

    id: str
    version: int
    versions: tuple[AdoptedVersion, ...] = ()

    def in_force(self, at: datetime) -> AdoptedVersion | None:
        """The version in force at an instant: the latest to take effect that is not after it."""
        best: AdoptedVersion | None = None
        for each in self.versions:
            if each.effective_from > at:
                continue
            if best is None or each.effective_from >= best.effective_from:
                best = each
        return best

    def planned(self, at: datetime) -> tuple[AdoptedVersion, ...]:
        """The versions that come into force after an instant, in that order."""
        coming = {each.effective_from: each for each in self.versions if each.effective_from > at}
        return tuple(coming[start] for start in sorted(coming))


@attrs.frozen(repr=False)
class PolicyAdopted(Event):
    """A policy version was adopted, in force from then; the document itself, word for word."""

    hash: PolicyHash
    effective_from: datetime
    document: str


@attrs.frozen(repr=False)
class SealMade(Event):
    """The heads of all streams that changed since the last seal: stream -> `seq:hash`."""

    heads: tuple[str, ...]


@attrs.frozen
class Seal:
    """The tenant's chain of seals; its head is what an anchor keeps outside the store."""

    id: str
    version: int
    sealed_until: datetime


ADOPTION_ID = "adopted"
SEAL_ID = "seal"
