"""Unwise things about people: who is paged, who hears, whom nobody knows."""

from __future__ import annotations

from collections.abc import Iterator

from incidentkit.model.words import Priority
from incidentkit.policy.document import Policy
from incidentkit.policy.finding import Finding
from incidentkit.policy.rings import rings
from incidentkit.rules.escalate import PagingTerms


def people(policy: Policy) -> Iterator[Finding]:
    """Paging that ends nowhere, audiences without members, names that nobody listed."""
    paging = policy.paging
    if paging.fallback == PagingTerms().fallback and paging.fallback not in policy.parties:
        yield Finding(
            "paging.fallback",
            "nobody is named: incidents without an assignee page the bare name "
            f"{paging.fallback!r} on every page channel",
        )
    if Priority.P1 not in paging.priorities:
        yield Finding(
            "paging.priorities", "P1 is not paged: nobody but the first finder of a P1 is woken"
        )
    if policy.lifecycle.lease_for < paging.wait:
        yield Finding(
            "lifecycle.lease_for",
            "is shorter than paging.wait: whoever acknowledged is paged again sooner than somebody "
            "who did not answer",
        )
    for name, audience in policy.audiences.items():
        if not audience.members:
            yield Finding(f"audiences.{name}", "has no members: its notices reach nobody")
    yield from _unlisted(policy)
    yield from _unreachable(policy)
    yield from _services(policy)


def _named(policy: Policy) -> Iterator[tuple[str, str]]:
    """Every party that the policy names, with the path where it does."""
    yield "paging.fallback", policy.paging.fallback
    for name, audience in policy.audiences.items():
        for member in audience.members:
            yield f"audiences.{name}.members", member
    for name, service in policy.services.items():
        yield f"services.{name}.owner", service.owner
        yield f"services.{name}.team", service.team
    for name, party in policy.parties.items():
        for member in party.members:
            yield f"parties.{name}.members", member


def _unlisted(policy: Policy) -> Iterator[Finding]:
    """Where parties are listed at all, one that is not is perhaps misspelt."""
    if not policy.parties:
        return
    for path, name in _named(policy):
        if name and name not in policy.parties:
            yield Finding(
                path, f"{name!r} is not among the parties listed: messages go to the bare name"
            )


def _unreachable(policy: Policy) -> Iterator[Finding]:
    """Where some parties have contacts, one without is perhaps forgotten."""
    if not any(party.contacts for party in policy.parties.values()):
        return
    for name, party in policy.parties.items():
        if not party.contacts and not party.members:
            yield Finding(
                f"parties.{name}",
                "has neither contacts nor members here: unless the host's directory knows it, "
                "messages go to the bare name",
            )


def _services(policy: Policy) -> Iterator[Finding]:
    """Dependencies on services that are not listed, and circles of them."""
    for name, service in policy.services.items():
        for other in service.depends_on:
            if other not in policy.services:
                yield Finding(
                    f"services.{name}.depends_on",
                    f"{other!r} is not listed: nobody knows of it",
                )
    for ring in rings({name: service.depends_on for name, service in policy.services.items()}):
        yield Finding(
            f"services.{ring[0]}.depends_on",
            f"leads back to itself: {' > '.join(ring[:9])}; nothing in a circle is the cause of it",
        )
