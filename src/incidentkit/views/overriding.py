"""Which overrides changed a priority, found by running the rule of its reason again."""

from __future__ import annotations

from incidentkit.errors import IncidentKitError
from incidentkit.model.reason import Reason
from incidentkit.rules import prioritise
from incidentkit.rules.override import Step


def overriding(reason: Reason) -> tuple[Step, ...]:
    """The overrides that changed what the matrix gave; none where the reason cannot be read."""
    if "overrides" not in reason.inputs:
        return ()
    try:
        return prioritise.overridden(reason.inputs).steps
    except (IncidentKitError, KeyError, ValueError, TypeError):
        return ()
