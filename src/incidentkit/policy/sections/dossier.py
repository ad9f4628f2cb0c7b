"""`[impact.*]` and `cause_categories`: what a host sets about an incident's dossier."""

from __future__ import annotations

import attrs

from incidentkit.model.causes import CAUSE_CATEGORIES
from incidentkit.model.frozen import FrozenMap
from incidentkit.policy.document import Policy
from incidentkit.policy.sections import impact
from incidentkit.policy.table import Table
from incidentkit.rules.dossier_terms import DossierTerms

ABOUT = {"cause_categories": "What the causes of incidents are sorted by."}


def read(top: Table, policy: Policy) -> Policy:
    """The policy with the terms of dossiers, which rest on its other sections."""
    terms = DossierTerms(
        policy.matrix.impacts,
        impact.read(top.table("impact"), policy.matrix),
        FrozenMap({key: fact.type.value for key, fact in policy.facts.items()}),
        top.names("cause_categories", CAUSE_CATEGORIES),
        tuple(policy.services),
        policy.closed,
    )
    return attrs.evolve(policy, lifecycle=attrs.evolve(policy.lifecycle, dossier=terms))
