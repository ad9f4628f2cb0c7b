"""Private by the policy: in the commit in which its condition comes to hold.

So nobody else sees the incident in between. What a person lifted stays lifted until the condition
has ceased to hold and holds again.
"""

from __future__ import annotations

from incidentkit.flows.applying import SYSTEM, apply
from incidentkit.flows.draft import Draft, Workbook
from incidentkit.flows.effects import Flow
from incidentkit.flows.reaching import known_of
from incidentkit.model.privacy_changes import PrivacySet
from incidentkit.rules.hide import hides
from incidentkit.rules.privacy import is_private


def hide(book: Workbook, draft: Draft) -> Flow[None]:
    """Make an incident private if the policy's condition has just come to hold of it."""
    policy = book.setting.policy
    when, incident = policy.access.private_when, draft.incident
    if when is None or is_private(incident) or is_private(draft.before):
        return
    reason = hides(when, (yield from known_of(book, incident, when.names())), policy.hash)
    if reason is None:
        return
    if not draft.new:
        before = yield from known_of(book, draft.before, when.names())
        if when.holds(before):
            return
    said = PrivacySet(f"the policy says so where {when}", policy.access.private_admits)
    apply(book, draft, (said,), by=SYSTEM, reason=reason)
