"""What kind of thing an incident is, seen from each side that it has.

Ransomware in a hospital is a security incident, an interruption, a danger to patients and a breach
of privacy at once. Aspects come and go as more is known; one of them is the primary one.
"""

from __future__ import annotations

import attrs

from incidentkit.model import checks
from incidentkit.model.signals import NO_TEXTS, Texts


@attrs.frozen
class Aspect:
    """One side of an incident, with the fields that matter to it alone.

    The usual names are operations, security, safety, privacy, interruption and crisis; a host adds
    its own.
    """

    name: str = attrs.field(validator=checks.name)
    fields: Texts = NO_TEXTS
