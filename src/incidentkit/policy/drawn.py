"""The priority that a policy draws for an incident as it stands."""

from __future__ import annotations

from incidentkit.model.incident import Incident
from incidentkit.policy.document import Policy
from incidentkit.rules.prioritise import Drawn, prioritise
from incidentkit.rules.surroundings import surroundings


def drawn(policy: Policy, incident: Incident) -> Drawn:
    """The priority of its impact and urgency by the matrix, as the overrides leave it.

    Raises InvalidValue for levels that are not on the policy's scales.
    """
    rating = incident.rating
    known = surroundings(incident, policy.services, policy.parties) if policy.overrides else {}
    return prioritise(
        rating.impact, rating.urgency, policy.matrix, policy.hash, policy.overrides, known
    )
