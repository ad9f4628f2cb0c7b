"""What lies over an incident's life-cycle without being a state of it.

A host's own status name, whether it is a major incident, what the public was told. None of them
changes which commands the life-cycle allows.
"""

from __future__ import annotations

import attrs

from incidentkit.model import checks
from incidentkit.model.words import MajorState


@attrs.frozen
class Overlays:
    """The overlays of one incident; `status` is the host's own word for where it stands."""

    major: MajorState = MajorState.NONE
    status: str = attrs.field(default="", validator=checks.text(checks.NAME_LIMIT))


NO_OVERLAYS = Overlays()
