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
    """The tenant's list of adopted versions, oldest first. There is one such record a tenant."""

    id: str
    version: int
    versions: tuple[AdoptedVersion, ...] = ()

    def in_force(self, at: datetime) -> AdoptedVersion | None:
        """The version in force at an instant: the last adopted among those already effective."""
        best: AdoptedVersion | None = None
        for each in self.versions:
            if each.effective_from <= at:
                best = each
        return best


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
