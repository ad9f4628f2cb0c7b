"""What a host may set about planned work and silences, apart from the tables that read it.

Every process reads the policy; few ever plan work. So the terms stand by themselves.
"""

from __future__ import annotations

from datetime import timedelta

import attrs

from incidentkit.lang.templates import Template
from incidentkit.model.frozen import FrozenMap

NO_TEMPLATES: FrozenMap[str, Template] = FrozenMap()


@attrs.frozen
class MaintenanceTerms:
    """What a host sets about planned work.

    `priorities` is its scale, the first being the everyday one. `approvals` is how many people must
    agree (none: a plan is approved as it is made); `own_approval`: whether its owner may be one of
    them. `ask_before`: how long before the end somebody is asked whether it will be done in time.
    `propose`: whether a maintenance that overran opens a candidate. `says` has the words for each
    occasion of which the audiences hear.
    """

    priorities: tuple[str, ...] = ("routine", "elevated", "urgent")
    approvals: int = 1
    own_approval: bool = False
    ask_before: timedelta = timedelta(minutes=30)
    propose: bool = True
    says: FrozenMap[str, Template] = NO_TEMPLATES


@attrs.frozen
class SilenceTerms:
    """What a host sets about silences: how long one may last at most."""

    longest: timedelta = timedelta(days=30)


PLAIN_MAINTENANCE = MaintenanceTerms()
PLAIN_SILENCES = SilenceTerms()
