"""The service an incident impairs: who answers for it, how much hangs on it, what it rests on."""

from __future__ import annotations

from enum import StrEnum

import attrs

from incidentkit.model import checks


class Criticality(StrEnum):
    """How much hangs on a service, the most first (the business criticality of ITIL practice)."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@attrs.frozen
class Service:
    """One service. Its owner answers for it; its team works on it; empty means not stated."""

    name: str = attrs.field(validator=checks.name)
    owner: str = ""
    team: str = ""
    criticality: Criticality | None = None
    depends_on: tuple[str, ...] = ()
