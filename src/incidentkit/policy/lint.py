"""What is allowed in a policy and yet unwise; each finding says what happens meanwhile."""

from __future__ import annotations

import attrs

from incidentkit.policy.document import Policy
from incidentkit.rules.escalate import PagingTerms


@attrs.frozen
class Finding:
    """One unwise thing: its path and what it leads to."""

    path: str
    problem: str


def lint(policy: Policy) -> tuple[Finding, ...]:
    """Everything worth a second look, in the order of the document."""
    found: list[Finding] = []
    if policy.paging.fallback == PagingTerms().fallback:
        found.append(
            Finding(
                "paging.fallback",
                "nobody is named: incidents without an assignee page the bare name "
                f"{policy.paging.fallback!r} on every page channel",
            )
        )
    found += [
        Finding(f"audiences.{name}", "has no members: its notices reach nobody")
        for name, audience in policy.audiences.items()
        if not audience.members
    ]
    found += [
        Finding(f"targets.{target.name}", "has no term for any priority: it never runs")
        for target in policy.targets
        if not target.within
    ]
    return tuple(found)
