"""Whether a report that names no incident belongs to one that is open already, and why.

By default every report opens an incident of its own: two callers who say "no mail" may well have
two causes, and it is cheaper to merge than to have lost one. A host who thinks otherwise lets such
a report be proposed to the incident, or join it at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import cast

import attrs

from incidentkit.model.frozen import FrozenMap
from incidentkit.model.incident import Incident
from incidentkit.model.reason import Plain, Reason
from incidentkit.model.signals import Report
from incidentkit.model.words import Moment
from incidentkit.rules.relation_terms import OFF, ReportTerms

RULE = "join.report"
VERSION = 1
MOST = 20
"""How many open incidents of the service are looked at, the latest first."""


@attrs.frozen
class Proposal:
    """The incident that a report seems to belong to, and the decision as a Reason."""

    incident: Incident
    reason: Reason


def propose(
    report: Report,
    candidates: Sequence[Incident],
    terms: ReportTerms,
    at: datetime,
    policy: str = "",
) -> Proposal | None:
    """The incident to join or to suggest; None where there is none, or nobody wants it.

    The reason's outcome is `join REF` or `suggest REF`.
    """
    if terms.join == OFF or report.service is None:
        return None
    known = candidates[:MOST]
    inputs: FrozenMap[str, Plain] = FrozenMap(
        {
            "join": terms.join,
            "within_seconds": int(terms.within.total_seconds()),
            "service": report.service,
            "category": report.category,
            "open": tuple(_row(x, at) for x in known),
        }
    )
    outcome = judge(inputs)
    ref = outcome.partition(" ")[2]
    found = next((x for x in known if x.ref == ref), None)
    if found is None:
        return None
    return Proposal(found, Reason(RULE, VERSION, inputs, outcome, policy))


def _row(incident: Incident, at: datetime) -> FrozenMap[str, Plain]:
    began = incident.moment(Moment.DECLARED) or incident.life.since
    return FrozenMap(
        {
            "ref": incident.ref,
            "service": incident.card.service or "",
            "category": incident.card.category,
            "age_seconds": int((at - began).total_seconds()),
        }
    )


def judge(inputs: Mapping[str, Plain]) -> str:
    """`join REF`, `suggest REF` or nothing, drawn from plain inputs."""
    within, listed = inputs["within_seconds"], inputs["open"]
    for each in cast("tuple[Plain, ...]", listed):
        row = cast("Mapping[str, Plain]", each)
        kinds = {row["category"], inputs["category"]} - {""}
        young = cast("int", row["age_seconds"]) <= cast("int", within)
        if row["service"] == inputs["service"] and len(kinds) < 2 and young:
            return f"{inputs['join']} {row['ref']}"
    return ""
