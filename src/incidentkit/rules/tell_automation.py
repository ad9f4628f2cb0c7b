"""What automation writes down changes nothing else about an incident."""

from __future__ import annotations

from incidentkit.model import automation as a
from incidentkit.rules.evolve_life import same
from incidentkit.rules.table import Part

PART = Part(
    evolve={
        a.Automated: same,
        a.AutomationPutOff: same,
        a.AutomationSkipped: same,
        a.AutomationFailed: same,
    }
)
