"""What assessments of impact do to the rating of an incident, in the commit that makes them."""

from __future__ import annotations

from typing import Any

from incidentkit.flows.draft import Draft, Workbook
from incidentkit.model import incident_events as e
from incidentkit.model.journal import Event
from incidentkit.rules.names import event_name
from incidentkit.rules.prioritise import Drawn

SYSTEM = "system"
_ASSESSMENTS = frozenset(("impact_assessed", "impact_withdrawn", "released"))


def assessed(happened: tuple[Event, ...]) -> bool:
    """Whether assessments were made, withdrawn, or came and went with a merge.

    By name, since most flows never meet any.
    """
    return any(
        event_name(type(event)) in _ASSESSMENTS or _brought_along(event) for event in happened
    )


def _brought_along(event: Event) -> bool:
    if event_name(type(event)) != "absorbed":
        return False
    merged: Any = event
    return bool(merged.scope.impacts != merged.scope_was.impacts)


def rate(book: Workbook, draft: Draft) -> None:
    """Rate the incident by its assessments, where they say something new."""
    from incidentkit.rules import assess

    policy, rating = book.setting.policy, draft.incident.rating
    terms = policy.lifecycle.dossier
    concluded = assess.conclude(draft.before, draft.incident, terms, policy.hash)
    if concluded is not None:
        impact, reason = concluded
        rated = e.Rated(impact, rating.urgency, rating.severity)
        draft.happened(rated, book.setting, book.at, by=SYSTEM, reason=reason)


def doubted(drawn: Drawn, book: Workbook, draft: Draft) -> Drawn:
    """The priority drawn, provisional where an assessment leaves its impact in doubt."""
    if draft.incident.more is None:
        return drawn
    from incidentkit.rules import assess

    return assess.doubted(drawn, draft.incident, book.setting.policy.lifecycle.dossier)
