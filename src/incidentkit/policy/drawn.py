"""The priority that a policy draws for an incident as it stands."""

from __future__ import annotations

from collections.abc import Mapping

from incidentkit.model.incident import Incident
from incidentkit.model.party import Party
from incidentkit.policy.document import Policy
from incidentkit.rules.prioritise import Drawn, prioritise
from incidentkit.rules.surroundings import surroundings


def drawn(policy: Policy, incident: Incident, parties: Mapping[str, Party] | None = None) -> Drawn:
    """The priority of its impact and urgency by the matrix, as the overrides leave it.

    `parties` are those that are known; left out, those of the policy.

    Raises InvalidValue for levels that are not on the policy's scales.
    """
    rating = incident.rating
    people = policy.parties if parties is None else parties
    known = surroundings(incident, policy.services, people) if policy.overrides else {}
    return prioritise(
        rating.impact, rating.urgency, policy.matrix, policy.hash, policy.overrides, known
    )
