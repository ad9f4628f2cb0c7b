"""What lies over an incident's life-cycle without being a state of it.

A host's own status name, whether it is a major incident, what the public was told, regions that a
host declares, a role on its way to another, a legal hold. None of them changes which commands the
life-cycle allows.
"""

from __future__ import annotations

from datetime import datetime

import attrs

from incidentkit.model import checks
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.words import HandoverState, MajorState, PublicState
from incidentkit.timing.intervals import Interval


@attrs.frozen
class MajorRun:
    """How the overlay of a major incident went so far.

    `answer_by` is when a proposal is decided by policy; `missing` are the needed roles that nobody
    holds, and `staff_by` is when that becomes an alarm. `spells` are the times as a major incident.
    `problem_proposed`: a problem was proposed once, and is not again.
    """

    answer_by: datetime | None = attrs.field(default=None, validator=checks.optional_utc)
    missing: tuple[str, ...] = ()
    staff_by: datetime | None = attrs.field(default=None, validator=checks.optional_utc)
    spells: tuple[Interval, ...] = ()
    problem_proposed: bool = False


NO_RUN = MajorRun()


@attrs.frozen
class PublicStanding:
    """What the public was told last; `working` is where it goes back to when a fix fails."""

    state: PublicState
    since: datetime = attrs.field(validator=checks.utc)
    working: PublicState = PublicState.INVESTIGATING


@attrs.frozen
class Handover:
    """One role on its way from its holder to another; until it is accepted the holder stays."""

    role: str = attrs.field(validator=checks.name)
    holder: str = attrs.field(validator=checks.name)
    to: str = attrs.field(validator=checks.name)
    state: HandoverState
    since: datetime = attrs.field(validator=checks.utc)


@attrs.frozen
class LegalHold:
    """Nothing of it may be taken away or closed by itself: since when, by whom, and why."""

    since: datetime = attrs.field(validator=checks.utc)
    by: str = attrs.field(validator=checks.name)
    reason: str = attrs.field(validator=checks.text())


@attrs.frozen
class Privacy:
    """Only participants and those admitted may see it: since when, and why."""

    since: datetime = attrs.field(validator=checks.utc)
    reason: str = attrs.field(validator=checks.text())
    admits: tuple[str, ...] = ()


@attrs.frozen
class Glass:
    """Somebody who let themselves in: from when until when, and why."""

    party: str = attrs.field(validator=checks.name)
    since: datetime = attrs.field(validator=checks.utc)
    until: datetime = attrs.field(validator=checks.utc)
    reason: str = attrs.field(validator=checks.text())


NO_REGIONS: FrozenMap[str, str] = FrozenMap()


@attrs.frozen
class Overlays:
    """The overlays of one incident; `status` is the host's own word for where it stands.

    `regions` holds the state of each region that the policy declares and somebody has moved;
    `handovers` has the last one of each role; `closes_at` is when it closes by itself.
    """

    major: MajorState = MajorState.NONE
    status: str = attrs.field(default="", validator=checks.text(checks.NAME_LIMIT))
    run: MajorRun = NO_RUN
    public: PublicStanding | None = None
    regions: FrozenMap[str, str] = NO_REGIONS
    handovers: tuple[Handover, ...] = ()
    legal_hold: LegalHold | None = None
    closes_at: datetime | None = attrs.field(default=None, validator=checks.optional_utc)
    privacy: Privacy | None = None
    glass: tuple[Glass, ...] = ()

    def handover(self, role: str) -> Handover | None:
        """The last handover of a role."""
        return next((x for x in self.handovers if x.role == role), None)


NO_OVERLAYS = Overlays()
