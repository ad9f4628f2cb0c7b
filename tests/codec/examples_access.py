"""Examples of what access leaves behind: admissions, who read, privacy and broken glass."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import attrs

from incidentkit.model import admission
from incidentkit.model import privacy_changes as p
from incidentkit.model.alert import PayloadCaptured
from incidentkit.model.delivery import DeliveryRedacted
from incidentkit.model.dossier import Dossier
from incidentkit.model.incident import Incident
from incidentkit.model.labels import Label, Tlp
from incidentkit.model.overlays import Glass, Overlays, Privacy
from incidentkit.model.scope import Scope

UNTIL = datetime(2026, 3, 4, 12, 30, 15, 123456, UTC)

KINDS: dict[str, tuple[Any, ...]] = {
    "admission": (admission.Admission("01I.7.1", 1, "legal", "01I"),),
    "readings": (admission.Readings("01I", 3, "incident/01I"),),
}
TOKENLESS = PayloadCaptured("mail", '{"token": "***"}', "utf-8", 1, 0, None, "ab" * 32)
EVENTS: dict[str, tuple[Any, ...]] = {
    "delivery_redacted": (DeliveryRedacted(),),
    "admitted": (admission.Admitted("legal"),),
    "record_read": (admission.RecordRead("timeline", "TLP:RED (legal)"),),
    "privacy_set": (p.PrivacySet("an employee is concerned", ("legal",)),),
    "privacy_lifted": (p.PrivacyLifted("settled"),),
    "glass_broken": (p.GlassBroken("eve", UNTIL, "nobody answers"),),
}


def private(incident: Incident) -> Incident:
    """An incident with a label and compartments, private, with a broken glass."""
    overlays = Overlays(
        privacy=Privacy(UNTIL, "an employee is concerned", ("legal",)),
        glass=(Glass("eve", UNTIL, UNTIL, "nobody answers"),),
    )
    label = Label(Tlp.RED, ("legal", "patients"))
    return attrs.evolve(incident, more=Dossier(scope=Scope(label=label), overlays=overlays))
