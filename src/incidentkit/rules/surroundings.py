"""What is known of an incident and around it: its own facts, its service's, its reporter's.

Conditions and templates of a policy read these; what nobody stated is left out, and so unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from incidentkit.model.incident import Incident
from incidentkit.rules import communicate

if TYPE_CHECKING:
    from incidentkit.model.party import Party
    from incidentkit.model.service import Service


def surroundings(
    incident: Incident, services: Mapping[str, Service], parties: Mapping[str, Party]
) -> dict[str, object]:
    """The facts of an incident, of the service it names and of who reported it."""
    return {"incident": communicate.facts(incident), **around(incident, services, parties)}


def around(
    incident: Incident, services: Mapping[str, Service], parties: Mapping[str, Party]
) -> dict[str, object]:
    """The facts of the service and of the reporter alone."""
    known: dict[str, object] = {}
    service = services.get(incident.card.service or "")
    if service is not None:
        said = {
            "owner": service.owner,
            "team": service.team,
            "criticality": service.criticality.value if service.criticality else "",
        }
        known["service"] = {key: value for key, value in said.items() if value}
    reporter = parties.get(incident.card.reporter or "")
    if reporter is not None:
        known["reporter"] = {"kind": reporter.kind.value, "vip": reporter.vip}
    return known
